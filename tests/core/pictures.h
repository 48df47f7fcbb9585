// Pictures that a network can learn from, made without a file: each class is a bright bar at a place of its own, on a noisy
// ground. tests/wasm/signature.test.js makes the same ones by the same rule.
#pragma once

#include <cstdint>
#include <vector>

#include "dataset.h"

namespace trainground {

inline Dataset pictures(int samples, int side, int channels, int classes) {
  std::vector<std::uint8_t> bytes;
  std::vector<std::int32_t> labels;
  std::uint32_t noise = 1;
  for (int n = 0; n < samples; ++n) {
    const int label = n % classes;
    for (int row = 0; row < side; ++row)
      for (int column = 0; column < side; ++column)
        for (int c = 0; c < channels; ++c) {
          noise = noise * 1664525 + 1013904223;
          bytes.push_back(static_cast<std::uint8_t>((noise >> 25) + (row % classes == label ? 100 : 0)));
        }
    labels.push_back(label);
  }
  RawSamples raw;
  raw.samples = samples;
  raw.shape = {side, side, channels};
  raw.bytes = bytes;
  raw.labels = labels;
  return from_samples(raw).dataset;
}

}  // namespace trainground
