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

// A 3x3 filter for a vector of channels, in registers.
struct Nine {
  Vec w[9];
  template <class Lanes>
  Nine(const real* from, int channels, Lanes lanes) {
    for (int t = 0; t < 9; ++t) w[t] = load(from + t * channels, lanes);
  }
  // One column of the filter, on one column of the picture.
  Vec column(int kx, Vec a, Vec b, Vec c) const { return w[kx] * a + w[3 + kx] * b + w[6 + kx] * c; }
};

// One output row of 3x3 filters of stride 1. A vector of channels walks along the row; each column of the picture is read once
// and joins the three outputs that it reaches, two of which wait in registers. A row outside the picture is a row of zeros.
template <class Lanes>
[[gnu::noinline]] void row_of_three(const ConvolutionShape& s, const real* const (&rows)[3], const real* filter, Lanes lanes,
                                    Vec bias, real* out) {
  const int channels = s.input.channels, width = s.input.width;
  const Nine w(filter, channels, lanes);
  Vec next = splat(0), after = next;
  const auto column = [&](Vec a, Vec b, Vec c) {
    const Vec done = next + w.column(2, a, b, c);
    next = after + w.column(1, a, b, c);
    after = w.column(0, a, b, c);
    return done + bias;
  };
  const real *a = rows[0], *b = rows[1], *c = rows[2];
  int ix = 0;
  const auto read = [&] {
    const Vec done = column(load(a, lanes), load(b, lanes), load(c, lanes));
    a += channels, b += channels, c += channels;
    return done;
  };
  for (; ix < std::min(2 - s.padding, width); ++ix) read();
  for (; ix < width; ++ix, out += channels) store(out, read(), lanes);
  for (; ix < s.output.width + 2 - s.padding; ++ix, out += channels) store(out, column(splat(0), splat(0), splat(0)), lanes);
}

// The same for the weight gradient: nine sums in registers.
template <class Lanes>
[[gnu::noinline]] void add_row_of_three(const ConvolutionShape& s, const real* const (&rows)[3], const real* dy, Lanes lanes,
                                        real* dw) {
  const int channels = s.input.channels, width = s.input.width;
  Vec t0 = splat(0), t1 = t0, t2 = t0, t3 = t0, t4 = t0, t5 = t0, t6 = t0, t7 = t0, t8 = t0;
  const real *a = rows[0], *b = rows[1], *c = rows[2];
  // dy where the filter's columns 0, 1 and 2 meet this column of the picture.
  Vec d0 = t0, d1 = t0, d2 = t0;
  const auto column = [&](Vec d) {
    d2 = d1, d1 = d0, d0 = d;
    const Vec x0 = load(a, lanes), x1 = load(b, lanes), x2 = load(c, lanes);
    t0 += x0 * d0, t1 += x0 * d1, t2 += x0 * d2;
    t3 += x1 * d0, t4 += x1 * d1, t5 += x1 * d2;
    t6 += x2 * d0, t7 += x2 * d1, t8 += x2 * d2;
    a += channels, b += channels, c += channels;
  };
  int ox = 0;
  for (; ox < std::min(s.padding, s.output.width); ++ox, dy += channels) d1 = d0, d0 = load(dy, lanes);
  const int end = std::min(width, s.output.width - s.padding);
  int ix = 0;
  for (; ix < end; ++ix, dy += channels) column(load(dy, lanes));
  for (; ix < width; ++ix) column(splat(0));
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
          if (s.kernel == 3 && s.stride == 1) {
            const real* const rows[3] = {row_of(picture, top, s.input, zeros) + c, row_of(picture, top + 1, s.input, zeros) + c,
                                         row_of(picture, top + 2, s.input, zeros) + c};
            row_of_three(s, rows, w + c, lanes, bias, out + c);
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
          if (s.kernel == 3 && s.stride == 1) {
            const real* const rows[3] = {row_of(picture, top, s.input, zeros) + c, row_of(picture, top + 1, s.input, zeros) + c,
                                         row_of(picture, top + 2, s.input, zeros) + c};
            add_row_of_three(s, rows, out + c, lanes, total + c);
          } else {
            for (int ox = 0; ox < s.output.width; ++ox) one(ox);
          }
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
