#include "learning_rate_finder.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "gradients.h"
#include "power.h"

namespace trainground {
namespace {

constexpr double kKept = 0.9;       // of the smoothed loss at each step
constexpr double kExploded = 4;     // times the best: the end
constexpr int kEnough = 32;         // samples whose mean loss tells of the rate
constexpr std::size_t kCutOff = 5;  // points at the end that say nothing about learning

// The n-th root of x >= 1, by halving: the same bits in every build.
double root(double x, int n) {
  double low = 1, high = x;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    (power(middle, static_cast<std::uint64_t>(n)) < x ? low : high) = middle;
  }
  return high;
}

int batch_size(const Training& run) {
  return std::min(run.experiment().batch_size, static_cast<int>(run.split().training.size()));
}

std::vector<std::int32_t> judged_samples(const Training& run) {
  return batch_size(run) < kEnough ? fixed_batch(run, kEnough) : std::vector<std::int32_t>{};
}

constexpr double kNoFall = 1e-3;  // of the loss: what rounding or chance may make of a network that does not learn

}  // namespace

LearningRateFinder::LearningRateFinder(const Training& run, const LearningRateOptions& options)
    : options_(options),
      factor_(root(options.to / options.from, std::max(1, options.steps - 1))),
      trial_(run, run.experiment(), std::max(batch_size(run), kEnough)),
      batches_(run.data(), run.split().training,
               {run.experiment().batch_size, run.experiment().shuffle, run.experiment().seed, run.experiment().augmentation,
                run.normalization(), run.label()}),
      judged_(run.data(), judged_samples(run), as_they_are(run, kEnough)),
      optimizer_(run.experiment().optimizer, run.network().learning().size()) {
  batches_.seek({epoch_, 0});
  judged_.next();
}

bool LearningRateFinder::advance() {
  if (ended_) return false;
  if (batches_.next() == 0) {
    batches_.seek({++epoch_, 0});
    batches_.next();
  }
  const int step = static_cast<int>(losses_.size());
  const bool judges = !judged_.samples().empty();
  const double judged = judges ? trial_.loss(judged_, step) : 0, own = trial_.loss_and_gradients(batches_, step);
  const double loss = judges ? judged : own;
  if (!std::isfinite(loss + own)) {
    ended_ = true;
    return false;
  }
  const double rate = options_.from * power(factor_, static_cast<std::uint64_t>(step));
  Network& network = trial_.network();
  const double clip_norm = trial_.experiment().optimizer.clip_norm;
  if (clip_norm > 0)
    clip_gradients(network.gradients().data(), network.trainable(),
                   gradient_norm(network.gradients().data(), network.trainable()), clip_norm);
  optimizer_.step(network.learning().data(), network.gradients().data(), network.trainable(), rate);

  mean_ = kKept * mean_ + (1 - kKept) * loss;
  share_ *= kKept;
  const double smoothed = mean_ / (1 - share_);
  rates_.push_back(rate);
  losses_.push_back(loss);
  smoothed_.push_back(smoothed);
  const bool settled = smoothed_.size() > first();
  if (settled && (smoothed_.size() == first() + 1 || smoothed < best_)) best_ = smoothed;
  ended_ = (settled && smoothed > kExploded * best_) || step + 1 == options_.steps;
  return true;
}

std::size_t LearningRateFinder::first() const { return static_cast<std::size_t>(options_.steps) / 10; }

double LearningRateFinder::suggestion() const {
  if (smoothed_.size() <= first() + kCutOff) return std::numeric_limits<double>::quiet_NaN();
  const auto begin = smoothed_.begin() + static_cast<std::ptrdiff_t>(first());
  const auto end = smoothed_.end() - static_cast<std::ptrdiff_t>(kCutOff);
  const int place = valley({begin, end});
  const bool falls = place >= 0 && *std::min_element(begin, end) < *begin * (1 - kNoFall);
  return falls ? rates_[first() + static_cast<std::size_t>(place)] : std::numeric_limits<double>::quiet_NaN();
}

double LearningRateFinder::steepest() const {
  double slope = 0, rate = std::numeric_limits<double>::quiet_NaN();
  if (std::isnan(suggestion())) return rate;
  for (std::size_t i = first() + 1; i + 1 + kCutOff < smoothed_.size(); ++i) {
    const double here = smoothed_[i + 1] - smoothed_[i - 1];
    if (here >= slope) continue;
    slope = here;
    rate = rates_[i];
  }
  return rate;
}

int valley(const std::vector<double>& losses) {
  // length[i]: of the longest falling subsequence that ends at i; start[i]: where that begins.
  std::vector<int> length(losses.size(), 1), start(losses.size());
  int end = -1;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    start[i] = static_cast<int>(i);
    for (std::size_t j = 0; j < i; ++j) {
      if (losses[i] < losses[j] && length[i] < length[j] + 1) {
        length[i] = length[j] + 1;
        start[i] = start[j];
      }
    }
    if (length[i] > 1 && (end < 0 || length[i] > length[static_cast<std::size_t>(end)])) end = static_cast<int>(i);
  }
  return end < 0 ? -1 : (start[static_cast<std::size_t>(end)] + end) / 2;
}

}  // namespace trainground
