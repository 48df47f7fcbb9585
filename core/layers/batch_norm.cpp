#include "batch_norm.h"

#include <algorithm>
#include <cmath>

#include "../depth_first.h"
#include "../kernels/vector.h"

namespace trainground {
namespace {

constexpr int kBlock = 64;  // rows summed in `real` before they join the totals in double

Parameter channel_parameter(const char* name, int channels, bool learned, bool trainable) {
  Parameter parameter;
  parameter.name = name;
  parameter.shape = parameter.torch_shape = {channels};
  parameter.learned = learned;
  parameter.trainable = trainable;
  return parameter;
}

// partial (slices, 2, C) = for each channel the sums over rows of term's two numbers; term(at, c, lanes, first, second), with
// `at` the place of the row's number c, adds to first and second. blocks: kSlices * 2 * C numbers of scratch.
template <class Term>
void sum_rows(int samples, int rows_per_sample, int channels, double* partial, real* blocks, Term term) {
  for_samples(samples, rows_per_sample * channels, [=](const Samples& part) {
    real* const first = blocks + std::ptrdiff_t{part.slice} * 2 * channels;
    real* const second = first + channels;
    double* const total = partial + std::ptrdiff_t{part.slice} * 2 * channels;
    if (part.first) std::fill_n(total, 2 * channels, 0.0);
    const std::ptrdiff_t end = std::ptrdiff_t{part.end} * rows_per_sample;
    for (std::ptrdiff_t row = std::ptrdiff_t{part.begin} * rows_per_sample; row < end; row += kBlock) {
      const int rows = static_cast<int>(std::min<std::ptrdiff_t>(kBlock, end - row));
      each_vector(channels, [&](int c, auto lanes) {
        Vec a[4] = {}, b[4] = {};  // four sums side by side: one would wait for itself
        std::ptrdiff_t at = row * channels + c;
        int i = 0;
        for (; i + 4 <= rows; i += 4, at += 4 * channels) {
          for (int j = 0; j < 4; ++j) term(at + j * channels, c, lanes, a[j], b[j]);
        }
        for (; i < rows; ++i, at += channels) term(at, c, lanes, a[0], b[0]);
        store(first + c, (a[0] + a[1]) + (a[2] + a[3]), lanes);
        store(second + c, (b[0] + b[1]) + (b[2] + b[3]), lanes);
      });
      for (int c = 0; c < 2 * channels; ++c) total[c] += first[c];
    }
  });
  finish_loops();
  for (int slice = 1; slice < slices_of(samples); ++slice) {
    for (int c = 0; c < 2 * channels; ++c) partial[c] += partial[std::ptrdiff_t{slice} * 2 * channels + c];
  }
}

// For the batch, a few rows at a time: body(at, rows, c, lanes) for each vector of channels, `at` the place of its first row's
// number c. What belongs to the channels is read once for these rows, which together are no longer than a kilobyte: otherwise
// memory is not fetched ahead.
template <class Body>
void each_row(int samples, int rows_per_sample, int channels, Body body) {
  for_samples(samples, rows_per_sample * channels, [=](const Samples& part) {
    const int together = std::max(1, 256 / channels);
    const std::ptrdiff_t end = std::ptrdiff_t{part.end} * rows_per_sample;
    for (std::ptrdiff_t row = std::ptrdiff_t{part.begin} * rows_per_sample; row < end; row += together) {
      const int rows = static_cast<int>(std::min<std::ptrdiff_t>(together, end - row));
      each_vector(channels, [&](int c, auto lanes) { body(row * channels + c, rows, c, lanes); });
    }
  });
}

}  // namespace

BatchNorm::BatchNorm(Shape input, const LayerOptions& options, int)
    : shape_(input),
      keep_(options.momentum),
      epsilon_(options.epsilon),
      weight_(channel_parameter("weight", input.channels, true, options.trainable)),
      bias_(channel_parameter("bias", input.channels, true, options.trainable)),
      running_mean_(channel_parameter("running_mean", input.channels, false, options.trainable)),
      running_var_(channel_parameter("running_var", input.channels, false, options.trainable)),
      activation_(options),
      clamps_(options.activation == Activation::relu || options.activation == Activation::relu6) {
  for (Buffer<real>* buffer : {&mean_, &inverse_, &scale_, &by_x_, &constant_}) buffer->resize(input.channels);
  partial_.resize(static_cast<std::size_t>(kSlices) * 2 * input.channels);
}

void BatchNorm::prepare(int max_samples) { activation_.prepare(static_cast<std::size_t>(max_samples) * shape_.size()); }

std::size_t BatchNorm::scratch(const Pass&) const { return static_cast<std::size_t>(kSlices) * 2 * shape_.channels; }

// Sets mean_ and inverse_, and moves the kept statistics.
void BatchNorm::measure(const Pass& pass, const real* x) {
  const int channels = shape_.channels, rows = shape_.height * shape_.width;
  real* blocks = pass.workspace->take(scratch(pass));
  // Distances from the first pixel, not from 0: where the mean is large against the deviation, squares would cancel. All slices
  // look at it, so it has to stand there.
  finish_loops();
  sum_rows(pass.samples, rows, channels, partial_.data(), blocks,
           [=](std::ptrdiff_t at, int c, auto lanes, Vec& first, Vec& second) {
             const Vec d = load(x + at, lanes) - load(x + c, lanes);
             first += d;
             second += d * d;
           });
  const double count = static_cast<double>(pass.samples) * rows;
  for (int c = 0; c < channels; ++c) {
    const double distance = partial_[c] / count;
    const double variance = std::max(0.0, partial_[channels + c] / count - distance * distance);
    mean_[c] = static_cast<real>(x[c] + distance);
    inverse_[c] = static_cast<real>(1 / std::sqrt(variance + epsilon_));
    running_mean_.value[c] = static_cast<real>(keep_ * running_mean_.value[c] + (1 - keep_) * (x[c] + distance));
    running_var_.value[c] =
        static_cast<real>(keep_ * running_var_.value[c] + (1 - keep_) * variance * count / std::max(1.0, count - 1));
  }
}

void BatchNorm::take_kept() {
  for (int c = 0; c < shape_.channels; ++c) {
    mean_[c] = running_mean_.value[c];
    inverse_[c] = static_cast<real>(1 / std::sqrt(static_cast<double>(running_var_.value[c]) + epsilon_));
  }
}

void BatchNorm::fold_into(WeightedLayer& before) {
  before_ = &before;
  folded_.resize(before.weight().count() + shape_.channels);
}

// gamma inverse (x W + b - mean) + beta = x (gamma inverse W) + (gamma inverse (b - mean) + beta)
void BatchNorm::fold() {
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

void BatchNorm::forward_folded(const Pass& pass, const real* x, real* y) {
  if (!pass.weights_version || folded_version_ != pass.weights_version) fold();
  folded_version_ = pass.weights_version;
  before_->forward_as(pass, x, folded_.data(), folded_.data() + before_->weight().count(), activation_, y);
}

void BatchNorm::forward(const Pass& pass, const real* x, real* y) {
  const int channels = shape_.channels, rows = shape_.height * shape_.width;
  if (uses_batch(pass))
    measure(pass, x);
  else
    take_kept();
  for (int c = 0; c < channels; ++c) scale_[c] = weight_.value[c] * inverse_[c];
  const Epilogue epilogue = activation_.epilogue(nullptr);
  const Vec low = splat(epilogue.low), high = splat(epilogue.high);
  const real *mean = mean_.data(), *scale = scale_.data(), *beta = bias_.value;
  each_row(pass.samples, rows, channels, [=](std::ptrdiff_t at, int count, int c, auto lanes) {
    const Vec m = load(mean + c, lanes), k = load(scale + c, lanes), b = load(beta + c, lanes);
    for (; count > 0; --count, at += channels) store(y + at, clamp((load(x + at, lanes) - m) * k + b, low, high), lanes);
  });
  activation_.forward(pass.samples, shape_.size(), y);
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
  const int channels = shape_.channels, rows = shape_.height * shape_.width;
  const Epilogue epilogue = activation_.epilogue(nullptr);
  const Vec low = splat(epilogue.low), high = splat(epilogue.high), zero = splat(0);
  const real *mean = mean_.data(), *scale = scale_.data(), *beta = bias_.value;
  const auto masked = [=](Vec g, Vec d, Vec k, Vec b) {
    if constexpr (!clamped) return g;
    const Vec z = d * k + b;
    return select((z > low) & (z < high), g, zero);
  };

  double *s1 = partial_.data(), *s2 = s1 + channels;
  if (weight_.trainable) {
    real* blocks = pass.workspace->take(scratch(pass));
    sum_rows(pass.samples, rows, channels, partial_.data(), blocks,
             [=](std::ptrdiff_t at, int c, auto lanes, Vec& first, Vec& second) {
               const Vec d = load(x + at, lanes) - load(mean + c, lanes);
               const Vec g = masked(load(dy + at, lanes), d, load(scale + c, lanes), load(beta + c, lanes));
               first += g;
               second += g * d;
             });
    for (int c = 0; c < channels; ++c) {
      bias_.gradient[c] = static_cast<real>(s1[c]);
      weight_.gradient[c] = static_cast<real>(s2[c] * inverse_[c]);
    }
  }
  if (!dx) return;
  const double count = static_cast<double>(pass.samples) * rows;
  for (int c = 0; c < channels; ++c) {
    by_x_[c] = constant_[c] = 0;
    if (!uses_batch(pass)) continue;
    by_x_[c] = static_cast<real>(-static_cast<double>(scale_[c]) * inverse_[c] * inverse_[c] * s2[c] / count);
    constant_[c] = static_cast<real>(-static_cast<double>(scale_[c]) * s1[c] / count);
  }
  const real *by_x = by_x_.data(), *constant = constant_.data();
  each_row(pass.samples, rows, channels, [=](std::ptrdiff_t at, int count, int c, auto lanes) {
    const Vec m = load(mean + c, lanes), k = load(scale + c, lanes), b = load(beta + c, lanes);
    const Vec slope = load(by_x + c, lanes), fixed = load(constant + c, lanes);
    for (; count > 0; --count, at += channels) {
      const Vec d = load(x + at, lanes) - m;
      const Vec g = masked(load(dy + at, lanes), d, k, b);
      store(dx + at, k * g + (slope * d + fixed), lanes);
    }
  });
}

}  // namespace trainground
