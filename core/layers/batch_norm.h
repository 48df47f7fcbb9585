// Batch normalization (Ioffe and Szegedy, 2015): y = f(gamma (x - mean) / sqrt(var + epsilon) + beta), for each channel over N,
// H, W.
//
// Training uses the batch's mean and biased variance and moves the kept ones: kept = momentum kept + (1 - momentum) batch, there
// with the unbiased variance (PyTorch's mathematics, but momentum is the fraction kept). Inference, and a frozen layer always,
// uses the kept ones and changes no bit of them; where only the network's answer is wanted, the layer before does that work too.
// A relu or relu6 behind it costs nothing if it is carried as `activation`.
#pragma once

#include "weighted_layer.h"

namespace trainground {

class BatchNorm : public Layer {
 public:
  BatchNorm(Shape input, const LayerOptions& options, int index);
  const char* name() const override { return "batchNormalization"; }
  Shape output_shape() const override { return shape_; }
  std::vector<Parameter*> parameters() override { return {&weight_, &bias_, &running_mean_, &running_var_}; }
  void prepare(const Pass& most) override;
  std::size_t scratch(const Pass& pass) const override;
  void forward(const Pass& pass, const real* x, real* y) override;
  void backward(const Pass& pass, const real* x, const real* y, real* dy, real* dx) override;
  bool in_place() const override { return true; }
  bool makes_again() const override { return clamps_ || linear_; }
  void forward_again(const Pass& pass, const real* x, real* y) override;

  // Where the next layer reads pixels: forward without writing y, and y once more, as that layer makes it of the same x.
  PixelInput forward_to_reader(const Pass& pass, const real* x);
  PixelInput again_to_reader(const real* x) const { return {x, &normalization_}; }

  // Tells which layer's sums, without an activation of its own, come here.
  void fold_into(WeightedLayer& before);
  // In inference: y of this layer from x of that one, by weights gamma W / sqrt(var + epsilon).
  void forward_folded(const Pass& pass, const PixelInput& x, real* y);

 private:
  bool uses_batch(const Pass& pass) const { return pass.training && weight_.trainable; }
  void measure(const Pass& pass, const real* x);
  void take_kept();
  void fold();
  template <bool clamped>
  void backward_through(const Pass& pass, const real* x, const real* dy, real* dx);

  Shape shape_;
  double keep_, epsilon_;
  Parameter weight_, bias_, running_mean_, running_var_;
  FusedActivation activation_;
  bool clamps_;  // the activation is relu or relu6: its mask is computed anew from x
  bool linear_;
  ChannelNorm normalization_;
  Buffer<real> mean_, inverse_, scale_, by_x_, constant_;  // (C) each; dx = scale dz + by_x (x - mean) + constant
  std::vector<double> partial_;                            // (slices, 2, C)
  WeightedLayer* before_ = nullptr;
  Buffer<real> folded_;  // its weights, and behind them its bias, with this layer in them
  std::uint32_t folded_version_ = 0;
};

}  // namespace trainground
