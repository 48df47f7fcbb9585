// A residual block: layers with a shortcut around them. He et al., "Deep residual learning for image recognition", CVPR 2016
// (projection where the shapes differ).
#pragma once

#include "sequence.h"

namespace trainground {

// y = layers(x) + shortcut(x); the shortcut is x itself, or a 1x1 convolution where shapes differ.
class Residual : public Layer {
 public:
  Residual(Shape input, const LayerOptions& options, int& number);

  const char* name() const override { return "residual"; }
  Shape output_shape() const override { return layers_.output_shape(); }
  bool varies() const override { return layers_.varies(); }
  std::vector<Parameter*> parameters() override;
  void prepare(const Pass& most) override;
  void plan_gradients(const Pass& most) const override;
  std::size_t scratch(const Pass& pass) const override;
  void forward(const Pass& pass, const real* x, real* y) override;
  void backward(const Pass& pass, const real* x, const real* y, real* dy, real* dx) override;
  const Sequence& layers() const { return layers_; }

 private:
  Shape input_;
  Sequence layers_;
  std::unique_ptr<Layer> projection_;
  bool learns_ = false;
  Buffer<real> shortcut_;           // the projection's output; in backward, its dy
  Buffer<real> shortcut_gradient_;  // what the shortcut adds to dx
};

}  // namespace trainground
