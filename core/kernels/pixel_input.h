// The pixels that a convolution reads, (N,H,W,C): as they lie in memory, or normalized while they are read, so that what a batch
// norm puts out is never written as a whole.
#pragma once

#include "vector.h"

namespace trainground {

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
