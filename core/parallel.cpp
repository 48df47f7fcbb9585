#include "parallel.h"

#ifdef TRAINGROUND_SINGLE_THREAD

namespace trainground {

void set_threads(int) {}
int threads() { return 1; }
void park_threads() {}

namespace detail {
void run_tasks(int count, void (*call)(void*, int), void* body) {
  for (int i = 0; i < count; ++i) call(body, i);
}
}  // namespace detail

}  // namespace trainground

#else

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace trainground {
namespace {

// While training runs, calls follow each other within microseconds: a worker that polls this often before it sleeps takes 0.4 us
// to start instead of the 15 to 30 us of a wake-up.
constexpr int kSpins = 20000;

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

// Waits until `number` is no longer `old`: polls for a while, then sleeps. Sleeps at once while `no_polling` is true.
template <class T>
void await_change(std::atomic<T>& number, T old, const std::atomic<bool>& no_polling) {
  for (int spins = kSpins; spins > 0 && !no_polling; --spins) {
    if (number.load(std::memory_order_acquire) != old) return;
    pause();
  }
  while (number.load(std::memory_order_acquire) == old) number.wait(old);
}

// Tasks are claimed by counting `left_` down. A worker that comes late finds nothing left and is not waited for: only a claimed
// task is, so a machine that is busy with something else costs the share of that task and no more.
class Pool {
 public:
  explicit Pool(int count) {
    for (int i = 1; i < count; ++i) workers_.emplace_back([this] { work(); });
  }

  ~Pool() {
    ending_ = true;
    announce();
    for (std::thread& worker : workers_) worker.join();
  }

  int threads() const { return static_cast<int>(workers_.size()) + 1; }
  void park() { parking_ = true; }

  void run(int count, void (*call)(void*, int), void* body) {
    parking_ = false;
    call_ = call;
    body_ = body;
    undone_ = count;
    left_.store(count, std::memory_order_release);
    announce();
    take_tasks();
    for (int undone = undone_; undone != 0; undone = undone_) await_change(undone_, undone, parking_);
  }

 private:
  void announce() {
    epoch_.fetch_add(1);
    epoch_.notify_all();
  }

  void take_tasks() {
    for (int task = left_.fetch_sub(1, std::memory_order_acquire); task > 0;
         task = left_.fetch_sub(1, std::memory_order_acquire)) {
      call_(body_, task - 1);
      if (undone_.fetch_sub(1, std::memory_order_acq_rel) == 1) undone_.notify_all();
    }
  }

  void work() {
    for (unsigned seen = 0;;) {
      await_change(epoch_, seen, parking_);
      seen = epoch_;
      if (ending_) return;
      take_tasks();
    }
  }

  std::vector<std::thread> workers_;
  std::atomic<unsigned> epoch_{0};
  std::atomic<int> left_{0}, undone_{0};
  std::atomic<bool> ending_{false}, parking_{false};
  void (*call_)(void*, int) = nullptr;
  void* body_ = nullptr;
};

std::unique_ptr<Pool> pool;

}  // namespace

void set_threads(int count) {
  if (count == threads()) return;
  pool.reset();
  if (count > 1) pool = std::make_unique<Pool>(count);
}

int threads() { return pool ? pool->threads() : 1; }

void park_threads() {
  if (pool) pool->park();
}

namespace detail {
void run_tasks(int count, void (*call)(void*, int), void* body) {
  if (!pool || count < 2) {
    for (int i = 0; i < count; ++i) call(body, i);
    return;
  }
  pool->run(count, call, body);
}
}  // namespace detail

}  // namespace trainground

#endif
