// One square filter per channel: y = f(x * w + b), weights (kh,kw,C). With a 1x1 conv2d behind it, a separable convolution.
#pragma once

#include "../kernels/depthwise.h"
#include "weighted_layer.h"

namespace trainground {

class DepthwiseConv2d : public WeightedLayer {
 public:
  DepthwiseConv2d(Shape input, const LayerOptions& options, int index);
  const char* name() const override { return "depthwiseConv2d"; }
  Shape output_shape() const override { return shape_.output; }
  std::size_t scratch(const Pass& pass) const override;
  bool reads_pixels() const override { return true; }
  void backward_from(const Pass& pass, const PixelInput& x, const real* y, real* dy, real* dx) override;

 protected:
  void multiply(const Pass& pass, const PixelInput& x, const real* weight, real* y, const Epilogue& epilogue) override;

 private:
  ConvolutionShape shape_;
};

}  // namespace trainground
