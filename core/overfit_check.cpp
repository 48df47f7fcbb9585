#include "overfit_check.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "gradients.h"
#include "json_text.h"

namespace trainground {
namespace {

constexpr double kGoal = 0.01;
constexpr double kMostlyDead = 0.9;
constexpr double kLarge = 10, kSmall = 0.01;              // inputs that initializers were not made for, by their root mean square
constexpr double kRates[] = {1e-4, 1e-3, 1e-2, 1e-1, 1};  // what other recipes use

void strip(std::vector<LayerOptions>& layers, bool frozen) {
  for (LayerOptions& layer : layers) {
    layer.rate = 0;
    layer.l1 = layer.l2 = 0;
    if (!frozen) layer.trainable = true;
    strip(layer.layers, frozen);
  }
}

// Without what makes a loss noisy or high on purpose.
Experiment bare(Experiment experiment, bool frozen) {
  strip(experiment.layers, frozen);
  if (!frozen) experiment.freeze = Freeze::none;
  experiment.l1 = experiment.l2 = 0;
  experiment.label_smoothing = 0;
  experiment.optimizer.weight_decay = 0;
  return experiment;
}

int batch_size(const Training& run, const OverfitOptions& options) {
  return std::min(options.samples, static_cast<int>(run.split().training.size()));
}

struct Bounds {
  double low, high;
};

// What a layer with this function behind it can put out.
Bounds bounds_of(Activation function) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  switch (function) {
    case Activation::relu:
      return {0, kInfinity};
    case Activation::relu6:
      return {0, 6};
    case Activation::elu:
    case Activation::tanh:
      return {-1, function == Activation::elu ? kInfinity : 1};
    case Activation::gelu:
      return {-0.17, kInfinity};
    case Activation::silu:
      return {-0.279, kInfinity};
    case Activation::sigmoid:
      return {0, 1};
    case Activation::linear:
    case Activation::leakyRelu:
      break;
  }
  return {-kInfinity, kInfinity};
}

Bounds output_bounds(const std::vector<LayerOptions>& layers) {
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
    if (layer->type == LayerType::dropout || layer->type == LayerType::flatten) continue;
    return bounds_of(layer->activation);
  }
  return bounds_of(Activation::linear);
}

// log(1 + e^x), and its limits.
double softplus(double x) { return x > 30 ? x : std::log1p(std::exp(x)); }

// The lowest binary cross-entropy of one logit within bounds, for a target from 0 to 1 (beyond, there is none).
double lowest_binary(double target, Bounds bounds) {
  if (target < 0 || target > 1) return std::numeric_limits<double>::infinity();
  const double best = target <= 0 ? bounds.low : target >= 1 ? bounds.high : std::log(target / (1 - target));
  const double x = std::clamp(best, bounds.low, bounds.high);
  if (std::isinf(x)) return 0;
  return softplus(x) - target * x;
}

// Three digits; without a stream, which would weigh more than all of this file in the wasm builds.
std::string number(double value) {
  if (!std::isfinite(value)) return std::isnan(value) ? "not a number" : "infinite";
  if (value == 0) return "0";
  double scale = 1;
  while (std::fabs(value) * scale < 100) scale *= 10;
  while (std::fabs(value) * scale >= 1000) scale /= 10;
  return number_text(std::round(value * scale) / scale);
}

std::string percent(double share) { return std::to_string(static_cast<int>(std::lround(100 * share))) + " %"; }

}  // namespace

OverfitCheck::OverfitCheck(const Training& run, const OverfitOptions& options)
    : run_(run),
      options_(options),
      batches_(run.data(), fixed_batch(run, options.samples), as_they_are(run, batch_size(run, options))) {
  batches_.next();
  result_.samples = static_cast<int>(batches_.samples().size());
  result_.goal = kGoal;
  if (run.experiment().loss == LossType::meanSquaredError) {
    const int outputs = run.network().outputs();
    double sum = 0, square = 0, count = 0;
    for (int n = 0; n < result_.samples; ++n) {
      for (int k = 0; k < outputs; ++k) {
        const double t = target(n, k);
        sum += t, square += t * t, ++count;
      }
    }
    const double variance = square / count - (sum / count) * (sum / count);
    if (variance > 0) result_.goal = kGoal * variance;
  }
  result_.lowest = lowest_loss();
  begin_attempt(run.experiment().optimizer.learning_rate, true);
  trial_->loss(batches_, 0);
  result_.dead_before = dead_share();
}

