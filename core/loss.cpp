#include "loss.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "kernels/elementwise.h"

namespace trainground {
namespace {

// log(1 + e) for e >= 0 without losing small e: the rounding of 1 + e is divided out again (Kahan).
real log_one_plus(real e) {
  const real one_plus = 1 + e;
  return one_plus == 1 ? e : log(one_plus) * (e / (one_plus - 1));
}

// One sample's targets, whichever way they came.
class Row {
 public:
  Row(const Targets& targets, int sample, int outputs)
      : label_(targets.labels != nullptr ? targets.labels[sample] : -1),
        values_(targets.values != nullptr ? targets.values + static_cast<std::ptrdiff_t>(sample) * outputs : nullptr),
        single_(outputs == 1) {}

  real operator[](int k) const {
    if (values_ != nullptr) return values_[k];
    if (single_) return static_cast<real>(label_);
    return k == label_ ? real{1} : real{0};
  }

 private:
  std::int32_t label_;
  const real* values_;
  bool single_;
};

template <class Get>
int place_of_largest(int outputs, Get get) {
  int best = 0;
  for (int k = 1; k < outputs; ++k) {
    if (get(k) > get(best)) best = k;
  }
  return best;
}

// log(sum e^x) = largest + log(1 + rest): the largest term is e^0 = 1 exactly, so the others decide, however small they are.
// This is log(1 + rest). y, unless null, becomes softmax(x), and may be x.
double log_of_rest(int outputs, const real* x, real* y) {
  const int place = place_of_largest(outputs, [&](int k) { return x[k]; });
  const real largest = x[place];
  double rest = 0;
  for (int k = 0; k < outputs; ++k) {
    const real e = exp(x[k] - largest);
    if (k != place) rest += static_cast<double>(e);
    if (y != nullptr) y[k] = e;
  }
  if (largest != largest) rest = static_cast<double>(largest);  // not a number
  const real scale = static_cast<real>(1 / (1 + rest));
  for (int k = 0; y != nullptr && k < outputs; ++k) y[k] *= scale;
  return static_cast<double>(log_one_plus(static_cast<real>(rest)));
}

double cross_entropy(double smoothing, int outputs, const real* x, const Row& target, real share, real* gradient) {
  const double floor = smoothing / outputs;
  const auto smooth = [&](int k) { return static_cast<double>(target[k]) * (1 - smoothing) + floor; };
  const double largest = static_cast<double>(x[place_of_largest(outputs, [&](int k) { return x[k]; })]);
  double target_sum = 0, below_largest = 0;
  for (int k = 0; k < outputs; ++k) {
    const double t = smooth(k);
    target_sum += t;
    if (t != 0) below_largest += t * (largest - static_cast<double>(x[k]));
  }
  const double log_rest = log_of_rest(outputs, x, gradient);
  for (int k = 0; gradient != nullptr && k < outputs; ++k) {
    gradient[k] = (gradient[k] * static_cast<real>(target_sum) - static_cast<real>(smooth(k))) * share;
  }
  return below_largest + target_sum * log_rest;
}

double binary_cross_entropy(int outputs, const real* x, const Row& target, real share, real* gradient) {
  double sum = 0;
  for (int k = 0; k < outputs; ++k) {
    const real logit = x[k], t = target[k];
    sum += static_cast<double>((logit > 0 ? logit : 0) - logit * t + log_one_plus(exp(logit < 0 ? logit : -logit)));
    if (gradient != nullptr) gradient[k] = (sigmoid(logit) - t) * share;
  }
  return sum / outputs;
}

double squared_error(int outputs, const real* x, const Row& target, real share, real* gradient) {
  double sum = 0;
  for (int k = 0; k < outputs; ++k) {
    const real difference = x[k] - target[k];
    sum += static_cast<double>(difference) * static_cast<double>(difference);
    if (gradient != nullptr) gradient[k] = 2 * difference * share;
  }
  return sum / outputs;
}

bool is_correct(LossType type, int outputs, const real* x, const Row& target, bool classes) {
  if (type == LossType::meanSquaredError && outputs == 1) return std::fabs(x[0] - target[0]) < real{0.5};
  if (type == LossType::binaryCrossEntropy && (outputs == 1 || !classes)) {
    for (int k = 0; k < outputs; ++k) {
      if ((x[k] > 0) != (target[k] > real{0.5})) return false;
    }
    return true;
  }
  return place_of_largest(outputs, [&](int k) { return x[k]; }) == place_of_largest(outputs, [&](int k) { return target[k]; });
}

}  // namespace

LossResult loss_and_gradient(LossType type, double label_smoothing, int samples, int outputs, const real* logits,
                             const Targets& targets, real* gradient, double* sample_losses) {
  assert((targets.labels == nullptr) != (targets.values == nullptr));
  const bool accuracy = has_accuracy(type, targets.labels != nullptr);
  const bool per_sample = type == LossType::crossEntropy;
  const real share = static_cast<real>(1.0 / (static_cast<double>(samples) * (per_sample ? 1 : outputs)));
  LossResult result;
  double sum = 0;
  for (int n = 0; n < samples; ++n) {
    const std::ptrdiff_t offset = static_cast<std::ptrdiff_t>(n) * outputs;
    const real* x = logits + offset;
    real* dx = gradient != nullptr ? gradient + offset : nullptr;
    const Row target(targets, n, outputs);
    // Before the gradient, which may take the logits' place.
    if (accuracy && is_correct(type, outputs, x, target, targets.labels != nullptr)) ++result.correct;
    double loss = 0;
    switch (type) {
      case LossType::crossEntropy:
        loss = cross_entropy(label_smoothing, outputs, x, target, share, dx);
        break;
      case LossType::binaryCrossEntropy:
        loss = binary_cross_entropy(outputs, x, target, share, dx);
        break;
      case LossType::meanSquaredError:
        loss = squared_error(outputs, x, target, share, dx);
        break;
    }
    if (sample_losses != nullptr) sample_losses[n] = loss;
    sum += loss;
  }
  result.value = samples > 0 ? sum / samples : 0;
  return result;
}

void probabilities(LossType type, int samples, int outputs, int classes, const real* logits, real* result) {
  for (int n = 0; n < samples; ++n) {
    if (answer_size(outputs, classes) > outputs) {
      result[2 * n] = sigmoid(-logits[n]);  // 1 - sigmoid(logit), down to the smallest
      result[2 * n + 1] = sigmoid(logits[n]);
      continue;
    }
    const std::ptrdiff_t offset = static_cast<std::ptrdiff_t>(n) * outputs;
    if (type == LossType::crossEntropy) {
      log_of_rest(outputs, logits + offset, result + offset);
      continue;
    }
    for (std::ptrdiff_t i = offset; i < offset + outputs; ++i) {
      result[i] = type == LossType::binaryCrossEntropy ? sigmoid(logits[i]) : logits[i];
    }
  }
}

}  // namespace trainground
