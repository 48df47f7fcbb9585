// Every output sees every input: y = f(x W + b).
//
// W is stored (in,out). Behind a flatten the layer is told the picture's shape: W is then (H,W,C,out), which is the same memory,
// and PyTorch's (out, C*H*W) is its axes in another order, so that the same network in PyTorch gives the same logits.
#pragma once

#include "weighted_layer.h"

namespace trainground {

class Dense : public WeightedLayer {
 public:
  // input: the shape before any flatten.
  Dense(Shape input, const LayerOptions& options, int index);
  const char* name() const override { return "dense"; }
  Shape output_shape() const override { return {1, 1, outputs_}; }
  std::size_t scratch(const Pass& pass) const override;
  void backward_from(const Pass& pass, const PixelInput& x, const real* y, real* dy, real* dx) override;

 protected:
  void multiply(const Pass& pass, const PixelInput& x, const real* weight, real* y, const Epilogue& epilogue) override;

 private:
  int inputs_, outputs_;
};

}  // namespace trainground
