#include "batch_norm.h"

#include <algorithm>
#include <cmath>

#include "../kernels/vector.h"
#include "../parallel.h"

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

// partial (slices, 2, C) = for each channel the sums over rows of term's two numbers; term(row, c, present, first, second) adds
// to first and second. blocks: kSlices * 2 * C numbers of scratch.
template <class Term>
void sum_rows(int samples, int rows_per_sample, int channels, double* partial, real* blocks, Term term) {
  const int slices = slices_of(samples);
  parallel_for(slices, [&](int slice) {
    const Range range = slice_range(slice, slices, samples);
    real* const first = blocks + std::ptrdiff_t{slice} * 2 * channels;
    real* const second = first + channels;
    double* const total = partial + std::ptrdiff_t{slice} * 2 * channels;
    std::fill_n(total, 2 * channels, 0.0);
    const std::ptrdiff_t end = std::ptrdiff_t{range.end} * rows_per_sample;
    for (std::ptrdiff_t row = std::ptrdiff_t{range.begin} * rows_per_sample; row < end; row += kBlock) {
      fill(first, 0, 2 * channels);
      for (std::ptrdiff_t i = row; i < std::min(end, row + kBlock); ++i) {
        int c = 0;
        for (; c + kLanes <= channels; c += kLanes) {
          Vec a = load(first + c), b = load(second + c);
          term(i, c, kLanes, a, b);
          store(first + c, a), store(second + c, b);
        }
        if (c < channels) {
          const int present = channels - c;
          Vec a = load_part(first + c, present), b = load_part(second + c, present);
          term(i, c, present, a, b);
          store_part(first + c, a, present), store_part(second + c, b, present);
        }
      }
      for (int c = 0; c < 2 * channels; ++c) total[c] += first[c];
    }
  });
  for (int slice = 1; slice < slices; ++slice) {
    for (int c = 0; c < 2 * channels; ++c) partial[c] += partial[std::ptrdiff_t{slice} * 2 * channels + c];
  }
}

Vec load_some(const real* from, int present) { return present == kLanes ? load(from) : load_part(from, present); }

// For every row of the batch: body(at, c, present), `at` being the place of the row's number c.
template <class Body>
void each_row(int samples, int rows_per_sample, int channels, Body body) {
  const int slices = slices_of(samples);
  parallel_for(slices, [&](int slice) {
    const Range range = slice_range(slice, slices, samples);
    std::ptrdiff_t at = std::ptrdiff_t{range.begin} * rows_per_sample * channels;
    const std::ptrdiff_t end = std::ptrdiff_t{range.end} * rows_per_sample * channels;
    for (; at < end; at += channels) {
      int c = 0;
      for (; c + kLanes <= channels; c += kLanes) body(at + c, c, kLanes);
      if (c < channels) body(at + c, c, channels - c);
    }
  });
}

void store_some(real* to, Vec value, int present) {
  if (present == kLanes)
    store(to, value);
  else
    store_part(to, value, present);
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
  for (Buffer<real>* buffer : {&mean_, &inverse_, &scale_, &by_gradient_, &by_x_, &constant_}) buffer->resize(input.channels);
  partial_.resize(static_cast<std::size_t>(kSlices) * 2 * input.channels);
}

void BatchNorm::prepare(int max_samples) { activation_.prepare(static_cast<std::size_t>(max_samples) * shape_.size()); }

// Sets mean_ and inverse_, and moves the kept statistics.
void BatchNorm::measure(const Pass& pass, const real* x) {
  const int channels = shape_.channels, rows = shape_.height * shape_.width;
  real* blocks = pass.workspace->take(static_cast<std::size_t>(kSlices) * 2 * channels);
  // Distances from the first pixel, not from 0: where the mean is large against the deviation, squares would cancel.
  sum_rows(pass.samples, rows, channels, partial_.data(), blocks,
           [&](std::ptrdiff_t row, int c, int present, Vec& first, Vec& second) {
             const Vec d = load_some(x + row * channels + c, present) - load_some(x + c, present);
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

void BatchNorm::forward(const Pass& pass, const real* x, real* y) {
  const int channels = shape_.channels, rows = shape_.height * shape_.width;
  if (uses_batch(pass)) {
    measure(pass, x);
  } else {
    for (int c = 0; c < channels; ++c) {
      mean_[c] = running_mean_.value[c];
      inverse_[c] = static_cast<real>(1 / std::sqrt(static_cast<double>(running_var_.value[c]) + epsilon_));
    }
  }
  for (int c = 0; c < channels; ++c) scale_[c] = weight_.value[c] * inverse_[c];
  const Epilogue epilogue = activation_.epilogue(nullptr);
  const Vec low = splat(epilogue.low), high = splat(epilogue.high);
  each_row(pass.samples, rows, channels, [&](std::ptrdiff_t at, int c, int present) {
    const Vec d = load_some(x + at, present) - load_some(mean_.data() + c, present);
    const Vec z = d * load_some(scale_.data() + c, present) + load_some(bias_.value + c, present);
    store_some(y + at, clamp(z, low, high), present);
  });
  activation_.forward(pass.samples, shape_.size(), y);
}

// Forward: d = x - mean, z = d gamma inverse + beta, inverse = (sum d^2 / M + epsilon)^-1/2. With g = dz, S1 = sum g, S2 = sum g
// d: dbeta = S1, dgamma = S2 inverse, dx = gamma inverse (g - S1/M - d inverse^2 S2/M); where the statistics are fixed dx = gamma
// inverse g.
void BatchNorm::backward(const Pass& pass, const real* x, const real* y, real* dy, real* dx) {
  const int channels = shape_.channels, rows = shape_.height * shape_.width;
  if (!clamps_) activation_.backward(pass.samples, shape_.size(), y, dy);
  const Epilogue epilogue = activation_.epilogue(nullptr);
  const Vec low = splat(epilogue.low), high = splat(epilogue.high), zero = splat(0);
  const auto masked = [&](std::ptrdiff_t at, int c, int present, Vec d) {
    const Vec g = load_some(dy + at, present);
    if (!clamps_) return g;
    const Vec z = d * load_some(scale_.data() + c, present) + load_some(bias_.value + c, present);
    return select((z > low) & (z < high), g, zero);
  };

  double *s1 = partial_.data(), *s2 = s1 + channels;
  if (weight_.trainable) {
    real* blocks = pass.workspace->take(static_cast<std::size_t>(kSlices) * 2 * channels);
    sum_rows(pass.samples, rows, channels, partial_.data(), blocks,
             [&](std::ptrdiff_t row, int c, int present, Vec& first, Vec& second) {
               const std::ptrdiff_t at = row * channels + c;
               const Vec d = load_some(x + at, present) - load_some(mean_.data() + c, present);
               const Vec g = masked(at, c, present, d);
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
    by_gradient_[c] = scale_[c];
    by_x_[c] = constant_[c] = 0;
    if (!uses_batch(pass)) continue;
    by_x_[c] = static_cast<real>(-static_cast<double>(scale_[c]) * inverse_[c] * inverse_[c] * s2[c] / count);
    constant_[c] = static_cast<real>(-static_cast<double>(scale_[c]) * s1[c] / count);
  }
  each_row(pass.samples, rows, channels, [&](std::ptrdiff_t at, int c, int present) {
    const Vec d = load_some(x + at, present) - load_some(mean_.data() + c, present);
    const Vec g = masked(at, c, present, d);
    store_some(dx + at,
               load_some(by_gradient_.data() + c, present) * g +
                   (load_some(by_x_.data() + c, present) * d + load_some(constant_.data() + c, present)),
               present);
  });
}

}  // namespace trainground
