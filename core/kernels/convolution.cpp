#include "convolution.h"

#include <algorithm>
#include <vector>

#include "../parallel.h"
#include "microkernel.h"

namespace trainground {
namespace {

constexpr int kRowBlock = 16;  // windows per buffer in the forward direction: they and one panel fit the first cache
constexpr int kRun = 128;      // windows per buffer in the weight gradient, where they are what is summed over

// A grid of windows over pictures (height,width,channels): window (a,b) begins at (first_y + a * step, first_x + b * step), may
// hang over the edges, where the picture is zero, and lies in memory as `rows` runs of `columns * channels` numbers.
struct Windows {
  int height, width, channels;
  int rows, columns;            // of one window
  int grid_rows, grid_columns;  // of windows in one picture
  int first_y, first_x, step;
  int taps() const { return rows * columns * channels; }
  int per_picture() const { return grid_rows * grid_columns; }
};

// Numbers [begin,end) of the window that begins at (y,x) of one picture.
void gather(const Windows& windows, const real* picture, int y, int x, int begin, int end, real* to) {
  const int run = windows.columns * windows.channels;
  const int inside_from = std::min(run, std::max(0, -x * windows.channels));
  const int inside_to = std::max(inside_from, std::min(run, (windows.width - x) * windows.channels));
  for (int row = begin / run; row * run < end; ++row) {
    const int from = std::max(begin - row * run, 0), until = std::min(end - row * run, run);
    real* out = to + row * run - begin;
    if (y + row < 0 || y + row >= windows.height) {
      fill(out + from, 0, until - from);
      continue;
    }
    const real* in = picture + (std::ptrdiff_t{y + row} * windows.width + x) * windows.channels;
    const int a = std::clamp(inside_from, from, until), b = std::clamp(inside_to, a, until);
    if (a > from) fill(out + from, 0, a - from);
    copy(out + a, in + a, b - a);
    if (until > b) fill(out + b, 0, until - b);
  }
}

// Windows number `first` .. first+count-1 of a batch, each a row of kChunkStride numbers.
void gather_rows(const Windows& windows, const real* x, std::ptrdiff_t first, int count, Range part, real* to) {
  const int per_picture = windows.per_picture();
  std::ptrdiff_t picture = first / per_picture;
  int inside = static_cast<int>(first % per_picture);
  int a = inside / windows.grid_columns, b = inside % windows.grid_columns;
  const std::ptrdiff_t size = std::ptrdiff_t{windows.height} * windows.width * windows.channels;
  for (int i = 0; i < count; ++i, to += kChunkStride) {
    gather(windows, x + picture * size, windows.first_y + a * windows.step, windows.first_x + b * windows.step, part.begin,
           part.end, to);
    if (++b == windows.grid_columns) {
      b = 0;
      if (++a == windows.grid_rows) a = 0, ++picture;
    }
  }
}

Windows forward_windows(const ConvolutionShape& s) {
  return {s.input.height,  s.input.width,  s.input.channels, s.kernel,   s.kernel,
          s.output.height, s.output.width, -s.padding,       -s.padding, s.stride};
}

// Where the product of window (a,b) of a picture goes: (offset_y + a * step, offset_x + b * step) of pictures
// (height,width,columns).
struct Destination {
  int height, width, offset_y, offset_x, step;
};

std::ptrdiff_t packed_size(int taps, int columns) {
  const int panels = (columns + kTileColumns - 1) / kTileColumns;
  std::ptrdiff_t total = 0;
  for (int chunk = 0; chunk < chunks_of(taps); ++chunk) {
    const Range part = slice_range(chunk, chunks_of(taps), taps);
    total += panels * panel_stride(part.end - part.begin);
  }
  return total;
}

// Panels (chunk, panel, kc, 8) of a matrix (taps,columns), whose rows row(k, column, count, to) delivers.
template <class Row>
void pack_weights(int taps, int columns, real* packed, Row row) {
  const int panels = (columns + kTileColumns - 1) / kTileColumns;
  parallel_for(slices_of(panels), [&](int slice) {
    const Range mine = slice_range(slice, slices_of(panels), panels);
    real* chunk_start = packed;
    for (int chunk = 0; chunk < chunks_of(taps); ++chunk) {
      const Range part = slice_range(chunk, chunks_of(taps), taps);
      const std::ptrdiff_t stride = panel_stride(part.end - part.begin);
      for (int p = mine.begin; p < mine.end; ++p) {
        const int present = std::min(kTileColumns, columns - p * kTileColumns);
        real* to = chunk_start + p * stride;
        for (int k = part.begin; k < part.end; ++k, to += kTileColumns) {
          row(k, p * kTileColumns, present, to);
          for (int j = present; j < kTileColumns; ++j) to[j] = 0;
        }
      }
      chunk_start += panels * stride;
    }
  });
}

std::ptrdiff_t block_size(int columns) {
  return std::ptrdiff_t{kRowBlock} * kChunkStride + std::ptrdiff_t{kRowBlock} * round_up(columns, kTileColumns);
}

// For every window of the batch: its product with the packed matrix (taps,columns).
void multiply_windows(const Windows& windows, int samples, const real* x, const real* packed, int columns, real* y,
                      const Destination& destination, const Epilogue& epilogue, real* blocks) {
  const int taps = windows.taps(), panels = (columns + kTileColumns - 1) / kTileColumns, padded = panels * kTileColumns;
  const int chunks = chunks_of(taps), per_picture = windows.per_picture();
  const int slices = slices_of(samples);
  parallel_for(slices, [&](int slice) {
    const Range range = slice_range(slice, slices, samples);
    real* const rows = blocks + slice * block_size(columns);
    real* const out = rows + std::ptrdiff_t{kRowBlock} * kChunkStride;
    const std::ptrdiff_t end = std::ptrdiff_t{range.end} * per_picture;
    for (std::ptrdiff_t first = std::ptrdiff_t{range.begin} * per_picture; first < end; first += kRowBlock) {
      const int count = static_cast<int>(std::min<std::ptrdiff_t>(kRowBlock, end - first));
      const real* panel = packed;
      for (int chunk = 0; chunk < chunks; ++chunk) {
        const Range part = slice_range(chunk, chunks, taps);
        const int kc = part.end - part.begin;
        gather_rows(windows, x, first, count, part, rows);
        for (int p = 0; p < panels; ++p, panel += panel_stride(kc)) {
          for (int i = 0; i < count; i += kTileRows) {
            tile_of_rows<kChunkStride>(kc, rows + std::ptrdiff_t{i} * kChunkStride, panel,
                                       out + std::ptrdiff_t{i} * padded + p * kTileColumns, padded, chunk > 0);
          }
        }
      }
      finish_rows(count, columns, out, padded, epilogue);
      for (int i = 0; i < count; ++i) {
        const std::ptrdiff_t picture = (first + i) / per_picture;
        const int inside = static_cast<int>((first + i) % per_picture);
        const int to_y = destination.offset_y + inside / windows.grid_columns * destination.step;
        const int to_x = destination.offset_x + inside % windows.grid_columns * destination.step;
        copy(y + ((picture * destination.height + to_y) * destination.width + to_x) * columns, out + std::ptrdiff_t{i} * padded,
             columns);
      }
    }
  });
}

// One axis of the input gradient, for inputs i = first, first + stride, ...: the taps that reach them, and where dy's window
// begins.
struct Phase {
  int first, count;  // inputs
  int tap, taps;     // tap, tap + stride, ...
  int window;        // of dy, for input number 0
};
Phase phase_of(int index, int size, const ConvolutionShape& s) {
  // Input i meets output o by tap t where i + padding = o * stride + t.
  Phase phase;
  phase.first = index;
  phase.count = index < size ? (size - index + s.stride - 1) / s.stride : 0;
  phase.tap = (index + s.padding) % s.stride;
  phase.taps = phase.tap < s.kernel ? (s.kernel - phase.tap + s.stride - 1) / s.stride : 0;
  phase.window = (index + s.padding - phase.tap) / s.stride - (phase.taps - 1);
  return phase;
}

std::ptrdiff_t partial_size(const ConvolutionShape& s) {
  return std::ptrdiff_t{round_up(s.taps(), kTileRows)} * round_up(s.filters, kTileColumns);
}

}  // namespace

std::size_t convolution_scratch(const ConvolutionShape& s, int samples) {
  const int slices = slices_of(samples);
  const std::ptrdiff_t forward = packed_size(s.taps(), s.filters) + slices * block_size(s.filters);
  const int back = s.kernel * s.kernel * s.filters;
  const std::ptrdiff_t input = packed_size(back, s.input.channels) + slices * block_size(s.input.channels);
  const std::ptrdiff_t weight =
      slices * (partial_size(s) + std::ptrdiff_t{kRun} * (kChunkStride + round_up(s.filters, kTileColumns)));
  return static_cast<std::size_t>(std::max(forward, std::max(input, weight)));
}

void convolution(const ConvolutionShape& s, int samples, const real* x, const real* w, real* y, const Epilogue& epilogue,
                 real* scratch) {
  pack_weights(s.taps(), s.filters, scratch,
               [&](int k, int column, int count, real* to) { copy(to, w + std::ptrdiff_t{k} * s.filters + column, count); });
  multiply_windows(forward_windows(s), samples, x, scratch, s.filters, y, {s.output.height, s.output.width, 0, 0, 1}, epilogue,
                   scratch + packed_size(s.taps(), s.filters));
}

void convolution_input_gradient(const ConvolutionShape& s, int samples, const real* dy, const real* w, real* dx, real* scratch) {
  const int channels = s.input.channels;
  for (int row_phase = 0; row_phase < s.stride; ++row_phase) {
    const Phase rows = phase_of(row_phase, s.input.height, s);
    for (int column_phase = 0; column_phase < s.stride; ++column_phase) {
      const Phase columns = phase_of(column_phase, s.input.width, s);
      if (rows.count == 0 || columns.count == 0) continue;
      const Destination destination{s.input.height, s.input.width, rows.first, columns.first, s.stride};
      if (rows.taps == 0 || columns.taps == 0) {  // a stride longer than the filter: nothing reaches these inputs
        for (int n = 0; n < samples; ++n) {
          for (int i = rows.first; i < s.input.height; i += s.stride) {
            for (int j = columns.first; j < s.input.width; j += s.stride) {
              fill(dx + ((std::ptrdiff_t{n} * s.input.height + i) * s.input.width + j) * channels, 0, channels);
            }
          }
        }
        continue;
      }
      const Windows windows{s.output.height, s.output.width, s.filters,   rows.taps,      columns.taps,
                            rows.count,      columns.count,  rows.window, columns.window, 1};
      // Outputs ascend along a window, so taps descend.
      pack_weights(windows.taps(), channels, scratch, [&](int k, int column, int count, real* to) {
        const int filter = k % s.filters, j = k / s.filters % columns.taps, i = k / s.filters / columns.taps;
        const int ky = rows.tap + (rows.taps - 1 - i) * s.stride, kx = columns.tap + (columns.taps - 1 - j) * s.stride;
        const real* from = w + ((std::ptrdiff_t{ky} * s.kernel + kx) * channels + column) * s.filters + filter;
        for (int c = 0; c < count; ++c) to[c] = from[std::ptrdiff_t{c} * s.filters];
      });
      multiply_windows(windows, samples, dy, scratch, channels, dx, destination, {},
                       scratch + packed_size(windows.taps(), channels));
    }
  }
}

void convolution_weight_gradient(const ConvolutionShape& s, int samples, const real* x, const real* dy, real* dw, real* scratch) {
  const Windows windows = forward_windows(s);
  const int taps = s.taps(), filters = s.filters, padded = round_up(filters, kTileColumns);
  const int chunks = chunks_of(taps), per_picture = windows.per_picture(), slices = slices_of(samples);
  const std::ptrdiff_t part_size = partial_size(s), buffer_size = std::ptrdiff_t{kRun} * (kChunkStride + padded);
  real* const partial = scratch;
  real* const buffers = scratch + slices * part_size;
  parallel_for(slices, [&](int slice) {
    const Range range = slice_range(slice, slices, samples);
    real* const total = partial + slice * part_size;  // (taps, padded)
    real* const rows = buffers + slice * buffer_size;
    real* const panels = rows + std::ptrdiff_t{kRun} * kChunkStride;
    fill(total, 0, part_size);
    const std::ptrdiff_t end = std::ptrdiff_t{range.end} * per_picture;
    for (std::ptrdiff_t first = std::ptrdiff_t{range.begin} * per_picture; first < end; first += kRun) {
      const int count = static_cast<int>(std::min<std::ptrdiff_t>(kRun, end - first));
      for (int j = 0; j < filters; j += kTileColumns) {
        pack_panel(count, dy + first * filters + j, filters, filters - j, panels + std::ptrdiff_t{j} * kRun);
      }
      for (int chunk = 0; chunk < chunks; ++chunk) {
        const Range part = slice_range(chunk, chunks, taps);
        gather_rows(windows, x, first, count, part, rows);
        for (int k = part.begin; k < part.end; k += kTileRows) {
          // The last tile of a chunk may hang over into the next chunk's rows: it goes through a whole tile of its own.
          const int present = std::min(kTileRows, part.end - k);
          for (int j = 0; j < filters; j += kTileColumns) {
            real* to = total + std::ptrdiff_t{k} * padded + j;
            if (present == kTileRows) {
              tile_of_columns(count, rows + (k - part.begin), kChunkStride, panels + std::ptrdiff_t{j} * kRun, kTileColumns, to,
                              padded, true);
              continue;
            }
            real whole[kTileRows * kTileColumns];
            tile_of_columns(count, rows + (k - part.begin), kChunkStride, panels + std::ptrdiff_t{j} * kRun, kTileColumns, whole,
                            kTileColumns, false);
            for (int i = 0; i < present; ++i) {
              map(kTileColumns, to + std::ptrdiff_t{i} * padded, whole + i * kTileColumns, to + std::ptrdiff_t{i} * padded,
                  [](Vec a, Vec b) { return a + b; });
            }
          }
        }
      }
    }
  });
  parallel_for(slices_of(taps), [&](int slice) {
    const Range range = slice_range(slice, slices_of(taps), taps);
    for (int k = range.begin; k < range.end; ++k) {
      real* to = dw + std::ptrdiff_t{k} * filters;
      copy(to, partial + std::ptrdiff_t{k} * padded, filters);
      for (int part = 1; part < slices; ++part) {
        map(filters, to, partial + part * part_size + std::ptrdiff_t{k} * padded, to, [](Vec a, Vec b) { return a + b; });
      }
    }
  });
}

namespace {

// Calls body(input index, output index, weight index) for every product of the defining sum.
template <class Body>
void each_product(const ConvolutionShape& s, int samples, Body body) {
  const Shape in = s.input, out = s.output;
  for (int n = 0; n < samples; ++n) {
    for (int oy = 0; oy < out.height; ++oy) {
      for (int ox = 0; ox < out.width; ++ox) {
        for (int ky = 0; ky < s.kernel; ++ky) {
          for (int kx = 0; kx < s.kernel; ++kx) {
            const int iy = oy * s.stride + ky - s.padding, ix = ox * s.stride + kx - s.padding;
            if (iy < 0 || iy >= in.height || ix < 0 || ix >= in.width) continue;
            for (int c = 0; c < in.channels; ++c) {
              for (int f = 0; f < s.filters; ++f) {
                body(((std::ptrdiff_t{n} * in.height + iy) * in.width + ix) * in.channels + c,
                     ((std::ptrdiff_t{n} * out.height + oy) * out.width + ox) * s.filters + f,
                     ((std::ptrdiff_t{ky} * s.kernel + kx) * in.channels + c) * s.filters + f);
              }
            }
          }
        }
      }
    }
  }
}

}  // namespace

void plain_convolution(const ConvolutionShape& s, int samples, const real* x, const real* w, const real* bias, real* y) {
  std::vector<double> total(static_cast<std::size_t>(samples) * s.output.size());
  each_product(s, samples, [&](auto i, auto o, auto k) { total[o] += static_cast<double>(x[i]) * w[k]; });
  for (std::size_t o = 0; o < total.size(); ++o) y[o] = static_cast<real>(total[o] + (bias ? bias[o % s.filters] : 0));
}

void plain_convolution_input_gradient(const ConvolutionShape& s, int samples, const real* dy, const real* w, real* dx) {
  std::vector<double> total(static_cast<std::size_t>(samples) * s.input.size());
  each_product(s, samples, [&](auto i, auto o, auto k) { total[i] += static_cast<double>(dy[o]) * w[k]; });
  for (std::size_t i = 0; i < total.size(); ++i) dx[i] = static_cast<real>(total[i]);
}

void plain_convolution_weight_gradient(const ConvolutionShape& s, int samples, const real* x, const real* dy, real* dw) {
  std::vector<double> total(static_cast<std::size_t>(s.taps()) * s.filters);
  each_product(s, samples, [&](auto i, auto o, auto k) { total[k] += static_cast<double>(x[i]) * dy[o]; });
  for (std::size_t k = 0; k < total.size(); ++k) dw[k] = static_cast<real>(total[k]);
}

}  // namespace trainground
