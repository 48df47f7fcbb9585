// The transforms of F(4x4,3x3), four channels at a time, from the points 0, 1, -1, 2, -2 and infinity:
//   B' = [4 0 -5 0 1 0; 0 -4 -4 1 1 0; 0 4 -4 -1 1 0; 0 -2 -1 2 1 0; 0 2 -1 -2 1 0; 0 4 0 -5 0 1]
//   G  = [1/4 0 0; -1/6 -1/6 -1/6; -1/6 1/6 -1/6; 1/24 1/12 1/6; 1/24 -1/12 1/6; 0 0 1]
//   A' = [1 1 1 1 1 0; 0 1 -1 2 -2 0; 0 1 1 4 4 0; 0 1 -1 8 -8 1]
#pragma once

#include "vector.h"

namespace trainground::winograd {

constexpr int kTile = 4, kWindow = kTile + 2;

// One-dimensional transforms; the two-dimensional ones apply them to columns, then to rows.
inline void input_transform(const Vec* d, Vec* t) {  // B'
  const Vec four = splat(4), five = splat(5), two = splat(2);
  const Vec even = d[4] - four * d[2], odd = d[3] - four * d[1];
  const Vec difference = d[4] - d[2], twice = two * (d[3] - d[1]);
  t[0] = four * d[0] - five * d[2] + d[4];
  t[1] = even + odd;
  t[2] = even - odd;
  t[3] = difference + twice;
  t[4] = difference - twice;
  t[5] = four * d[1] - five * d[3] + d[5];
}
inline void output_transform(const Vec* m, Vec* y) {  // A'
  const Vec s1 = m[1] + m[2], s2 = m[3] + m[4], d1 = m[1] - m[2], d2 = m[3] - m[4];
  y[0] = m[0] + s1 + s2;
  y[1] = d1 + splat(2) * d2;
  y[2] = s1 + splat(4) * s2;
  y[3] = d1 + splat(8) * d2 + m[5];
}
inline void output_spread(const Vec* y, Vec* m) {  // A
  const Vec even = y[0] + y[2], odd = y[1] + y[3];
  const Vec even2 = y[0] + splat(4) * y[2], odd2 = splat(2) * y[1] + splat(8) * y[3];
  m[0] = y[0];
  m[1] = even + odd;
  m[2] = even - odd;
  m[3] = even2 + odd2;
  m[4] = even2 - odd2;
  m[5] = y[3];
}
inline void weight_transform(const Vec* g, Vec* u) {  // G
  const Vec sixth = splat(real{-1} / 6), even = g[0] + g[2];
  const Vec even2 = splat(real{1} / 24) * g[0] + splat(real{1} / 6) * g[2], odd2 = splat(real{1} / 12) * g[1];
  u[0] = splat(real{0.25}) * g[0];
  u[1] = sixth * (even + g[1]);
  u[2] = sixth * (even - g[1]);
  u[3] = even2 + odd2;
  u[4] = even2 - odd2;
  u[5] = g[2];
}
inline void weight_collect(const Vec* u, Vec* g) {  // G'
  const Vec s1 = u[1] + u[2], s2 = u[3] + u[4], sixth = splat(real{1} / 6);
  g[0] = splat(real{0.25}) * u[0] - sixth * s1 + splat(real{1} / 24) * s2;
  g[1] = sixth * (u[2] - u[1]) + splat(real{1} / 12) * (u[3] - u[4]);
  g[2] = sixth * (s2 - s1) + u[5];
}

// Applies a transform from kFrom to kTo numbers to the columns, then to the rows of a square; rows(i, values) takes each row.
template <int kFrom, int kTo, class Transform, class Rows>
inline void square(const Vec (&in)[kFrom][kFrom], Transform transform, Rows rows) {
  Vec half[kTo][kFrom];
#pragma GCC unroll 8
  for (int j = 0; j < kFrom; ++j) {
    Vec column[kFrom], turned[kTo];
#pragma GCC unroll 8
    for (int i = 0; i < kFrom; ++i) column[i] = in[i][j];
    transform(column, turned);
#pragma GCC unroll 8
    for (int i = 0; i < kTo; ++i) half[i][j] = turned[i];
  }
#pragma GCC unroll 8
  for (int i = 0; i < kTo; ++i) {
    Vec out[kTo];
    transform(half[i], out);
    rows(i, out);
  }
}

}  // namespace trainground::winograd
