#include "training.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "gradients.h"
#include "kernels/vector.h"
#include "sha256.h"

namespace trainground {
namespace {

// Inference keeps nothing for a backward pass, so its batches need not be the training's: as many samples as leave what passes
// from one layer to the next in the second cache. Fewer would read the weights too often, more hardly gains.
int inference_batch(const Sequence& layers, int first_learning) {
  constexpr int kCached = 1 << 18;  // numbers: 1 MB
  int most = 1, below = layers.input_shape().size();
  std::int64_t all = 0;
  for (int step = 0; step < layers.steps(); ++step) {
    const int above = layers.shape_of(step).size();
    most = std::max(most, below + above);
    if (step >= first_learning) all += above;
    below = above;
  }
  return std::clamp(kCached / most, Training::least_inferred(all), 128);
}

Targets targets_of(const Batches& batches, const Dataset& data) {
  if (data.classifies()) return {batches.labels(), nullptr};
  return {nullptr, batches.targets()};
}

std::string epochs_text(int count) { return std::to_string(count) + (count == 1 ? " epoch" : " epochs"); }

}  // namespace

int Training::least_inferred(std::int64_t outputs) {
  constexpr std::int64_t kNumbers = 1 << 25;
  return static_cast<int>(std::clamp<std::int64_t>(kNumbers / std::max<std::int64_t>(1, outputs), 1, 16));
}

Training::Training(const Experiment& experiment, const Dataset& data, const Dataset* validation, std::size_t feature_room)
    : experiment_(experiment),
      data_(data),
      validation_(validation ? *validation : data),
      split_(split_for(experiment, data, validation)),
      normalization_(experiment.normalize ? channel_statistics(data, split_.training) : Normalization{}),
      label_(experiment.normalize_label ? label_statistics(data, split_.training) : Normalization{}),
      network_(data.shape, experiment),
      features_(network_, experiment.exact, feature_room),
      inference_batch_(inference_batch(network_.layers(), features_.rest().begin)),
      batches_(data, split_.training,
               {experiment.batch_size, experiment.shuffle, experiment.seed, experiment.augmentation, normalization_, label_,
                experiment.augmentation_views}),
      validation_batches_(validation_, split_.validation, {inference_batch_, false, experiment.seed, {}, normalization_, label_}),
      optimizer_(experiment.optimizer, network_.learning().size()),
      early_stopping_(experiment.early_stopping),
      schedule_(experiment.schedule, experiment.optimizer.learning_rate, experiment.epochs),
      has_accuracy_(has_accuracy(experiment.loss, data.classifies())) {
  const int largest = std::min(experiment.batch_size, static_cast<int>(split_.training.size()));
  network_.prepare(std::max(largest, inference_batch_), features_.rest());
  for (const Batches* batches : {&batches_, &validation_batches_})
    if (features_.none()) batches->prepare();
  features_.prepare(static_cast<int>(split_.training.size()));
  dlogits_.resize(static_cast<std::size_t>(largest) * network_.outputs());
  batches_.seek({1, 0});
  take_snapshot(last_good_);
  if (experiment.early_stopping.restore_best_weights) best_.reserve(last_good_.size());
}

Training::Unit Training::advance() {
  switch (at_.phase) {
    case Phase::training:
      if (draw(batches_, 0)) return Unit::features;
      train_step();
      return at_.phase == Phase::ended ? Unit::end : Unit::step;
    case Phase::validation:
      if (draw(validation_batches_, set_of(validation_))) return Unit::features;
      if (validate_batch()) return Unit::validation_batch;
      close_epoch();
      return at_.phase == Phase::ended ? Unit::end : Unit::epoch;
    case Phase::ending:
      end();
      return Unit::end;
    case Phase::ended:
      break;
  }
  return Unit::end;
}

void Training::finish() {
  if (at_.phase == Phase::ended) return;
  if (at_.phase != Phase::ending) {
    reason_ = StopReason::interrupted;
    message_ = "Stopped by the user after " + epochs_text(static_cast<int>(history_.size())) + ".";
  }
  end();
}

// Goes to the next batch, and gives some of its pictures their features: true as long as there is more of that to do.
bool Training::draw(Batches& batches, int set) {
  if (drawn_ == kNotDrawn) drawn_ = batches.next();
  features_left_ = features_.fill(batches, set);
  return features_left_ > 0;
}

// The cheat sheet's three steps: forward to the loss, backward to the gradients, update.
void Training::train_step() {
  const int samples = std::exchange(drawn_, kNotDrawn);
  const Pass pass{samples, true,           experiment_.exact, experiment_.seed, static_cast<std::uint32_t>(at_.step),
                  nullptr, Outputs::needed};
  const real* inputs = inputs_of(batches_, 0);
  const real* logits = network_.forward(pass, inputs, features_.rest());
  const LossResult result = loss(batches_, samples, logits, dlogits_.data());
  network_.backward_to(features_.rest().begin, pass, inputs, dlogits_.data());
  const double value = result.value + add_penalties(network_.parameters());
  if (!std::isfinite(value)) return diverge(value);
  if (experiment_.optimizer.clip_norm > 0) {
    const double norm = gradient_norm(network_.gradients().data(), network_.trainable());
    clip_gradients(network_.gradients().data(), network_.trainable(), norm, experiment_.optimizer.clip_norm);
  }
  at_.learning_rate = schedule_.rate(at_.epoch - 1, at_.step_in_epoch, steps_per_epoch());
  optimizer_.step(network_.learning().data(), network_.gradients().data(), network_.trainable(), at_.learning_rate);
  ++weights_version_;

  at_.loss_sum += value * samples;
  at_.correct += result.correct;
  last_step_ = {at_.epoch, ++at_.step, value};
  if (++at_.step_in_epoch == steps_per_epoch()) begin_validation();
}

void Training::begin_validation() {
  at_.phase = Phase::validation;
  validation_batches_.seek({0, 0});
  validation_loss_sum_ = 0;
  validation_correct_ = 0;
}

bool Training::validate_batch() {
  const int samples = std::exchange(drawn_, kNotDrawn);
  if (samples == 0) return false;
  const real* logits = answer(validation_batches_, samples, set_of(validation_));
  const LossResult result = loss(validation_batches_, samples, logits, nullptr);
  validation_loss_sum_ += result.value * samples;
  validation_correct_ += result.correct;
  return true;
}

// In this order: a row of history, what the row means (best so far, time to stop), then snapshots of what is worth keeping.
void Training::close_epoch() {
  const double samples = static_cast<double>(split_.training.size());
  EpochResult row;
  row.epoch = at_.epoch;
  row.loss = at_.loss_sum / samples;
  row.learning_rate = at_.learning_rate;
  if (has_accuracy_) row.accuracy = static_cast<double>(at_.correct) / samples;
  if (!split_.validation.empty()) {
    const double held_back = static_cast<double>(split_.validation.size());
    row.validation_loss = validation_loss_sum_ / held_back;
    if (has_accuracy_) row.validation_accuracy = static_cast<double>(validation_correct_) / held_back;
    if (!std::isfinite(row.validation_loss)) return diverge(row.validation_loss);
  }
  for (const IndexRange& range : network_.trainable()) {
    const real* learned = network_.learning().data() + range.begin;
    if (!all_finite(static_cast<std::ptrdiff_t>(range.end - range.begin), learned)) return diverge(EpochResult::kNone);
  }

  history_.push_back(row);
  result_ = row;
  const double watched = split_.validation.empty() ? row.loss : row.validation_loss;
  schedule_.epoch_ended(watched);
  const Verdict verdict = early_stopping_.epoch_ended(at_.epoch, watched, row.validation_accuracy);
  take_snapshot(last_good_);
  if (verdict == Verdict::new_best && experiment_.early_stopping.restore_best_weights) best_ = last_good_;

  if (verdict == Verdict::stop) {
    at_.phase = Phase::ending;
    reason_ = StopReason::earlyStopping;
    message_ = "Stopped early: " + early_stopping_.reason() + ".";
  } else if (at_.epoch == experiment_.epochs) {
    at_.phase = Phase::ending;
    reason_ = StopReason::epochs;
    message_ = "All " + epochs_text(experiment_.epochs) + " done.";
  } else {
    start_epoch();
  }
}

void Training::start_epoch() {
  ++at_.epoch;
  at_.phase = Phase::training;
  at_.step_in_epoch = 0;
  at_.loss_sum = 0;
  at_.correct = 0;
  batches_.seek({static_cast<std::uint32_t>(at_.epoch), 0});
}

void Training::continue_from_progress() {
  features_.forget();
  ++weights_version_;
  drawn_ = kNotDrawn;
  const bool ended = at_.phase == Phase::ending || at_.phase == Phase::ended;
  if (ended && reason_ == StopReason::epochs && at_.epoch < experiment_.epochs) {
    restore_snapshot(last_good_);
    result_ = history_.back();
    reason_ = StopReason::none;
    message_.clear();
    start_epoch();
  } else if (at_.phase == Phase::validation) {
    begin_validation();
  } else {
    batches_.seek({static_cast<std::uint32_t>(at_.epoch), at_.step_in_epoch});
  }
}

void Training::diverge(double loss) {
  reason_ = StopReason::diverged;
  message_ = std::string(std::isnan(loss) ? "The loss became not a number" : "The loss became infinite") + " at step " +
             std::to_string(at_.step + 1) + ". The learning rate is likely too large.";
  restore_snapshot(last_good_);
  end();
}

void Training::end() {
  at_.phase = Phase::ended;
  if (experiment_.early_stopping.restore_best_weights && !best_.empty()) {
    restore_snapshot(best_);
    result_ = history_[static_cast<std::size_t>(best_epoch()) - 1];
    message_ += " The weights are those of epoch " + std::to_string(best_epoch()) + ", the best.";
  } else if (reason_ == StopReason::diverged) {
    message_ += history_.empty() ? " The weights are those before training."
                                 : " The weights are those of epoch " + std::to_string(history_.back().epoch) + ".";
  }
}

const std::string& Training::data_sha256() {
  if (!data_sha256_.empty()) return data_sha256_;
  Sha256 sum;
  const auto add = [&](const auto& values) {
    sum.update({reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(values[0])});
  };
  for (const Dataset* data : {&data_, &validation_}) {
    add(data->bytes);
    add(data->floats);
    add(data->doubles);
    add(data->labels);
    add(data->targets);
    if (&validation_ == &data_) break;
  }
  return data_sha256_ = sum.hex();
}

// Between steps layers keep what they make of the weights (packed, with a norm in them). A pass that keeps all outputs has no
// norms in its weights, so it keeps none of them.
Pass Training::inference(int samples, Outputs outputs) const {
  Pass pass{samples, false, experiment_.exact, experiment_.seed, 0, nullptr, outputs};
  if (outputs != Outputs::all) pass.weights_version = weights_version_;
  return pass;
}

// As FeatureCache::of has it.
int Training::set_of(const Dataset& data) const {
  return &data == &data_ ? 0 : &data == &validation_ ? 1 : FeatureCache::kForeign;
}

// Of the first step that is not known beforehand. set: as FeatureCache::of has it.
const real* Training::inputs_of(const Batches& batches, int set) {
  return features_.none() ? batches.inputs() : features_.of(batches, set);
}

const real* Training::answer(const Batches& batches, int samples, int set) {
  return network_.forward(inference(samples), inputs_of(batches, set), features_.rest());
}

LossResult Training::loss(const Batches& batches, int samples, const real* logits, real* gradient) const {
  return loss_and_gradient(experiment_.loss, experiment_.label_smoothing, samples, network_.outputs(), logits,
                           targets_of(batches, data_), gradient);
}

// What a run can change: what learns, and the statistics of batch norms.
void Training::take_snapshot(Buffer<real>& snapshot) const {
  const std::span<const real> values = network_.learning(), statistics = network_.statistics();
  snapshot.clear();
  for (const IndexRange& range : network_.trainable())
    snapshot.insert(snapshot.end(), values.begin() + range.begin, values.begin() + range.end);
  snapshot.insert(snapshot.end(), statistics.begin(), statistics.end());
}

void Training::restore_snapshot(const Buffer<real>& snapshot) {
  auto from = snapshot.begin();
  for (const IndexRange& range : network_.trainable()) {
    const auto end = from + static_cast<std::ptrdiff_t>(range.end - range.begin);
    std::copy(from, end, network_.learning().begin() + static_cast<std::ptrdiff_t>(range.begin));
    from = end;
  }
  std::copy(from, snapshot.end(), network_.statistics().begin());
  ++weights_version_;
}

}  // namespace trainground
