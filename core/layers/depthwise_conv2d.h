// One square filter per channel: y = f(x * w + b), weights (kh,kw,C). With a 1x1 conv2d behind it, a separable convolution.
#pragma once

#include "../kernels/depthwise.h"
#include "activation.h"

namespace trainground {

class DepthwiseConv2d : public Layer {
 public:
  DepthwiseConv2d(Shape input, const LayerOptions& options, int index);
  const char* name() const override { return "depthwiseConv2d"; }
  Shape output_shape() const override { return shape_.output; }
  std::vector<Parameter*> parameters() override;
  void prepare(int max_samples) override;
  std::size_t scratch(const Pass& pass) const override;
  void forward(const Pass& pass, const real* x, real* y) override;
  void backward(const Pass& pass, const real* x, const real* y, real* dy, real* dx) override;

 private:
  ConvolutionShape shape_;
  bool use_bias_;
  Parameter weight_, bias_;
  FusedActivation activation_;
};

}  // namespace trainground
