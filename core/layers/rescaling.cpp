#include "rescaling.h"

#include "../depth_first.h"
#include "../kernels/vector.h"

namespace trainground {

Rescaling::Rescaling(Shape input, const LayerOptions& options)
    : shape_(input), scale_(static_cast<real>(options.scale)), offset_(static_cast<real>(options.offset)) {}

void Rescaling::forward(const Pass& pass, const real* x, real* y) {
  const std::ptrdiff_t size = shape_.size();
  const real scale = scale_, offset = offset_;
  for_samples(pass.samples, shape_.size(), [=](const Samples& part) {
    map((part.end - part.begin) * size, x + part.begin * size, y + part.begin * size,
        [s = splat(scale), o = splat(offset)](Vec v) { return v * s + o; });
  });
}

void Rescaling::backward(const Pass& pass, const real*, const real*, real* dy, real* dx) {
  if (!dx) return;
  const std::ptrdiff_t size = shape_.size();
  const real scale = scale_;
  for_samples(pass.samples, shape_.size(), [=](const Samples& part) {
    map((part.end - part.begin) * size, dy + part.begin * size, dx + part.begin * size,
        [s = splat(scale)](Vec v) { return v * s; });
  });
}

}  // namespace trainground
