// The engine as JavaScript sees it: conversions and no arithmetic. The only file that knows Embind.
//
// Structured values cross as JSON text; bulk numbers through views of the engine's memory, which the caller copies before the
// next call. Bad input comes back as problems; nothing here throws.
#include <emscripten/bind.h>
#include <emscripten/val.h>

#include <cstring>
#include <optional>
#include <string>

#include "answers.h"
#include "checkpoint.h"
#include "checks.h"
#include "dataset.h"
#include "events.h"
#include "experiment_file.h"
#include "inspection.h"
#include "json_text.h"
#include "lent_features.h"
#include "options_table.h"
#include "parallel.h"
#include "run_problems.h"
#include "safetensors.h"
#include "saliency.h"
#include "sha256.h"
#include "training.h"
#include "transfer.h"
#include "weights.h"
#include "words.h"

namespace trainground {
namespace {

using emscripten::typed_memory_view;
using emscripten::val;

std::string check_experiment(const std::string& json) {
  const ParsedExperiment parsed = parse_experiment(json);
  JsonObject answer;
  answer.add("problems", to_json(parsed.problems));
  if (parsed.problems.empty()) answer.add("experiment", trusted_json(parsed.normalized));
  return text(answer);
}

class Session {
 public:
  val input(int slot, std::size_t bytes) {
    inputs_[slot].resize(bytes);
    return val(typed_memory_view(bytes, inputs_[slot].data()));
  }

  std::string read_idx(int part) { return keep(part, trainground::read_idx(inputs_[0], inputs_[1])); }
  std::string read_safetensors(int part, const std::string& inputs, const std::string& labels, const std::string& groups) {
    return keep(part, read_safetensors_dataset(inputs_[0], inputs, labels, groups));
  }

  std::string read_samples(int part, const std::string& json) {
    const Json description = trusted_json(json);
    RawSamples raw;
    raw.samples = description.value("samples", 0);
    raw.shape = {description.value("height", 1), description.value("width", 1), description.value("channels", 1)};
    const std::string type = description.value("type", std::string("uint8"));
    if (type == "uint8") raw.bytes = inputs_[0], raw.owner = &inputs_[0];
    if (type == "float32") raw.floats = view<float>(0);
    if (type == "float64") raw.doubles = view<double>(0);
    raw.outputs = description.value("outputs", 0);
    if (raw.outputs > 0)
      raw.targets = view<float>(1);
    else
      raw.labels = view<std::int32_t>(1);
    raw.class_names = description.value("classNames", std::vector<std::string>{});
    raw.groups = view<std::int32_t>(2);
    raw.bursts = description.value("bursts", false);
    raw.columns = description.value("columns", std::vector<int>{});
    return keep(part, from_samples(raw));
  }

  void make_points(int part, const std::string& shape, int samples, double noise, double seed) {
    keep(part, {trainground::make_points(shape, samples, noise, static_cast<std::uint64_t>(seed), part), {}});
  }

  // 0 folds: what the experiment holds back. room: of the feature cache, in bytes; negative: as usual.
  std::string open(const std::string& json, int fold, int folds, double room) {
    ParsedExperiment parsed = parse_experiment(json);
    parsed.experiment.fold = {fold, folds};
    std::vector<Problem> problems = parsed.problems;
    const Dataset& data = parts_[0];
    Dataset* validation = parts_[1].samples > 0 ? &parts_[1] : nullptr;
    if (problems.empty() && validation) problems = match_classes(data, *validation);
    if (problems.empty()) problems = run_problems(parsed.experiment, data, validation);
    if (!problems.empty()) return text(JsonObject().add("problems", to_json(problems)));

    checks_.end();
    lent_.clear();
    if (training_ && same_inputs_) lent_.take_from(*training_, normalized_);
    same_inputs_ = true;
    std::vector<double> medians;
    if (!data.columns.empty())
      medians = fill_missing(parts_[0], split_for(parsed.experiment, data, validation).training, validation);
    experiment_ = parsed.experiment;
    normalized_ = parsed.normalized;
    training_.emplace(experiment_, data, validation, room < 0 ? FeatureCache::kRoom : static_cast<std::size_t>(room));
    Json names = Json::array();
    for (int k = 0; k < (data.classifies() ? data.outputs : 0); ++k) names.push_back(data.class_name(k));
    return text(JsonObject()
                    .add("problems", Json::array())
                    .add("start", JsonObject()
                                      .add("parameters", training_->network().learned_count())
                                      .add("samples", training_->split().training.size())
                                      .add("validationSamples", training_->split().validation.size())
                                      .add("mostFolds", most_folds(data, experiment_.split_by))
                                      .add("classNames", names)
                                      .add("bytes", !data.bytes.empty())
                                      .add("medians", medians)
                                      .add("normalization", to_json(training_->normalization()))
                                      .add("shape", to_json(data.shape))
                                      .add("outputs", training_->answer_size())
                                      .add("stepsPerEpoch", training_->steps_per_epoch())
                                      .add("layers", to_json(training_->network().layers().reports()))
                                      .add("features", to_json(training_->features()))
                                      .add("notes", run_notes(*training_)))
                    .add("experiment", trusted_json(parsed.normalized)));
  }

