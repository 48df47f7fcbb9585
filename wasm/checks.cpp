#include "checks.h"

#include <algorithm>

#include "json_text.h"

namespace trainground {
namespace {

const char* name_of(OverfitCause cause) {
  constexpr const char* kNames[] = {"",          "rateTooSmall", "rateTooLarge",   "deadUnits",
                                    "wrongLoss", "frozenLayers", "unscaledInputs", "networkTooSmall"};
  return kNames[static_cast<int>(cause)];
}

Json to_json(const GradientRow& row) {
  return JsonObject()
      .add("name", row.name)
      .add("layer", row.layer)
      .add("checked", row.checked)
      .add("skipped", row.skipped)
      .add("error", row.error)
      .add("index", row.index)
      .add("analytic", row.analytic)
      .add("numeric", row.numeric)
      .add("passed", row.error <= GradientCheck::kTolerance);
}

Json result_of(const GradientCheck& check) {
  Json rows = Json::array();
  for (const GradientRow& row : check.rows()) rows.push_back(to_json(row));
  return JsonObject()
      .add("passed", check.passed())
      .add("tolerance", GradientCheck::kTolerance)
      .add("loss", check.loss())
      .add("worst", check.worst() ? to_json(*check.worst()) : Json())
      .add("tensors", rows);
}

Json result_of(const OverfitCheck& check) {
  const OverfitResult& result = check.result();
  return JsonObject()
      .add("passed", result.passed)
      .add("cause", result.cause == OverfitCause::none ? Json() : Json(name_of(result.cause)))
      .add("message", result.message)
      .add("samples", result.samples)
      .add("steps", result.steps)
      .add("goal", result.goal)
      .add("loss", result.loss)
      .add("lowestPossible", result.lowest)
      .add("deadBefore", result.dead_before)
      .add("deadAfter", result.dead_after)
      .add("betterRate", result.better_rate > 0 ? Json(result.better_rate) : Json())
      .add("losses", result.losses);
}

Json result_of(const LearningRateFinder& finder) {
  return JsonObject()
      .add("suggestion", finder.suggestion())
      .add("steepest", finder.steepest())
      .add("rates", finder.rates())
      .add("losses", finder.losses())
      .add("smoothed", finder.smoothed());
}

}  // namespace

std::vector<Problem> Checks::begin(const Training& run, const std::string& name, const Json& options) {
  if (name == "gradients") {
    GradientCheckOptions chosen;
    chosen.samples = std::min(options.value("samples", chosen.samples), static_cast<int>(run.split().training.size()));
    chosen.per_tensor = options.value("perTensor", chosen.per_tensor);
    chosen.disturbed = options.value("breakGradient", std::string{});
    const Parameter* broken = run.network().find(chosen.disturbed);
    if (!chosen.disturbed.empty() && !(broken && broken->learned && broken->trainable))
      return {{"breakGradient", "the name of a tensor that is trained", chosen.disturbed}};
    check_.emplace<GradientCheck>(run, chosen);
  } else if (name == "overfit") {
    OverfitOptions chosen;
    chosen.samples = options.value("samples", chosen.samples);
    chosen.max_steps = options.value("maxSteps", chosen.max_steps);
    check_.emplace<OverfitCheck>(run, chosen);
  } else {
    LearningRateOptions chosen;
    chosen.from = options.value("from", chosen.from);
    chosen.to = options.value("to", chosen.to);
    chosen.steps = options.value("steps", chosen.steps);
    check_.emplace<LearningRateFinder>(run, chosen);
  }
  return {};
}

bool Checks::advance(int units) {
  const auto go_on = [&](auto& check) {
    if constexpr (!std::is_same_v<std::decay_t<decltype(check)>, std::monostate>) {
      for (int i = 0; i < units; ++i) {
        if (!check.advance()) return false;
      }
      return true;
    }
    return false;
  };
  return std::visit(go_on, check_);
}

double Checks::progress() const {
  const auto share = [](const auto& check) -> double {
    if constexpr (std::is_same_v<std::decay_t<decltype(check)>, std::monostate>)
      return 1;
    else
      return check.progress();
  };
  return std::visit(share, check_);
}

Json Checks::result() const {
  const auto tell = [](const auto& check) -> Json {
    if constexpr (std::is_same_v<std::decay_t<decltype(check)>, std::monostate>)
      return Json();
    else
      return result_of(check);
  };
  return std::visit(tell, check_);
}

}  // namespace trainground
