#include "convolution.h"

#include <algorithm>
#include <vector>

#include "../parallel.h"
#include "microkernel.h"

namespace trainground {
namespace {

constexpr int kRowBlock = 16;   // windows per buffer in the forward direction: they and one panel fit the first cache
constexpr int kRun = 128;       // windows per buffer in the weight gradient, where they are what is summed over
constexpr int kStripTiles = 8;  // there, tiles per strip: 32 taps of a run lie in 16 KB

// A grid of windows over pictures (height,width,channels): window (a,b) begins at (first_y + a * step, first_x + b * step), may
// hang over the edges, where the picture is zero, and lies in memory as `rows` runs of `columns * channels` numbers.
struct Windows {
  int height, width, channels;
  int rows, columns;            // of one window
  int grid_rows, grid_columns;  // of windows in one picture
  int first_y, first_x, step;
  int taps() const { return rows * columns * channels; }
  int per_picture() const { return grid_rows * grid_columns; }
  // The part of the plane that windows see.
  int seen_height() const { return (grid_rows - 1) * step + rows; }
  int seen_width() const { return (grid_columns - 1) * step + columns; }
  std::ptrdiff_t seen_size() const { return std::ptrdiff_t{seen_height()} * seen_width() * channels + kLanes; }
  // A 1x1 filter's windows are the pixels as they lie in memory: tiles of four read them there.
  bool are_pixels() const {
    return rows * columns == 1 && step == 1 && first_y == 0 && first_x == 0 && grid_rows == height && grid_columns == width &&
           per_picture() % kTileRows == 0 && channels % kTileRows == 0 && channels <= kChunk;
  }
};

// The strip of rows that lie `stride` numbers apart: strides that are known beforehand are a fifth faster.
decltype(&strip_of_rows<kChunkStride>) row_strip(int stride) {
  return stride == 32 ? strip_of_rows<32> : stride == 64 ? strip_of_rows<64> : stride == 128 ? strip_of_rows<128> : nullptr;
}

// One picture as windows see it, zeros around it: gathering then needs no branch, and may read a vector too far.
void frame(const Windows& windows, const real* picture, real* seen) {
  const int channels = windows.channels, width = windows.seen_width();
  const int from = std::clamp(-windows.first_x, 0, width), until = std::clamp(windows.width - windows.first_x, from, width);
  for (int row = 0; row < windows.seen_height(); ++row, seen += width * channels) {
    const int y = windows.first_y + row;
    if (y < 0 || y >= windows.height) {
      fill(seen, 0, width * channels);
      continue;
    }
    fill(seen, 0, from * channels);
    copy(seen + from * channels, picture + (std::ptrdiff_t{y} * windows.width + windows.first_x + from) * channels,
         (until - from) * channels);
    fill(seen + until * channels, 0, (width - until) * channels);
  }
  fill(seen, 0, kLanes);
}

// Whole windows whose runs are of at most 4 * kVectors numbers.
template <int kVectors>
void gather_short(const Windows& windows, const real* seen, int first, int count, real* to) {
  const int run = windows.columns * windows.channels, rows = windows.rows;
  const std::ptrdiff_t down = std::ptrdiff_t{windows.seen_width()} * windows.channels, right = windows.step * windows.channels;
  int b = first % windows.grid_columns;
  const real* line = seen + first / windows.grid_columns * windows.step * down;
  for (int i = 0; i < count; ++i, to += kChunkStride) {
    const real* from = line + b * right;
    real* out = to;
    for (int row = 0; row < rows; ++row, from += down, out += run) {
      for (int v = 0; v < kVectors; ++v) store(out + v * kLanes, load(from + v * kLanes));
    }
    if (++b == windows.grid_columns) b = 0, line += windows.step * down;
  }
}

// Numbers `part` of the windows first .. first+count-1 of a framed picture, each a row of kChunkStride numbers. Writes up to
// three numbers too many behind each run, which the next run or nobody looks at.
void gather(const Windows& windows, const real* seen, int first, int count, Range part, real* to) {
  const int run = windows.columns * windows.channels;
  if (part.begin == 0 && part.end == windows.taps()) {
    if (run <= 4) return gather_short<1>(windows, seen, first, count, to);
    if (run <= 8) return gather_short<2>(windows, seen, first, count, to);
    if (run <= 12) return gather_short<3>(windows, seen, first, count, to);
    if (run <= 16) return gather_short<4>(windows, seen, first, count, to);
  }
  const std::ptrdiff_t down = std::ptrdiff_t{windows.seen_width()} * windows.channels, right = windows.step * windows.channels;
  const int first_row = part.begin / run, last_row = (part.end - 1) / run;
  int b = first % windows.grid_columns;
  const real* line = seen + first / windows.grid_columns * windows.step * down;
  for (int i = 0; i < count; ++i, to += kChunkStride) {
    const real* from = line + b * right + first_row * down;
    for (int row = first_row; row <= last_row; ++row, from += down) {
      const int begin = std::max(part.begin - row * run, 0), end = std::min(part.end - row * run, run);
      real* out = to + row * run + begin - part.begin;
      for (int j = begin; j < end; j += kLanes, out += kLanes) store(out, load(from + j));
    }
    if (++b == windows.grid_columns) b = 0, line += windows.step * down;
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

std::ptrdiff_t block_size(const Windows& windows, int columns) {
  return windows.seen_size() + kRowBlock * kChunkStride + (kRowBlock + std::ptrdiff_t{1}) * round_up(columns, kTileColumns);
}

// For every window of the batch: its product with the packed matrix (taps,columns).
void multiply_windows(const Windows& windows, int samples, const real* x, const real* packed, int columns, real* y,
                      const Destination& destination, const Epilogue& epilogue, real* blocks) {
  const int taps = windows.taps(), panels = (columns + kTileColumns - 1) / kTileColumns, padded = panels * kTileColumns;
  const int chunks = chunks_of(taps), per_picture = windows.per_picture(), slices = slices_of(samples);
  const std::ptrdiff_t picture_size = std::ptrdiff_t{windows.height} * windows.width * windows.channels;
  const bool in_place = columns == padded && destination.step == 1;  // tiles may be written where they belong
  const auto pixel_strip = windows.are_pixels() ? row_strip(windows.channels) : nullptr;
  const auto strip = pixel_strip ? pixel_strip : strip_of_rows<kChunkStride>;
  const std::ptrdiff_t row_stride = pixel_strip ? windows.channels : kChunkStride;
  parallel_for(slices, [&](int slice) {
    const Range range = slice_range(slice, slices, samples);
    real* const rows = blocks + slice * block_size(windows, columns);
    real* const block = rows + std::ptrdiff_t{kRowBlock} * kChunkStride;
    real* const bias = block + std::ptrdiff_t{kRowBlock} * padded;
    real* const seen = bias + padded;
    Epilogue whole_panels = epilogue;
    if (epilogue.bias) {
      fill(bias, 0, padded);
      copy(bias, epilogue.bias, columns);
      whole_panels.bias = bias;
    }
    for (int n = range.begin; n < range.end; ++n) {
      if (!pixel_strip) frame(windows, x + n * picture_size, seen);
      real* const picture = y + std::ptrdiff_t{n} * destination.height * destination.width * columns;
      for (int first = 0; first < per_picture; first += kRowBlock) {
        const int count = std::min(kRowBlock, per_picture - first);
        const bool direct = in_place && count % kTileRows == 0;
        real* const out = direct ? picture + std::ptrdiff_t{first} * columns : block;
        const real* panel = packed;
        for (int chunk = 0; chunk < chunks; ++chunk) {
          const Range part = slice_range(chunk, chunks, taps);
          const int kc = part.end - part.begin;
          const real* a = pixel_strip ? x + n * picture_size + first * row_stride : rows;
          if (!pixel_strip) gather(windows, seen, first, count, part, rows);
          for (int p = 0; p < panels; ++p, panel += panel_stride(kc)) {
            strip((count + kTileRows - 1) / kTileRows, kc, a, panel, out + p * kTileColumns, padded, chunk > 0);
          }
        }
        finish_rows(count, padded, out, padded, whole_panels);
        if (direct) continue;
        for (int i = 0; i < count; ++i) {
          const int to_y = destination.offset_y + (first + i) / windows.grid_columns * destination.step;
          const int to_x = destination.offset_x + (first + i) % windows.grid_columns * destination.step;
          copy(picture + (std::ptrdiff_t{to_y} * destination.width + to_x) * columns, out + std::ptrdiff_t{i} * padded, columns);
        }
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

// The windows of dy that the inputs of one phase of each axis see.
Windows phase_windows(const ConvolutionShape& s, const Phase& rows, const Phase& columns) {
  return {s.output.height, s.output.width, s.filters,   rows.taps,      columns.taps,
          rows.count,      columns.count,  rows.window, columns.window, 1};
}

std::ptrdiff_t run_size(const ConvolutionShape& s) {
  return forward_windows(s).seen_size() + std::ptrdiff_t{kRun} * (kChunkStride + round_up(s.filters, kTileColumns));
}

}  // namespace

std::size_t convolution_scratch(const ConvolutionShape& s, int samples) {
  const int slices = slices_of(samples);
  const std::ptrdiff_t forward = packed_size(s.taps(), s.filters) + slices * block_size(forward_windows(s), s.filters);
  const Windows widest = phase_windows(s, phase_of(0, s.input.height, s), phase_of(0, s.input.width, s));
  // Any phase has at most as many inputs as the first, and at most this many taps.
  const int taps = (s.kernel + s.stride - 1) / s.stride;
  const std::ptrdiff_t seen = std::ptrdiff_t{widest.grid_rows + taps} * (widest.grid_columns + taps) * s.filters + kLanes;
  const std::ptrdiff_t input =
      packed_size(taps * taps * s.filters, s.input.channels) +
      slices * (seen + kRowBlock * kChunkStride + (kRowBlock + std::ptrdiff_t{1}) * round_up(s.input.channels, kTileColumns));
  const std::ptrdiff_t weight = slices * (partial_size(s) + run_size(s));
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
      const Windows windows = phase_windows(s, rows, columns);
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
  const std::ptrdiff_t part_size = partial_size(s);
  const bool in_place = filters == padded && taps <= kRun;  // packing dy pays where many taps share it
  const bool pixels = windows.are_pixels();
  const std::ptrdiff_t a_stride = pixels ? windows.channels : kChunkStride;
  real* const partial = scratch;
  real* const buffers = scratch + slices * part_size;
  parallel_for(slices, [&](int slice) {
    const Range range = slice_range(slice, slices, samples);
    real* const total = partial + slice * part_size;  // (taps, padded)
    real* const rows = buffers + slice * run_size(s);
    real* const panels = rows + std::ptrdiff_t{kRun} * kChunkStride;
    real* const seen = panels + std::ptrdiff_t{kRun} * padded;
    fill(total, 0, part_size);
    for (int n = range.begin; n < range.end; ++n) {
      if (!pixels) frame(windows, x + std::ptrdiff_t{n} * s.input.size(), seen);
      for (int first = 0; first < per_picture; first += kRun) {
        const int count = std::min(kRun, per_picture - first);
        const real* b = dy + (std::ptrdiff_t{n} * per_picture + first) * filters;
        if (!in_place) {
          for (int j = 0; j < filters; j += kTileColumns)
            pack_panel(count, b + j, filters, filters - j, panels + std::ptrdiff_t{j} * kRun);
          b = panels;
        }
        const std::ptrdiff_t b_stride = in_place ? filters : kTileColumns, b_panel = in_place ? 1 : kRun;
        for (int chunk = 0; chunk < chunks; ++chunk) {
          const Range part = slice_range(chunk, chunks, taps);
          const real* a = pixels ? x + (std::ptrdiff_t{n} * per_picture + first) * a_stride : rows;
          if (!pixels) gather(windows, seen, first, count, part, rows);
          // Where a chunk ends within a tile, that tile would hang over into the next chunk's rows: it goes through a whole one.
          const int tiles = (part.end - part.begin) / kTileRows, edge = part.begin + tiles * kTileRows;
          for (int first_tile = 0; first_tile < tiles; first_tile += kStripTiles) {
            const int k = part.begin + first_tile * kTileRows;
            for (int j = 0; j < filters; j += kTileColumns) {
              strip_of_columns(std::min(kStripTiles, tiles - first_tile), count, a + (k - part.begin), a_stride, kTileRows,
                               b + j * b_panel, b_stride, total + std::ptrdiff_t{k} * padded + j, padded, true);
            }
          }
          for (int j = 0; j < filters && edge < part.end; j += kTileColumns) {
            real whole[kTileRows * kTileColumns];
            strip_of_columns(1, count, a + (edge - part.begin), a_stride, 0, b + j * b_panel, b_stride, whole, kTileColumns,
                             false);
            for (int k = edge; k < part.end; ++k) {
              real* to = total + std::ptrdiff_t{k} * padded + j;
              map(kTileColumns, to, whole + (k - edge) * kTileColumns, to, [](Vec a, Vec b) { return a + b; });
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