  int advance() {
    unit_ = training_->advance();
    return static_cast<int>(unit_);
  }

  std::string event() {
    if (unit_ == Training::Unit::end) return text(end_event(*training_));
    if (unit_ == Training::Unit::features) return text(JsonObject().add("left", training_->features_left()));
    return text(unit_ == Training::Unit::epoch ? epoch_event(*training_) : step_event(*training_));
  }

  std::string finish() {
    training_->finish();
    return text(end_event(*training_));
  }

  bool at_step() const { return training_->at_step(); }
  // The step that comes next, with every number on its way; {} where it ended the run.
  std::string slow_step() {
    SlowMotion motion(*training_);
    output_.clear();
    while (advance() == static_cast<int>(Training::Unit::features)) {
    }
    if (unit_ != Training::Unit::step) return "{}";
    motion.observe(*training_);
    return text(tell(motion, *training_, output_));
  }
  bool fits_slow_motion() const { return SlowMotion::numbers(*training_) <= SlowMotion::kMostNumbers; }
  std::string activation_spread(int samples) {
    return text(tell(trainground::activation_spread(*training_, samples), experiment_));
  }

  void set_learning_rate(double learning_rate) { training_->set_learning_rate(learning_rate); }

  // part -1: the run's validation part; else the whole set read as that part.
  std::string evaluate(int part) {
    const Dataset& data = part < 0 ? training_->validation_data() : parts_[part];
    std::vector<std::int32_t> chosen = training_->split().validation;
    if (part >= 0) {
      std::vector<Problem> problems = match_classes(parts_[0], parts_[part]);
      if (!problems.empty()) return text(JsonObject().add("problems", to_json(problems)));
      chosen.resize(static_cast<std::size_t>(data.samples));
      for (std::size_t i = 0; i < chosen.size(); ++i) chosen[i] = static_cast<std::int32_t>(i);
    }
    Evaluation result = training_->evaluate(data, chosen);
    std::vector<std::int32_t> labels;
    for (std::int32_t index : chosen)
      if (data.classifies()) labels.push_back(data.labels[static_cast<std::size_t>(index)]);
    output_ = std::move(result.probabilities);
    std::size_t targets = 0;  // numbers behind the answers
    for (std::int32_t index : chosen) {
      if (data.classifies()) break;
      const auto begin = data.targets.begin() + std::ptrdiff_t{index} * data.outputs;
      output_.insert(output_.end(), begin, begin + data.outputs);
      targets += static_cast<std::size_t>(data.outputs);
    }
    Json confusion = Json::array();
    const int classes = training_->answer_size();
    for (auto row = result.confusion.begin(); row != result.confusion.end(); row += classes)
      confusion.push_back(std::vector<std::int32_t>(row, row + classes));
    return text(JsonObject()
                    .add("problems", Json::array())
                    .add("loss", result.loss)
                    .add("accuracy", result.accuracy)
                    .add("samples", result.samples)
                    .add("labels", labels)
                    .add("targets", targets)
                    .add("confusion", confusion));
  }

  // Slot 0 holds `samples` pictures of the network's shape.
  void predict(int samples, const std::string& type) { output_ = training_->predict(pictures(type), samples); }

