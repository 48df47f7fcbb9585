// Nonlinear functions, as a layer of their own or fused into the layer before: relu, relu6, leaky relu, elu (alpha 1), gelu
// (exact, x Phi(x)), silu, tanh, sigmoid. Derivatives are PyTorch's, at the kinks too.
//
// Most derivatives follow from the output: tanh' = 1 - y^2, sigmoid' = y (1 - y), elu' = y + 1 for y < 0. Only gelu and silu need
// x.
#pragma once

#include "../experiment.h"
#include "../kernels/matmul.h"
#include "layer.h"

namespace trainground {

// In place: z -> f(z).
void apply(Activation function, real slope, std::ptrdiff_t count, real* z);
// dy -> dx = dy f'(x), in place or not. `remembered` is x where derivative_needs_input(), else y.
bool derivative_needs_input(Activation function);
void differentiate(Activation function, real slope, std::ptrdiff_t count, const real* remembered, const real* dy, real* dx);

// The activation that a layer with weights carries. relu and relu6 cost nothing: they clamp each sum on its way to memory.
class FusedActivation {
 public:
  explicit FusedActivation(const LayerOptions& options)
      : function_(options.activation), slope_(static_cast<real>(options.negative_slope)) {}

  void prepare(std::size_t count) {
    if (derivative_needs_input(function_)) z_.resize(count);
  }
  Epilogue epilogue(const real* bias) const;
  // After the sums (with their epilogue) stand in y: the functions that are no clamp. items: samples, of `size` numbers each.
  void forward(int samples, int size, real* y);
  // dy (samples, rows, columns) -> dz, in place, and bias_gradient (columns) = the sum of all rows unless that is null: one way
  // through memory for both. scratch: kSlices * columns numbers.
  void backward(int samples, int rows, int columns, const real* y, real* dy, real* bias_gradient, real* scratch) const;

 private:
  Activation function_;
  real slope_;
  Buffer<real> z_;  // sums before the function, where its derivative needs them
};

class ActivationLayer : public Layer {
 public:
  ActivationLayer(Shape input, const LayerOptions& options, int index);
  const char* name() const override { return "activation"; }
  Shape output_shape() const override { return shape_; }
  void forward(const Pass& pass, const real* x, real* y) override;
  void backward(const Pass& pass, const real* x, const real* y, real* dy, real* dx) override;

 private:
  Shape shape_;
  Activation function_;
  real slope_;
};

}  // namespace trainground
