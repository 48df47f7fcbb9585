// Work for several threads: one call, parallel_for, over a number of slices that never depends on the number of threads.
//
// That is what makes results equal, bit for bit, on 1, 2 or 4 threads: each slice does the same sums in the same order wherever
// it runs, and what slices add up is added in slice order afterwards. In the single-threaded build it is a plain loop.
#pragma once

#include <cstdint>
#include <type_traits>

namespace trainground {

// Slices of a batch. Eight keeps two and four threads evenly loaded; more would only grow the partial sums.
constexpr int kSlices = 8;
inline int slices_of(int items) { return items < kSlices ? (items < 1 ? 1 : items) : kSlices; }

struct Range {
  int begin, end;
};
inline Range slice_range(int slice, int slices, int items) {
  return {static_cast<int>(std::int64_t{items} * slice / slices), static_cast<int>(std::int64_t{items} * (slice + 1) / slices)};
}

// The number of threads that work, the caller among them; 1 ends the pool. The build without threads takes only 1.
void set_threads(int count);
int threads();
// Lets idle workers sleep at once instead of spinning for the next call; for pauses between slices of training.
void park_threads();

namespace detail {
void run_tasks(int count, void (*call)(void* body, int index), void* body);
}

// Calls body(0) .. body(count-1), each once, in no promised order, and returns when all are done. Not to be nested.
template <class Body>
void parallel_for(int count, Body&& body) {
  using Plain = std::remove_reference_t<Body>;
  detail::run_tasks(
      count, [](void* b, int i) { (*static_cast<Plain*>(b))(i); }, const_cast<void*>(static_cast<const void*>(&body)));
}

}  // namespace trainground
