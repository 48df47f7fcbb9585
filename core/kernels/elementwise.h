// exp, log, tanh, sigmoid and erf, four at a time: our own, because the libraries' differ in the last bit from build to build.
//
// Float32: series on a reduced range, relative error about 1e-7 (erf: absolute, 4e-7). The float64 twin asks the library, since a
// gradient check divides differences of these functions by 1e-5. exp saturates at 88 (1.65e38).
//
// What exp and sigmoid would give below 1e-30 is 0: a step of W1 whose outputs are far apart took four times as long, one with
// sigmoid between unscaled inputs twenty times (vector.h, without_tiny).
#pragma once

#include <cmath>

#include "vector.h"

namespace trainground {

#ifdef TRAINGROUND_FLOAT64

namespace detail {
template <class F>
inline Vec each_lane(Vec x, F f) {
  for (int i = 0; i < kLanes; ++i) x[i] = f(x[i]);
  return x;
}
}  // namespace detail

inline Vec exp(Vec x) {
  return detail::each_lane(x, [](real v) { return std::exp(v); });
}
inline Vec log(Vec x) {
  return detail::each_lane(x, [](real v) { return std::log(v); });
}
inline Vec tanh(Vec x) {
  return detail::each_lane(x, [](real v) { return std::tanh(v); });
}
inline Vec erf(Vec x) {
  return detail::each_lane(x, [](real v) { return std::erf(v); });
}

#else

// e^x = 2^n e^r, n = round(x / ln 2), |r| <= 0.347; Taylor to r^7, whose rest is below 6e-9.
inline Vec exp(Vec x) {
  x = clamp(x, splat(-87.0f), splat(88.0f));
  const Vec magic = splat(12582912.0f);  // 1.5 * 2^23: adding it rounds to an integer, which then stands in the low bits
  const Vec shifted = x * splat(1.44269504f) + magic;
  const Vec n = shifted - magic;
  // ln 2 in two parts, the first with few enough bits that n times it is exact.
  const Vec r = (x - n * splat(0.693359375f)) - n * splat(-2.12194440e-4f);
  Vec y = splat(1.0f / 5040);
  y = y * r + splat(1.0f / 720);
  y = y * r + splat(1.0f / 120);
  y = y * r + splat(1.0f / 24);
  y = y * r + splat(1.0f / 6);
  y = y * r + splat(0.5f);
  y = (y * r) * r + r;
  const IntVec power = ((bits(shifted) - bits(magic)) + 127) << 23;
  return without_tiny((y + splat(1.0f)) * from_bits(power));
}

// log x = n ln 2 + 2 artanh((m-1)/(m+1)), x = 2^n m, m in [0.707, 1.414); the series' rest is below 3e-9.
inline Vec log(Vec x) {
  const IntVec root_half = bits(splat(0.707106781f));
  const IntVec n = (bits(x) - root_half) >> 23;
  const Vec m = from_bits(bits(x) - (n << 23));
  const Vec s = (m - splat(1.0f)) / (m + splat(1.0f));
  const Vec z = s * s;
  Vec y = splat(1.0f / 9);
  y = y * z + splat(1.0f / 7);
  y = y * z + splat(1.0f / 5);
  y = y * z + splat(1.0f / 3);
  y = s + s + (s + s) * (y * z);
  const Vec exponent = __builtin_convertvector(n, Vec);
  y = exponent * splat(0.693359375f) + (y + exponent * splat(-2.12194440e-4f));
  const Vec infinity = splat(HUGE_VALF);
  y = select(x == splat(0.0f), -infinity, y);
  y = select(x == infinity, x, y);
  return select(x >= splat(0.0f), y, splat(0.0f) * (x - x) + splat(NAN));
}

// Near 0 its own series (to x^13), elsewhere 1 - 2/(e^2x + 1).
inline Vec tanh(Vec x) {
  const Vec z = x * x;
  Vec y = splat(21844.0f / 6081075);
  y = y * z + splat(-1382.0f / 155925);
  y = y * z + splat(62.0f / 2835);
  y = y * z + splat(-17.0f / 315);
  y = y * z + splat(2.0f / 15);
  y = y * z + splat(-1.0f / 3);
  const Vec near = x + x * (y * z);
  const Vec size = absolute(x);
  const Vec far = splat(1.0f) - splat(2.0f) / (exp(size + size) + splat(1.0f));
  return select(size < splat(0.4f), near, select(x < splat(0.0f), -far, far));
}

// Near 0 its own series (to x^11), elsewhere Abramowitz and Stegun 7.1.26: 1 - P(t) e^(-x^2), t = 1/(1 + 0.3275911 |x|).
inline Vec erf(Vec x) {
  const Vec size = absolute(x);
  const Vec t = splat(1.0f) / (splat(1.0f) + splat(0.3275911f) * size);
  Vec y = splat(1.061405429f);
  y = y * t + splat(-1.453152027f);
  y = y * t + splat(1.421413741f);
  y = y * t + splat(-0.284496736f);
  y = y * t + splat(0.254829592f);
  y = splat(1.0f) - (y * t) * exp(-(x * x));
  const Vec far = select(x < splat(0.0f), -y, y);
  const Vec z = x * x;
  y = splat(-1.0f / 1320);
  y = y * z + splat(1.0f / 216);
  y = y * z + splat(-1.0f / 42);
  y = y * z + splat(1.0f / 10);
  y = y * z + splat(-1.0f / 3);
  const Vec near = splat(1.12837917f) * (x + x * (y * z));
  return select(size < splat(0.5f), near, far);
}

#endif

inline Vec sigmoid(Vec x) { return without_tiny(splat(1) / (splat(1) + exp(-x))); }

inline real exp(real x) { return exp(splat(x))[0]; }
inline real log(real x) { return log(splat(x))[0]; }
inline real tanh(real x) { return tanh(splat(x))[0]; }
inline real sigmoid(real x) { return sigmoid(splat(x))[0]; }

}  // namespace trainground
