// Loops over the samples of a batch, depth first: a few samples go through all of them before the next ones begin, so that what
// one loop writes is still in the cache when the next one reads it. Of a sample that is larger than the cache a few rows of
// pixels do, as far as the loops can take it by rows.
//
// While a DepthFirst lives, for_samples() only notes its loop down; outside it runs at once. Loops that wait run when somebody
// calls finish_loops(), slice by slice in parallel, in the order in which they were noted. So each must keep to its own samples
// in whatever another one writes. Whoever needs all samples (a mean, a product over the batch) finishes them first.
#pragma once

#include <algorithm>
#include <cstddef>
#include <type_traits>

#include "parallel.h"

namespace trainground {

// What a loop is called for: samples begin .. end-1 of one slice of the batch, in ascending order, or some rows of a single one.
struct Samples {
  int slice;
  int begin, end;
  Range rows;  // of the last sample and the first: all of them where there are several samples
  bool first;  // of the slice: sums over it start here

  // The same as items of the batch, of which each row has so many.
  Range items(int rows_per_sample, int per_row) const {
    return {(begin * rows_per_sample + rows.begin) * per_row, ((end - 1) * rows_per_sample + rows.end) * per_row};
  }
};

// How a loop may go through a sample: its rows are those of what it hands on, and its first `end` rows need so many rows, from
// the first on, of the loop noted before it. Without more: whole samples only.
struct ByRows {
  int count = 1;
  int times = 1, plus = 0, over = 1;
  int needed(int end) const { return (end * times + plus) / over; }
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
unsigned loop_round();  // how often that was

namespace detail {
constexpr std::size_t kLargestBody = 240;  // bytes of what a loop remembers
struct Loop {
  int samples, size;
  ByRows rows;
  int together = 1;  // samples, at least
};
void add_loop(const Loop& loop, const void* body, std::size_t bytes, void (*call)(const void*, const Samples&));
void add_ending(const void* body, std::size_t bytes, void (*call)(const void*));

template <class Body>
void note(const Loop& loop, Body body) {
  static_assert(std::is_trivially_copyable_v<Body> && sizeof(Body) <= kLargestBody);
  add_loop(loop, &body, sizeof body, [](const void* b, const Samples& part) {
    const Body own = *static_cast<const Body*>(b);  // in registers: stores may reach what is in memory
    own(part);
  });
}
}  // namespace detail

// body(part) until all samples are done. size: numbers of one sample, in the larger of what it reads and writes. The body is kept
// as a copy: it must hold by value whatever may be gone when it runs.
template <class Body>
void for_samples(int samples, int size, Body body, const ByRows& rows = {}) {
  detail::note({samples, size, rows}, body);
}

// body(slice, range, goes_on) over all items of a batch, `per_row` of every row of a sample, for items that need none of the
// others; goes_on: whether the slice has just done the items before these, of the same sample. Where samples are too few to be
// shared out, their items are, at once: one picture alone keeps all threads busy. Slices are `fewest` items long or a multiple of
// that, the last one up to so many longer.
template <class Body>
void for_rows(int samples, const ByRows& rows, int per_row, int fewest, int size, Body body) {
  const int each = rows.count * per_row;
  if (samples >= kSlices || threads() == 1) {
    const ByRows by = per_row < fewest ? ByRows{} : rows;
    for_samples(
        samples, size, [=](const Samples& part) { body(part.slice, part.items(by.count, each / by.count), part.rows.begin > 0); },
        by);
    return;
  }
  finish_loops();
  const int items = samples * each, groups = std::max(1, items / fewest), slices = slices_of(groups);
  parallel_for(slices, [&](int slice) {
    const Range range = slice_range(slice, slices, groups);
    body(slice, Range{range.begin * fewest, slice == slices - 1 ? items : range.end * fewest}, false);
  });
}

// body(slice, range) over all items of a batch, `each` of every sample, for a body that takes four at a time. Where slices of
// samples would break fours up, the batch is cut into slices of fours instead, at once.
template <class Body>
void for_fours(int samples, int each, int size, Body body) {
  constexpr int kFour = 4;
  if (samples >= kSlices && (each % kFour == 0 || samples % (kSlices * kFour) == 0)) {
    detail::note({samples, size, {}, kFour}, [=](const Samples& part) {
      body(part.slice, Range{part.begin * each, part.end * each});
    });
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
