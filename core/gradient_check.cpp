#include "gradient_check.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

#include "random.h"

namespace trainground {
namespace {

constexpr double kFloor = 1e-4;
constexpr double kDisturbance = 1.01;
// The first is where the errors of rounding (which grow as h shrinks) and of the formula are both small; the last is small enough
// to come between most kinks.
constexpr double kSteps[] = {1e-5, 1e-4, 1e-6};
constexpr double kRounding = 1e-3;  // what rounding may make of the last one; a tenth of a disturbance

// Biases begin at 0, and behind a relu that is off so does all that they are added to: exactly on the kinks of the layers above,
// where no slope is right. So numbers that are 0 are moved a little, a thousand times the usual step.
constexpr double kAway = 1e-2;

void leave_zero(const std::vector<Parameter*>& parameters, std::uint64_t seed) {
  for (std::size_t tensor = 0; tensor < parameters.size(); ++tensor) {
    const Parameter& parameter = *parameters[tensor];
    if (!parameter.learned) continue;
    for (std::size_t i = 0; i < parameter.count(); ++i) {
      if (parameter.value[i] != 0) continue;
      // Of the split's stream, as places_in.
      const RandomBlock words =
          random_block(seed, Stream::split, 1, static_cast<std::uint32_t>(tensor) + 1, static_cast<std::uint32_t>(i));
      parameter.value[i] = static_cast<real>(kAway * (2 * uniform(words[0]) - 1));
    }
  }
}

int layer_of(const std::string& name) { return std::atoi(name.c_str() + name.find('.') + 1); }

// Where a stored number stands in PyTorch's layout.
std::size_t torch_index(const Parameter& parameter, std::size_t index) {
  if (parameter.order.empty()) return index;
  std::vector<std::size_t> at(parameter.shape.size());
  for (std::size_t axis = at.size(); axis-- > 0;) {
    const std::size_t length = static_cast<std::size_t>(parameter.shape[axis]);
    at[axis] = index % length;
    index /= length;
  }
  std::size_t place = 0;
  for (const int axis : parameter.order)
    place =
        place * static_cast<std::size_t>(parameter.shape[static_cast<std::size_t>(axis)]) + at[static_cast<std::size_t>(axis)];
  return place;
}

std::vector<std::size_t> places_in(std::size_t count, std::size_t wanted, std::uint64_t seed, std::size_t row) {
  if (count <= wanted) {
    std::vector<std::size_t> all(count);
    std::iota(all.begin(), all.end(), std::size_t{0});
    return all;
  }
  std::vector<std::size_t> drawn;
  for (std::uint32_t i = 0; i < wanted; ++i) {
    // Of the split's stream, which itself uses b = 0 only.
    const RandomBlock words = random_block(seed, Stream::split, 0, static_cast<std::uint32_t>(row) + 1, i);
    // One from each of `wanted` equal stretches: none twice, and no corner left out.
    const std::size_t begin = count * i / wanted, end = count * (i + 1) / wanted;
    drawn.push_back(begin + below(words[0], static_cast<std::uint32_t>(end - begin)));
  }
  return drawn;
}

double relative_error(double analytic, double numeric) {
  return std::fabs(analytic - numeric) / std::max({std::fabs(analytic), std::fabs(numeric), kFloor});
}

}  // namespace

GradientCheck::GradientCheck(const Training& run, const GradientCheckOptions& options)
    : trial_(run, run.experiment(), options.samples),
      batches_(run.data(), fixed_batch(run, options.samples), as_they_are(run, options.samples)) {
  batches_.next();
  leave_zero(trial_.network().parameters(), run.experiment().seed);
  loss_ = trial_.loss_and_gradients(batches_, 0);
  for (const Parameter* parameter : trial_.network().parameters()) {
    if (!parameter->learned || !parameter->trainable) continue;
    if (parameter->name == options.disturbed) {
      std::for_each(parameter->gradient, parameter->gradient + parameter->count(),
                    [](real& g) { g = static_cast<real>(g * kDisturbance); });
    }
    const std::size_t row = rows_.size();
    tensors_.push_back(parameter);
    rows_.push_back({parameter->name, layer_of(parameter->name)});
    for (const std::size_t index :
         places_in(parameter->count(), static_cast<std::size_t>(options.per_tensor), run.experiment().seed, row))
      places_.push_back({row, index});
  }
}

// The mean of the slopes to either side.
double GradientCheck::difference(real* weight, double h, double& left, double& right) {
  const real kept = *weight, below = static_cast<real>(kept - h), above = static_cast<real>(kept + h);
  *weight = below;
  const double lower = trial_.loss(batches_, 0);
  *weight = above;
  const double upper = trial_.loss(batches_, 0);
  *weight = kept;
  left = (loss_ - lower) / (static_cast<double>(kept) - static_cast<double>(below));
  right = (upper - loss_) / (static_cast<double>(above) - static_cast<double>(kept));
  return (upper - lower) / (static_cast<double>(above) - static_cast<double>(below));
}

bool GradientCheck::advance() {
  if (done_ == places_.size()) return false;
  const Place place = places_[done_++];
  const Parameter& parameter = *tensors_[place.row];
  GradientRow& row = rows_[place.row];
  const double analytic = static_cast<double>(parameter.gradient[place.index]);
  double numeric = 0, error = 0;
  bool near_kink = false, at_kink = false;
  for (const double h : kSteps) {
    double left = 0, right = 0;
    const double slope = difference(parameter.value + place.index, h, left, right);
    const double here = relative_error(analytic, slope);
    // What a kink in between adds to the mean of the two slopes is at most the gap between them. A curve has a gap too, but that
    // shrinks with h, and a wrong gradient stays wrong.
    const bool explained = std::fabs(analytic - slope) <= std::fabs(right - left);
    near_kink |= h == kSteps[0] && explained;
    at_kink = explained || (near_kink && here <= kRounding);
    if (h == kSteps[0] || here < error) {
      error = here;
      numeric = slope;
    }
    if (error <= kTolerance) break;
  }
  if (error > kTolerance && at_kink) {
    ++row.skipped;
    return true;
  }
  if (!(error <= row.error) || row.checked == 0) {
    row.error = error;
    row.index = torch_index(parameter, place.index);
    row.analytic = analytic;
    row.numeric = numeric;
  }
  ++row.checked;
  return true;
}

const GradientRow* GradientCheck::worst() const {
  const auto place = std::max_element(rows_.begin(), rows_.end(), [](const GradientRow& a, const GradientRow& b) {
    return a.error < b.error || (std::isnan(b.error) && !std::isnan(a.error));
  });
  return place == rows_.end() ? nullptr : &*place;
}

bool GradientCheck::passed() const {
  return std::all_of(rows_.begin(), rows_.end(), [](const GradientRow& row) { return row.error <= kTolerance; });
}

}  // namespace trainground
