#include "activation.h"

#include <algorithm>

#include "../depth_first.h"
#include "../kernels/elementwise.h"

namespace trainground {
namespace {

constexpr real kRootHalf = static_cast<real>(0.70710678118654752440);
constexpr real kDensity = static_cast<real>(0.39894228040143267794);  // of the standard normal at 0: 1/sqrt(2 pi)

constexpr int kBlock = 4096;  // numbers that stay in the first cache between two loops over them

Vec normal_distribution(Vec x) { return splat(0.5) * (splat(1) + erf(x * splat(kRootHalf))); }

}  // namespace

void apply(Activation function, real slope, std::ptrdiff_t count, real* z) {
  const Vec zero = splat(0), one = splat(1), six = splat(6), factor = splat(slope);
  const Vec infinity = splat(std::numeric_limits<real>::infinity());
  switch (function) {
    case Activation::linear:
      return;
    case Activation::relu:
      return map(count, z, z, [&](Vec v) { return clamp(v, zero, infinity); });
    case Activation::relu6:
      return map(count, z, z, [&](Vec v) { return clamp(v, zero, six); });
    case Activation::leakyRelu:
      return map(count, z, z, [&](Vec v) { return select(v > zero, v, v * factor); });
    case Activation::elu:
      return map(count, z, z, [&](Vec v) { return select(v > zero, v, exp(v) - one); });
    case Activation::gelu:
      return map(count, z, z, [](Vec v) { return v * normal_distribution(v); });
    case Activation::silu:
      return map(count, z, z, [](Vec v) { return v * sigmoid(v); });
    case Activation::tanh:
      return map(count, z, z, [](Vec v) { return tanh(v); });
    case Activation::sigmoid:
      return map(count, z, z, [](Vec v) { return sigmoid(v); });
  }
}

bool derivative_needs_input(Activation function) { return function == Activation::gelu || function == Activation::silu; }

void differentiate(Activation function, real slope, std::ptrdiff_t count, const real* remembered, const real* dy, real* dx) {
  const Vec zero = splat(0), one = splat(1), six = splat(6), factor = splat(slope);
  const auto times = [&](auto derivative) { map(count, remembered, dy, dx, derivative); };
  switch (function) {
    case Activation::linear:
      return times([](Vec, Vec d) { return d; });
    case Activation::relu:
      return times([&](Vec y, Vec d) { return select(y > zero, d, zero); });
    case Activation::relu6:
      return times([&](Vec y, Vec d) { return select((y > zero) & (y < six), d, zero); });
    case Activation::leakyRelu:
      return times([&](Vec y, Vec d) { return select(y > zero, d, d * factor); });
    case Activation::elu:
      return times([&](Vec y, Vec d) { return select(y > zero, d, d * (y + one)); });
    case Activation::gelu:
      return times([&](Vec x, Vec d) { return d * (normal_distribution(x) + x * splat(kDensity) * exp(splat(-0.5) * x * x)); });
    case Activation::silu:
      return times([&](Vec x, Vec d) {
        const Vec s = sigmoid(x);
        return d * (s * (one + x * (one - s)));
      });
    case Activation::tanh:
      return times([&](Vec y, Vec d) { return d * (one - y * y); });
    case Activation::sigmoid:
      return times([&](Vec y, Vec d) { return d * (y * (one - y)); });
  }
}

Epilogue FusedActivation::epilogue(const real* bias) const {
  Epilogue epilogue;
  epilogue.bias = bias;
  if (function_ == Activation::relu || function_ == Activation::relu6) epilogue.low = 0;
  if (function_ == Activation::relu6) epilogue.high = 6;
  return epilogue;
}

void FusedActivation::forward(int samples, int size, real* y) {
  if (function_ == Activation::linear || function_ == Activation::relu || function_ == Activation::relu6) return;
  for_samples(samples, size, [=, this](const Samples& part) {
    const std::ptrdiff_t begin = std::ptrdiff_t{part.begin} * size, count = std::ptrdiff_t{part.end} * size - begin;
    if (derivative_needs_input(function_)) copy(z_.data() + begin, y + begin, count);
    apply(function_, slope_, count, y + begin);
  });
}

void FusedActivation::backward(int samples, int rows, int columns, const real* y, real* dy, real* bias_gradient,
                               real* scratch) const {
  if (function_ == Activation::linear && !bias_gradient) return;
  const real* remembered = derivative_needs_input(function_) ? z_.data() : y;
  // rows begin .. end-1
  const auto work = [=, this](int slice, std::ptrdiff_t begin, std::ptrdiff_t end, bool first) {
    const int block = std::max(1, kBlock / columns);
    real* const sums = scratch + std::ptrdiff_t{slice} * columns;
    if (bias_gradient && first) fill(sums, 0, columns);
    for (std::ptrdiff_t row = begin; row < end; row += block) {
      const std::ptrdiff_t count = std::min<std::ptrdiff_t>(block, end - row), at = row * columns;
      if (function_ != Activation::linear) differentiate(function_, slope_, count * columns, remembered + at, dy + at, dy + at);
      if (bias_gradient) add_rows(static_cast<int>(count), columns, dy + at, sums);
    }
  };
  const int all = samples * rows, slices = slices_of(all);
  if (samples % slices == 0) {
    for_samples(samples, rows * columns, [=](const Samples& part) {
      work(part.slice, std::ptrdiff_t{part.begin} * rows, std::ptrdiff_t{part.end} * rows, part.first);
    });
  } else {  // slices that cut samples
    finish_loops();
    parallel_for(slices, [&](int slice) {
      const Range range = slice_range(slice, slices, all);
      work(slice, range.begin, range.end, true);
    });
  }
  if (!bias_gradient) return;
  after_loops([=] {
    copy(bias_gradient, scratch, columns);
    for (int slice = 1; slice < slices; ++slice) {
      map(columns, bias_gradient, scratch + std::ptrdiff_t{slice} * columns, bias_gradient, [](Vec a, Vec b) { return a + b; });
    }
  });
}

ActivationLayer::ActivationLayer(Shape input, const LayerOptions& options, int)
    : shape_(input), function_(options.activation), slope_(static_cast<real>(options.negative_slope)) {}

void ActivationLayer::forward(const Pass& pass, const real* x, real* y) {
  for_samples(pass.samples, shape_.size(), [=, this](const Samples& part) {
    const std::ptrdiff_t begin = std::ptrdiff_t{part.begin} * shape_.size(),
                         count = std::ptrdiff_t{part.end} * shape_.size() - begin;
    copy(y + begin, x + begin, count);
    apply(function_, slope_, count, y + begin);
  });
}

void ActivationLayer::backward(const Pass& pass, const real* x, const real* y, real* dy, real* dx) {
  if (!dx) return;
  const real* remembered = derivative_needs_input(function_) ? x : y;
  for_samples(pass.samples, shape_.size(), [=, this](const Samples& part) {
    const std::ptrdiff_t begin = std::ptrdiff_t{part.begin} * shape_.size(),
                         count = std::ptrdiff_t{part.end} * shape_.size() - begin;
    differentiate(function_, slope_, count, remembered + begin, dy + begin, dx + begin);
  });
}

}  // namespace trainground
