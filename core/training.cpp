#include "training.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "gradients.h"
#include "kernels/vector.h"
#include "sha256.h"

namespace trainground {
namespace {

std::vector<std::int32_t> first(int count) {
  std::vector<std::int32_t> indices(static_cast<std::size_t>(count));
  std::iota(indices.begin(), indices.end(), 0);
  return indices;
}

// Inference keeps nothing for a backward pass, so its batches need not be the training's: as many samples as leave what passes
// from one layer to the next in the second cache. Fewer would read the weights too often, more hardly gains.
int inference_batch(const Sequence& layers) {
  constexpr int kCached = 1 << 18;  // numbers: 1 MB
  int most = 1, below = layers.input_shape().size();
  for (int step = 0; step < layers.steps(); ++step) {
    const int above = layers.shape_of(step).size();
    most = std::max(most, below + above);
    below = above;
  }
  return std::clamp(kCached / most, Training::kLeastInferred, 128);
}

Targets targets_of(const Batches& batches, const Dataset& data) {
  if (data.classifies()) return {batches.labels(), nullptr};
  return {nullptr, batches.targets()};
}

std::string epochs_text(int count) { return std::to_string(count) + (count == 1 ? " epoch" : " epochs"); }

}  // namespace

Training::Training(const Experiment& experiment, const Dataset& data, const Dataset* validation, std::size_t feature_room)
    : experiment_(experiment),
      data_(data),
      validation_(validation ? *validation : data),
      split_(split_for(experiment, data, validation)),
      normalization_(experiment.normalize ? channel_statistics(data, split_.training) : Normalization{}),
      label_(experiment.normalize_label ? label_statistics(data, split_.training) : Normalization{}),
      network_(data.shape, experiment),
      features_(network_, experiment.exact, feature_room),
      inference_batch_(inference_batch(network_.layers())),
      batches_(data, split_.training,
               {experiment.batch_size, experiment.shuffle, experiment.seed, experiment.augmentation, normalization_, label_,
                experiment.augmentation_views}),
      validation_batches_(validation_, split_.validation, {inference_batch_, false, experiment.seed, {}, normalization_, label_}),
      optimizer_(experiment.optimizer, network_.values().size()),
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
      train_step();
      return at_.phase == Phase::ended ? Unit::end : Unit::step;
    case Phase::validation:
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

// The cheat sheet's three steps: forward to the loss, backward to the gradients, update.
void Training::train_step() {
  const int samples = batches_.next();
  const Pass pass{samples, true, experiment_.exact, experiment_.seed, static_cast<std::uint32_t>(at_.step), nullptr};
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
  optimizer_.step(network_.values().data(), network_.gradients().data(), network_.trainable(), at_.learning_rate);

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
  const int samples = validation_batches_.next();
  if (samples == 0) return false;
  const real* logits = answer(validation_batches_, samples, &validation_ == &data_ ? 0 : 1);
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
    const real* learned = network_.values().data() + range.begin;
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

Pass Training::inference(int samples, bool answer_only) const {
  return {samples, false, experiment_.exact, experiment_.seed, 0, nullptr, answer_only};
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

Evaluation Training::evaluate(const Dataset& data, const std::vector<std::int32_t>& samples) {
  Evaluation evaluation;
  evaluation.samples = static_cast<int>(samples.size());
  if (samples.empty()) evaluation.loss = EpochResult::kNone;
  const int classes = data.classifies() ? data.outputs : 0;
  evaluation.confusion.resize(static_cast<std::size_t>(classes) * classes);
  Batches batches(data, samples, {inference_batch_, false, experiment_.seed, {}, normalization_, label_});
  std::int64_t correct = 0;
  while (const int count = batches.next()) {
    const real* logits = answer(batches, count, &data == &data_ ? 0 : 1);
    const LossResult result = loss(batches, count, logits, nullptr);
    evaluation.loss += result.value * count / evaluation.samples;
    correct += result.correct;
    const std::size_t done = evaluation.probabilities.size();
    append_probabilities(logits, count, evaluation.probabilities);
    if (classes == 0) continue;
    for (int n = 0; n < count; ++n) {
      const float* row = evaluation.probabilities.data() + done + static_cast<std::size_t>(n) * classes;
      const std::ptrdiff_t predicted = std::max_element(row, row + classes) - row;
      ++evaluation.confusion[static_cast<std::size_t>(batches.labels()[n]) * classes + predicted];
    }
  }
  evaluation.accuracy = has_accuracy_ ? static_cast<double>(correct) / evaluation.samples : EpochResult::kNone;
  return evaluation;
}

void Training::append_probabilities(const real* logits, int samples, std::vector<float>& all) {
  const std::size_t numbers = static_cast<std::size_t>(samples) * answer_size();
  said_.resize(std::max(said_.size(), numbers));
  probabilities(experiment_.loss, samples, network_.outputs(), data_.classifies() ? data_.outputs : 0, logits, said_.data());
  for (std::size_t i = 0; !label_.empty() && i < numbers; ++i) {
    const std::size_t k = i % label_.mean.size();
    said_[i] = static_cast<real>(said_[i] * label_.deviation[k] + label_.mean[k]);
  }
  all.insert(all.end(), said_.begin(), said_.begin() + static_cast<std::ptrdiff_t>(numbers));
}

// Gives the inputs of the first step that ran here.
const real* Training::infer(const Pixels& pictures, int samples, bool answer_only) {
  if (answer_only && !features_.none()) {
    network_.prepare(samples, features_.rest());
    const real* inputs = features_.of(pictures, normalization_, samples);
    network_.forward(inference(samples), inputs, features_.rest());
    return inputs;
  }
  network_.prepare(samples);
  looked_at_.resize(std::max(looked_at_.size(), static_cast<std::size_t>(samples) * pictures.shape.size()));
  gather(pictures, normalization_, first(samples), looked_at_.data());
  network_.forward(inference(samples, answer_only), looked_at_.data());
  return looked_at_.data();
}

const real* Training::look(const Pixels& pictures, int samples) { return infer(pictures, samples, false); }

// A few pictures at a time; then(inputs, count) behind each pass, inputs as of infer().
template <class Then>
void Training::answer(const Pixels& pictures, int samples, Then then) {
  const std::size_t size = pictures.shape.size();
  for (int begin = 0; begin < samples; begin += inference_batch_) {
    const int count = std::min(inference_batch_, samples - begin);
    const std::size_t offset = begin * size;
    then(infer({pictures.shape, pictures.bytes ? pictures.bytes + offset : nullptr,
                pictures.floats ? pictures.floats + offset : nullptr, pictures.doubles ? pictures.doubles + offset : nullptr},
               count, true),
         count);
  }
}

std::vector<float> Training::predict(const Pixels& pictures, int samples) {
  std::vector<float> all;
  answer(pictures, samples, [&](const real*, int count) { append_probabilities(network_.logits(), count, all); });
  return all;
}

int Training::feature_size() const {
  const Sequence& layers = network_.layers();
  if (layers.last_map() >= 0) return layers.shape_of(layers.last_map()).channels;
  return layers.steps() > 1 ? layers.shape_of(layers.steps() - 2).size() : layers.input_shape().size();
}

void Training::append_features(const real* inputs, int samples, std::vector<float>& all) const {
  const Sequence& layers = network_.layers();
  const int width = feature_size();
  const bool embeds = layers.last_map() >= 0;
  const int row = embeds ? static_cast<int>(features_.size()) : width;  // of an embedding the part is the last one
  const real* from = embeds || features_.rest().begin == layers.steps() - 1 ? inputs : layers.step_output(layers.steps() - 2);
  for (int n = 1; n <= samples; ++n)
    all.insert(all.end(), from + std::ptrdiff_t{n} * row - width, from + std::ptrdiff_t{n} * row);
}

Training::Described Training::describe(const Pixels& pictures, int samples) {
  Described all;
  answer(pictures, samples, [&](const real* inputs, int count) {
    append_features(inputs, count, all.features);
    append_probabilities(network_.logits(), count, all.probabilities);
  });
  return all;
}

Training::Described Training::describe(const std::vector<std::int32_t>& samples) {
  Described all;
  Batches batches(data_, samples, {inference_batch_, false, experiment_.seed, {}, normalization_, label_});
  while (const int count = batches.next()) {
    const real* inputs = inputs_of(batches, 0);
    append_probabilities(network_.forward(inference(count), inputs, features_.rest()), count, all.probabilities);
    append_features(inputs, count, all.features);
  }
  return all;
}

std::vector<float> Training::preview(int epoch, const std::vector<std::int32_t>& samples) {
  std::vector<float> pixels(samples.size() * static_cast<std::size_t>(data_.shape.size()));
  if (epoch > 0) {
    batches_.preview(static_cast<std::uint32_t>(epoch), samples, pixels.data());
  } else {
    looked_at_.resize(std::max(looked_at_.size(), pixels.size()));
    gather(pixels_of(data_), {}, samples, looked_at_.data());
    std::copy_n(looked_at_.begin(), pixels.size(), pixels.begin());
  }
  return pixels;
}

// What a run can change: what learns, and the statistics of batch norms.
void Training::take_snapshot(Buffer<real>& snapshot) const {
  const std::span<const real> values = network_.values(), statistics = network_.statistics();
  snapshot.clear();
  for (const IndexRange& range : network_.trainable())
    snapshot.insert(snapshot.end(), values.begin() + range.begin, values.begin() + range.end);
  snapshot.insert(snapshot.end(), statistics.begin(), statistics.end());
}

void Training::restore_snapshot(const Buffer<real>& snapshot) {
  auto from = snapshot.begin();
  for (const IndexRange& range : network_.trainable()) {
    const auto end = from + static_cast<std::ptrdiff_t>(range.end - range.begin);
    std::copy(from, end, network_.values().begin() + static_cast<std::ptrdiff_t>(range.begin));
    from = end;
  }
  std::copy(from, snapshot.end(), network_.statistics().begin());
}

}  // namespace trainground
