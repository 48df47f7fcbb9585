#include "pixel_input.h"

#include <algorithm>

namespace trainground {

// What belongs to the channels is read once for a few pixels, which together are no longer than four kilobytes: otherwise memory
// is not fetched ahead.
void normalize(const ChannelNorm& by, int channels, int pixels, const real* x, real* y) {
  const Vec low = splat(by.low), high = splat(by.high);
  const int together = std::max(1, 1024 / channels);
  for (int pixel = 0; pixel < pixels; pixel += together) {
    const int end = std::min(pixels, pixel + together);
    each_vector(channels, [&](int c, auto lanes) {
      const Vec m = load(by.mean + c, lanes), k = load(by.scale + c, lanes), b = load(by.shift + c, lanes);
      std::ptrdiff_t at = std::ptrdiff_t{pixel} * channels + c;
      for (int i = pixel; i < end; ++i, at += channels) store(y + at, clamp((load(x + at, lanes) - m) * k + b, low, high), lanes);
    });
  }
}

}  // namespace trainground