  // The same, and behind it what to compare them by; without pictures (0), of the samples of the set whose indices are in slot 0.
  int describe(int samples, const std::string& type) {
    Training::Described all = samples ? training_->describe(pictures(type), samples) : training_->describe(indices());
    output_ = std::move(all.probabilities);
    output_.insert(output_.end(), all.features.begin(), all.features.end());
    return training_->feature_size();
  }

  std::string samples() {
    const Dataset& data = parts_[0];
    std::vector<std::int32_t> labels;
    for (std::int32_t index : view<std::int32_t>(0))
      if (data.classifies()) labels.push_back(data.labels[static_cast<std::size_t>(index)]);
    output_ = training_->preview(0, indices());
    return text(JsonObject().add("labels", labels));
  }

  std::string split() {
    const auto& [training, validation] = training_->split();
    return text(JsonObject().add("training", training).add("validation", validation).add("labels", parts_[0].labels));
  }

  // Epoch 0: the pictures as they are.
  void preview(int epoch) { output_ = training_->preview(epoch, indices()); }

  std::string tensors() {
    Json list = Json::array();
    for (const Parameter* parameter : training_->network().parameters()) {
      const std::vector<float> values = torch_values(*parameter, parameter->value);
      const std::string sum = sha256({reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(float)});
      list.push_back(JsonObject()
                         .add("name", parameter->name)
                         .add("shape", torch_shape_of(*parameter))
                         .add("trainable", parameter->learned && parameter->trainable)
                         .add("sha256", sum));
    }
    return text(list);
  }

  std::string tensor(const std::string& name) { return take(name, false); }
  std::string gradient(const std::string& name) { return take(name, true); }

  std::string activations(int samples, const std::string& type) {
    output_.clear();
    return text(trainground::activations(*training_, pictures(type), samples, output_));
  }

  void input_gradient(int samples, const std::string& type, int output) {
    output_ = trainground::input_gradient(*training_, pictures(type), samples, output);
  }

  // Samples that stand for the training part, as the network takes them, for an engine of another precision.
  std::string fixed_batch(int count) {
    const Dataset& data = training_->data();
    const std::vector<std::int32_t> chosen = trainground::fixed_batch(*training_, count);
    Buffer<real> inputs(chosen.size() * static_cast<std::size_t>(data.shape.size()));
    gather(pixels_of(data), training_->normalization(), chosen, inputs.data());
    output_.assign(inputs.begin(), inputs.end());
    Json labels = Json::array(), targets = Json::array();
    for (const std::int32_t index : chosen) {
      if (data.classifies()) labels.push_back(data.labels[static_cast<std::size_t>(index)]);
      for (int k = 0; !data.classifies() && k < data.outputs; ++k)
        targets.push_back(data.targets[static_cast<std::size_t>(index) * static_cast<std::size_t>(data.outputs) + k]);
    }
    return text(JsonObject().add("labels", labels).add("targets", targets));
  }

  std::string begin_check(const std::string& name, const std::string& options) {
    return text(to_json(checks_.begin(*training_, name, trusted_json(options))));
  }
  bool advance_check(int units) { return checks_.advance(units); }
  double check_progress() const { return checks_.progress(); }
  std::string end_check() {
    const std::string result = text(checks_.result());
    checks_.end();
    return result;
  }

  val output() const { return val(typed_memory_view(output_.size(), output_.data())); }

  val weights() {
    file_ = write_weights(training_->network(), training_->label());
    return val(typed_memory_view(file_.size(), file_.data()));
  }
  std::string weights_hash() { return weights_sha256(training_->network(), training_->label()); }
  std::string load_weights() {
    const LoadedWeights loaded = trainground::load_weights(inputs_[0], training_->network(), training_->label());
    if (loaded.problems.empty()) training_->weights_loaded(), lent_.give_to(*training_, normalized_);
    return text(JsonObject().add("problems", to_json(loaded.problems)).add("unused", to_json(loaded.unused)));
  }
  std::string transfer() {
    const Json told = transfer_into(*training_, inputs_[0]);
    lent_.give_to(*training_, normalized_);
    return text(told);
  }

