#include "depthwise.h"

#include <algorithm>
#include <type_traits>

#include "../depth_first.h"
#include "depthwise_rows.h"

namespace trainground {
namespace {

int row_size(const ConvolutionShape& s) { return std::max(s.input.width, s.output.width) * s.input.channels; }
// Rows that each slice keeps, of what is normalized while it is read.
std::ptrdiff_t kept_size(const ConvolutionShape& s) { return std::ptrdiff_t{s.kernel} * s.input.width * s.input.channels; }

// scratch: a row for zeros, and kept_size() for each slice if x is normalized.
void convolve(const ConvolutionShape& s, int samples, const PixelInput& x, const real* w, real* y, const Epilogue& epilogue,
              real* scratch) {
  const int walk = walk_of(s);
  real *const zeros = scratch, *const kept = scratch + row_size(s);
  fill(zeros, 0, row_size(s));
  const ByRows by{s.output.height, s.stride, s.kernel - s.top - s.stride};
  for_rows(samples, by, 1, 1, std::max(s.input.size(), s.output.size()), [=](int slice, Range rows, bool goes_on) {
    const int channels = s.input.channels;
    Epilogue clamp_only = epilogue;
    clamp_only.bias = nullptr;
    Lines lines(s, x, zeros, kept + slice * kept_size(s), goes_on);
    for (int row = rows.begin; row < rows.end; ++row) {
      const int oy = row % s.output.height;
      real* out = y + std::ptrdiff_t{row} * s.output.width * channels;
      lines.read(row / s.output.height, oy);
      const auto bias_of = [&](int c) { return epilogue.bias ? epilogue.bias + c : nullptr; };
      int done = 0;
      for (; !walk && done + kTogether * kLanes <= channels; done += kTogether * kLanes)
        row_of_line(s, lines, oy, done, w + done, bias_of(done), out + done);
      each_vector(channels - done, [&](int rest, auto lanes) {
        const int c = done + rest;
        if constexpr (is_whole<decltype(lanes)>) {
          const Vec bias = epilogue.bias ? load(epilogue.bias + c) : splat(0);
          if (walk == 1) return row_of_three(s, lines, c, w + c, bias, out + c);
          if (walk == 2) return row_of_three_by_two(s, lines, c, w + c, bias, out + c);
        }
        row_of_windows<1>(s, lines, oy, c, w + c, bias_of(c), out + c, {0, s.output.width}, lanes);
      });
      finish_rows(s.output.width, channels, out, channels, clamp_only);  // the row is still in the first cache
    }
  });
}

int filter_size(const ConvolutionShape& s) { return s.kernel * s.kernel * s.input.channels; }

}  // namespace

std::size_t depthwise_scratch(const ConvolutionShape& s, int samples) {
  return static_cast<std::size_t>(row_size(s) + kSlices * kept_size(s) + std::ptrdiff_t{slices_of(samples)} * filter_size(s));
}

void depthwise(const ConvolutionShape& s, int samples, const PixelInput& x, const real* w, real* y, const Epilogue& epilogue,
               real* scratch) {
  convolve(s, samples, x, w, y, epilogue, scratch);
}

void depthwise_input_gradient(const ConvolutionShape& s, int samples, const real* dy, const real* w, real* dx, real* scratch) {
  const int channels = s.input.channels;
  if (s.stride == 1) {  // the same convolution, of dy by the filters turned around
    const int taps = s.kernel * s.kernel;
    real* const filters = scratch + row_size(s);
    for (int t = 0; t < taps; ++t) copy(filters + t * channels, w + (taps - 1 - t) * channels, channels);
    ConvolutionShape turned = s;
    std::swap(turned.input, turned.output);
    turned.top = s.kernel - 1 - s.top, turned.left = s.kernel - 1 - s.left;
    return convolve(turned, samples, dy, filters, dx, {}, scratch);
  }
  const ByRows by{s.input.height, 1, s.top + s.stride - 1, s.stride};
  for_rows(samples, by, 1, 1, std::max(s.input.size(), s.output.size()), [=](int, Range rows, bool) {
    for (int row = rows.begin; row < rows.end; ++row) {
      const int n = row / s.input.height, iy = row % s.input.height;
      const real* picture = dy + std::ptrdiff_t{n} * s.output.size();
      real* const out = dx + std::ptrdiff_t{row} * s.input.width * channels;
      int done = 0;
      for (; done + kTogether * kLanes <= channels; done += kTogether * kLanes)
        row_of_gradients<kTogether>(s, picture, iy, done, w, out, Whole{});
      each_vector(channels - done, [&](int c, auto lanes) { row_of_gradients<1>(s, picture, iy, done + c, w, out, lanes); });
    }
  });
}

void depthwise_weight_gradient(const ConvolutionShape& s, int samples, const PixelInput& x, const real* dy, real* dw,
                               real* scratch) {
  const int channels = s.input.channels, slices = slices_of(samples), size = filter_size(s), walk = walk_of(s);
  real *const zeros = scratch, *const kept = scratch + row_size(s), *const parts = kept + kSlices * kept_size(s);
  fill(zeros, 0, row_size(s));
  const auto add = [=](const Samples& part) {
    real* const total = parts + std::ptrdiff_t{part.slice} * size;
    if (part.first) fill(total, 0, size);
    Lines lines(s, x, zeros, kept + part.slice * kept_size(s), part.rows.begin > 0);
    for (int n = part.begin; n < part.end; ++n) {
      for (int oy = part.rows.begin; oy < part.rows.end; ++oy) {
        const real* out = dy + (std::ptrdiff_t{n} * s.output.height + oy) * s.output.width * channels;
        lines.read(n, oy);
        int done = 0;
        if (!walk) {
          for (; done + kTogether * kLanes <= channels; done += kTogether * kLanes)
            add_row_of_windows<kTogether>(s, lines, oy, done, out, total, Whole{});
        }
        each_vector(channels - done, [&](int rest, auto lanes) {
          const int c = done + rest;
          if constexpr (is_whole<decltype(lanes)>) {
            if (walk == 1) return add_row_of_three(s, lines, c, out + c, total + c);
            if (walk == 2) return add_row_of_three_by_two(s, lines, c, out + c, total + c);
          }
          add_row_of_windows<1>(s, lines, oy, c, out, total, lanes);
        });
      }
    }
  };
  for_samples(samples, std::max(s.input.size(), s.output.size()), add, {s.output.height});
  after_loops([=] {
    copy(dw, parts, size);
    for (int slice = 1; slice < slices; ++slice) {
      map(size, dw, parts + std::ptrdiff_t{slice} * size, dw, [](Vec a, Vec b) { return a + b; });
    }
  });
}

}  // namespace trainground
