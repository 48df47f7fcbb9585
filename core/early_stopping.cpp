#include "early_stopping.h"

#include <algorithm>
#include <cmath>

namespace trainground {

Verdict EarlyStopping::epoch_ended(int epoch, double validation_loss, double validation_accuracy) {
  if (epoch <= options_.start_from_epoch) return Verdict::go_on;
  const bool accuracy = options_.monitor == Monitor::validationAccuracy;
  const double gain = accuracy ? validation_accuracy - state_.best : state_.best - validation_loss;
  const double metric = accuracy ? validation_accuracy : validation_loss;
  if (std::isfinite(metric) && (state_.best_epoch == 0 || gain > options_.min_delta)) {
    state_ = {metric, epoch, 0};
    return Verdict::new_best;
  }
  ++state_.waited;
  return options_.enabled && state_.waited >= options_.patience ? Verdict::stop : Verdict::go_on;
}

int EarlyStopping::patience_left() const {
  return options_.enabled ? std::max(0, std::max(1, options_.patience) - state_.waited) : -1;
}

std::string EarlyStopping::reason() const {
  const std::string metric = options_.monitor == Monitor::validationAccuracy ? "validation accuracy" : "validation loss";
  const std::string epochs = std::to_string(state_.waited) + (state_.waited == 1 ? " epoch" : " epochs");
  return metric + " has not improved for " + epochs +
         (state_.best_epoch > 0 ? "; the best was epoch " + std::to_string(state_.best_epoch) : "");
}

}  // namespace trainground
