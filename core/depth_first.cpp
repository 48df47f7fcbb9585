#include "depth_first.h"

#include <algorithm>
#include <cstring>

namespace trainground {
namespace {

constexpr int kMost = 16;      // loops that wait
constexpr int kTogether = 4;   // samples: what the convolution's tile takes
constexpr int kBlock = 65536;  // numbers of one array that samples which go together fill: a quarter of the second cache

template <class Call>
struct Noted {
  alignas(16) std::byte body[detail::kLargestBody];
  Call call;
  void note(const void* from, std::size_t bytes, Call how) {
    std::memcpy(body, from, bytes);
    call = how;
  }
};

Noted<void (*)(const void*, const Samples&)> loops[kMost];
Noted<void (*)(const void*)> endings[kMost];
int loop_count = 0, ending_count = 0, batch = 0, largest = 0, alive = 0;

}  // namespace

DepthFirst::DepthFirst() { ++alive; }
DepthFirst::~DepthFirst() {
  if (--alive == 0) finish_loops();
}

bool loops_wait() { return loop_count + ending_count > 0; }

void finish_loops() {
  const int slices = slices_of(batch);
  const int together = loop_count == 1 ? batch : std::max(kTogether, kBlock / std::max(1, largest) / kTogether * kTogether);
  if (loop_count > 0) {
    parallel_for(slices, [&](int slice) {
      const Range range = slice_range(slice, slices, batch);
      for (int begin = range.begin; begin < range.end; begin += together) {
        const Samples part{slice, begin, std::min(range.end, begin + together), begin == range.begin};
        for (int i = 0; i < loop_count; ++i) loops[i].call(loops[i].body, part);
      }
    });
  }
  for (int i = 0; i < ending_count; ++i) endings[i].call(endings[i].body);
  loop_count = ending_count = largest = 0;
}

namespace detail {

void add_loop(int samples, int size, const void* body, std::size_t bytes, void (*call)(const void*, const Samples&)) {
  if (loop_count == kMost || samples != batch) finish_loops();
  batch = samples;
  largest = std::max(largest, size);
  loops[loop_count++].note(body, bytes, call);
  if (alive == 0) finish_loops();
}

void add_ending(const void* body, std::size_t bytes, void (*call)(const void*)) {
  if (ending_count == kMost) finish_loops();
  endings[ending_count++].note(body, bytes, call);
  if (alive == 0) finish_loops();
}

}  // namespace detail

}  // namespace trainground
