// The 4x8 tile under every product: C (4,8) = or += A' B over k, in two forms that differ in how A lies in memory.
//
// The source form matters more than anything else here. Eight accumulators, K not unrolled, never inlined: 47 to 56 GFLOP/s in
// wasm, the peak of 128-bit vectors. Unrolling K by two gives 12, five rows 22 to 35, a row stride that is only known at run
// time 44.
#pragma once

#include "vector.h"

#if defined(__clang__)
#define TRAINGROUND_ROLLED _Pragma("clang loop unroll(disable) vectorize(disable)")
#else
#define TRAINGROUND_ROLLED _Pragma("GCC unroll 1")
#endif

namespace trainground {

constexpr int kTileRows = 4, kTileColumns = 8;

struct Tile {
  Vec c00, c01, c10, c11, c20, c21, c30, c31;

  void start(const real* c, std::ptrdiff_t stride, bool accumulate) {
    if (accumulate) {
      c00 = load(c), c01 = load(c + 4), c += stride;
      c10 = load(c), c11 = load(c + 4), c += stride;
      c20 = load(c), c21 = load(c + 4), c += stride;
      c30 = load(c), c31 = load(c + 4);
    } else {
      c00 = c01 = c10 = c11 = c20 = c21 = c30 = c31 = splat(0);
    }
  }
  void end(real* c, std::ptrdiff_t stride) const {
    store(c, c00), store(c + 4, c01), c += stride;
    store(c, c10), store(c + 4, c11), c += stride;
    store(c, c20), store(c + 4, c21), c += stride;
    store(c, c30), store(c + 4, c31);
  }
  void add(real a0, real a1, real a2, real a3, const real* b) {
    const Vec b0 = load(b), b1 = load(b + 4);
    Vec a = splat(a0);
    c00 += a * b0, c01 += a * b1;
    a = splat(a1);
    c10 += a * b0, c11 += a * b1;
    a = splat(a2);
    c20 += a * b0, c21 += a * b1;
    a = splat(a3);
    c30 += a * b0, c31 += a * b1;
  }
};

// A strip: `tiles` tiles of C, one below the other, that share a panel of B. The loop over tiles stands in here for a reason of
// its own: V8 unrolls the machine code of a loop inside another twice as far, which for this one is 55 GFLOP/s instead of 46.

// A row r, number k at a[r * kRowStride + k]: rows as they lie in memory. B is packed (k,8).
template <int kRowStride>
[[gnu::noinline]] inline void strip_of_rows(int tiles, int depth, const real* a, const real* b, real* c, std::ptrdiff_t c_stride,
                                            bool accumulate) {
  for (; tiles > 0; --tiles, a += kTileRows * kRowStride, c += kTileRows * c_stride) {
    Tile tile;
    tile.start(c, c_stride, accumulate);
    const real *at = a, *bt = b;
    TRAINGROUND_ROLLED
    for (int k = depth; k > 0; --k) {
      tile.add(at[0], at[kRowStride], at[2 * kRowStride], at[3 * kRowStride], bt);
      at += 1, bt += kTileColumns;
    }
    tile.end(c, c_stride);
  }
}

// The same of rows `a_stride` apart.
[[gnu::noinline]] inline void strip_of_any_rows(int tiles, int depth, const real* a, std::ptrdiff_t a_stride, const real* b,
                                                real* c, std::ptrdiff_t c_stride) {
  for (; tiles > 0; --tiles, a += kTileRows * a_stride, c += kTileRows * c_stride) {
    Tile tile;
    tile.start(c, c_stride, false);
    const real *a0 = a, *a1 = a0 + a_stride, *a2 = a1 + a_stride, *a3 = a2 + a_stride, *bt = b;
    TRAINGROUND_ROLLED
    for (int k = depth; k > 0; --k) {
      tile.add(*a0, *a1, *a2, *a3, bt);
      ++a0, ++a1, ++a2, ++a3, bt += kTileColumns;
    }
    tile.end(c, c_stride);
  }
}

// A row r of a tile, number k at a[k * a_stride + r]: columns side by side, as packed (k,4) or as they lie in memory. The next
// tile of A begins a_step numbers behind.
[[gnu::noinline]] inline void strip_of_columns(int tiles, int depth, const real* a, std::ptrdiff_t a_stride,
                                               std::ptrdiff_t a_step, const real* b, std::ptrdiff_t b_stride, real* c,
                                               std::ptrdiff_t c_stride, bool accumulate) {
  for (; tiles > 0; --tiles, a += a_step, c += kTileRows * c_stride) {
    Tile tile;
    tile.start(c, c_stride, accumulate);
    const real *at = a, *bt = b;
    TRAINGROUND_ROLLED
    for (int k = depth; k > 0; --k) {
      tile.add(at[0], at[1], at[2], at[3], bt);
      at += a_stride, bt += b_stride;
    }
    tile.end(c, c_stride);
  }
}

// The same window of four pictures that lie side by side, A (k,4): `runs` runs of `depth` numbers, a_down apart; the next window
// is a_right behind, its tile (4,8) in C too. B is packed (k,8), runs b_down apart.
[[gnu::noinline]] inline void strip_of_windows(int windows, int runs, int depth, const real* a, std::ptrdiff_t a_right,
                                               std::ptrdiff_t a_down, const real* b, std::ptrdiff_t b_down, real* c) {
  for (; windows > 0; --windows, a += a_right, c += kTileRows * kTileColumns) {
    Tile tile;
    tile.start(c, kTileColumns, false);
    const real *a_run = a, *b_run = b;
    for (int run = runs; run > 0; --run, a_run += a_down, b_run += b_down) {
      const real *at = a_run, *bt = b_run;
      TRAINGROUND_ROLLED
      for (int k = depth; k > 0; --k) {
        tile.add(at[0], at[1], at[2], at[3], bt);
        at += kTileRows, bt += kTileColumns;
      }
    }
    tile.end(c, kTileColumns);
  }
}

constexpr int round_up(int value, int step) { return (value + step - 1) / step * step; }

// Long sums are cut into equal chunks of at most kChunk: A's four rows then stay in the first cache beside B's panel. (784 is cut
// into 392 + 392; 400 + 384 or worse 256 + 256 + 256 + 16 costs up to 15 %.)
constexpr int kChunk = 400;
constexpr int kChunkStride = kChunk + 4;  // rows of a chunk: a constant stride that is no power of two
inline int chunks_of(int k) { return k <= kChunk ? 1 : (k + kChunk - 1) / kChunk; }

// Floats between packed panels (kc,8): the 16 keep panels from falling into the same cache sets.
inline std::ptrdiff_t panel_stride(int kc) { return std::ptrdiff_t{kc} * kTileColumns + 16; }

// One panel of eight columns: (kc, 8) from b (rows `stride` apart), the missing columns zero.
inline void pack_panel(int kc, const real* b, std::ptrdiff_t stride, int columns, real* panel) {
  if (columns >= kTileColumns) {
    for (int k = 0; k < kc; ++k, b += stride, panel += kTileColumns) store(panel, load(b)), store(panel + 4, load(b + 4));
    return;
  }
  // As long as eight numbers are there to be read, those too many are masked away.
  const integer on = -1;
  const IntVec low = {on, columns > 1 ? on : 0, columns > 2 ? on : 0, columns > 3 ? on : 0};
  const IntVec high = {columns > 4 ? on : 0, columns > 5 ? on : 0, columns > 6 ? on : 0, 0};
  int k = 0;
  for (; (kc - 1 - k) * stride + columns >= kTileColumns; ++k, b += stride, panel += kTileColumns) {
    store(panel, from_bits(bits(load(b)) & low)), store(panel + 4, from_bits(bits(load(b + 4)) & high));
  }
  for (; k < kc; ++k, b += stride, panel += kTileColumns) {
    for (int j = 0; j < columns; ++j) panel[j] = b[j];
    for (int j = columns; j < kTileColumns; ++j) panel[j] = 0;
  }
}

// The same from rows that lie along k: panel (kc, 8) from eight rows of b, transposed.
inline void pack_panel_transposed(int kc, const real* b, std::ptrdiff_t stride, int rows, real* panel) {
  int k = 0;
  if (rows >= kTileColumns) {
    for (; k + kLanes <= kc; k += kLanes) {
      for (int half = 0; half < 2; ++half) {
        const real* from = b + half * 4 * stride + k;
        Vec r0 = load(from), r1 = load(from + stride), r2 = load(from + 2 * stride), r3 = load(from + 3 * stride);
        transpose(r0, r1, r2, r3);
        real* to = panel + std::ptrdiff_t{k} * kTileColumns + half * 4;
        store(to, r0), store(to + kTileColumns, r1), store(to + 2 * kTileColumns, r2), store(to + 3 * kTileColumns, r3);
      }
    }
  }
  for (; k < kc; ++k) {
    for (int j = 0; j < kTileColumns; ++j) panel[std::ptrdiff_t{k} * kTileColumns + j] = j < rows ? b[j * stride + k] : 0;
  }
}

}  // namespace trainground
