#include "dense.h"

#include <algorithm>

namespace trainground {

Dense::Dense(Shape input, const LayerOptions& options, int)
    : WeightedLayer(options), inputs_(input.size()), outputs_(options.units) {
  if (input.height == 1 && input.width == 1) {
    weight_.shape = {inputs_, outputs_};
    weight_.order = {1, 0};
  } else {
    weight_.shape = {input.height, input.width, input.channels, outputs_};
    weight_.order = {3, 2, 0, 1};
  }
  weight_.torch_shape = {outputs_, inputs_};
  weight_.fan_in = inputs_;
  weight_.fan_out = outputs_;
  bias_.shape = bias_.torch_shape = {outputs_};
}

std::size_t Dense::scratch(const Pass& pass) const {
  return std::max({matmul_scratch(pass.samples, outputs_, inputs_), matmul_scratch(inputs_, outputs_, pass.samples),
                   matmul_scratch(pass.samples, inputs_, outputs_), static_cast<std::size_t>(kSlices) * outputs_});
}

// Products over the whole batch: what they read has to stand there.
void Dense::multiply(const Pass& pass, const PixelInput& x, const real* weight, real* y, const Epilogue& epilogue) {
  finish_loops();
  matmul(pass.samples, outputs_, inputs_, x.numbers, weight, y, epilogue, pass.workspace->take(scratch(pass)));
}

void Dense::backward_from(const Pass& pass, const PixelInput& x, const real* y, real* dy, real* dx) {
  backward_through_activation(pass, y, dy);
  finish_loops();
  real* memory = pass.workspace->take(scratch(pass));
  if (weight_.trainable) matmul_transposed_a(inputs_, outputs_, pass.samples, x.numbers, dy, weight_.gradient, memory);
  if (dx) matmul_transposed_b(pass.samples, inputs_, outputs_, dy, weight_.value, dx, memory);
}

}  // namespace trainground
