#include "convolution.h"

#include <algorithm>
#include <vector>

#include "../depth_first.h"
#include "windows.h"

namespace trainground {
namespace {

// Where the product of window (a,b) of a picture goes: (offset_y + a * step, offset_x + b * step) of pictures
// (height,width,columns).
struct Destination {
  int height, width, offset_y, offset_x, step;
};

std::ptrdiff_t packed_size(int taps, int columns) { return std::ptrdiff_t{taps} * round_up(columns, kTileColumns); }

// Panels (taps,8) of a matrix (taps,columns): row(k, column, count, to) gives `count` numbers of row k, from a column on.
template <class Row>
void pack_panels(int taps, int columns, real* packed, Row row) {
  const int panels = (columns + kTileColumns - 1) / kTileColumns;
  parallel_for(slices_of(panels), [&](int slice) {
    const Range mine = slice_range(slice, slices_of(panels), panels);
    for (int p = mine.begin; p < mine.end; ++p) {
      const int present = std::min(kTileColumns, columns - p * kTileColumns);
      real* to = packed + packed_size(taps, p * kTileColumns);
      for (int k = 0; k < taps; ++k, to += kTileColumns) {
        row(k, p * kTileColumns, present, to);
        for (int j = present; j < kTileColumns; ++j) to[j] = 0;
      }
    }
  });
}

// The strip of rows that lie `stride` numbers apart: strides that are known beforehand are a fifth faster.
void strip_of(int stride, int tiles, int depth, const real* a, const real* b, real* c, std::ptrdiff_t c_stride) {
  const auto strip = stride == 32    ? strip_of_rows<32>
                     : stride == 64  ? strip_of_rows<64>
                     : stride == 128 ? strip_of_rows<128>
                                     : nullptr;
  if (strip) return strip(tiles, depth, a, b, c, c_stride, false);
  strip_of_any_rows(tiles, depth, a, stride, b, c, c_stride);
}

// Pixels times weights: the rows of the product may be read and written where they lie, one behind the other.
bool in_place(const Windows& windows, int columns, int step) {
  return windows.are_pixels() && columns % kTileColumns == 0 && step == 1;
}

constexpr int kRowBlock = 64;  // pixels that share a panel of weights in the first cache

// The columns `part` of the product of `count` pixels, whole tiles of them.
void multiply_block(int channels, int count, const real* a, const real* packed, int columns, Range part, real* y,
                    Epilogue epilogue) {
  for (int j = part.begin; j < part.end; j += kTileColumns)
    strip_of(channels, count / kTileRows, channels, a, packed + packed_size(channels, j), y + j, columns);
  if (epilogue.bias) epilogue.bias += part.begin;
  finish_rows(count, part.end - part.begin, y + part.begin, columns, epilogue);
}

// block(first, count) for all pixels of a range, at least four: so many whole tiles from one on.
template <class Block>
void each_block(Range pixels, Block block) {
  const int rest = (pixels.end - pixels.begin) % kTileRows, end = pixels.end - rest;
  for (int first = pixels.begin; first < end; first += kRowBlock) block(first, std::min(kRowBlock, end - first));
  if (rest) block(pixels.end - kTileRows, kTileRows);  // a whole tile: some of its rows are made anew
}

// blocks: kRowBlock pixels for each slice, if x is normalized.
void multiply_pixels(const Windows& windows, int samples, const PixelInput& x, const real* packed, int columns, real* y,
                     const Epilogue& epilogue, real* blocks) {
  const int channels = windows.channels;
  const int each = windows.per_picture(), pixels = samples * each;
  // Few pixels by many weights: each thread takes some of the weights, since all of them together come from far away.
  if (samples < kSlices && threads() > 1 && pixels < columns && !x.normalized) {
    finish_loops();
    const int panels = columns / kTileColumns, slices = slices_of(panels);
    parallel_for(slices, [&](int slice) {
      const Range mine = slice_range(slice, slices, panels), part{mine.begin * kTileColumns, mine.end * kTileColumns};
      each_block({0, pixels}, [&](std::ptrdiff_t first, int count) {
        multiply_block(channels, count, x.numbers + first * channels, packed, columns, part, y + first * columns, epilogue);
      });
    });
    return;
  }
  for_rows(samples, {windows.grid_rows}, windows.grid_columns, kTileRows, each * std::max(channels, columns),
           [=](int slice, Range rows, bool) {
             each_block(rows, [&](std::ptrdiff_t first, int count) {
               const real* const a = x.read(first, count, channels, blocks + std::ptrdiff_t{slice} * kRowBlock * channels);
               multiply_block(channels, count, a, packed, columns, {0, columns}, y + first * columns, epilogue);
             });
           });
}

// Number i of picture p at to[4 * i + p]; pictures beyond those present are zero.
void lay_side_by_side(const real* pictures, int size, int present, real* to) {
  const auto put = [&](int i, auto lanes) {
    Vec r[kTileRows] = {};
    for (int p = 0; p < present; ++p) r[p] = load(pictures + std::ptrdiff_t{p} * size + i, lanes);
    transpose(r[0], r[1], r[2], r[3]);
    for (int k = 0; k < lanes.count; ++k) store(to + (std::ptrdiff_t{i} + k) * kTileRows, r[k]);
  };
  each_vector(size, put);
}

// The part of a window's side, `size` long from `start` on, that is inside a picture.
Range clipped(int start, int size, int limit) {
  const int begin = std::clamp(-start, 0, size);
  return {begin, std::clamp(limit - start, begin, size)};
}

// The windows of a row that are inside the picture from their first column to their last.
Range whole_windows(const Windows& windows) {
  const int step = windows.step, room = windows.width - windows.columns - windows.first_x;
  const int begin = std::min((std::max(0, -windows.first_x) + step - 1) / step, windows.grid_columns);
  return {begin, std::clamp(room < 0 ? 0 : room / step + 1, begin, windows.grid_columns)};
}

// Scratch of one slice: four pictures, and a row of windows' tiles.
std::ptrdiff_t block_size(const Windows& windows) {
  return kTileRows * std::ptrdiff_t{windows.picture_size()} + std::ptrdiff_t{windows.grid_columns} * kTileRows * kTileColumns;
}

// For every window of the batch: its product with the packed matrix (taps,columns). The four rows of a tile are the same window
// of four pictures that lie side by side: so a window needs no gathering, and what hangs over the edge is not multiplied.
void multiply_windows(const Windows& windows, int samples, const real* x, const real* packed, int columns, real* y,
                      const Destination& destination, const Epilogue& epilogue, real* blocks) {
  const int channels = windows.channels, run = windows.columns * channels, taps = windows.taps(), size = windows.picture_size();
  const std::ptrdiff_t right = std::ptrdiff_t{channels} * kTileRows, down = windows.width * right;
  const Range whole = whole_windows(windows);
  for_fours(samples, 1, std::max(size, destination.height * destination.width * columns), [=](int slice, Range part) {
    const Vec low = splat(epilogue.low), high = splat(epilogue.high);
    real* const pictures = blocks + slice * block_size(windows);
    real* const tiles = pictures + std::ptrdiff_t{kTileRows} * size;
    for (int first = part.begin; first < part.end; first += kTileRows) {
      const int present = std::min(kTileRows, part.end - first);
      lay_side_by_side(x + std::ptrdiff_t{first} * size, size, present, pictures);
      for (int a = 0; a < windows.grid_rows; ++a) {
        const int top = windows.first_y + a * windows.step;
        const Range rows = clipped(top, windows.rows, windows.height);
        for (int j = 0; j < columns; j += kTileColumns) {
          const auto multiply_row = [&](int b, int count) {
            const int left = windows.first_x + b * windows.step;
            const Range inside = clipped(left, windows.columns, windows.width);
            strip_of_windows(count, rows.end - rows.begin, (inside.end - inside.begin) * channels,
                             pictures + (top + rows.begin) * down + (left + inside.begin) * right, windows.step * right, down,
                             packed + packed_size(taps, j) + packed_size(rows.begin * run + inside.begin * channels, 1),
                             packed_size(run, 1), tiles + std::ptrdiff_t{b} * kTileRows * kTileColumns);
          };
          for (int b = 0; b < whole.begin; ++b) multiply_row(b, 1);
          multiply_row(whole.begin, whole.end - whole.begin);
          for (int b = whole.end; b < windows.grid_columns; ++b) multiply_row(b, 1);

          each_vector(std::min(kTileColumns, columns - j), [&](int c, auto lanes) {
            const Vec bias = epilogue.bias ? load(epilogue.bias + j + c, lanes) : splat(0);
            const std::ptrdiff_t to_y = destination.offset_y + a * destination.step;
            for (int p = 0; p < present; ++p) {
              const std::ptrdiff_t line = (std::ptrdiff_t{first} + p) * destination.height + to_y;
              real* to = y + (line * destination.width + destination.offset_x) * columns + j + c;
              const real* from = tiles + p * kTileColumns + c;
              for (int b = 0; b < windows.grid_columns; ++b) {
                store(to, clamp(load(from) + bias, low, high), lanes);
                from += kTileRows * kTileColumns, to += destination.step * columns;
              }
            }
          });
        }
      }
    }
  });
}

constexpr int kGathered = 16;  // windows that share a panel of weights in the first cache
// Numbers from one gathered window to the next: one that strips know beforehand, or no power of two.
int gathered_stride(int taps) { return taps <= 32 ? 32 : taps + kLanes; }

// The same for pictures too few to lie side by side or to be shared out: each window is gathered, with zeros over the edge, and
// four of a picture make a tile. The sums and their order are those of the other way.
void multiply_gathered(const Windows& windows, int samples, const real* x, const real* packed, int columns, real* y,
                       const Destination& destination, const Epilogue& epilogue, real* blocks) {
  const int channels = windows.channels, taps = windows.taps(), stride = gathered_stride(taps);
  const int each = windows.per_picture(), all = samples * each, slices = slices_of(all / kGathered);
  finish_loops();
  parallel_for(slices, [&](int slice) {
    const Range part = slice_range(slice, slices, all);
    real* const gathered = blocks + std::ptrdiff_t{slice} * kGathered * stride;
    for (int first = part.begin; first < part.end; first += kGathered) {
      const int count = std::min(kGathered, part.end - first);
      real* outputs[kGathered];
      for (int i = 0; i < count; ++i) {
        const int sample = (first + i) / each, a = (first + i) % each / windows.grid_columns,
                  b = (first + i) % windows.grid_columns;
        const int top = windows.first_y + a * windows.step, left = windows.first_x + b * windows.step;
        const Range down = clipped(top, windows.rows, windows.height), across = clipped(left, windows.columns, windows.width);
        real* const to = gathered + std::ptrdiff_t{i} * stride;
        fill(to, 0, taps);
        for (int row = down.begin; row < down.end; ++row) {
          const std::ptrdiff_t line = std::ptrdiff_t{sample} * windows.height + top + row;
          copy(to + (row * windows.columns + across.begin) * channels,
               x + (line * windows.width + left + across.begin) * channels, (across.end - across.begin) * channels);
        }
        const std::ptrdiff_t line = std::ptrdiff_t{sample} * destination.height + destination.offset_y + a * destination.step;
        outputs[i] = y + (line * destination.width + destination.offset_x + b * destination.step) * columns;
      }
      for (int j = 0; j < columns; j += kTileColumns) {
        real tiles[kGathered * kTileColumns];
        strip_of(stride, (count + kTileRows - 1) / kTileRows, taps, gathered, packed + packed_size(taps, j), tiles, kTileColumns);
        const int present = std::min(kTileColumns, columns - j);
        Epilogue mine = epilogue;
        if (mine.bias) mine.bias += j;
        finish_rows(count, present, tiles, kTileColumns, mine);
        for (int i = 0; i < count; ++i) copy(outputs[i] + j, tiles + i * kTileColumns, present);
      }
    }
  });
}

bool are_gathered(int samples) { return samples < kSlices; }

void multiply(const Windows& windows, int samples, const PixelInput& x, const real* packed, int columns, real* y,
              const Destination& destination, const Epilogue& epilogue, real* blocks) {
  if (in_place(windows, columns, destination.step))
    return multiply_pixels(windows, samples, x, packed, columns, y, epilogue, blocks);
  const auto multiply_them = are_gathered(samples) ? multiply_gathered : multiply_windows;
  multiply_them(windows, samples, x.numbers, packed, columns, y, destination, epilogue, blocks);
}
std::ptrdiff_t multiply_scratch(const Windows& windows, int samples, int columns, int step) {
  const std::ptrdiff_t packed = packed_size(windows.taps(), columns);
  if (in_place(windows, columns, step)) return packed + std::ptrdiff_t{kSlices} * kRowBlock * windows.channels;
  if (are_gathered(samples)) return packed + std::ptrdiff_t{kSlices} * kGathered * gathered_stride(windows.taps());
  return packed + slices_of((samples + kTileRows - 1) / kTileRows) * block_size(windows);
}

// One axis of the input gradient, for inputs i = first, first + stride, ...: the taps that reach them, and where dy's window
// begins.
struct Phase {
  int first, count;  // inputs
  int tap, taps;     // tap, tap + stride, ...
  int window;        // of dy, for input number 0
};
Phase phase_of(int index, int size, int before, const ConvolutionShape& s) {
  // Input i meets output o by tap t where i + before = o * stride + t.
  Phase phase;
  phase.first = index;
  phase.count = index < size ? (size - index + s.stride - 1) / s.stride : 0;
  phase.tap = (index + before) % s.stride;
  phase.taps = phase.tap < s.kernel ? (s.kernel - phase.tap + s.stride - 1) / s.stride : 0;
  phase.window = (index + before - phase.tap) / s.stride - (phase.taps - 1);
  return phase;
}

Phase row_phase(const ConvolutionShape& s, int index) { return phase_of(index, s.input.height, s.top, s); }
Phase column_phase(const ConvolutionShape& s, int index) { return phase_of(index, s.input.width, s.left, s); }

// The windows of dy that the inputs of one phase of each axis see.
Windows phase_windows(const ConvolutionShape& s, const Phase& rows, const Phase& columns) {
  return {s.output.height, s.output.width, s.filters,   rows.taps,      columns.taps,
          rows.count,      columns.count,  rows.window, columns.window, 1};
}

}  // namespace

ConvolutionShape ConvolutionShape::of(Shape input, int filters, int kernel, int stride, const Padding& padding) {
  ConvolutionShape shape{input, filters, kernel, stride, padding.top, padding.left, {1, 1, filters}};
  const auto windows = [&](int side, int behind, int& before) {
    if (!padding.same) return (side + before + behind - kernel) / stride + 1;
    const int count = (side - 1) / stride + 1, lacking = (count - 1) * stride + kernel - side;
    before = lacking > 0 ? lacking / 2 : 0;
    return count;
  };
  shape.output.height = windows(input.height, padding.bottom, shape.top);
  shape.output.width = windows(input.width, padding.right, shape.left);
  return shape;
}

bool convolution_reads_pixels(const ConvolutionShape& s) { return in_place(forward_windows(s), s.filters, 1); }

// Cold: compiled for size.
[[gnu::cold]] ConvolutionScratch convolution_scratch(const ConvolutionShape& s, int samples) {
  const std::ptrdiff_t forward = multiply_scratch(forward_windows(s), samples, s.filters, 1);
  std::ptrdiff_t input = 0;
  for (int row = 0; row < s.stride; ++row) {
    for (int column = 0; column < s.stride; ++column) {
      const Windows windows = phase_windows(s, row_phase(s, row), column_phase(s, column));
      input = std::max(input, multiply_scratch(windows, samples, s.input.channels, s.stride));
    }
  }
  return {static_cast<std::size_t>(std::max(forward, input)), weight_gradient_scratch(s, samples)};
}

std::size_t packed_weights_size(const ConvolutionShape& s) { return static_cast<std::size_t>(packed_size(s.taps(), s.filters)); }

void pack_weights(const ConvolutionShape& s, const real* w, real* packed) {
  pack_panels(s.taps(), s.filters, packed,
              [&](int k, int column, int count, real* to) { copy(to, w + std::ptrdiff_t{k} * s.filters + column, count); });
}

void convolution_by_packed(const ConvolutionShape& s, int samples, const PixelInput& x, const real* packed, real* y,
                           const Epilogue& epilogue, real* scratch) {
  multiply(forward_windows(s), samples, x, packed, s.filters, y, {s.output.height, s.output.width, 0, 0, 1}, epilogue, scratch);
}

void convolution(const ConvolutionShape& s, int samples, const PixelInput& x, const real* w, real* y, const Epilogue& epilogue,
                 real* scratch) {
  pack_weights(s, w, scratch);
  convolution_by_packed(s, samples, x, scratch, y, epilogue, scratch + packed_weights_size(s));
}

void convolution_input_gradient(const ConvolutionShape& s, int samples, const real* dy, const real* w, real* dx, real* scratch) {
  const int channels = s.input.channels;
  for (int row = 0; row < s.stride; ++row) {
    const Phase rows = row_phase(s, row);
    for (int column = 0; column < s.stride; ++column) {
      const Phase columns = column_phase(s, column);
      if (rows.count == 0 || columns.count == 0) continue;
      const Destination destination{s.input.height, s.input.width, rows.first, columns.first, s.stride};
      if (rows.taps == 0 || columns.taps == 0) {  // a stride longer than the filter: nothing reaches these inputs
        for_samples(samples, s.input.size(), [=](const Samples& part) {
          for (int n = part.begin; n < part.end; ++n) {
            for (int i = rows.first; i < s.input.height; i += s.stride) {
              for (int j = columns.first; j < s.input.width; j += s.stride) {
                fill(dx + ((std::ptrdiff_t{n} * s.input.height + i) * s.input.width + j) * channels, 0, channels);
              }
            }
          }
        });
        continue;
      }
      const Windows windows = phase_windows(s, rows, columns);
      // Outputs ascend along a window, so taps descend.
      pack_panels(windows.taps(), channels, scratch, [&](int k, int channel, int count, real* to) {
        const int filter = k % s.filters, j = k / s.filters % columns.taps, i = k / s.filters / columns.taps;
        const int ky = rows.tap + (rows.taps - 1 - i) * s.stride, kx = columns.tap + (columns.taps - 1 - j) * s.stride;
        const real* from = w + ((std::ptrdiff_t{ky} * s.kernel + kx) * channels + channel) * s.filters + filter;
        for (int c = 0; c < count; ++c) to[c] = from[std::ptrdiff_t{c} * s.filters];
      });
      multiply(windows, samples, dy, scratch, channels, dx, destination, {}, scratch + packed_size(windows.taps(), channels));
      if (s.stride > 1) finish_loops();  // the next phase packs its weights over these
    }
  }
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
            const int iy = oy * s.stride + ky - s.top, ix = ox * s.stride + kx - s.left;
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
