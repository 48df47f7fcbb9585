// One training step with every number on its way: each layer's output, the loss, each gradient, the update, the loss afterwards.
//
// The step itself is the run's own, so it leaves the run exactly as any other step. What a run does not keep (the sums before an
// activation, the gradients between layers) comes from a copy of the network as it was, without folded activations, which goes
// through the same batch with the same masks of dropout.
#pragma once

#include <cstddef>
#include <vector>

#include "trial.h"

namespace trainground {

// What one step of the sequence put out, and what the loss says of it.
struct LayerMoment {
  int entry = 0;     // index in the experiment's list
  bool sum = false;  // before that entry's own activation
  Shape shape;
  const real* values = nullptr;  // (N, shape)
  Buffer<real> gradients;        // dLoss/dvalues (N, shape), the loss being the batch's mean; empty below all that is trained
};

// One tensor that the step changed.
struct UpdateMoment {
  const Parameter* parameter = nullptr;  // of the run: its gradient as the optimizer took it, its value afterwards
  const real* before = nullptr;
};

class SlowMotion {
 public:
  static constexpr std::size_t kMostNumbers = 1 << 20;  // what a picture of it could show is far less
  // Outputs and gradients of every layer, and three numbers for each weight.
  static std::size_t numbers(const Training& run);

  // The network as it stands: to be made just before a step.
  explicit SlowMotion(const Training& run);
  // Just after run.advance() has told of a step.
  void observe(const Training& run);

  const std::vector<LayerMoment>& layers() const { return layers_; }
  const std::vector<UpdateMoment>& updates() const { return updates_; }
  double penalty() const { return penalty_; }        // the part of the step's loss that regularisation is
  double loss_after() const { return loss_after_; }  // of the same batch and masks, with the new weights, penalty included

 private:
  Trial before_;
  Buffer<real> values_before_;
  std::vector<LayerMoment> layers_;
  std::vector<UpdateMoment> updates_;
  double penalty_ = 0, loss_after_ = 0;
};

}  // namespace trainground
