// Memory shared by all layers of a network, planned by Network::prepare and kept: scratch of a pass, arrays in which steps put,
// one after the other, what soon nobody needs, and the gradients that a backward pass hands from step to step. What loops that
// wait (depth_first.h) were given stays theirs; once they are done it is there again.
#pragma once

#include <vector>

#include "depth_first.h"
#include "tensor.h"

namespace trainground {

class Workspace {
 public:
  // `count` numbers of scratch.
  real* take(std::size_t count);
  // For whoever has finished the loops, and read what they left here, before it notes others.
  void free() {
    if (!loops_wait()) taken_ = 0;
  }

  // Array `index`, to be written over by loops that are noted from now on.
  real* share(std::size_t index, std::size_t count);
  // The loops that wait read or write it.
  void in_use(std::size_t index) { shared_[index].round = loop_round(); }

  // Gradients of two neighbouring steps stand at the two ends of one array, so they take turns: each is written over the one
  // before the last. Those of a sequence within a step stand further in than the two around it: depth 1, and so on.
  real* gradient(std::size_t depth, int end, std::size_t count);
  void gradient_in_use(std::size_t depth, int end);
  // The array becomes as long as calls of gradient() like these need. Nobody may hold a gradient.
  void plan_gradient(std::size_t depth, int end, std::size_t count);
  void hold_planned();

 private:
  struct Shared {
    Buffer<real> numbers;
    unsigned round = ~0u;
  };

  Buffer<real> memory_;
  std::size_t taken_ = 0;
  std::vector<Shared> shared_;

  Buffer<real> gradients_;
  std::vector<std::size_t> lengths_[2];  // of the gradients at each end, by depth
  std::size_t planned_ = 0;
  std::size_t needed_[2] = {};  // how far from each end the loops of that round read or write
  unsigned needed_round_ = ~0u;
};

}  // namespace trainground
