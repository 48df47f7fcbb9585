#include "matmul.h"

#include <algorithm>

#include "../parallel.h"
#include "microkernel.h"

#ifdef TRAINGROUND_FLOAT64
#include <Eigen/Core>
#endif

namespace trainground {

void finish_rows(int rows, int columns, real* y, std::ptrdiff_t stride, const Epilogue& epilogue) {
  if (!epilogue.bias && !epilogue.clamps()) return;
  const Vec low = splat(epilogue.low), high = splat(epilogue.high);
  for (int row = 0; row < rows; ++row, y += stride) {
    if (!epilogue.bias) {
      map(columns, y, y, [&](Vec v) { return clamp(v, low, high); });
    } else if (!epilogue.clamps()) {
      map(columns, y, epilogue.bias, y, [&](Vec v, Vec bias) { return v + bias; });
    } else {
      map(columns, y, epilogue.bias, y, [&](Vec v, Vec bias) { return clamp(v + bias, low, high); });
    }
  }
}

void add_rows(int rows, int columns, const real* x, real* sums) {
  each_vector(columns, [=](int c, auto lanes) {
    Vec total[4] = {};  // four sums side by side: one would wait for itself
    const real* from = x + c;
    int i = 0;
    for (; i + 4 <= rows; i += 4) {
      for (int j = 0; j < 4; ++j, from += columns) total[j] += load(from, lanes);
    }
    for (; i < rows; ++i, from += columns) total[0] += load(from, lanes);
    store(sums + c, load(sums + c, lanes) + ((total[0] + total[1]) + (total[2] + total[3])), lanes);
  });
}

void plain_matmul(int m, int n, int k, const real* a, const real* b, real* c, const Epilogue& epilogue) {
  for (int i = 0; i < m; ++i) {
    for (int j = 0; j < n; ++j) {
      real total = 0;
      for (int t = 0; t < k; ++t) total += a[std::ptrdiff_t{i} * k + t] * b[std::ptrdiff_t{t} * n + j];
      c[std::ptrdiff_t{i} * n + j] = total;
    }
  }
  finish_rows(m, n, c, n, epilogue);
}

void plain_matmul_transposed_a(int m, int n, int k, const real* a, const real* b, real* c) {
  for (int i = 0; i < m; ++i) {
    for (int j = 0; j < n; ++j) {
      real total = 0;
      for (int t = 0; t < k; ++t) total += a[std::ptrdiff_t{t} * m + i] * b[std::ptrdiff_t{t} * n + j];
      c[std::ptrdiff_t{i} * n + j] = total;
    }
  }
}

void plain_matmul_transposed_b(int m, int n, int k, const real* a, const real* b, real* c) {
  for (int i = 0; i < m; ++i) {
    for (int j = 0; j < n; ++j) {
      real total = 0;
      for (int t = 0; t < k; ++t) total += a[std::ptrdiff_t{i} * k + t] * b[std::ptrdiff_t{j} * k + t];
      c[std::ptrdiff_t{i} * n + j] = total;
    }
  }
}

#ifdef TRAINGROUND_FLOAT64

namespace {
using Matrix = Eigen::Matrix<real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using In = Eigen::Map<const Matrix>;
using Out = Eigen::Map<Matrix>;
}  // namespace

std::size_t matmul_scratch(int, int, int) { return 0; }

void matmul(int m, int n, int k, const real* a, const real* b, real* c, const Epilogue& epilogue, real*) {
  Out(c, m, n).noalias() = In(a, m, k) * In(b, k, n);
  finish_rows(m, n, c, n, epilogue);
}
void matmul_transposed_a(int m, int n, int k, const real* a, const real* b, real* c, real*) {
  Out(c, m, n).noalias() = In(a, k, m).transpose() * In(b, k, n);
}
void matmul_transposed_b(int m, int n, int k, const real* a, const real* b, real* c, real*) {
  Out(c, m, n).noalias() = In(a, m, k) * In(b, n, k).transpose();
}

#else

namespace {

constexpr int kFewRows = 3;         // up to here a product is bound by reading B once: no packing
constexpr int kFewestColumns = 64;  // of a slice where rows are few: shorter runs cost more than a second thread saves
constexpr int kPackedRows = 16;     // of B
constexpr int kRowBlock = 16;       // rows of A that share a panel of B in the first cache
constexpr int kStripGroups = 8;     // A'B: groups of four rows of C per strip

int slices_of_panels(int n) { return std::min(kSlices, std::max(1, (n + kTileColumns - 1) / kTileColumns)); }

// The columns of a slice, whole panels of eight but for the last.
Range panel_range(int slice, int slices, int n) {
  const Range panels = slice_range(slice, slices, (n + kTileColumns - 1) / kTileColumns);
  return {panels.begin * kTileColumns, std::min(n, panels.end * kTileColumns)};
}

int widest_slice(int n) {
  const int panels = (n + kTileColumns - 1) / kTileColumns, slices = slices_of_panels(n);
  return (panels + slices - 1) / slices * kTileColumns;
}

Epilogue from_column(int column, Epilogue epilogue) {
  if (epilogue.bias) epilogue.bias += column;
  return epilogue;
}

int longest_chunk(int k) { return (k + chunks_of(k) - 1) / chunks_of(k); }

// strip(first tile, tiles, c, stride) for the whole tiles of C's eight columns; a tile at the edge of C goes through a whole one.
template <class Strip>
inline void strip_into(int rows, int columns, real* c, std::ptrdiff_t stride, bool accumulate, Strip strip) {
  const int tiles = columns >= kTileColumns ? rows / kTileRows : 0;
  if (tiles > 0) strip(0, tiles, c, stride);
  columns = std::min(columns, kTileColumns);
  for (int row = tiles * kTileRows; row < rows; row += kTileRows) {
    const int present = std::min(kTileRows, rows - row);
    real* const edge = c + row * stride;
    real whole[kTileRows * kTileColumns] = {};
    if (accumulate) {
      for (int i = 0; i < present; ++i) copy(whole + i * kTileColumns, edge + i * stride, columns);
    }
    strip(row / kTileRows, 1, whole, kTileColumns);
    for (int i = 0; i < present; ++i) copy(edge + i * stride, whole + i * kTileColumns, columns);
  }
}

// c += so many of A's numbers, a_step apart, times as many rows of B.
template <int rows>
void add_rows_of(const real* a, std::ptrdiff_t a_step, const real* b, std::ptrdiff_t stride, int columns, real* c) {
  Vec factors[rows];
  for (int t = 0; t < rows; ++t) factors[t] = splat(a[t * a_step]);
  each_vector(columns, [&](int j, auto lanes) {
    Vec total = load(c + j, lanes);
    for (int t = 0; t < rows; ++t) total += factors[t] * load(b + t * stride + j, lanes);
    store(c + j, total, lanes);
  });
}

// The few rows of C, each slice some of its columns: B is read as it lies. A's number (i, t) lies at a[i * a_row + t * a_step].
void multiply_few_rows(int m, int n, int k, const real* a, std::ptrdiff_t a_row, std::ptrdiff_t a_step, const real* b, real* c,
                       const Epilogue& epilogue) {
  const int slices = slices_of(n / kFewestColumns);
  parallel_for(slices, [&](int slice) {
    const Range range = slice_range(slice, slices, n);
    const int columns = range.end - range.begin;
    for (int i = 0; i < m; ++i) {
      real* const to = c + std::ptrdiff_t{i} * n + range.begin;
      fill(to, 0, columns);
      const real *factors = a + i * a_row, *rows = b + range.begin;
      int left = k;
      for (; left >= 8; left -= 8, factors += 8 * a_step, rows += 8 * n) add_rows_of<8>(factors, a_step, rows, n, columns, to);
      for (; left > 0; --left, factors += a_step, rows += n) add_rows_of<1>(factors, a_step, rows, n, columns, to);
    }
    finish_rows(m, columns, c + range.begin, n, from_column(range.begin, epilogue));
  });
}

real dot(int k, const real* a, const real* b) {
  Vec total[4] = {};
  int t = 0;
  for (; t + 16 <= k; t += 16) {
    for (int v = 0; v < 4; ++v) total[v] += load(a + t + 4 * v) * load(b + t + 4 * v);
  }
  real rest = 0;
  for (; t < k; ++t) rest += a[t] * b[t];
  return sum((total[0] + total[1]) + (total[2] + total[3])) + rest;
}

// First A's rows are copied to a constant stride, then each slice of columns packs its panels of B (k,n), or of B' from B (n,k),
// chunk by chunk.
void multiply_rows(int m, int n, int k, const real* a, const real* b, bool transposed_b, real* c, const Epilogue& epilogue,
                   real* scratch) {
  const int slices = slices_of_panels(n);
  const int chunks = chunks_of(k), padded_m = round_up(m, kTileRows);
  const std::ptrdiff_t chunk_size = std::ptrdiff_t{padded_m} * kChunkStride;
  real* const rows = scratch;
  real* const panels = scratch + chunks * chunk_size;
  const std::ptrdiff_t slice_size = widest_slice(n) / kTileColumns * panel_stride(longest_chunk(k));
  parallel_for(slices_of(padded_m), [&](int slice) {
    const Range range = slice_range(slice, slices_of(padded_m), padded_m);
    for (int chunk = 0; chunk < chunks; ++chunk) {
      const Range part = slice_range(chunk, chunks, k);
      for (int i = range.begin; i < range.end; ++i) {
        real* to = rows + chunk * chunk_size + std::ptrdiff_t{i} * kChunkStride;
        if (i < m)
          copy(to, a + std::ptrdiff_t{i} * k + part.begin, part.end - part.begin);
        else
          fill(to, 0, part.end - part.begin);
      }
    }
  });
  parallel_for(slices, [&](int slice) {
    const Range columns = panel_range(slice, slices, n);
    real* const packed = panels + slice * slice_size;
    for (int chunk = 0; chunk < chunks; ++chunk) {
      const Range part = slice_range(chunk, chunks, k);
      const int kc = part.end - part.begin;
      const std::ptrdiff_t stride = panel_stride(kc);
      // A few rows of B at a time: of a line in the cache, a panel takes but a half.
      const int together = transposed_b ? kc : kPackedRows;
      for (int t = 0; t < kc; t += together) {
        const int count = std::min(together, kc - t);
        for (int j = columns.begin; j < columns.end; j += kTileColumns) {
          real* const panel = packed + (j - columns.begin) / kTileColumns * stride + std::ptrdiff_t{t} * kTileColumns;
          if (transposed_b)
            pack_panel_transposed(count, b + std::ptrdiff_t{j} * k + part.begin, k, n - j, panel);
          else
            pack_panel(count, b + std::ptrdiff_t{part.begin + t} * n + j, n, n - j, panel);
        }
      }
      for (int block = 0; block < m; block += kRowBlock) {
        const int block_end = std::min(m, block + kRowBlock);
        for (int j = columns.begin; j < columns.end; j += kTileColumns) {
          const real* panel = packed + (j - columns.begin) / kTileColumns * stride;
          const real* block_rows = rows + chunk * chunk_size + std::ptrdiff_t{block} * kChunkStride;
          strip_into(block_end - block, n - j, c + std::ptrdiff_t{block} * n + j, n, chunk > 0,
                     [&](int first, int tiles, real* to, std::ptrdiff_t to_stride) {
                       strip_of_rows<kChunkStride>(tiles, kc, block_rows + first * kTileRows * kChunkStride, panel, to, to_stride,
                                                   chunk > 0);
                     });
        }
        if (chunk < chunks - 1) continue;
        finish_rows(block_end - block, columns.end - columns.begin, c + std::ptrdiff_t{block} * n + columns.begin, n,
                    from_column(columns.begin, epilogue));
      }
    }
  });
}

}  // namespace

std::size_t matmul_scratch(int m, int n, int k) {
  const auto size = [](std::int64_t a, std::int64_t b) { return static_cast<std::size_t>(a * b); };
  const int kc = longest_chunk(k), chunks = chunks_of(k);
  const std::size_t rows_of_a = size(std::int64_t{chunks} * round_up(m, kTileRows), kChunkStride);
  const std::size_t panels_of_b = size(slices_of_panels(n), widest_slice(n) / kTileColumns * panel_stride(kc));
  const std::size_t ab = rows_of_a + panels_of_b;
  const std::size_t whole_b = size(round_up(n, kTileColumns), k);
  const std::size_t atb = whole_b + size(kSlices * kStripGroups * kTileRows, kc);
  return std::max(ab, atb);
}

void matmul(int m, int n, int k, const real* a, const real* b, real* c, const Epilogue& epilogue, real* scratch) {
  if (m <= kFewRows) return multiply_few_rows(m, n, k, a, k, 1, b, c, epilogue);
  multiply_rows(m, n, k, a, b, false, c, epilogue, scratch);
}

// B is packed once for all; each slice of C's rows packs strips of A's columns as (k,4).
void matmul_transposed_a(int m, int n, int k, const real* a, const real* b, real* c, real* scratch) {
  if (m <= kFewRows) return multiply_few_rows(m, n, k, a, 1, m, b, c, {});
  const int all_panels = (n + kTileColumns - 1) / kTileColumns, chunks = chunks_of(k);
  const std::ptrdiff_t panel_size = std::ptrdiff_t{k} * kTileColumns;
  real* const panels = scratch;
  real* const strips = scratch + all_panels * panel_size;
  const std::ptrdiff_t strip_size = std::ptrdiff_t{kStripGroups * kTileRows} * longest_chunk(k);
  parallel_for(slices_of(all_panels), [&](int slice) {
    const Range range = slice_range(slice, slices_of(all_panels), all_panels);
    for (int p = range.begin; p < range.end; ++p) {
      pack_panel(k, b + p * kTileColumns, n, n - p * kTileColumns, panels + p * panel_size);
    }
  });
  const int groups = (m + kTileRows - 1) / kTileRows, slices = slices_of(groups);
  parallel_for(slices, [&](int slice) {
    const Range range = slice_range(slice, slices, groups);
    real* const strip = strips + slice * strip_size;
    for (int first = range.begin; first < range.end; first += kStripGroups) {
      const int last = std::min(range.end, first + kStripGroups);
      for (int chunk = 0; chunk < chunks; ++chunk) {
        const Range part = slice_range(chunk, chunks, k);
        const int kc = part.end - part.begin;
        for (int group = first; group < last; ++group) {
          const int i = group * kTileRows, present = std::min(kTileRows, m - i);
          real* to = strip + std::ptrdiff_t{group - first} * kc * kTileRows;
          const real* from = a + std::ptrdiff_t{part.begin} * m + i;
          if (present == kTileRows) {
            for (int t = 0; t < kc; ++t, from += m, to += kTileRows) store(to, load(from));
          } else {
            for (int t = 0; t < kc; ++t, from += m, to += kTileRows) store(to, load_part(from, present));
          }
        }
        for (int p = 0; p < all_panels; ++p) {
          const real* panel = panels + p * panel_size + std::ptrdiff_t{part.begin} * kTileColumns;
          const int i = first * kTileRows, j = p * kTileColumns;
          strip_into(std::min(m, last * kTileRows) - i, n - j, c + std::ptrdiff_t{i} * n + j, n, chunk > 0,
                     [&](int tile, int tiles, real* to, std::ptrdiff_t to_stride) {
                       const std::ptrdiff_t step = std::ptrdiff_t{kc} * kTileRows;
                       strip_of_columns(tiles, kc, strip + tile * step, kTileRows, step, panel, kTileColumns, to, to_stride,
                                        chunk > 0);
                     });
        }
      }
    }
  });
}

void matmul_transposed_b(int m, int n, int k, const real* a, const real* b, real* c, real* scratch) {
  if (m <= kFewRows) {
    parallel_for(slices_of(n), [&](int slice) {
      const Range range = slice_range(slice, slices_of(n), n);
      for (int i = 0; i < m; ++i) {
        for (int j = range.begin; j < range.end; ++j) {
          c[std::ptrdiff_t{i} * n + j] = dot(k, a + std::ptrdiff_t{i} * k, b + std::ptrdiff_t{j} * k);
        }
      }
    });
    return;
  }
  multiply_rows(m, n, k, a, b, true, c, {}, scratch);
}

#endif

}  // namespace trainground
