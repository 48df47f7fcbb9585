// Powers and a cosine from products alone: the library's differ in the last bit from build to build, and a learning rate that
// does would make every weight differ.
#pragma once

#include <cstdint>

namespace trainground {

// base^exponent by squaring.
inline double power(double base, std::uint64_t exponent) {
  double result = 1;
  for (; exponent > 0; exponent >>= 1, base *= base) {
    if ((exponent & 1) != 0) result *= base;
  }
  return result;
}

// cos(pi x) for x in [0,1]: sin(pi (1/2 - x)) by its series, whose rest is below 1e-17.
inline double cos_pi(double x) {
  const double angle = 3.14159265358979323846 * (0.5 - x), square = angle * angle;
  double sum = 1;
  for (int n = 12; n >= 1; --n) sum = 1 - square / ((2.0 * n) * (2.0 * n + 1)) * sum;
  return angle * sum;
}

}  // namespace trainground
