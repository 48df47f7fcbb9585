#include "pixel_input.h"

namespace trainground {

void normalize(const ChannelNorm& by, int channels, int pixels, const real* x, real* y) {
  const Vec low = splat(by.low), high = splat(by.high);
  each_pixel(channels, {0, pixels}, [&](std::ptrdiff_t at, int count, int c, auto lanes) {
    const Vec m = load(by.mean + c, lanes), k = load(by.scale + c, lanes), b = load(by.shift + c, lanes);
    for (; count > 0; --count, at += channels) store(y + at, clamp((load(x + at, lanes) - m) * k + b, low, high), lanes);
  });
}

}  // namespace trainground
