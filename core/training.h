// A whole run: steps, epochs, validation, early stopping, the end. Pulled one unit of work at a time by whoever calls advance(),
// so that pausing is not asking, and no clock or thread of its own is needed.
//
// Two snapshots of the weights are kept: those of the best epoch and those of the last finished one. A run that diverges goes
// back to one of them, so nothing is lost.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "batch.h"
#include "dataset.h"
#include "early_stopping.h"
#include "experiment.h"
#include "feature_cache.h"
#include "loss.h"
#include "network.h"
#include "optimizer.h"
#include "schedule.h"

namespace trainground {

enum class StopReason { none, epochs, earlyStopping, diverged, interrupted };

struct StepResult {
  int epoch = 1, step = 0;  // step counts from the start of the run
  double loss = 0;          // mean over the batch, penalty included
};

// One row of a run's history. Without a validation part its two numbers are NaN.
struct EpochResult {
  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  int epoch = 0;
  double loss = kNone, accuracy = kNone;  // mean over the samples as they were seen: training mode; the loss with its penalty
  double validation_loss = kNone, validation_accuracy = kNone;  // inference mode, without penalty
  double learning_rate = 0;                                     // of the epoch's last step
};

struct Evaluation {
  double loss = 0, accuracy = 0;  // NaN without samples
  int samples = 0;
  std::vector<std::int32_t> confusion;  // (K,K): row = label, column = prediction; empty for regression
  std::vector<float> probabilities;     // (N,K)
};

class Training {
 public:
  // The smallest batch of an inference, in samples, for a network whose layers put out so many numbers for each: 16, or as many
  // as take 128 MB.
  static int least_inferred(std::int64_t outputs);

  // Needs an experiment and data without run_problems. Both datasets must outlive it; `validation`, if not null, replaces the
  // split.
  // feature_room: bytes for what the frozen part makes of pictures (feature_cache.h).
  Training(const Experiment& experiment, const Dataset& data, const Dataset* validation,
           std::size_t feature_room = FeatureCache::kRoom);

  enum class Unit { step, validation_batch, epoch, end, features };
  // Does one unit of work and tells which: a training step, a batch of validation, the close of an epoch, or the end of the run,
  // which it then goes on telling. Before a step or a batch of validation whose pictures are new to what is frozen, some of them
  // go through that.
  Unit advance();
  int features_left() const { return features_left_; }  // pictures of the batch that still have to, after a unit of features
  bool at_step() const { return at_.phase == Phase::training; }  // what advance() would do next
  // Ends the run here with reason `interrupted`, as advance() would; does nothing to a run that has ended.
  void finish();

  const StepResult& last_step() const { return last_step_; }
  const std::vector<EpochResult>& history() const { return history_; }
  StopReason reason() const { return reason_; }
  const std::string& message() const { return message_; }          // the reason in words
  int best_epoch() const { return early_stopping_.best_epoch(); }  // 0: none yet
  int patience_left() const { return early_stopping_.patience_left(); }
  // The row that describes the weights in place: the best epoch's once they are restored, else the last one's.
  const EpochResult& result() const { return result_; }

  double learning_rate() const { return at_.learning_rate; }  // of the last step
  // To be told after the network's weights were loaded from a file: what a run that diverges goes back to are these.
  void weights_loaded() {
    features_.forget();
    ++weights_version_;
    take_snapshot(last_good_);
  }
  // From the next step on; the schedule multiplies it.
  void set_learning_rate(double learning_rate) { schedule_.set_learning_rate(learning_rate); }

