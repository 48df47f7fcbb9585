// Four numbers at a time: the only file that knows SIMD.
//
// Written in the compilers' vector types, which become simd128 in wasm and SSE natively: additions, products and comparisons
// round alike everywhere, so all builds give the same bits. The float64 twin has four lanes too (two registers each), so that
// every kernel is one source. Refused: fused multiply-add, reciprocal estimates, sums in an unwritten order.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "../tensor.h"

#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace trainground {

constexpr int kLanes = 4;

using integer = std::conditional_t<sizeof(real) == 4, std::int32_t, std::int64_t>;
typedef real Vec __attribute__((vector_size(kLanes * sizeof(real))));
typedef integer IntVec __attribute__((vector_size(kLanes * sizeof(real))));

namespace detail {
typedef real LooseVec __attribute__((vector_size(kLanes * sizeof(real)), aligned(sizeof(real)), may_alias));
typedef integer LooseIntVec __attribute__((vector_size(kLanes * sizeof(integer)), aligned(sizeof(integer)), may_alias));
}  // namespace detail

inline Vec load(const real* from) { return *reinterpret_cast<const detail::LooseVec*>(from); }
inline void store(real* to, Vec value) { *reinterpret_cast<detail::LooseVec*>(to) = value; }
inline Vec splat(real value) { return Vec{value, value, value, value}; }
inline IntVec load(const integer* from) { return *reinterpret_cast<const detail::LooseIntVec*>(from); }
inline void store(integer* to, IntVec value) { *reinterpret_cast<detail::LooseIntVec*>(to) = value; }
inline IntVec splat_integer(integer value) { return IntVec{value, value, value, value}; }

// The first `count` (0 to 4) numbers; the other lanes are 0. And their store. Written out: lanes with a number that is only known
// at run time would go through memory, and the load after it would wait.
inline Vec load_part(const real* from, int count) {
  switch (count) {
    case 4:
      return load(from);
    case 3:
      return Vec{from[0], from[1], from[2], 0};
    case 2:
      return Vec{from[0], from[1], 0, 0};
    case 1:
      return Vec{from[0], 0, 0, 0};
    default:
      return Vec{};
  }
}
inline void store_part(real* to, Vec value, int count) {
  if (count > 0) to[0] = value[0];
  if (count > 1) to[1] = value[1];
  if (count > 2) to[2] = value[2];
  if (count > 3) to[3] = value[3];
}

// Loops over channels: body(c, Whole{}) for each whole vector, then body(c, Part{rest}). The same body serves both, and the
// compiler sees which is which.
struct Whole {
  static constexpr int count = kLanes;
};
struct Part {
  int count;
};
inline Vec load(const real* from, Whole) { return load(from); }
inline Vec load(const real* from, Part part) { return load_part(from, part.count); }
inline void store(real* to, Vec value, Whole) { store(to, value); }
inline void store(real* to, Vec value, Part part) { store_part(to, value, part.count); }
template <class Body>
inline void each_vector(int channels, Body body) {
  int c = 0;
  for (; c + kLanes <= channels; c += kLanes) body(c, Whole{});
  if (c < channels) body(c, Part{channels - c});
}

inline IntVec bits(Vec value) { return reinterpret_cast<IntVec>(value); }
inline Vec from_bits(IntVec value) { return reinterpret_cast<Vec>(value); }

// Lane by lane; a mask has all bits of a lane set or none, as comparisons give it.
inline Vec select(IntVec mask, Vec yes, Vec no) { return from_bits((mask & bits(yes)) | (~mask & bits(no))); }

// Not a number stays what it is, so that a run that diverges is seen to diverge.
inline Vec clamp(Vec x, Vec low, Vec high) {
#if defined(__wasm_simd128__) && !defined(TRAINGROUND_FLOAT64)
  // The compiler makes selections of it, four instructions instead of one.
  return reinterpret_cast<Vec>(wasm_f32x4_pmin(wasm_f32x4_pmax(reinterpret_cast<v128_t>(x), reinterpret_cast<v128_t>(low)),
                                               reinterpret_cast<v128_t>(high)));
#endif
  x = x < low ? low : x;
  return x > high ? high : x;
}

