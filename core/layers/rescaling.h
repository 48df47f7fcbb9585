// Every number times a scale, plus an offset: how pictures in 0..1 become what a network from elsewhere has learned on (Keras's
// Rescaling). Nothing is learned.
#pragma once

#include "../experiment.h"
#include "layer.h"

namespace trainground {

class Rescaling : public Layer {
 public:
  Rescaling(Shape input, const LayerOptions& options);
  const char* name() const override { return "rescaling"; }
  Shape output_shape() const override { return shape_; }
  void forward(const Pass& pass, const real* x, real* y) override;
  void backward(const Pass& pass, const real* x, const real* y, real* dy, real* dx) override;
  bool backward_reads_x() const override { return false; }

 private:
  Shape shape_;
  real scale_, offset_;
};

}  // namespace trainground
