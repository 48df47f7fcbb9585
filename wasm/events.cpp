#include "events.h"

#include "json_text.h"
#include "weights.h"

namespace trainground {
namespace {

const char* name_of(StopReason reason) {
  constexpr const char* kNames[] = {"", "epochs", "earlyStopping", "diverged", "interrupted"};
  return kNames[static_cast<int>(reason)];
}

}  // namespace

Json step_event(const Training& run) {
  const StepResult& step = run.last_step();
  return JsonObject().add("event", "step").add("epoch", step.epoch).add("step", step.step).add("loss", step.loss);
}

Json epoch_event(const Training& run) {
  const EpochResult& row = run.history().back();
  return JsonObject()
      .add("event", "epoch")
      .add("epoch", row.epoch)
      .add("loss", row.loss)
      .add("accuracy", row.accuracy)
      .add("validationLoss", row.validation_loss)
      .add("validationAccuracy", row.validation_accuracy)
      .add("learningRate", row.learning_rate)
      .add("bestEpoch", run.best_epoch())
      .add("patienceLeft", run.patience_left() < 0 ? Json() : Json(run.patience_left()));
}

Json end_event(const Training& run) {
  const EpochResult& row = run.result();
  return JsonObject()
      .add("event", "end")
      .add("reason", name_of(run.reason()))
      .add("epoch", run.history().empty() ? 0 : run.history().back().epoch)
      .add("bestEpoch", run.best_epoch())
      .add("loss", row.loss)
      .add("validationLoss", row.validation_loss)
      .add("validationAccuracy", row.validation_accuracy)
      .add("weightsSha256", weights_sha256(run.network()))
      .add("message", run.message());
}

}  // namespace trainground
