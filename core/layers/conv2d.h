// A bank of square filters, each over all channels: y = f(x * W + b), weights (kh,kw,in,out).
//
// 3x3 filters with stride 1 take Winograd's way unless the pass is exact.
#pragma once

#include "../kernels/winograd.h"
#include "activation.h"

namespace trainground {

class Conv2d : public Layer {
 public:
  Conv2d(Shape input, const LayerOptions& options, int index);
  const char* name() const override { return "conv2d"; }
  Shape output_shape() const override { return shape_.output; }
  std::vector<Parameter*> parameters() override;
  void prepare(int max_samples) override;
  std::size_t scratch(const Pass& pass) const override;
  void forward(const Pass& pass, const real* x, real* y) override;
  void backward(const Pass& pass, const real* x, const real* y, real* dy, real* dx) override;

 private:
  bool by_winograd(const Pass& pass) const { return winograd_ && !pass.exact; }
  ConvolutionScratch passes_scratch(const Pass& pass) const;

  ConvolutionShape shape_;
  bool winograd_;
  bool use_bias_;
  Parameter weight_, bias_;
  FusedActivation activation_;
};

}  // namespace trainground
