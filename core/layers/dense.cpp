#include "dense.h"

#include <algorithm>

#include "../depth_first.h"

namespace trainground {

Dense::Dense(Shape input, const LayerOptions& options, int)
    : inputs_(input.size()), outputs_(options.units), use_bias_(options.use_bias), activation_(options) {
  weight_.name = "weight";
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
  weight_.kernel = true;
  weight_.trainable = bias_.trainable = options.trainable;
  weight_.l1 = options.l1;
  weight_.l2 = options.l2;
  bias_.name = "bias";
  bias_.shape = bias_.torch_shape = {outputs_};
}

std::vector<Parameter*> Dense::parameters() {
  if (use_bias_) return {&weight_, &bias_};
  return {&weight_};
}

void Dense::prepare(int max_samples) { activation_.prepare(static_cast<std::size_t>(max_samples) * outputs_); }

std::size_t Dense::scratch(const Pass& pass) const {
  return std::max({matmul_scratch(pass.samples, outputs_, inputs_), matmul_scratch(inputs_, outputs_, pass.samples),
                   matmul_scratch(pass.samples, inputs_, outputs_), static_cast<std::size_t>(kSlices) * outputs_});
}

// Products over the whole batch: what they read has to stand there.
void Dense::forward(const Pass& pass, const real* x, real* y) {
  finish_loops();
  real* memory = pass.workspace->take(scratch(pass));
  matmul(pass.samples, outputs_, inputs_, x, weight_.value, y, activation_.epilogue(use_bias_ ? bias_.value : nullptr), memory);
  activation_.forward(pass.samples, outputs_, y);
}

void Dense::backward(const Pass& pass, const real* x, const real* y, real* dy, real* dx) {
  activation_.backward(pass.samples, 1, outputs_, y, dy, use_bias_ && bias_.trainable ? bias_.gradient : nullptr,
                       pass.workspace->take(static_cast<std::size_t>(kSlices) * outputs_));
  finish_loops();
  real* memory = pass.workspace->take(scratch(pass));
  if (weight_.trainable) matmul_transposed_a(inputs_, outputs_, pass.samples, x, dy, weight_.gradient, memory);
  if (dx) matmul_transposed_b(pass.samples, inputs_, outputs_, dy, weight_.value, dx, memory);
}

}  // namespace trainground
