// The learning rate at each step of a run, as a function of the epoch and the step; reduceOnPlateau alone has a memory.
//
// Epochs count from 0 and, after a warm-up of W epochs, from its end (e = epoch - W):
//   warm-up      a (step + 1) / (W steps)            a straight line, step by step (Goyal et al., 2017)
//   step         a factor^floor(e / stepEpochs)      PyTorch's StepLR
//   exponential  a factor^e                          PyTorch's ExponentialLR
//   cosine       min + (a - min) (1 + cos(pi p)) / 2, p = share of the steps after the warm-up that are done (Loshchilov and
//   Hutter, 2017) reduceOnPlateau  Keras's: times factor after `patience` epochs without a loss lower by more than minDelta
#pragma once

#include "experiment.h"

namespace trainground {

class Schedule {
 public:
  Schedule(const ScheduleOptions& options, double learning_rate, int epochs)
      : options_(options), learning_rate_(learning_rate), epochs_(epochs) {}

  double rate(int epoch, int step, int steps_per_epoch) const;

  // After each epoch: the validation loss, or the training loss where there is no validation part.
  void epoch_ended(double loss);

  // The learning rate that all of this scales; may change during a run.
  double learning_rate() const { return learning_rate_; }
  void set_learning_rate(double learning_rate) { learning_rate_ = learning_rate; }

  // What a checkpoint keeps besides it.
  struct State {
    double reduction = 1;  // what plateaus have made of the rate
    double best = 0;
    bool has_best = false;
    int waited = 0;
  };
  const State& state() const { return state_; }
  void restore(const State& state) { state_ = state; }

 private:
  ScheduleOptions options_;
  double learning_rate_;
  int epochs_;
  State state_;
};

}  // namespace trainground
