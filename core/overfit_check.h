// Overfitting one batch: a network that cannot learn a few samples by heart has a fault, not too few data.
//
// One fixed batch, without augmentation, dropout, penalties, label smoothing, weight decay and schedule. It passes once the loss
// is below 0.01 (meanSquaredError: below a hundredth of the targets' variance) within 300 steps. If it does not, the likeliest
// cause is found by trying: what the loss can reach at all with these outputs, units that put out nothing before training, then
// the same batch with nothing frozen, with its inputs standardised where they are far from 1, and with other learning rates; if
// none of it helps, the network is too small.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "optimizer.h"
#include "trial.h"

namespace trainground {

enum class OverfitCause { none, rateTooSmall, rateTooLarge, deadUnits, wrongLoss, frozenLayers, unscaledInputs, networkTooSmall };

struct OverfitOptions {
  int max_steps = 300;
  int samples = 32;
};

struct OverfitResult {
  bool passed = false;
  OverfitCause cause = OverfitCause::none;
  std::string message;                     // verdict and cause in words
  int samples = 0, steps = 0;              // of the batch; of the recipe as it is
  double goal = 0, loss = 0;               // the last loss of the recipe as it is
  double lowest = 0;                       // that any weights could reach, given the last layer's activation
  std::vector<double> losses;              // one for each step
  double dead_before = 0, dead_after = 0;  // share of units that put out 0 for every sample, in the layer that has most of them
  double better_rate = 0;                  // a learning rate with which it passes, where another one is needed and was found
};

class OverfitCheck {
 public:
  OverfitCheck(const Training& run, const OverfitOptions& options);

  // One training step; false once there is a verdict.
  bool advance();
  double progress() const;                                 // of the attempt that runs
  const OverfitResult& result() const { return result_; }  // its verdict counts once advance() said false

 private:
  void begin_attempt(double rate, bool frozen);
  void attempt_ended(bool passed);
  void look_for_cause();
  void try_scaled();
  void try_next_rate();
  void conclude(OverfitCause cause, const std::string& message);
  double target(int sample, int output) const;
  double lowest_loss() const;
  double input_size() const;
  double dead_share() const;

  const Training& run_;
  OverfitOptions options_;
  Batches batches_;
  std::unique_ptr<Batches> scaled_;  // the same samples standardised, once that is tried
  std::unique_ptr<Trial> trial_;
  std::unique_ptr<Optimizer> optimizer_;
  int step_ = 0;
  double rate_ = 0;                          // of the attempt that runs
  bool as_given_ = true, unfrozen_ = false;  // whether that attempt is the recipe as it is, or the one with nothing frozen
  bool ended_ = false;
  std::vector<double> rates_;  // still to be tried, the next one last
  OverfitResult result_;
};

}  // namespace trainground
