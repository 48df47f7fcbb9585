#include "checkpoint.h"

#include <algorithm>

#include "json_text.h"
#include "safetensors.h"
#include "sha256.h"

namespace trainground {
namespace {

constexpr const char* kFormat = "trainground checkpoint 1";
constexpr Dtype kReal = sizeof(real) == sizeof(float) ? Dtype::f32 : Dtype::f64;

std::string entry(const Metadata& metadata, const std::string& name) {
  const auto place = std::find_if(metadata.begin(), metadata.end(), [&](const auto& pair) { return pair.first == name; });
  return place == metadata.end() ? std::string() : place->second;
}

// Over all that is restored: a file that was damaged or put together by hand is refused before anything is read from it.
std::string sum_of(const Metadata& metadata, std::span<const StoredTensor> tensors) {
  Sha256 sum;
  for (const char* name : {"format", "experiment", "data", "state"}) {
    const std::string text = entry(metadata, name);
    sum.update({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  }
  for (const StoredTensor& tensor : tensors) sum.update(tensor.data);
  return sum.hex();
}

// Everything but the length of the run.
std::string comparable(const std::string& experiment) {
  Json json = trusted_json(experiment);
  json.erase("epochs");
  return text(json);
}

Json row_of(const EpochResult& row) {
  return Json::list(row.epoch, row.loss, row.accuracy, row.validation_loss, row.validation_accuracy, row.learning_rate);
}

double number(const Json& json) { return json.is_number() ? json.get<double>() : EpochResult::kNone; }  // NaN is null in JSON

EpochResult row_from(const Json& row) {
  return {row[0].get<int>(), number(row[1]), number(row[2]), number(row[3]), number(row[4]), number(row[5])};
}

struct Array {
  const char* name;
  std::span<real> values;
};

}  // namespace

// The only one that reaches into a run: names what is saved, once for both directions.
class RunState {
 public:
  explicit RunState(Training& training) : run_(training) {}

  std::vector<Array> arrays() {
    std::vector<Array> all{{"values", run_.network_.values()}, {"statistics", run_.network_.statistics()}};
    for (const Optimizer::State& state : run_.optimizer_.state()) all.push_back({state.name, *state.values});
    all.push_back({"last", run_.last_good_});
    all.push_back({"best", run_.best_});
    return all;
  }

  Json fields() const {
    const Training::Progress& at = run_.at_;
    const Schedule::State& schedule = run_.schedule_.state();
    const EarlyStopping::State& stopping = run_.early_stopping_.state();
    Json history = Json::array();
    for (const EpochResult& row : run_.history_) history.push_back(row_of(row));
    return JsonObject()
        .add("phase", static_cast<int>(at.phase))
        .add("epoch", at.epoch)
        .add("stepInEpoch", at.step_in_epoch)
        .add("step", at.step)
        .add("lossSum", at.loss_sum)
        .add("correct", at.correct)
        .add("lastRate", at.learning_rate)
        .add("optimizerSteps", run_.optimizer_.steps())
        .add("learningRate", run_.schedule_.learning_rate())
        .add("schedule", Json::list(schedule.reduction, schedule.best, schedule.has_best, schedule.waited))
        .add("stopping", Json::list(stopping.best, stopping.best_epoch, stopping.waited))
        .add("history", history)
        .add("result", row_of(run_.result_))
        .add("lastLoss", run_.last_step_.loss)
        .add("reason", static_cast<int>(run_.reason_))
        .add("message", run_.message_)
        .add("hasBest", !run_.best_.empty());
  }

  void set_fields(const Json& json) {
    Training::Progress& at = run_.at_;
    at.phase = static_cast<Training::Phase>(json["phase"].get<int>());
    at.epoch = json["epoch"].get<int>();
    at.step_in_epoch = json["stepInEpoch"].get<int>();
    at.step = json["step"].get<int>();
    at.loss_sum = json["lossSum"].get<double>();
    at.correct = json["correct"].get<std::int64_t>();
    at.learning_rate = json["lastRate"].get<double>();
    run_.optimizer_.set_steps(json["optimizerSteps"].get<std::uint64_t>());
    run_.schedule_.set_learning_rate(json["learningRate"].get<double>());
    const Json &schedule = json["schedule"], &stopping = json["stopping"];
    run_.schedule_.restore(
        {schedule[0].get<double>(), schedule[1].get<double>(), schedule[2].get<bool>(), schedule[3].get<int>()});
    run_.early_stopping_.restore({stopping[0].get<double>(), stopping[1].get<int>(), stopping[2].get<int>()});
    run_.history_.clear();
    for (const Json& row : json["history"]) run_.history_.push_back(row_from(row));
    run_.result_ = row_from(json["result"]);
    run_.last_step_ = {at.epoch, at.step, number(json["lastLoss"])};
    run_.reason_ = static_cast<StopReason>(json["reason"].get<int>());
    run_.message_ = json["message"].get<std::string>();
    run_.continue_from_progress();
  }

  void make_room_for_best(bool has_best) { run_.best_.resize(has_best ? run_.last_good_.size() : 0); }

 private:
  Training& run_;
};

std::vector<std::uint8_t> write_checkpoint(Training& training, const std::string& experiment) {
  RunState run(training);
  std::vector<StoredTensor> tensors;
  for (const Array& array : run.arrays())
    tensors.push_back({array.name,
                       kReal,
                       {static_cast<std::int64_t>(array.values.size())},
                       {reinterpret_cast<const std::uint8_t*>(array.values.data()), array.values.size_bytes()}});
  Metadata metadata{
      {"format", kFormat}, {"experiment", experiment}, {"data", training.data_sha256()}, {"state", text(run.fields())}};
  metadata.push_back({"sha256", sum_of(metadata, tensors)});
  return write_safetensors(tensors, metadata);
}

std::vector<Problem> read_checkpoint(std::span<const std::uint8_t> file, const std::string& experiment, Training& training) {
  const ParsedSafetensors parsed = read_safetensors(file, "");
  if (!parsed.problems.empty()) return parsed.problems;
  if (entry(parsed.metadata, "format") != kFormat)
    return {{"", "a checkpoint that this version wrote", "a file of another kind"}};
  if (entry(parsed.metadata, "sha256") != sum_of(parsed.metadata, parsed.tensors))
    return {{"", "a checkpoint as it was written", "one that was changed or damaged"}};
  std::vector<Problem> problems;
  if (comparable(entry(parsed.metadata, "experiment")) != comparable(experiment))
    problems.push_back({"", "a checkpoint of this experiment (only epochs may differ)", "one of another experiment"});
  if (entry(parsed.metadata, "data") != training.data_sha256())
    problems.push_back({"", "a checkpoint of a run on this data", "one of a run on other data"});
  if (!problems.empty()) return problems;

  // The sum vouches for what follows: the file is as write_checkpoint made it, for this experiment and this data.
  const Json fields = trusted_json(entry(parsed.metadata, "state"));
  RunState run(training);
  run.make_room_for_best(fields["hasBest"].get<bool>());
  for (const Array& array : run.arrays()) {
    const StoredTensor* stored = parsed.find(array.name);
    if (!stored || stored->dtype != kReal || stored->data.size() != array.values.size_bytes())
      return {{"", "a checkpoint of this build", std::string("no fitting '") + array.name + "'"}};
  }
  for (const Array& array : run.arrays()) {
    const std::span<const std::uint8_t> data = parsed.find(array.name)->data;
    std::copy(data.begin(), data.end(), reinterpret_cast<std::uint8_t*>(array.values.data()));
  }
  run.set_fields(fields);
  return {};
}

}  // namespace trainground
