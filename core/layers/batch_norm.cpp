#include "batch_norm.h"

#include <algorithm>
#include <cmath>

#include "../depth_first.h"
#include "../kernels/vector.h"

namespace trainground {
namespace {

constexpr int kBlock = 64;  // pixels summed in `real` before they join the totals in double

Parameter channel_parameter(const char* name, int channels, bool learned, bool trainable) {
  Parameter parameter;
  parameter.name = name;
  parameter.shape = parameter.torch_shape = {channels};
  parameter.learned = learned;
  parameter.trainable = trainable;
  return parameter;
}

int blocks_size(int channels) { return kSlices * 4 * channels; }

// A slice's block of pixels on its way: for each channel the sums of term's two numbers, of even and of odd pixels, since one sum
// would wait for itself.
struct Block {
  real* sums;  // (4, C): even, odd of the first number; even, odd of the second
  int channels;
  Block(real* blocks, int slice, int channels) : sums(blocks + std::ptrdiff_t{slice} * 4 * channels), channels(channels) {}

  void clear() const { fill(sums, 0, 4 * channels); }
  // Into the totals (2, C).
  void join(double* total) const {
    for (int c = 0; c < channels; ++c) {
      total[c] += sums[c] + sums[channels + c];
      total[channels + c] += sums[2 * channels + c] + sums[3 * channels + c];
    }
    clear();
  }
};

// partial (slices, 2, C) = for each channel the sums over a slice's pixels of term's two numbers; term(at, origin, c, lanes,
// first, second), with `at` and `origin` the places of number c of the pixel and of the slice's first one, adds to first and
// second. Pixels join in blocks whatever parts the slice comes in. blocks: blocks_size(C) numbers of scratch.
template <class Term>
void sum_pixels(int samples, Shape shape, double* partial, real* blocks, Term term) {
  const int channels = shape.channels;
  const auto add = [=](const Samples& part) {
    const Block block(blocks, part.slice, channels);
    double* const total = partial + std::ptrdiff_t{part.slice} * 2 * channels;
    if (part.first) std::fill_n(total, 2 * channels, 0.0), block.clear();
    const int origin = slice_range(part.slice, slices_of(samples), samples).begin * shape.height * shape.width;
    const std::ptrdiff_t start = std::ptrdiff_t{origin} * channels;
    const Range pixels = part.items(shape.height, shape.width);
    for (int pixel = pixels.begin; pixel < pixels.end;) {
      const int from = (pixel - origin) % kBlock, until = std::min(kBlock, from + pixels.end - pixel);
      each_vector(channels, [&](int c, auto lanes) {
        real *const first = block.sums + c, *const second = first + 2 * channels;
        Vec a[2] = {load(first, lanes), load(first + channels, lanes)};
        Vec b[2] = {load(second, lanes), load(second + channels, lanes)};
        std::ptrdiff_t at = std::ptrdiff_t{pixel - from % 2} * channels + c;
        for (int i = from - from % 2; i < until; i += 2, at += 2 * channels) {
          if (i >= from) term(at, start + c, c, lanes, a[0], b[0]);
          if (i + 1 < until) term(at + channels, start + c, c, lanes, a[1], b[1]);
        }
        store(first, a[0], lanes), store(first + channels, a[1], lanes);
        store(second, b[0], lanes), store(second + channels, b[1], lanes);
      });
      pixel += until - from;
      if (until == kBlock) block.join(total);
    }
  };
  for_samples(samples, shape.size(), add, {shape.height});
}

// Adds what is left in the slices' blocks.
void end_sums(int samples, int channels, double* partial, real* blocks) {
  finish_loops();
  for (int slice = 0; slice < slices_of(samples); ++slice)
    Block(blocks, slice, channels).join(partial + std::ptrdiff_t{slice} * 2 * channels);
}

}  // namespace

// Cold, here and below, is what runs once a pass or less: it is compiled for size.
[[gnu::cold]] BatchNorm::BatchNorm(Shape input, const LayerOptions& options, int)
    : shape_(input),
      keep_(options.momentum),
      epsilon_(options.epsilon),
      weight_(channel_parameter("weight", input.channels, true, options.trainable)),
      bias_(channel_parameter("bias", input.channels, true, options.trainable)),
      running_mean_(channel_parameter("running_mean", input.channels, false, options.trainable)),
      running_var_(channel_parameter("running_var", input.channels, false, options.trainable)),
      activation_(options),
      clamps_(options.activation == Activation::relu || options.activation == Activation::relu6),
      linear_(options.activation == Activation::linear) {
  for (Buffer<real>* buffer : {&mean_, &inverse_, &scale_, &by_x_, &constant_}) buffer->resize(input.channels);
  partial_.resize(static_cast<std::size_t>(kSlices) * 2 * input.channels);
}

void BatchNorm::prepare(const Pass& most) { activation_.prepare(static_cast<std::size_t>(most.samples) * shape_.size()); }

std::size_t BatchNorm::scratch(const Pass&) const { return static_cast<std::size_t>(blocks_size(shape_.channels)); }

// Sets mean_ and inverse_, and moves the kept statistics.
[[gnu::cold]] void BatchNorm::measure(const Pass& pass, const real* x) {
  const int channels = shape_.channels, slices = slices_of(pass.samples);
  const double pixels = static_cast<double>(shape_.height) * shape_.width, count = pass.samples * pixels;
  real* blocks = pass.workspace->take(scratch(pass));
  // Distances from the slice's first pixel, not from 0: where the mean is large against the deviation, squares would cancel.
  sum_pixels(pass.samples, shape_, partial_.data(), blocks,
             [=](std::ptrdiff_t at, std::ptrdiff_t origin, int, auto lanes, Vec& first, Vec& second) {
               const Vec d = load(x + at, lanes) - load(x + origin, lanes);
               first += d;
               second += d * d;
             });
  end_sums(pass.samples, channels, partial_.data(), blocks);
  for (int c = 0; c < channels; ++c) {
    double distance = 0, squares = 0;  // from the batch's first pixel
    for (int slice = 0; slice < slices; ++slice) {
      const double *s1 = partial_.data() + std::ptrdiff_t{slice} * 2 * channels + c, *s2 = s1 + channels;
      const Range range = slice_range(slice, slices, pass.samples);
      const double m = (range.end - range.begin) * pixels;
      const double shift = static_cast<double>(x[std::ptrdiff_t{range.begin} * shape_.size() + c]) - x[c];
      distance += *s1 + m * shift;
      squares += *s2 + shift * (2 * *s1 + m * shift);
    }
    distance /= count;
    const double variance = std::max(0.0, squares / count - distance * distance);
    mean_[c] = static_cast<real>(x[c] + distance);
    inverse_[c] = static_cast<real>(1 / std::sqrt(variance + epsilon_));
    running_mean_.value[c] = static_cast<real>(keep_ * running_mean_.value[c] + (1 - keep_) * (x[c] + distance));
    running_var_.value[c] =
        static_cast<real>(keep_ * running_var_.value[c] + (1 - keep_) * variance * count / std::max(1.0, count - 1));
  }
  pass.workspace->free();
}

[[gnu::cold]] void BatchNorm::take_kept() {
  for (int c = 0; c < shape_.channels; ++c) {
    mean_[c] = running_mean_.value[c];
    inverse_[c] = static_cast<real>(1 / std::sqrt(static_cast<double>(running_var_.value[c]) + epsilon_));
  }
}

[[gnu::cold]] void BatchNorm::fold_into(WeightedLayer& before) {
  before_ = &before;
  folded_.resize(before.weight().count() + shape_.channels);
}

// gamma inverse (x W + b - mean) + beta = x (gamma inverse W) + (gamma inverse (b - mean) + beta)
[[gnu::cold]] void BatchNorm::fold() {
  take_kept();
  const int channels = shape_.channels;
  const real *weight = before_->weight().value, *bias = before_->bias();
  const std::size_t count = before_->weight().count();
  real* const shift = folded_.data() + count;
  for (int c = 0; c < channels; ++c) {
    scale_[c] = weight_.value[c] * inverse_[c];
    shift[c] = scale_[c] * ((bias ? bias[c] : 0) - mean_[c]) + bias_.value[c];
  }
  const int rows = static_cast<int>(count / channels), slices = slices_of(rows);
  parallel_for(slices, [&](int slice) {
    const Range mine = slice_range(slice, slices, rows);
    for (std::ptrdiff_t i = std::ptrdiff_t{mine.begin} * channels; i < std::ptrdiff_t{mine.end} * channels; i += channels)
      map(channels, weight + i, scale_.data(), folded_.data() + i, [](Vec a, Vec b) { return a * b; });
  });
}

void BatchNorm::forward_folded(const Pass& pass, const PixelInput& x, real* y) {
  if (!pass.weights_version || folded_version_ != pass.weights_version) fold();
  folded_version_ = pass.weights_version;
  before_->forward_as(pass, x, folded_.data(), folded_.data() + before_->weight().count(), activation_, y);
}

void BatchNorm::forward(const Pass& pass, const real* x, real* y) {
  forward_to_reader(pass, x);
  forward_again(pass, x, y);
  activation_.forward(pass.samples, shape_.size(), y);
}

PixelInput BatchNorm::forward_to_reader(const Pass& pass, const real* x) {
  if (uses_batch(pass))
    measure(pass, x);
  else
    take_kept();
  for (int c = 0; c < shape_.channels; ++c) scale_[c] = weight_.value[c] * inverse_[c];
  const Epilogue epilogue = activation_.epilogue(nullptr);
  normalization_ = {mean_.data(), scale_.data(), bias_.value, epilogue.low, epilogue.high};
  return again_to_reader(x);
}

void BatchNorm::forward_again(const Pass& pass, const real* x, real* y) {
  const Shape shape = shape_;
  const ChannelNorm by = normalization_;
  const auto part_of = [=](const Samples& part) {
    const Range range = part.items(shape.height, shape.width);
    const std::ptrdiff_t at = std::ptrdiff_t{range.begin} * shape.channels;
    normalize(by, shape.channels, range.end - range.begin, x + at, y + at);
  };
  for_samples(pass.samples, shape.size(), part_of, {shape.height});
}

// Forward: d = x - mean, z = d gamma inverse + beta, inverse = (sum d^2 / M + epsilon)^-1/2. With g = dz, S1 = sum g, S2 = sum g
// d: dbeta = S1, dgamma = S2 inverse, dx = gamma inverse (g - S1/M - d inverse^2 S2/M); where the statistics are fixed dx = gamma
// inverse g.
void BatchNorm::backward(const Pass& pass, const real* x, const real* y, real* dy, real* dx) {
  if (clamps_) return backward_through<true>(pass, x, dy, dx);
  activation_.backward(pass.samples, shape_.height * shape_.width, shape_.channels, y, dy, nullptr, nullptr);
  backward_through<false>(pass, x, dy, dx);
}

// clamped: g is dy where z lies between the clamp's ends.
template <bool clamped>
void BatchNorm::backward_through(const Pass& pass, const real* x, const real* dy, real* dx) {
  const int channels = shape_.channels;
  const Epilogue epilogue = activation_.epilogue(nullptr);
  const Vec low = splat(epilogue.low), high = splat(epilogue.high);
  const real *mean = mean_.data(), *scale = scale_.data(), *beta = bias_.value;
  const auto masked = [=](Vec g, Vec d, Vec k, Vec b) {
    if constexpr (!clamped) return g;
    const Vec z = d * k + b;
    return from_bits(bits(g) & (z > low) & (z < high));
  };

  double *s1 = partial_.data(), *s2 = s1 + channels;
  if (weight_.trainable) {
    real* blocks = pass.workspace->take(scratch(pass));
    sum_pixels(pass.samples, shape_, partial_.data(), blocks,
               [=](std::ptrdiff_t at, std::ptrdiff_t, int c, auto lanes, Vec& first, Vec& second) {
                 const Vec d = load(x + at, lanes) - load(mean + c, lanes);
                 const Vec g = masked(load(dy + at, lanes), d, load(scale + c, lanes), load(beta + c, lanes));
                 first += g;
                 second += g * d;
               });
    end_sums(pass.samples, channels, partial_.data(), blocks);
    for (int slice = 1; slice < slices_of(pass.samples); ++slice) {
      for (int c = 0; c < 2 * channels; ++c) s1[c] += s1[std::ptrdiff_t{slice} * 2 * channels + c];
    }
    for (int c = 0; c < channels; ++c) {
      bias_.gradient[c] = static_cast<real>(s1[c]);
      weight_.gradient[c] = static_cast<real>(s2[c] * inverse_[c]);
    }
    pass.workspace->free();
  }
  if (!dx) return;
  const double count = static_cast<double>(pass.samples) * shape_.height * shape_.width;
  for (int c = 0; c < channels; ++c) {
    by_x_[c] = constant_[c] = 0;
    if (!uses_batch(pass)) continue;
    by_x_[c] = static_cast<real>(-static_cast<double>(scale_[c]) * inverse_[c] * inverse_[c] * s2[c] / count);
    constant_[c] = static_cast<real>(-static_cast<double>(scale_[c]) * s1[c] / count);
  }
  const real *by_x = by_x_.data(), *constant = constant_.data();
  const auto one = [=](std::ptrdiff_t at, int count, int c, auto lanes) {
    const Vec m = load(mean + c, lanes), k = load(scale + c, lanes), b = load(beta + c, lanes);
    const Vec slope = load(by_x + c, lanes), fixed = load(constant + c, lanes);
    for (; count > 0; --count, at += channels) {
      const Vec d = load(x + at, lanes) - m;
      const Vec g = masked(load(dy + at, lanes), d, k, b);
      store(dx + at, k * g + (slope * d + fixed), lanes);
    }
  };
  const Shape shape = shape_;
  const auto part_of = [=](const Samples& part) { each_pixel(shape.channels, part.items(shape.height, shape.width), one); };
  for_samples(pass.samples, shape.size(), part_of, {shape.height});
}

}  // namespace trainground
