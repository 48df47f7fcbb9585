// Inverted dropout (Srivastava et al., 2014): in training each number is dropped with probability `rate` and the others are
// divided by 1 - rate; in inference nothing happens. Which are dropped is a function of (seed, step, layer, place), so every step
// draws anew and any number of threads draws alike.
#pragma once

#include "../experiment.h"
#include "layer.h"

namespace trainground {

class Dropout : public Layer {
 public:
  Dropout(Shape input, const LayerOptions& options, int index);
  const char* name() const override { return "dropout"; }
  Shape output_shape() const override { return shape_; }
  bool varies() const override { return true; }
  void prepare(const Pass& most) override;
  void forward(const Pass& pass, const real* x, real* y) override;
  void backward(const Pass& pass, const real* x, const real* y, real* dy, real* dx) override;
  bool backward_reads_x() const override { return false; }

 private:
  Shape shape_;
  double rate_;
  std::uint32_t index_;
  std::vector<std::uint8_t> kept_;  // one bit for each of four numbers
};

}  // namespace trainground
