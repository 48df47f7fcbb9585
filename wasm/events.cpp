#include "events.h"

#include "weights.h"

namespace trainground {
namespace {

using Json = nlohmann::ordered_json;

const char* name_of(StopReason reason) {
  constexpr const char* kNames[] = {"", "epochs", "earlyStopping", "diverged", "interrupted"};
  return kNames[static_cast<int>(reason)];
}

}  // namespace

Json step_event(const Training& run) {
  const StepResult& step = run.last_step();
  return {{"event", "step"}, {"epoch", step.epoch}, {"step", step.step}, {"loss", step.loss}};
}

Json epoch_event(const Training& run) {
  const EpochResult& row = run.history().back();
  return {{"event", "epoch"},
          {"epoch", row.epoch},
          {"loss", row.loss},
          {"accuracy", row.accuracy},
          {"validationLoss", row.validation_loss},
          {"validationAccuracy", row.validation_accuracy},
          {"learningRate", row.learning_rate},
          {"bestEpoch", run.best_epoch()},
          {"patienceLeft", run.patience_left() < 0 ? Json() : Json(run.patience_left())}};
}

Json end_event(const Training& run) {
  const EpochResult& row = run.result();
  return {{"event", "end"},
          {"reason", name_of(run.reason())},
          {"epoch", run.history().empty() ? 0 : run.history().back().epoch},
          {"bestEpoch", run.best_epoch()},
          {"loss", row.loss},
          {"validationLoss", row.validation_loss},
          {"validationAccuracy", row.validation_accuracy},
          {"weightsSha256", weights_sha256(run.network())},
          {"message", run.message()}};
}

}  // namespace trainground
