// What dense and both convolutions are: y = f(x * W + b), W's last axis being the output's channels.
#pragma once

#include "activation.h"

namespace trainground {

class WeightedLayer : public Layer {
 public:
  std::vector<Parameter*> parameters() override;
  void prepare(const Pass& most) override;
  void forward(const Pass& pass, const real* x, real* y) override { forward_as(pass, x, weight_.value, bias(), activation_, y); }
  // The same with other numbers: a batch norm behind the layer may put its own into them.
  void forward_as(const Pass& pass, const real* x, const real* weight, const real* bias, FusedActivation& activation, real* y);

  const Parameter& weight() const { return weight_; }
  const real* bias() const { return use_bias_ ? bias_.value : nullptr; }  // (channels); null: none

 protected:
  explicit WeightedLayer(const LayerOptions& options);

  // y = x * weight, through the epilogue.
  virtual void multiply(const Pass& pass, const real* x, const real* weight, real* y, const Epilogue& epilogue) = 0;
  // The first part of every backward pass: dy -> dz, and the bias's gradient.
  void backward_through_activation(const Pass& pass, const real* y, real* dy);

  Parameter weight_, bias_;

 private:
  bool use_bias_;
  FusedActivation activation_;
};

}  // namespace trainground
