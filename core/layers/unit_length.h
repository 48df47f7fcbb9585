// A vector to length one, and back: y = x / |x|, dx = (dy - y (y dy)) / |x|.
#pragma once

#include <algorithm>
#include <cmath>

#include "../tensor.h"

namespace trainground {

inline double dot(int count, const real* a, const real* b) {
  double sum = 0;
  for (int i = 0; i < count; ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}
inline double length(int count, const real* x) { return std::max(std::sqrt(dot(count, x, x)), 1e-12); }

inline void to_unit_length(int count, real* x) {
  const real scale = static_cast<real>(1 / length(count, x));
  for (int i = 0; i < count; ++i) x[i] *= scale;
}
// y: of length one; was: the length before. dx may be dy.
inline void through_unit_length(int count, const real* y, double was, const real* dy, real* dx) {
  const real along = static_cast<real>(dot(count, y, dy)), scale = static_cast<real>(1 / was);
  for (int i = 0; i < count; ++i) dx[i] = (dy[i] - y[i] * along) * scale;
}

}  // namespace trainground