void OverfitCheck::begin_attempt(double rate, bool frozen) {
  rate_ = rate;
  step_ = 0;
  trial_ = std::make_unique<Trial>(run_, bare(run_.experiment(), frozen), result_.samples);
  optimizer_ = std::make_unique<Optimizer>(trial_->experiment().optimizer, trial_->network().learning().size());
}

double OverfitCheck::progress() const { return static_cast<double>(step_) / options_.max_steps; }

bool OverfitCheck::advance() {
  if (ended_) return false;
  const double loss = trial_->loss_and_gradients(scaled_ ? *scaled_ : batches_, step_);
  if (as_given_) {
    result_.losses.push_back(loss);
    result_.loss = loss;
    result_.steps = step_;
  }
  if (!std::isfinite(loss) || loss < result_.goal || step_ == options_.max_steps) {
    attempt_ended(loss < result_.goal);
    return !ended_;
  }
  Network& network = trial_->network();
  const double clip_norm = trial_->experiment().optimizer.clip_norm;
  if (clip_norm > 0) {
    const double norm = gradient_norm(network.gradients().data(), network.trainable());
    clip_gradients(network.gradients().data(), network.trainable(), norm, clip_norm);
  }
  optimizer_->step(network.learning().data(), network.gradients().data(), network.trainable(), rate_);
  ++step_;
  return true;
}

void OverfitCheck::attempt_ended(bool passed) {
  const double given = run_.experiment().optimizer.learning_rate;
  if (as_given_) {
    as_given_ = false;
    // Binary cross-entropy falls without end for a target that is no probability: that is no success.
    passed = passed && result_.lowest < result_.goal;
    result_.dead_after = dead_share();
    result_.passed = passed;
    if (passed) return conclude(OverfitCause::none, "");
    return look_for_cause();
  }
  if (passed && unfrozen_)
    return conclude(OverfitCause::frozenLayers, "Its layers are frozen: with all of them trained, it learns the batch.");
  if (passed && scaled_) {
    const bool other_rate = rate_ != given;
    if (other_rate) result_.better_rate = rate_;
    return conclude(OverfitCause::unscaledInputs,
                    "Its inputs are not scaled: their root mean square is " + number(input_size()) +
                        ". With each channel standardised (\"normalize\": true" +
                        (other_rate ? ") and the learning rate " + number(rate_) : std::string(")")) + ", it learns the batch.");
  }
  if (passed) {
    result_.better_rate = rate_;
    const bool small = rate_ > given;
    return conclude(small ? OverfitCause::rateTooSmall : OverfitCause::rateTooLarge,
                    "The learning rate " + number(given) + " is too " + (small ? "small" : "large") + ": with " + number(rate_) +
                        ", it learns the batch.");
  }
  unfrozen_ = false;
  try_scaled();
}

// What can be told without trying comes first, then what is tried.
void OverfitCheck::look_for_cause() {
  const double given = run_.experiment().optimizer.learning_rate;
  const std::vector<Parameter*>& parameters = trial_->network().parameters();
  const auto is_frozen = [](const Parameter* parameter) { return parameter->learned && !parameter->trainable; };
  if (std::isinf(result_.lowest))
    return conclude(OverfitCause::wrongLoss,
                    "The loss does not fit: binaryCrossEntropy takes targets from 0 to 1, and these are not.");
  if (!(result_.lowest < result_.goal))
    return conclude(OverfitCause::wrongLoss,
                    "The loss does not fit the outputs: with the last layer's activation, no weights "
                    "could bring it below " +
                        number(result_.lowest) + ".");
  if (trial_->network().trainable().empty())
    return conclude(OverfitCause::frozenLayers, "Its layers are frozen, all of them: there is nothing to train.");
  if (result_.dead_before >= kMostlyDead)
    return conclude(OverfitCause::deadUnits, "Its units are dead: before any training, " + percent(result_.dead_before) +
                                                 " of a layer's put out 0 for every sample, so no gradient passes through them.");
  const auto distance = [base = std::max(given, 1e-30)](double rate) { return std::max(rate / base, base / rate); };
  // The nearest last, since that is tried first.
  for (const double rate : kRates) {
    const auto is_nearer = [&](double other) { return distance(other) < distance(rate); };
    if (distance(rate) > 2) rates_.insert(std::find_if(rates_.begin(), rates_.end(), is_nearer), rate);
  }
  unfrozen_ = std::any_of(parameters.begin(), parameters.end(), is_frozen);
  if (unfrozen_) return begin_attempt(given, false);
  try_scaled();
}

