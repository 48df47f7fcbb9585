// Loops over the samples of a batch, depth first: a few samples go through all of them before the next ones begin, so that what
// one loop writes is still in the cache when the next one reads it.
//
// While a DepthFirst lives, for_samples() only notes its loop down; outside it runs at once. Loops that wait run when somebody
// calls finish_loops(), slice by slice in parallel, in the order in which they were noted. So each must keep to the rows of its
// own samples in whatever another one writes. Whoever needs all samples (a mean, a product over the batch) finishes them first.
#pragma once

#include <algorithm>
#include <cstddef>
#include <type_traits>

#include "parallel.h"

namespace trainground {

// What a loop is called for: samples begin .. end-1 of one slice of the batch, in ascending order.
struct Samples {
  int slice;
  int begin, end;
  bool first;  // of the slice: sums over it start here
};

// Until its end loops wait; its end finishes them. May be nested, then the outermost counts.
class DepthFirst {
 public:
  DepthFirst();
  ~DepthFirst();
  DepthFirst(const DepthFirst&) = delete;
};

void finish_loops();  // runs what waits, and its endings
bool loops_wait();

namespace detail {
constexpr std::size_t kLargestBody = 240;  // bytes of what a loop remembers
void add_loop(int samples, int size, const void* body, std::size_t bytes, void (*call)(const void*, const Samples&));
void add_ending(const void* body, std::size_t bytes, void (*call)(const void*));
}  // namespace detail

// body(part) until all samples are done. size: numbers of one sample, in the larger of what it reads and writes. The body is kept
// as a copy: it must hold by value whatever may be gone when it runs.
template <class Body>
void for_samples(int samples, int size, Body body) {
  static_assert(std::is_trivially_copyable_v<Body> && sizeof(Body) <= detail::kLargestBody);
  detail::add_loop(samples, size, &body, sizeof body, [](const void* b, const Samples& part) {
    const Body own = *static_cast<const Body*>(b);  // in registers: stores may reach what is in memory
    own(part);
  });
}

// body(range) over all rows of a batch, `each` of every sample, for rows that need none of the others. Where samples are too few
// to be shared out, their rows are, at once: one picture alone keeps all threads busy. No slice has fewer than `fewest` rows
// unless the batch has.
template <class Body>
void for_rows(int samples, int each, int fewest, int size, Body body) {
  if (samples >= kSlices) {
    for_samples(samples, size, [=](const Samples& part) { body(Range{part.begin * each, part.end * each}); });
    return;
  }
  finish_loops();
  const int rows = samples * each, slices = slices_of(rows / fewest);
  parallel_for(slices, [&](int slice) { body(slice_range(slice, slices, rows)); });
}

// body(slice, range) over all items of a batch, `each` of every sample, for a body that takes four at a time. Where slices of
// samples would break fours up, the batch is cut into slices of fours instead, at once.
template <class Body>
void for_fours(int samples, int each, int size, Body body) {
  constexpr int kFour = 4;
  if (samples >= kSlices && (each % kFour == 0 || samples % (kSlices * kFour) == 0)) {
    for_samples(samples, size, [=](const Samples& part) { body(part.slice, Range{part.begin * each, part.end * each}); });
    return;
  }
  finish_loops();
  const int items = samples * each, fours = (items + kFour - 1) / kFour, slices = slices_of(fours);
  parallel_for(slices, [&](int slice) {
    const Range range = slice_range(slice, slices, fours);
    body(slice, Range{range.begin * kFour, std::min(items, range.end * kFour)});
  });
}

// ending() once the loops before it are done, for sums that only the step after the pass needs.
template <class Ending>
void after_loops(Ending ending) {
  static_assert(std::is_trivially_copyable_v<Ending> && sizeof(Ending) <= detail::kLargestBody);
  detail::add_ending(&ending, sizeof ending, [](const void* e) { (*static_cast<const Ending*>(e))(); });
}

}  // namespace trainground
