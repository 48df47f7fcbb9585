#include "schedule.h"

#include <algorithm>

#include "power.h"

namespace trainground {

double Schedule::rate(int epoch, int step, int steps_per_epoch) const {
  const int warmup = options_.warmup_epochs;
  if (options_.type != ScheduleType::reduceOnPlateau && epoch < warmup) {
    const double done = static_cast<double>(epoch) * steps_per_epoch + step + 1;
    return learning_rate_ * done / (static_cast<double>(warmup) * steps_per_epoch);
  }
  const int after = epoch - warmup;
  switch (options_.type) {
    case ScheduleType::constant:
      return learning_rate_;
    case ScheduleType::step:
      return learning_rate_ * power(options_.factor, static_cast<std::uint64_t>(after / options_.step_epochs));
    case ScheduleType::exponential:
      return learning_rate_ * power(options_.factor, static_cast<std::uint64_t>(after));
    case ScheduleType::cosine: {
      // A minimum above the learning rate would make it rise.
      const double minimum = std::min(options_.minimum, learning_rate_);
      const double done = static_cast<double>(after) * steps_per_epoch + step;
      const double share = std::min(1.0, done / (static_cast<double>(std::max(1, epochs_ - warmup)) * steps_per_epoch));
      return minimum + (learning_rate_ - minimum) * (1 + cos_pi(share)) / 2;
    }
    case ScheduleType::reduceOnPlateau:
      return std::max(learning_rate_ * state_.reduction, std::min(options_.minimum, learning_rate_));
  }
  return learning_rate_;
}

void Schedule::epoch_ended(double loss) {
  if (options_.type != ScheduleType::reduceOnPlateau) return;
  if (!state_.has_best || loss < state_.best - options_.min_delta) {
    if (loss == loss) state_.best = loss, state_.has_best = true;  // not a number is no best
    state_.waited = 0;
    return;
  }
  if (++state_.waited < options_.patience) return;
  state_.reduction *= options_.factor;
  state_.waited = 0;
}

}  // namespace trainground
