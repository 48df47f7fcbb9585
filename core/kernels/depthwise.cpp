#include "depthwise.h"

#include <algorithm>

#include "../parallel.h"
#include "vector.h"

namespace trainground {
namespace {

// The taps of one axis that fall inside the input for output o.
Range taps_inside(const ConvolutionShape& s, int o, int size) {
  const int start = o * s.stride - s.padding;
  return {std::clamp(-start, 0, s.kernel), std::clamp(size - start, 0, s.kernel)};
}

// The outputs of a row whose taps are all inside.
Range whole_outputs(const ConvolutionShape& s) {
  const int begin = std::min((s.padding + s.stride - 1) / s.stride, s.output.width);
  const int last = s.input.width - s.kernel + s.padding;
  return {begin, std::clamp(last < 0 ? 0 : last / s.stride + 1, begin, s.output.width)};
}

// Whether the output at an end of a row of 3x3 filters misses just the filter's first column, or just its last.
bool misses_one(const ConvolutionShape& s, int ox) {
  const Range columns = taps_inside(s, ox, s.input.width);
  return columns.end - columns.begin == 2;
}

// One output row of 3x3 filters: nine weights stay in registers while a vector of channels walks along the row. A row outside the
// picture is a row of zeros. Calls edge(ox) for the outputs at both ends.
template <class Lanes, class Edge>
void row_of_three(const ConvolutionShape& s, const real* const (&rows)[3], const real* w, Lanes lanes, Vec bias, real* out,
                  Edge edge) {
  const int channels = s.input.channels;
  const Range whole = whole_outputs(s);
  const Vec w0 = load(w, lanes), w1 = load(w + channels, lanes), w2 = load(w + 2 * channels, lanes);
  const Vec w3 = load(w + 3 * channels, lanes), w4 = load(w + 4 * channels, lanes), w5 = load(w + 5 * channels, lanes);
  const Vec w6 = load(w + 6 * channels, lanes), w7 = load(w + 7 * channels, lanes), w8 = load(w + 8 * channels, lanes);
  // An output that two columns of the filter reach, from input column ix on; v are their weights.
  const auto narrow = [&](int ox, int ix, Vec v0, Vec v1, Vec v2, Vec v3, Vec v4, Vec v5) {
    const std::ptrdiff_t from = std::ptrdiff_t{ix} * channels;
    const real *a = rows[0] + from, *b = rows[1] + from, *c = rows[2] + from;
    Vec total = splat(0) + v0 * load(a, lanes) + v1 * load(a + channels, lanes);
    total = total + v2 * load(b, lanes) + v3 * load(b + channels, lanes);
    total = total + v4 * load(c, lanes) + v5 * load(c + channels, lanes);
    store(out + std::ptrdiff_t{ox} * channels, total + bias, lanes);
  };
  for (int ox = 0; ox < whole.begin; ++ox) {
    if (misses_one(s, ox)) {
      narrow(ox, ox * s.stride - s.padding + 1, w1, w2, w4, w5, w7, w8);
    } else {
      edge(ox);
    }
  }
  const int step = s.stride * channels;
  std::ptrdiff_t at = std::ptrdiff_t{whole.begin * s.stride - s.padding} * channels;
  for (int ox = whole.begin; ox < whole.end; ++ox, at += step) {
    const real *a = rows[0] + at, *b = rows[1] + at, *c = rows[2] + at;
    Vec total = w0 * load(a, lanes) + w1 * load(a + channels, lanes) + w2 * load(a + 2 * channels, lanes);
    total += w3 * load(b, lanes) + w4 * load(b + channels, lanes) + w5 * load(b + 2 * channels, lanes);
    total += w6 * load(c, lanes) + w7 * load(c + channels, lanes) + w8 * load(c + 2 * channels, lanes);
    store(out + std::ptrdiff_t{ox} * channels, total + bias, lanes);
  }
  for (int ox = whole.end; ox < s.output.width; ++ox) {
    if (misses_one(s, ox)) {
      narrow(ox, ox * s.stride - s.padding, w0, w1, w3, w4, w6, w7);
    } else {
      edge(ox);
    }
  }
}

// The same for the weight gradient: nine sums in registers.
template <class Lanes>
void add_row_of_three(const ConvolutionShape& s, Range whole, const real* const (&rows)[3], const real* dy, Lanes lanes,
                      real* dw) {
  const int channels = s.input.channels;
  Vec t0 = splat(0), t1 = t0, t2 = t0, t3 = t0, t4 = t0, t5 = t0, t6 = t0, t7 = t0, t8 = t0;
  const int step = s.stride * channels;
  std::ptrdiff_t at = std::ptrdiff_t{whole.begin * s.stride - s.padding} * channels;
  for (int ox = whole.begin; ox < whole.end; ++ox, at += step) {
    const real *a = rows[0] + at, *b = rows[1] + at, *c = rows[2] + at;
    const Vec d = load(dy + std::ptrdiff_t{ox} * channels, lanes);
    t0 += d * load(a, lanes), t1 += d * load(a + channels, lanes), t2 += d * load(a + 2 * channels, lanes);
    t3 += d * load(b, lanes), t4 += d * load(b + channels, lanes), t5 += d * load(b + 2 * channels, lanes);
    t6 += d * load(c, lanes), t7 += d * load(c + channels, lanes), t8 += d * load(c + 2 * channels, lanes);
  }
  const Vec totals[9] = {t0, t1, t2, t3, t4, t5, t6, t7, t8};
  for (int t = 0; t < 9; ++t) store(dw + t * channels, load(dw + t * channels, lanes) + totals[t], lanes);
}

const real* row_of(const real* picture, int y, const Shape& shape, const real* zeros) {
  return y < 0 || y >= shape.height ? zeros : picture + std::ptrdiff_t{y} * shape.width * shape.channels;
}

// zeros: one row of the input.
void convolve(const ConvolutionShape& s, int samples, const real* x, const real* w, real* y, const Epilogue& epilogue,
              const real* zeros) {
  const int channels = s.input.channels, slices = slices_of(samples);
  Epilogue clamp_only = epilogue;
  clamp_only.bias = nullptr;
  parallel_for(slices, [&](int slice) {
    const Range range = slice_range(slice, slices, samples);
    for (int n = range.begin; n < range.end; ++n) {
      const real* picture = x + std::ptrdiff_t{n} * s.input.size();
      real* out = y + std::ptrdiff_t{n} * s.output.size();
      for (int oy = 0; oy < s.output.height; ++oy, out += s.output.width * channels) {
        const int top = oy * s.stride - s.padding;
        const Range inside = taps_inside(s, oy, s.input.height);
        each_vector(channels, [&](int c, auto lanes) {
          const Vec bias = epilogue.bias ? load(epilogue.bias + c, lanes) : splat(0);
          const auto one = [&](int ox) {
            const Range columns = taps_inside(s, ox, s.input.width);
            Vec total = splat(0);
            for (int ky = inside.begin; ky < inside.end; ++ky) {
              const real* from = picture + (std::ptrdiff_t{top + ky} * s.input.width + ox * s.stride - s.padding) * channels + c;
              const real* tap = w + ky * s.kernel * channels + c;
              for (int kx = columns.begin; kx < columns.end; ++kx)
                total += load(tap + kx * channels, lanes) * load(from + kx * channels, lanes);
            }
            store(out + std::ptrdiff_t{ox} * channels + c, total + bias, lanes);
          };
          if (s.kernel == 3) {
            const real* const rows[3] = {row_of(picture, top, s.input, zeros) + c, row_of(picture, top + 1, s.input, zeros) + c,
                                         row_of(picture, top + 2, s.input, zeros) + c};
            row_of_three(s, rows, w + c, lanes, bias, out + c, one);
          } else {
            for (int ox = 0; ox < s.output.width; ++ox) one(ox);
          }
        });
        finish_rows(s.output.width, channels, out, channels, clamp_only);  // the row is still in the first cache
      }
    }
  });
}

int filter_size(const ConvolutionShape& s) { return s.kernel * s.kernel * s.input.channels; }

}  // namespace

std::size_t depthwise_scratch(const ConvolutionShape& s, int samples) {
  const int row = std::max(s.input.width, s.output.width) * s.input.channels;
  return static_cast<std::size_t>(row) + static_cast<std::size_t>(slices_of(samples)) * filter_size(s);
}

void depthwise(const ConvolutionShape& s, int samples, const real* x, const real* w, real* y, const Epilogue& epilogue,
               real* scratch) {
  fill(scratch, 0, s.input.width * s.input.channels);
  convolve(s, samples, x, w, y, epilogue, scratch);
}

void depthwise_input_gradient(const ConvolutionShape& s, int samples, const real* dy, const real* w, real* dx, real* scratch) {
  const int channels = s.input.channels;
  if (s.stride == 1) {  // the same convolution, of dy by the filters turned around
    const int row = s.output.width * channels, taps = s.kernel * s.kernel;
    fill(scratch, 0, row);
    for (int t = 0; t < taps; ++t) copy(scratch + row + t * channels, w + (taps - 1 - t) * channels, channels);
    ConvolutionShape turned = s;
    std::swap(turned.input, turned.output);
    turned.padding = s.kernel - 1 - s.padding;
    return convolve(turned, samples, dy, scratch + row, dx, {}, scratch);
  }
  const int slices = slices_of(samples);
  parallel_for(slices, [&](int slice) {
    const Range range = slice_range(slice, slices, samples);
    for (int n = range.begin; n < range.end; ++n) {
      const real* from = dy + std::ptrdiff_t{n} * s.output.size();
      real* picture = dx + std::ptrdiff_t{n} * s.input.size();
      fill(picture, 0, s.input.size());
      for (int oy = 0; oy < s.output.height; ++oy) {
        const Range rows = taps_inside(s, oy, s.input.height);
        for (int ox = 0; ox < s.output.width; ++ox, from += channels) {
          const Range columns = taps_inside(s, ox, s.input.width);
          for (int ky = rows.begin; ky < rows.end; ++ky) {
            for (int kx = columns.begin; kx < columns.end; ++kx) {
              const int iy = oy * s.stride - s.padding + ky, ix = ox * s.stride - s.padding + kx;
              const real* tap = w + (ky * s.kernel + kx) * channels;
              real* to = picture + (std::ptrdiff_t{iy} * s.input.width + ix) * channels;
              each_vector(channels, [=](int c, auto lanes) {
                store(to + c, load(to + c, lanes) + load(from + c, lanes) * load(tap + c, lanes), lanes);
              });
            }
          }
        }
      }
    }
  });
}

void depthwise_weight_gradient(const ConvolutionShape& s, int samples, const real* x, const real* dy, real* dw, real* scratch) {
  const int channels = s.input.channels, slices = slices_of(samples), size = filter_size(s);
  real* const zeros = scratch;
  real* const parts = scratch + s.input.width * channels;
  fill(zeros, 0, s.input.width * channels);
  const Range whole = s.kernel == 3 ? whole_outputs(s) : Range{0, 0};
  parallel_for(slices, [&](int slice) {
    const Range range = slice_range(slice, slices, samples);
    real* const total = parts + std::ptrdiff_t{slice} * size;
    fill(total, 0, size);
    for (int n = range.begin; n < range.end; ++n) {
      const real* picture = x + std::ptrdiff_t{n} * s.input.size();
      const real* out = dy + std::ptrdiff_t{n} * s.output.size();
      for (int oy = 0; oy < s.output.height; ++oy, out += s.output.width * channels) {
        const int top = oy * s.stride - s.padding;
        const Range inside = taps_inside(s, oy, s.input.height);
        each_vector(channels, [&](int c, auto lanes) {
          const auto one = [&](int ox) {
            const Range columns = taps_inside(s, ox, s.input.width);
            const Vec d = load(out + std::ptrdiff_t{ox} * channels + c, lanes);
            for (int ky = inside.begin; ky < inside.end; ++ky) {
              const real* from = picture + (std::ptrdiff_t{top + ky} * s.input.width + ox * s.stride - s.padding) * channels + c;
              real* to = total + ky * s.kernel * channels + c;
              for (int kx = columns.begin; kx < columns.end; ++kx) {
                store(to + kx * channels, load(to + kx * channels, lanes) + d * load(from + kx * channels, lanes), lanes);
              }
            }
          };
          for (int ox = 0; ox < whole.begin; ++ox) one(ox);
          if (whole.end > whole.begin) {
            const real* const rows[3] = {row_of(picture, top, s.input, zeros) + c, row_of(picture, top + 1, s.input, zeros) + c,
                                         row_of(picture, top + 2, s.input, zeros) + c};
            add_row_of_three(s, whole, rows, out + c, lanes, total + c);
          }
          for (int ox = whole.end; ox < s.output.width; ++ox) one(ox);
        });
      }
    }
  });
  copy(dw, parts, size);
  for (int part = 1; part < slices; ++part) {
    map(size, dw, parts + std::ptrdiff_t{part} * size, dw, [](Vec a, Vec b) { return a + b; });
  }
}

}  // namespace trainground
