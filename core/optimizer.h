// How gradients change the weights: eight rules, each one loop over the arena of the numbers that learn.
//
// The state (m, v) lies beside the weights in arrays of the same length, and the step counter t belongs to the step, not to a
// tensor: bias correction cannot run ahead. PyTorch's mathematics; optimizer.cpp shows each formula beside the cheat sheet's.
// Each number is updated by itself, so any division among threads gives the same bits. Refused: per-tensor options, sparse
// gradients.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "experiment.h"
#include "gradients.h"
#include "tensor.h"

namespace trainground {

class Optimizer {
 public:
  // `count`: how many gradients there are.
  Optimizer(const OptimizerOptions& options, std::size_t count);

  // One step: values are those that have a gradient each; what no range covers is frozen and does not change by a bit.
  void step(real* values, const real* gradients, std::span<const IndexRange> trainable, double learning_rate);

  // What a checkpoint keeps: the steps done, and these arrays (none to two, by the rule).
  struct State {
    const char* name;  // "m" or "v"
    Buffer<real>* values;
  };
  std::vector<State> state();
  std::uint64_t steps() const { return t_; }
  void set_steps(std::uint64_t steps) { t_ = steps; }

 private:
  template <bool kM, bool kV, class Rule>
  void each(real* values, const real* gradients, std::span<const IndexRange> trainable, Rule rule);

  OptimizerOptions options_;
  std::uint64_t t_ = 0;
  Buffer<real> m_, v_;
  std::vector<IndexRange> pieces_;  // of the trainable ranges, small enough to share among threads
};

}  // namespace trainground
