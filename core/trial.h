// A copy of a run's network to try things on. Each examination works on one, so that the run itself (weights, statistics,
// optimizer, position) is never touched and nothing has to be put back.
//
// It starts from the weights that the run has now: those before training, if it was only opened. Losses are those of training
// mode, penalty included.
#pragma once

#include <cstdint>
#include <vector>

#include "batch.h"
#include "network.h"
#include "training.h"

namespace trainground {

class Trial {
 public:
  // `experiment`: the run's own, or one that differs from it in anything but the shapes of what is learned. `batch_size`: of the
  // largest batch to come.
  Trial(const Training& run, const Experiment& experiment, int batch_size, Folding folding = Folding::on);

  Network& network() { return network_; }
  const Network& network() const { return network_; }
  const Experiment& experiment() const { return experiment_; }

  // Of the batch that `batches` has gathered. `step` chooses dropout's masks.
  double loss(const Batches& batches, int step);
  // `seen`, one for each step of the sequence, takes the gradients of their outputs; empty: of a step below all that is trained.
  double loss_and_gradients(const Batches& batches, int step, std::vector<Buffer<real>>* seen = nullptr);

 private:
  double forward(const Batches& batches, int step, real* dlogits, std::vector<Buffer<real>>* seen);

  Experiment experiment_;
  const Dataset& data_;
  Network network_;
  FeatureCache features_;
  const int first_;  // step that runs every time: all do where somebody looks into every layer
  Buffer<real> dlogits_;
};

// A small batch that stands for the training part: the first samples of each class in turn; of a regression, evenly spread ones.
std::vector<std::int32_t> fixed_batch(const Training& run, int count);

// Options of a batch of just those samples, as they are.
inline BatchOptions as_they_are(const Training& run, int count) {
  return {count, false, run.experiment().seed, {}, run.normalization(), run.label()};
}

}  // namespace trainground
