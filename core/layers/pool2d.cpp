#include "pool2d.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "../depth_first.h"
#include "../kernels/vector.h"

namespace trainground {
namespace {

ConvolutionShape pooling_shape(Shape input, const LayerOptions& options) {
  return ConvolutionShape::of(input, input.channels, options.pool_size, options.strides, options.padding);
}

// Calls body(output number, first row, first column, window rows, window columns) for every output pixel of a batch, slice by
// slice of samples; the window's ranges count from its first row and column and hold what is inside the picture.
template <class Start, class Body>
void each_window(const ConvolutionShape& s, int samples, Start start, Body body) {
  for_samples(samples, std::max(s.input.size(), s.output.size()), [=](const Samples& part) {
    for (int n = part.begin; n < part.end; ++n) {
      start(n);
      std::ptrdiff_t output = std::ptrdiff_t{n} * s.output.height * s.output.width;
      for (int oy = 0; oy < s.output.height; ++oy) {
        const int top = oy * s.stride - s.top;
        const Range rows{std::max(0, -top), std::min(s.kernel, s.input.height - top)};
        for (int ox = 0; ox < s.output.width; ++ox, ++output) {
          const int left = ox * s.stride - s.left;
          const Range columns{std::max(0, -left), std::min(s.kernel, s.input.width - left)};
          body(output, (std::ptrdiff_t{n} * s.input.height + top) * s.input.width + left, rows, columns);
        }
      }
    }
  });
}

void add_scaled(int channels, const real* from, real factor, real* to) {
  map(channels, to, from, to, [&](Vec a, Vec b) { return a + splat(factor) * b; });
}

}  // namespace

MaxPool2d::MaxPool2d(Shape input, const LayerOptions& options, int) : shape_(pooling_shape(input, options)) {
  assert(options.pool_size * options.pool_size <= 256);
  for (int row = 0; row < shape_.kernel; ++row) {
    for (int column = 0; column < shape_.kernel; ++column)
      offset_.push_back((std::ptrdiff_t{row} * input.width + column) * input.channels);
  }
}

bool MaxPool2d::tiles() const {
  const ConvolutionShape& s = shape_;
  return s.stride == s.kernel && s.top == 0 && s.left == 0 && s.input.height == s.output.height * s.kernel &&
         s.input.width == s.output.width * s.kernel;
}

std::ptrdiff_t MaxPool2d::words() const { return (shape_.input.channels + 4 * kLanes - 1) / (4 * kLanes) * kLanes; }

void MaxPool2d::prepare(const Pass& most) {
  winner_.resize(static_cast<std::size_t>(most.samples) * shape_.output.height * shape_.output.width * words());
}

void MaxPool2d::forward(const Pass& pass, const real* x, real* y) {
  const int channels = shape_.input.channels, width = shape_.input.width, kernel = shape_.kernel;
  each_window(
      shape_, pass.samples, [](int) {},
      [=, this](std::ptrdiff_t output, std::ptrdiff_t corner, Range rows, Range columns) {
        real* const out = y + output * channels;
        integer* const winner = winner_.data() + output * words();
        const real* const window = x + corner * channels;
        const bool square = kernel == 2 && rows.end - rows.begin == 2 && columns.end - columns.begin == 2;  // nearly always
        IntVec word{};
        each_vector(channels, [&](int c, auto lanes) {
          Vec best;
          IntVec place;
          const auto begin = [&](int number) {
            best = load(window + (std::ptrdiff_t{number / kernel} * width + number % kernel) * channels + c, lanes);
            place = splat_integer(number);
          };
          const auto compare = [&](const real* number, int its_place) {
            const Vec v = load(number + c, lanes);
            // What is not a number wins, and is not beaten.
            const IntVec wins = (v > best) | (v != v);
            best = select(wins, v, best);
            place = (wins & splat_integer(its_place)) | (~wins & place);
          };
          if (square) {
            begin(0);
            compare(window + channels, 1);
            compare(window + width * channels, 2);
            compare(window + (width + 1) * channels, 3);
          } else {
            begin(rows.begin * kernel + columns.begin);
            for (int row = rows.begin; row < rows.end; ++row) {
              for (int column = columns.begin; column < columns.end; ++column) {
                compare(window + (std::ptrdiff_t{row} * width + column) * channels, row * kernel + column);
              }
            }
          }
          store(out + c, best, lanes);
          const int quarter = c / kLanes % 4;
          word |= place << 8 * quarter;
          if (quarter == 3 || c + kLanes >= channels) {
            store(winner + c / (4 * kLanes) * kLanes, word);
            word = IntVec{};
          }
        });
      });
}

void MaxPool2d::backward(const Pass& pass, const real*, const real*, real* dy, real* dx) {
  if (!dx) return;
  const int channels = shape_.input.channels;
  if (tiles()) {  // each window writes its own numbers, winner or not
    return each_window(
        shape_, pass.samples, [](int) {},
        [=, this](std::ptrdiff_t output, std::ptrdiff_t corner, Range, Range) {
          const real* const in = dy + output * channels;
          const integer* const winner = winner_.data() + output * words();
          each_vector(channels, [&](int c, auto lanes) {
            const IntVec places = load(winner + c / (4 * kLanes) * kLanes) >> 8 * (c / kLanes % 4) & splat_integer(255);
            const Vec gradient = load(in + c, lanes);
            integer place = 0;
            for (const std::ptrdiff_t offset : offset_)
              store(dx + corner * channels + offset + c, select(places == splat_integer(place++), gradient, splat(0)), lanes);
          });
        });
  }
  const auto start = [=, this](int n) { fill(dx + std::ptrdiff_t{n} * shape_.input.size(), 0, shape_.input.size()); };
  each_window(shape_, pass.samples, start, [=, this](std::ptrdiff_t output, std::ptrdiff_t corner, Range, Range) {
    const real* const in = dy + output * channels;
    const integer* const winner = winner_.data() + output * words();
    real* const to = dx + corner * channels;
    for (int first = 0, word = 0; first < channels; first += 4 * kLanes) {
      for (int lane = 0; lane < kLanes; ++lane, ++word) {
        const auto places = static_cast<std::uint32_t>(winner[word]);
        for (int j = 0, c = first + lane; j < 4 && c < channels; ++j, c += kLanes) {
          to[offset_[places >> 8 * j & 255] + c] += in[c];
        }
      }
    }
  });
}

AveragePool2d::AveragePool2d(Shape input, const LayerOptions& options, int)
    : shape_(pooling_shape(input, options)), counts_padding_(!options.padding.same) {}

real AveragePool2d::share(Range rows, Range columns) const {
  return real{1} / (counts_padding_ ? shape_.kernel * shape_.kernel : (rows.end - rows.begin) * (columns.end - columns.begin));
}

void AveragePool2d::forward(const Pass& pass, const real* x, real* y) {
  const int channels = shape_.input.channels, width = shape_.input.width;
  each_window(
      shape_, pass.samples, [](int) {},
      [=, this](std::ptrdiff_t output, std::ptrdiff_t corner, Range rows, Range columns) {
        real* out = y + output * channels;
        fill(out, 0, channels);
        const real factor = share(rows, columns);
        for (int row = rows.begin; row < rows.end; ++row) {
          for (int column = columns.begin; column < columns.end; ++column) {
            add_scaled(channels, x + (corner + std::ptrdiff_t{row} * width + column) * channels, factor, out);
          }
        }
      });
}

void AveragePool2d::backward(const Pass& pass, const real*, const real*, real* dy, real* dx) {
  if (!dx) return;
  const int channels = shape_.input.channels, width = shape_.input.width;
  const auto start = [=, this](int n) { fill(dx + std::ptrdiff_t{n} * shape_.input.size(), 0, shape_.input.size()); };
  each_window(shape_, pass.samples, start, [=, this](std::ptrdiff_t output, std::ptrdiff_t corner, Range rows, Range columns) {
    const real factor = share(rows, columns);
    for (int row = rows.begin; row < rows.end; ++row) {
      for (int column = columns.begin; column < columns.end; ++column) {
        add_scaled(channels, dy + output * channels, factor, dx + (corner + std::ptrdiff_t{row} * width + column) * channels);
      }
    }
  });
}

GlobalAveragePool2d::GlobalAveragePool2d(Shape input, const LayerOptions&, int) : input_(input) {}

void GlobalAveragePool2d::forward(const Pass& pass, const real* x, real* y) {
  const int channels = input_.channels, pixels = input_.height * input_.width;
  for_samples(pass.samples, input_.size(), [=, this](const Samples& part) {
    for (int n = part.begin; n < part.end; ++n) {
      real* out = y + std::ptrdiff_t{n} * channels;
      const real* from = x + std::ptrdiff_t{n} * input_.size();
      fill(out, 0, channels);
      for (int pixel = 0; pixel < pixels; ++pixel) add_scaled(channels, from + std::ptrdiff_t{pixel} * channels, 1, out);
      map(channels, out, out, [&](Vec v) { return v * splat(real{1} / pixels); });
    }
  });
}

void GlobalAveragePool2d::backward(const Pass& pass, const real*, const real*, real* dy, real* dx) {
  if (!dx) return;
  const int channels = input_.channels, pixels = input_.height * input_.width;
  for_samples(pass.samples, input_.size(), [=, this](const Samples& part) {
    for (int n = part.begin; n < part.end; ++n) {
      real* to = dx + std::ptrdiff_t{n} * input_.size();
      map(channels, dy + std::ptrdiff_t{n} * channels, to, [&](Vec v) { return v * splat(real{1} / pixels); });
      for (int pixel = 1; pixel < pixels; ++pixel) copy(to + std::ptrdiff_t{pixel} * channels, to, channels);
    }
  });
}

}  // namespace trainground
