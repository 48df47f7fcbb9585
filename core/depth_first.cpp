#include "depth_first.h"

#include <algorithm>
#include <cstring>

namespace trainground {
namespace {

constexpr int kMost = 16;      // loops that wait
constexpr int kTogether = 4;   // samples that share what a loop reads of the weights
constexpr int kBlock = 65536;  // numbers of one array that go together: a quarter of the second cache

template <class Call>
struct Noted {
  alignas(16) std::byte body[detail::kLargestBody];
  Call call;
  void note(const void* from, std::size_t bytes, Call how) {
    std::memcpy(body, from, bytes);
    call = how;
  }
};

Noted<void (*)(const void*, const Samples&)> bodies[kMost];
Noted<void (*)(const void*)> endings[kMost];
detail::Loop loops[kMost];
int loop_count = 0, ending_count = 0, batch = 0, alive = 0;
unsigned round_number = 0;

// A sample on its way through the loops: how many rows each has done.
struct Progress {
  Samples part;
  int done[kMost];

  // Loop i until its first `end` rows are done, and before them what they need, a block at a time.
  void advance(int i, int end) {
    const ByRows& rows = loops[i].rows;
    const int together = std::max(1, kBlock / std::max(1, loops[i].size / rows.count));
    while (done[i] < end) {
      const int until = std::min(end, done[i] + together);
      if (i > 0) {
        const int all = loops[i - 1].rows.count;
        advance(i - 1, until == rows.count ? all : std::min(all, rows.needed(until)));
      }
      Samples mine = part;
      mine.rows = {done[i], until};
      mine.first = part.first && done[i] == 0;
      bodies[i].call(bodies[i].body, mine);
      done[i] = until;
    }
  }
};

}  // namespace

DepthFirst::DepthFirst() { ++alive; }
DepthFirst::~DepthFirst() {
  if (--alive == 0) finish_loops();
}

unsigned loop_round() { return round_number; }

bool loops_wait() { return loop_count + ending_count > 0; }

void finish_loops() {
  int largest = 1, least = 1;
  for (int i = 0; i < loop_count; ++i) largest = std::max(largest, loops[i].size), least = std::max(least, loops[i].together);
  const int fit = kBlock / largest;
  const bool by_rows = loop_count > 1 && fit == 0 && least == 1;
  const int together = loop_count == 1 ? batch : by_rows ? 1 : std::max(kTogether, fit / kTogether * kTogether);
  if (loop_count > 0) {
    const int slices = slices_of(batch);
    parallel_for(slices, [&](int slice) {
      const Range range = slice_range(slice, slices, batch);
      for (int begin = range.begin; begin < range.end; begin += together) {
        Samples part{slice, begin, std::min(range.end, begin + together), {}, begin == range.begin};
        if (by_rows) {
          Progress{part, {}}.advance(loop_count - 1, loops[loop_count - 1].rows.count);
          continue;
        }
        for (int i = 0; i < loop_count; ++i) {
          part.rows = {0, loops[i].rows.count};
          bodies[i].call(bodies[i].body, part);
        }
      }
    });
  }
  for (int i = 0; i < ending_count; ++i) endings[i].call(endings[i].body);
  loop_count = ending_count = 0;
  ++round_number;
}

namespace detail {

void add_loop(const Loop& loop, const void* body, std::size_t bytes, void (*call)(const void*, const Samples&)) {
  // Where a sample fills the cache, those that take several and those that take rows of one go apart.
  const bool apart = loop_count > 0 && loop.size > kBlock && (loop.together > 1) != (loops[loop_count - 1].together > 1);
  if (loop_count == kMost || loop.samples != batch || apart) finish_loops();
  batch = loop.samples;
  bodies[loop_count].note(body, bytes, call);
  loops[loop_count++] = loop;
  if (alive == 0) finish_loops();
}

void add_ending(const void* body, std::size_t bytes, void (*call)(const void*)) {
  if (ending_count == kMost) finish_loops();
  endings[ending_count++].note(body, bytes, call);
  if (alive == 0) finish_loops();
}

}  // namespace detail

}  // namespace trainground