  Evaluation evaluate(const Dataset& data, const std::vector<std::int32_t>& samples);
  // Runs the pictures through in inference mode and returns them as the network saw them (N,H,W,C); every layer's output stays in
  // the network until its next pass.
  const real* look(const Pixels& pictures, int samples);
  // Classes, or numbers of a regression: K of what follows, also where the network has one output for two classes.
  int answer_size() const { return trainground::answer_size(network_.outputs(), data_.classifies() ? data_.outputs : 0); }
  // What the network says of the pictures: probabilities (N,K), or numbers where the loss is meanSquaredError.
  std::vector<float> predict(const Pixels& pictures, int samples);
  // What to compare samples by: what enters the network's last layer, (N, feature_size()); of an embedding that part of it which
  // the last map gave, before the mean is taken off (layers/centering.h).
  struct Described {
    std::vector<float> features, probabilities;  // the latter as predict() has them
  };
  int feature_size() const;
  Described describe(const Pixels& pictures, int samples);
  Described describe(const std::vector<std::int32_t>& samples);  // of the set to learn from: what is kept is not computed anew
  // The very pixels that `epoch` trains on for these samples, (N,H,W,C), before normalization; epoch 0: as they are.
  std::vector<float> preview(int epoch, const std::vector<std::int32_t>& samples);

  const Batches& batch() const { return batches_; }  // the one that the last step trained on
  const FeatureCache& features() const { return features_; }
  FeatureCache& features() { return features_; }
  Network& network() { return network_; }
  const Network& network() const { return network_; }
  const Experiment& experiment() const { return experiment_; }
  const Split& split() const { return split_; }
  const Normalization& normalization() const { return normalization_; }
  const Normalization& label() const { return label_; }  // how a regression's targets are standardised; empty: not
  const Dataset& data() const { return data_; }
  const Dataset& validation_data() const { return validation_; }
  int steps_per_epoch() const { return batches_.steps_per_epoch(); }
  // Of every picture and label of the run; computed once, when first asked for.
  const std::string& data_sha256();

 private:
  friend class RunState;  // checkpoint.cpp

  enum class Phase { training, validation, ending, ended };

  void train_step();
  void begin_validation();
  bool draw(Batches& batches, int set);
  bool validate_batch();  // false: none was left
  void close_epoch();
  void start_epoch();
  // After a checkpoint has set progress and history: stands where it says, or goes on past an end that is one no longer.
  void continue_from_progress();
  void diverge(double loss);
  void end();
  Pass inference(int samples, Outputs outputs = Outputs::needed) const;
  const real* inputs_of(const Batches& batches, int set);
  const real* answer(const Batches& batches, int samples, int set);
  template <class Then>
  void answer(const Pixels& pictures, int samples, Then then);
  void append_features(const real* inputs, int samples, std::vector<float>& all) const;
  const real* infer(const Pixels& pictures, int samples, Outputs outputs);
  void append_probabilities(const real* logits, int samples, std::vector<float>& all);
  LossResult loss(const Batches& batches, int samples, const real* logits, real* gradient) const;
  void take_snapshot(Buffer<real>& snapshot) const;
  void restore_snapshot(const Buffer<real>& snapshot);

  Experiment experiment_;
  const Dataset& data_;
  const Dataset& validation_;  // the set that holds the validation part: `data_`, unless there is one of its own
  Split split_;
  Normalization normalization_, label_;
  Network network_;
  FeatureCache features_;
  int inference_batch_;  // samples
  Batches batches_;
  Batches validation_batches_;
  Optimizer optimizer_;
  EarlyStopping early_stopping_;
  Schedule schedule_;
  static constexpr int kNotDrawn = -1;
  int drawn_ = kNotDrawn;  // samples of the batch that comes next, once it is there
  int features_left_ = 0;
  int set_of(const Dataset& data) const;
  Buffer<real> dlogits_, looked_at_, said_;
  std::uint32_t weights_version_ = 1;  // of what is not known beforehand, for inference
  bool has_accuracy_;

  // What a checkpoint keeps, besides weights, optimizer and history.
  struct Progress {
    Phase phase = Phase::training;
    int epoch = 1, step_in_epoch = 0, step = 0;
    double loss_sum = 0;  // of the epoch so far: batch loss times its samples
    std::int64_t correct = 0;
    double learning_rate = 0;  // of the last step
  };
  Progress at_;
  double validation_loss_sum_ = 0;  // a checkpoint inside validation starts it again
  std::int64_t validation_correct_ = 0;

  StepResult last_step_;
  std::vector<EpochResult> history_;
  EpochResult result_;
  // Values, then statistics; the best are kept where the run's end asks for them.
  Buffer<real> best_, last_good_;
  StopReason reason_ = StopReason::none;
  std::string message_, data_sha256_;
};

}  // namespace trainground
