#include "depthwise.h"

#include <algorithm>

#include "../parallel.h"
#include "vector.h"

namespace trainground {
namespace {

// total[c] += a[c] * b[c]
void add_products(int channels, const real* a, const real* b, real* total) {
  int c = 0;
  for (; c + kLanes <= channels; c += kLanes) store(total + c, load(total + c) + load(a + c) * load(b + c));
  for (; c < channels; ++c) total[c] += a[c] * b[c];
}

// The taps of one axis that fall inside the input for output o.
Range taps_inside(const ConvolutionShape& s, int o, int size) {
  const int start = o * s.stride - s.padding;
  return {std::max(0, -start), std::min(s.kernel, size - start)};
}

}  // namespace

std::size_t depthwise_scratch(const ConvolutionShape& s, int samples) {
  return static_cast<std::size_t>(slices_of(samples)) * s.kernel * s.kernel * s.input.channels;
}

void depthwise(const ConvolutionShape& s, int samples, const real* x, const real* w, real* y, const Epilogue& epilogue) {
  const int channels = s.input.channels, slices = slices_of(samples);
  parallel_for(slices, [&](int slice) {
    const Range range = slice_range(slice, slices, samples);
    for (int n = range.begin; n < range.end; ++n) {
      const real* picture = x + std::ptrdiff_t{n} * s.input.size();
      real* out = y + std::ptrdiff_t{n} * s.output.size();
      for (int oy = 0; oy < s.output.height; ++oy) {
        const Range rows = taps_inside(s, oy, s.input.height);
        for (int ox = 0; ox < s.output.width; ++ox, out += channels) {
          const Range columns = taps_inside(s, ox, s.input.width);
          fill(out, 0, channels);
          for (int ky = rows.begin; ky < rows.end; ++ky) {
            const int iy = oy * s.stride - s.padding + ky;
            for (int kx = columns.begin; kx < columns.end; ++kx) {
              const int ix = ox * s.stride - s.padding + kx;
              add_products(channels, picture + (std::ptrdiff_t{iy} * s.input.width + ix) * channels,
                           w + (std::ptrdiff_t{ky} * s.kernel + kx) * channels, out);
            }
          }
          finish_rows(1, channels, out, channels, epilogue);
        }
      }
    }
  });
}

void depthwise_input_gradient(const ConvolutionShape& s, int samples, const real* dy, const real* w, real* dx) {
  const int channels = s.input.channels, slices = slices_of(samples);
  parallel_for(slices, [&](int slice) {
    const Range range = slice_range(slice, slices, samples);
    for (int n = range.begin; n < range.end; ++n) {
      const real* in = dy + std::ptrdiff_t{n} * s.output.size();
      real* picture = dx + std::ptrdiff_t{n} * s.input.size();
      fill(picture, 0, s.input.size());
      for (int oy = 0; oy < s.output.height; ++oy) {
        const Range rows = taps_inside(s, oy, s.input.height);
        for (int ox = 0; ox < s.output.width; ++ox, in += channels) {
          const Range columns = taps_inside(s, ox, s.input.width);
          for (int ky = rows.begin; ky < rows.end; ++ky) {
            const int iy = oy * s.stride - s.padding + ky;
            for (int kx = columns.begin; kx < columns.end; ++kx) {
              const int ix = ox * s.stride - s.padding + kx;
              add_products(channels, in, w + (std::ptrdiff_t{ky} * s.kernel + kx) * channels,
                           picture + (std::ptrdiff_t{iy} * s.input.width + ix) * channels);
            }
          }
        }
      }
    }
  });
}

void depthwise_weight_gradient(const ConvolutionShape& s, int samples, const real* x, const real* dy, real* dw, real* scratch) {
  const int channels = s.input.channels, slices = slices_of(samples), size = s.kernel * s.kernel * channels;
  parallel_for(slices, [&](int slice) {
    const Range range = slice_range(slice, slices, samples);
    real* const total = scratch + std::ptrdiff_t{slice} * size;
    fill(total, 0, size);
    for (int n = range.begin; n < range.end; ++n) {
      const real* picture = x + std::ptrdiff_t{n} * s.input.size();
      const real* out = dy + std::ptrdiff_t{n} * s.output.size();
      for (int oy = 0; oy < s.output.height; ++oy) {
        const Range rows = taps_inside(s, oy, s.input.height);
        for (int ox = 0; ox < s.output.width; ++ox, out += channels) {
          const Range columns = taps_inside(s, ox, s.input.width);
          for (int ky = rows.begin; ky < rows.end; ++ky) {
            const int iy = oy * s.stride - s.padding + ky;
            for (int kx = columns.begin; kx < columns.end; ++kx) {
              const int ix = ox * s.stride - s.padding + kx;
              add_products(channels, picture + (std::ptrdiff_t{iy} * s.input.width + ix) * channels, out,
                           total + (std::ptrdiff_t{ky} * s.kernel + kx) * channels);
            }
          }
        }
      }
    }
  });
  copy(dw, scratch, size);
  for (int part = 1; part < slices; ++part) {
    map(size, dw, scratch + std::ptrdiff_t{part} * size, dw, [](Vec a, Vec b) { return a + b; });
  }
}

}  // namespace trainground
