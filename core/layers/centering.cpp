#include "centering.h"

#include "../depth_first.h"
#include "../kernels/vector.h"
#include "unit_length.h"

namespace trainground {
namespace {

constexpr double kKeep = 0.9;
constexpr real kLast = 3;

}  // namespace

Centering::Centering(std::vector<int> parts) : parts_(std::move(parts)) {
  for (const int numbers : parts_) size_ += numbers;
  running_mean_.name = "running_mean";
  running_mean_.shape = running_mean_.torch_shape = {size_};
  running_mean_.learned = false;  // found anew by every run, so nobody misses it in a file
  mean_.resize(static_cast<std::size_t>(size_));
}

void Centering::measure(const Pass& pass, const real* x) {
  const double keep = pass.step == 0 ? 0 : kKeep;
  for (int i = 0; i < size_; ++i) {
    double sum = 0;
    for (int n = 0; n < pass.samples; ++n) sum += x[std::ptrdiff_t{n} * size_ + i];
    mean_[static_cast<std::size_t>(i)] = static_cast<real>(sum / pass.samples);
    running_mean_.value[i] = static_cast<real>(keep * running_mean_.value[i] + (1 - keep) * sum / pass.samples);
  }
}

void Centering::forward(const Pass& pass, const real* x, real* y) {
  finish_loops();
  if (pass.training) measure(pass, x);
  const real* mean = pass.training ? mean_.data() : running_mean_.value;
  parallel_for(pass.samples, [&](int n) {
    const real* from = x + std::ptrdiff_t{n} * size_;
    real* out = y + std::ptrdiff_t{n} * size_;
    map(size_, from, mean, out, [](Vec a, Vec m) { return a - m; });
    for (std::size_t i = 0; i + 1 < parts_.size(); out += parts_[i++]) to_unit_length(parts_[i], out);
    map(parts_.back(), out, out, [](Vec v) { return v * splat(kLast); });
  });
}

void Centering::backward(const Pass& pass, const real* x, const real* y, real* dy, real* dx) {
  if (!dx) return;
  finish_loops();
  const real* mean = pass.training ? mean_.data() : running_mean_.value;
  std::vector<real> centred(static_cast<std::size_t>(size_));
  for (int n = 0; n < pass.samples; ++n) {
    std::ptrdiff_t at = std::ptrdiff_t{n} * size_;
    map(size_, x + at, mean, centred.data(), [](Vec a, Vec m) { return a - m; });
    const real* part = centred.data();
    for (std::size_t i = 0; i + 1 < parts_.size(); at += parts_[i], part += parts_[i++])
      through_unit_length(parts_[i], y + at, length(parts_[i], part), dy + at, dx + at);
    map(parts_.back(), dy + at, dx + at, [](Vec v) { return v * splat(kLast); });
  }
}

}  // namespace trainground