inline Vec absolute(Vec x) {
  constexpr integer kSign = static_cast<integer>(std::uint64_t{1} << (8 * sizeof(real) - 1));
  return from_bits(bits(x) & ~IntVec{kSign, kSign, kSign, kSign});
}

// Zeros for what is smaller than 1e-30; not a number stays. Nothing learned is so small, but products with it soon would be too
// small for normal numbers, and with those an operation takes Intel's processors a hundred cycles.
inline Vec without_tiny(Vec x) { return from_bits(bits(x) & ~(absolute(x) < splat(static_cast<real>(1e-30)))); }

inline Vec sqrt(Vec x) {
#if defined(TRAINGROUND_FLOAT64)
  for (int i = 0; i < kLanes; ++i) x[i] = std::sqrt(x[i]);
  return x;
#elif defined(__wasm_simd128__)
  return reinterpret_cast<Vec>(wasm_f32x4_sqrt(reinterpret_cast<v128_t>(x)));
#elif defined(__SSE2__)
  return reinterpret_cast<Vec>(_mm_sqrt_ps(reinterpret_cast<__m128>(x)));
#else
  for (int i = 0; i < kLanes; ++i) x[i] = std::sqrt(x[i]);
  return x;
#endif
}

// The written order of every sum over lanes.
inline real sum(Vec x) { return (x[0] + x[1]) + (x[2] + x[3]); }

// Rows become columns.
inline void transpose(Vec& a, Vec& b, Vec& c, Vec& d) {
  const Vec ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const Vec cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  a = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
  b = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
  c = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
  d = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
}

inline bool all_finite(std::ptrdiff_t count, const real* x) {
  Vec sums[4] = {};  // of x - x, which is 0 or not a number
  std::ptrdiff_t i = 0;
  for (; i + 4 * kLanes <= count; i += 4 * kLanes) {
    for (int j = 0; j < 4; ++j) {
      const Vec v = load(x + i + j * kLanes);
      sums[j] += v - v;
    }
  }
  for (; i < count; ++i) sums[0] += splat(x[i] - x[i]);
  return sum((sums[0] + sums[1]) + (sums[2] + sums[3])) == 0;
}

// Short runs: a call to memcpy would cost more than the copy.
inline void copy(real* to, const real* from, std::ptrdiff_t count) {
  std::ptrdiff_t i = 0;
  for (; i + kLanes <= count; i += kLanes) store(to + i, load(from + i));
  for (; i < count; ++i) to[i] = from[i];
}
inline void fill(real* to, real value, std::ptrdiff_t count) {
  std::ptrdiff_t i = 0;
  for (; i + kLanes <= count; i += kLanes) store(to + i, splat(value));
  for (; i < count; ++i) to[i] = value;
}

// y[i] = f(x[i]) for whole vectors; the last, partial one is padded with zeros, so that each element gets the same bits wherever
// it stands. x and y may be the same.
template <class F>
inline void map(std::ptrdiff_t count, const real* x, real* y, F f) {
  std::ptrdiff_t i = 0;
  for (; i + kLanes <= count; i += kLanes) store(y + i, f(load(x + i)));
  if (i < count) store_part(y + i, f(load_part(x + i, static_cast<int>(count - i))), static_cast<int>(count - i));
}
// y[i] = f(a[i], b[i])
template <class F>
inline void map(std::ptrdiff_t count, const real* a, const real* b, real* y, F f) {
  std::ptrdiff_t i = 0;
  for (; i + kLanes <= count; i += kLanes) store(y + i, f(load(a + i), load(b + i)));
  if (i < count) {
    const int rest = static_cast<int>(count - i);
    store_part(y + i, f(load_part(a + i, rest), load_part(b + i, rest)), rest);
  }
}

}  // namespace trainground
