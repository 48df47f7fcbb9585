// The pixels that a convolution reads, (N,H,W,C): as they lie in memory, or normalized while they are read, so that what a batch
// norm puts out is never written as a whole.
#pragma once

#include <algorithm>

#include "../parallel.h"
#include "vector.h"

namespace trainground {

// A few pixels at a time: body(at, pixels, c, lanes) for each vector of channels, `at` the place of its first pixel's number c.
// What belongs to the channels is read once for these pixels, which together are no longer than four kilobytes: otherwise memory
// is not fetched ahead.
template <class Body>
void each_pixel(int channels, Range range, Body body) {
  const int together = std::max(1, 1024 / channels);
  for (int pixel = range.begin; pixel < range.end; pixel += together) {
    const int pixels = std::min(together, range.end - pixel);
    each_vector(channels, [&](int c, auto lanes) { body(std::ptrdiff_t{pixel} * channels + c, pixels, c, lanes); });
  }
}

// For each channel clamp((x - mean) scale + shift, low, high).
struct ChannelNorm {
  const real *mean, *scale, *shift;  // (C)
  real low, high;
};

// y (pixels, C) from x.
void normalize(const ChannelNorm& by, int channels, int pixels, const real* x, real* y);

struct PixelInput {
  PixelInput(const real* numbers, const ChannelNorm* normalized = nullptr) : numbers(numbers), normalized(normalized) {}

  // `count` pixels of the batch, from `first` on: (count, C) where they lie, or in `room`.
  const real* read(std::ptrdiff_t first, int count, int channels, real* room) const {
    const real* from = numbers + first * channels;
    if (!normalized) return from;
    normalize(*normalized, channels, count, from, room);
    return room;
  }

  const real* numbers;
  const ChannelNorm* normalized;  // null: as they are
};

}  // namespace trainground
