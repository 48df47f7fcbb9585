// Takes the mean over the training samples from a vector of several parts, and scales each part to length one again, so that what
// is common to all of somebody's pictures (a table, a wall) hides no difference between them. The last part keeps its length,
// times 3: it is the one that says most.
//
// Training uses the batch's mean and moves the kept one (the first batch of a run sets it, then 0.9 of it is kept at each step);
// inference uses the kept one. Nothing below may learn: the mean is no part of the gradient.
#pragma once

#include <vector>

#include "layer.h"

namespace trainground {

class Centering : public Layer {
 public:
  explicit Centering(std::vector<int> parts);  // numbers of each
  const char* name() const override { return "centering"; }
  Shape output_shape() const override { return {1, 1, size_}; }
  bool varies() const override { return true; }
  std::vector<Parameter*> parameters() override { return {&running_mean_}; }
  void forward(const Pass& pass, const real* x, real* y) override;
  void backward(const Pass& pass, const real* x, const real* y, real* dy, real* dx) override;

 private:
  void measure(const Pass& pass, const real* x);

  std::vector<int> parts_;
  int size_ = 0;
  Parameter running_mean_;
  Buffer<real> mean_;
};

}  // namespace trainground