  val checkpoint() {
    file_ = write_checkpoint(*training_, normalized_);
    return val(typed_memory_view(file_.size(), file_.data()));
  }
  std::string resume() { return text(to_json(read_checkpoint(inputs_[0], normalized_, *training_))); }

 private:
  template <class T>
  std::span<const T> view(int slot) const {
    return {reinterpret_cast<const T*>(inputs_[slot].data()), inputs_[slot].size() / sizeof(T)};
  }

  std::vector<std::int32_t> indices() const {
    const std::span<const std::int32_t> given = view<std::int32_t>(0);
    return {given.begin(), given.end()};
  }

  std::string keep(int part, ParsedDataset parsed) {
    same_inputs_ = same_inputs_ && (part > 1 || parts_[part].has_inputs_of(parsed.dataset));
    if (parsed.problems.empty()) parts_[part] = std::move(parsed.dataset);
    return text(to_json(parsed.problems));
  }

  Pixels pictures(const std::string& type) const {
    if (type == "uint8") return {parts_[0].shape, inputs_[0].data()};
    if (type == "float32") return {parts_[0].shape, nullptr, view<float>(0).data()};
    return {parts_[0].shape, nullptr, nullptr, view<double>(0).data()};
  }

  std::string take(const std::string& name, bool gradient) {
    const Parameter* parameter = training_->network().find(name);
    const real* values = parameter ? gradient ? parameter->gradient : parameter->value : nullptr;
    if (!values) {
      const std::string wanted = gradient ? "a tensor that is trained" : "a tensor of this network";
      return text(to_json(std::vector<Problem>{{"name", wanted, name}}));
    }
    output_ = torch_values(*parameter, values);
    return "[]";
  }

  Buffer<std::uint8_t> inputs_[3];
  Dataset parts_[3];
  bool same_inputs_ = false;  // as those of the run
  LentFeatures lent_;
  Experiment experiment_;
  std::string normalized_;
  std::optional<Training> training_;
  Checks checks_;  // of the run
  Training::Unit unit_ = Training::Unit::step;
  std::vector<float> output_;
  std::vector<std::uint8_t> file_;
};

}  // namespace

EMSCRIPTEN_BINDINGS(trainground) {
  using emscripten::class_;
  using emscripten::function;
  function("optionsTable", &options_table);
  function("checkExperiment", &check_experiment);
  function("setThreads", &set_threads);
  function("threads", &threads);
  function("parkThreads", &park_threads);
  class_<Session>("Session")
      .constructor()
      .function("input", &Session::input)
      .function("readIdx", &Session::read_idx)
      .function("readSafetensors", &Session::read_safetensors)
      .function("readSamples", &Session::read_samples)
      .function("makePoints", &Session::make_points)
      .function("open", &Session::open)
      .function("advance", &Session::advance)
      .function("event", &Session::event)
      .function("finish", &Session::finish)
      .function("atStep", &Session::at_step)
      .function("slowStep", &Session::slow_step)
      .function("fitsSlowMotion", &Session::fits_slow_motion)
      .function("activationSpread", &Session::activation_spread)
      .function("setLearningRate", &Session::set_learning_rate)
      .function("evaluate", &Session::evaluate)
      .function("predict", &Session::predict)
      .function("describe", &Session::describe)
      .function("samples", &Session::samples)
      .function("split", &Session::split)
      .function("preview", &Session::preview)
      .function("tensors", &Session::tensors)
      .function("tensor", &Session::tensor)
      .function("gradient", &Session::gradient)
      .function("activations", &Session::activations)
      .function("inputGradient", &Session::input_gradient)
      .function("fixedBatch", &Session::fixed_batch)
      .function("beginCheck", &Session::begin_check)
      .function("advanceCheck", &Session::advance_check)
      .function("checkProgress", &Session::check_progress)
      .function("endCheck", &Session::end_check)
      .function("output", &Session::output)
      .function("weights", &Session::weights)
      .function("weightsSha256", &Session::weights_hash)
      .function("loadWeights", &Session::load_weights)
      .function("transfer", &Session::transfer)
      .function("checkpoint", &Session::checkpoint)
      .function("resume", &Session::resume);
}

}  // namespace trainground
