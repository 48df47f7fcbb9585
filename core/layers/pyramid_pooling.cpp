#include "pyramid_pooling.h"

#include <algorithm>

#include "../depth_first.h"
#include "../kernels/elementwise.h"
#include "../kernels/matmul.h"
#include "unit_length.h"

namespace trainground {
namespace {

constexpr real kPower = static_cast<real>(0.7);

// out = (mean of each channel) to the power: of means that are 0 or more.
void powers(Shape of, const real* x, real* out) {
  const int pixels = of.height * of.width;
  fill(out, 0, of.channels);
  add_rows(pixels, of.channels, x, out);
  map(of.channels, out, out,
      [=](Vec v) { return exp(splat(kPower) * log(clamp(v, splat(0), splat(HUGE_VALF)) * splat(real{1} / pixels))); });
}

}  // namespace

PyramidPooling::PyramidPooling(Shape input, std::vector<Shape> maps) : maps_(std::move(maps)) {
  values_.resize(maps_.size());
  maps_.push_back(input);
  for (const Shape& one : maps_) size_ += one.channels;
}

void PyramidPooling::forward(const Pass& pass, const real* x, real* y) {
  finish_loops();
  parallel_for(pass.samples, [&](int n) {
    real* out = y + std::ptrdiff_t{n} * size_;
    for (std::size_t i = 0; i < maps_.size(); out += maps_[i++].channels) {
      powers(maps_[i], (i < values_.size() ? values_[i] : x) + std::ptrdiff_t{n} * maps_[i].size(), out);
      to_unit_length(maps_[i].channels, out);
    }
  });
}

// y = u^p / |u^p|, u a mean: du = p u^(p-1) (dy - y (y dy)) / |u^p|, and each of its numbers has the same share of du.
void PyramidPooling::backward(const Pass& pass, const real* x, const real* y, real* dy, real* dx) {
  if (!dx) return;
  finish_loops();
  gradients_.resize(std::max(gradients_.size(), static_cast<std::size_t>(pass.samples) * size_));
  std::vector<real> raised(static_cast<std::size_t>(size_));
  std::fill_n(dx, static_cast<std::ptrdiff_t>(pass.samples) * maps_.back().size(), real{0});
  for (int n = 0; n < pass.samples; ++n) {
    int at = n * size_;
    for (std::size_t i = 0; i < maps_.size(); at += maps_[i++].channels) {
      const int channels = maps_[i].channels, pixels = maps_[i].height * maps_[i].width;
      powers(maps_[i], (i < values_.size() ? values_[i] : x) + std::ptrdiff_t{n} * maps_[i].size(), raised.data());
      through_unit_length(channels, y + at, length(channels, raised.data()), dy + at, gradients_.data() + at);
      for (int c = 0; c < channels; ++c) {
        // p u^(p-1) = p (u^p)^((p-1)/p); a mean of 0 stays there.
        const real power = raised[static_cast<std::size_t>(c)];
        const real slope = power > 0 ? kPower * exp(log(power) * ((kPower - 1) / kPower)) : 0;
        gradients_[static_cast<std::size_t>(at + c)] *= slope / pixels;
      }
    }
  }
  add_gradient(maps_.size() - 1, pass.samples, dx);
}

void PyramidPooling::add_gradient(std::size_t i, int samples, real* gradient) const {
  const Shape of = maps_[i];
  std::ptrdiff_t at = 0;
  for (std::size_t before = 0; before < i; ++before) at += maps_[before].channels;
  for (int n = 0; n < samples; ++n, at += size_) {
    for (int pixel = 0; pixel < of.height * of.width; ++pixel, gradient += of.channels)
      map(of.channels, gradient, gradients_.data() + at, gradient, [](Vec a, Vec b) { return a + b; });
  }
}

}  // namespace trainground
