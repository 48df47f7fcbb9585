#include "checks.h"

#include <algorithm>

namespace trainground {
namespace {

using Json = nlohmann::ordered_json;

const char* name_of(OverfitCause cause) {
  constexpr const char* kNames[] = {"",          "rateTooSmall", "rateTooLarge",   "deadUnits",
                                    "wrongLoss", "frozenLayers", "networkTooSmall"};
  return kNames[static_cast<int>(cause)];
}

Json to_json(const GradientRow& row) {
  return {{"name", row.name},         {"layer", row.layer},     {"checked", row.checked},
          {"skipped", row.skipped},   {"error", row.error},     {"index", row.index},
          {"analytic", row.analytic}, {"numeric", row.numeric}, {"passed", row.error <= GradientCheck::kTolerance}};
}

Json result_of(const GradientCheck& check) {
  Json rows = Json::array();
  for (const GradientRow& row : check.rows()) rows.push_back(to_json(row));
  return {{"passed", check.passed()},
          {"tolerance", GradientCheck::kTolerance},
          {"loss", check.loss()},
          {"worst", check.worst() ? to_json(*check.worst()) : Json()},
          {"tensors", rows}};
}

Json result_of(const OverfitCheck& check) {
  const OverfitResult& result = check.result();
  return {{"passed", result.passed},
          {"cause", result.cause == OverfitCause::none ? Json() : Json(name_of(result.cause))},
          {"message", result.message},
          {"samples", result.samples},
          {"steps", result.steps},
          {"goal", result.goal},
          {"loss", result.loss},
          {"lowestPossible", result.lowest},
          {"deadBefore", result.dead_before},
          {"deadAfter", result.dead_after},
          {"betterRate", result.better_rate > 0 ? Json(result.better_rate) : Json()},
          {"losses", result.losses}};
}

Json result_of(const LearningRateFinder& finder) {
  return {{"suggestion", finder.suggestion()},
          {"steepest", finder.steepest()},
          {"rates", finder.rates()},
          {"losses", finder.losses()},
          {"smoothed", finder.smoothed()}};
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
