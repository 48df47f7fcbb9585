// A bank of square filters, each over all channels: y = f(x * W + b), weights (kh,kw,in,out).
//
// 3x3 filters with stride 1 take Winograd's way unless the pass is exact.
#pragma once

#include "../kernels/winograd.h"
#include "weighted_layer.h"

namespace trainground {

class Conv2d : public WeightedLayer {
 public:
  Conv2d(Shape input, const LayerOptions& options, int index);
  const char* name() const override { return "conv2d"; }
  Shape output_shape() const override { return shape_.output; }
  void prepare(const Pass& most) override;
  std::size_t scratch(const Pass& pass) const override;
  bool reads_pixels() const override { return !winograd_ && convolution_reads_pixels(shape_); }
  void backward_from(const Pass& pass, const PixelInput& x, const real* y, real* dy, real* dx) override;

 protected:
  void multiply(const Pass& pass, const PixelInput& x, const real* weight, real* y, const Epilogue& epilogue) override;

 private:
  bool by_winograd(const Pass& pass) const { return winograd_ && !pass.exact; }
  ConvolutionScratch passes_scratch(const Pass& pass) const;

  ConvolutionShape shape_;
  bool winograd_;
  Buffer<real> packed_;  // the weights of that version, for passes that tell one
  std::uint32_t packed_version_ = 0;
};

}  // namespace trainground
