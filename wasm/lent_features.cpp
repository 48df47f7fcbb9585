#include "lent_features.h"

#include <utility>

#include "answers.h"

namespace trainground {
namespace {

bool may_be_lent(const Training& run) { return !run.features().none() && run.experiment().augmentation.empty(); }

std::string name_of(const Training& run, const std::string& experiment) {
  const Sequence& layers = run.network().layers();
  const Json all = trusted_json(experiment)["layers"];
  Json frozen = Json::array();
  for (int entry = layers.entry_of(layers.frozen_steps().end - 1); entry >= 0; --entry)
    frozen.push_back(all[static_cast<std::size_t>(entry)]);
  return run.features().sha256() + text(frozen) + text(to_json(run.normalization())) + std::to_string(layers.frozen_steps().end);
}

}  // namespace

void LentFeatures::take_from(Training& run, const std::string& experiment) {
  if (!may_be_lent(run)) return;
  name_ = name_of(run, experiment);
  slots_ = run.features().give_away();
}

void LentFeatures::give_to(Training& run, const std::string& experiment) {
  if (slots_.empty() || !may_be_lent(run) || name_of(run, experiment) != name_) return;
  run.features().take_over(std::exchange(slots_, {}));
}

}  // namespace trainground
