// (H,W,C) becomes (1,1,H*W*C): the same numbers in the same memory. A network may hand on the pointer instead of calling it.
#pragma once

#include "layer.h"

namespace trainground {

class Flatten : public Layer {
 public:
  explicit Flatten(Shape input) : input_(input) {}
  const char* name() const override { return "flatten"; }
  Shape output_shape() const override { return {1, 1, input_.size()}; }
  void forward(const Pass& pass, const real* x, real* y) override;
  void backward(const Pass& pass, const real* x, const real* y, real* dy, real* dx) override;

 private:
  Shape input_;
};

}  // namespace trainground
