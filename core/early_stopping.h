// When to stop: a pure state machine. Metrics go in after each epoch; out come "go on", "new best" or "stop", and a reason in
// words.
//
// Keras's rules: a change for the better by more than minDelta is an improvement; `patience` epochs without one end the run (0
// counts as 1); the first startFromEpoch epochs are not watched. Unlike Keras, the best epoch is known however the run ends, so
// that its weights can always be put back (the caller keeps them). A metric that is not a number never improves.
#pragma once

#include <string>

#include "experiment.h"

namespace trainground {

enum class Verdict { go_on, new_best, stop };

class EarlyStopping {
 public:
  // Where stopping is not enabled, it only knows the best epoch.
  explicit EarlyStopping(const EarlyStoppingOptions& options) : options_(options) {}

  // Epochs count from 1. The accuracy counts only if it is monitored.
  Verdict epoch_ended(int epoch, double validation_loss, double validation_accuracy);

  int best_epoch() const { return state_.best_epoch; }  // 0: none yet
  double best() const { return state_.best; }
  // Epochs without improvement that are still allowed; -1 where stopping is not enabled.
  int patience_left() const;
  // Once it has said stop: "validation loss has not improved for 5 epochs; the best was epoch 7".
  std::string reason() const;

  struct State {
    double best = 0;
    int best_epoch = 0;
    int waited = 0;
  };
  const State& state() const { return state_; }
  void restore(const State& state) { state_ = state; }

 private:
  EarlyStoppingOptions options_;
  State state_;
};

}  // namespace trainground