// From then on with inputs that are standardised, if they are far from it.
void OverfitCheck::try_scaled() {
  const double size = input_size();
  if (scaled_ || !run_.normalization().empty() || (size < kLarge && size > kSmall)) return try_next_rate();
  BatchOptions options = as_they_are(run_, result_.samples);
  options.normalization = channel_statistics(run_.data(), run_.split().training);
  scaled_ = std::make_unique<Batches>(run_.data(), fixed_batch(run_, options_.samples), options);
  scaled_->next();
  begin_attempt(run_.experiment().optimizer.learning_rate, true);
}

void OverfitCheck::try_next_rate() {
  if (!rates_.empty()) {
    begin_attempt(rates_.back(), true);
    rates_.pop_back();
    return;
  }
  if (!std::isfinite(result_.loss))
    return conclude(OverfitCause::rateTooLarge, "The learning rate " + number(run_.experiment().optimizer.learning_rate) +
                                                    " is likely too large: the loss became not a number or infinite.");
  conclude(OverfitCause::networkTooSmall, "The network is likely too small: with its " +
                                              std::to_string(run_.network().learned_count()) +
                                              " parameters, no learning rate from 0.0001 to 1 is enough.");
}

void OverfitCheck::conclude(OverfitCause cause, const std::string& message) {
  ended_ = true;
  result_.cause = cause;
  const std::string steps = std::to_string(result_.steps) + (result_.steps == 1 ? " step" : " steps");
  if (result_.passed)
    result_.message = "Passed: it learned " + std::to_string(result_.samples) + " samples by heart in " + steps + ".";
  else
    result_.message = "Failed: after " + steps + " on the same " + std::to_string(result_.samples) + " samples the loss is " +
                      number(result_.loss) + ", not below " + number(result_.goal) + ". " + message;
}

// What output `output` of a sample of the batch is asked to be: of a class, 1 or 0.
double OverfitCheck::target(int sample, int output) const {
  const int outputs = run_.network().outputs();
  if (!run_.data().classifies()) return static_cast<double>(batches_.targets()[sample * outputs + output]);
  const std::int32_t label = batches_.labels()[sample];
  return outputs == 1 ? label : label == output ? 1 : 0;
}

// Root mean square of this batch's inputs.
double OverfitCheck::input_size() const {
  const std::size_t count = static_cast<std::size_t>(result_.samples) * static_cast<std::size_t>(run_.data().shape.size());
  double square = 0;
  for (std::size_t i = 0; i < count; ++i)
    square += static_cast<double>(batches_.inputs()[i]) * static_cast<double>(batches_.inputs()[i]);
  return std::sqrt(square / static_cast<double>(count));
}

// Of this batch, with whatever the last layer can put out.
double OverfitCheck::lowest_loss() const {
  const Bounds bounds = output_bounds(run_.experiment().layers);
  const int outputs = run_.network().outputs();
  if (run_.experiment().loss == LossType::crossEntropy) return std::log1p((outputs - 1) * std::exp(bounds.low - bounds.high));
  double sum = 0;
  for (int n = 0; n < result_.samples; ++n) {
    for (int k = 0; k < outputs; ++k) {
      const double t = target(n, k), miss = t - std::clamp(t, bounds.low, bounds.high);
      sum += run_.experiment().loss == LossType::meanSquaredError ? miss * miss : lowest_binary(t, bounds);
    }
  }
  return sum / result_.samples / outputs;
}

// After a forward pass: the largest share, among the layers but the last, of units (channels of a picture) that are 0 everywhere.
double OverfitCheck::dead_share() const {
  const Sequence& layers = trial_->network().layers();
  double largest = 0;
  for (std::size_t i = 0; i + 1 < layers.reports().size(); ++i) {
    const LayerReport& report = layers.reports()[i];
    if (report.type == LayerType::flatten || report.type == LayerType::dropout || layers.is_frozen(report.index)) continue;
    const std::size_t channels = static_cast<std::size_t>(report.output_shape.channels);
    const std::size_t count = static_cast<std::size_t>(result_.samples) * static_cast<std::size_t>(report.output_shape.size());
    const real* y = layers.output_of(report.index, batches_.inputs());
    std::vector<bool> alive(channels);
    for (std::size_t j = 0; j < count; ++j) {
      if (y[j] != 0) alive[j % channels] = true;
    }
    const double dead = static_cast<double>(std::count(alive.begin(), alive.end(), false)) / static_cast<double>(channels);
    largest = std::max(largest, dead);
  }
  return largest;
}

}  // namespace trainground
