// What dense and both convolutions are: y = f(x * W + b), W's last axis being the output's channels.
#pragma once

#include "../kernels/pixel_input.h"
#include "activation.h"

namespace trainground {

class WeightedLayer : public Layer {
 public:
  std::vector<Parameter*> parameters() override;
  void prepare(const Pass& most) override;
  void forward(const Pass& pass, const real* x, real* y) override { forward_from(pass, x, y); }
  void backward(const Pass& pass, const real* x, const real* y, real* dy, real* dx) override {
    backward_from(pass, x, y, dy, dx);
  }

  // Whether x may be pixels that a batch norm before the layer normalizes while they are read.
  virtual bool reads_pixels() const { return false; }
  void forward_from(const Pass& pass, const PixelInput& x, real* y) {
    forward_as(pass, x, weight_.value, bias(), activation_, y);
  }
  virtual void backward_from(const Pass& pass, const PixelInput& x, const real* y, real* dy, real* dx) = 0;
  // Forward with other numbers: a batch norm behind the layer may put its own into them.
  void forward_as(const Pass& pass, const PixelInput& x, const real* weight, const real* bias, FusedActivation& activation,
                  real* y);

  const Parameter& weight() const { return weight_; }
  const real* bias() const { return use_bias_ ? bias_.value : nullptr; }  // (channels); null: none

 protected:
  explicit WeightedLayer(const LayerOptions& options);

  // y = x * weight, through the epilogue.
  virtual void multiply(const Pass& pass, const PixelInput& x, const real* weight, real* y, const Epilogue& epilogue) = 0;
  // The first part of every backward pass: dy -> dz, and the bias's gradient.
  void backward_through_activation(const Pass& pass, const real* y, real* dy);

  Parameter weight_, bias_;

 private:
  bool use_bias_;
  FusedActivation activation_;
};

}  // namespace trainground
