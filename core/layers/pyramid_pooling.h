// A picture as one vector: the mean of each channel of several maps of a network, the last of which is its input. What comes out
// of relu6 is never negative; to the power 0.7 a few strong means drown the others less, and each map's vector has length one, so
// that all have equal say (power and l2 normalization: Perronnin et al., "Improving the Fisher kernel", ECCV 2010).
#pragma once

#include <vector>

#include "layer.h"

namespace trainground {

class PyramidPooling : public Layer {
 public:
  PyramidPooling(Shape input, std::vector<Shape> maps);
  const char* name() const override { return "pyramidPooling"; }
  Shape output_shape() const override { return {1, 1, size_}; }
  void forward(const Pass& pass, const real* x, real* y) override;
  void backward(const Pass& pass, const real* x, const real* y, real* dy, real* dx) override;

  // Before a pass: where map i, one of those that are not the input, stands (N, map).
  void set_map(std::size_t i, const real* values) { values_[i] = values; }
  // Behind a backward pass with dx: adds what this layer passes on to map i.
  void add_gradient(std::size_t i, int samples, real* gradient) const;

 private:
  std::vector<Shape> maps_;  // the input is the last
  std::vector<const real*> values_;
  int size_ = 0;            // numbers of a sample that come out
  Buffer<real> gradients_;  // (N, size): of each number of a map
};

}  // namespace trainground
