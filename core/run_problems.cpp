#include "run_problems.h"

#include <algorithm>

namespace trainground {
namespace {

constexpr int kNamed = 5;                                // classes in a note; the others are counted
constexpr std::int64_t kMemory = std::int64_t{1} << 31;  // bytes: all that a module of WebAssembly may take here

// Bytes that a run holds at the same time, of what can be told without building it; scratch memory and the data come on top.
std::int64_t least_memory(const NetworkPlan& plan, const Experiment& experiment, int samples) {
  const std::int64_t for_each_that_learns = 1 + static_cast<std::int64_t>(Optimizer(experiment.optimizer, 0).state().size());
  const std::int64_t learning = plan.learned - plan.frozen;
  const std::int64_t snapshots = experiment.early_stopping.restore_best_weights ? 2 : 1;
  return static_cast<std::int64_t>(sizeof(real)) *
         (plan.learned + for_each_that_learns * learning + plan.moving + snapshots * (learning + plan.moving) +
          std::max(samples, Training::least_inferred(plan.outputs)) * plan.outputs + kSlices * plan.frozen_outputs);
}

// Whether answers are a linear function of the last layer's numbers, which then can take the label's unit on.
bool standardizes_label(const Experiment& experiment, const Dataset& data) {
  if (data.classifies() || experiment.loss != LossType::meanSquaredError || experiment.layers.empty()) return false;
  const LayerOptions& last = experiment.layers.back();
  return last.type == LayerType::dense && last.activation == Activation::linear && last.use_bias;
}

}  // namespace

std::vector<Problem> run_problems(const Experiment& experiment, const Dataset& data, const Dataset* validation) {
  const NetworkPlan plan = plan_network(data.shape, data.outputs, experiment);
  std::vector<Problem> problems = plan.problems;
  for (Problem& problem : split_problems(data, experiment, validation == nullptr)) problems.push_back(std::move(problem));
  const Split parts = split_for(experiment, data, validation);
  for (Problem& problem : training_problems(data, parts, experiment.validation_split)) problems.push_back(std::move(problem));
  if (!data.classifies() && experiment.loss == LossType::crossEntropy)
    problems.push_back(
        {"loss", "meanSquaredError or binaryCrossEntropy, since the data has targets, not classes", "crossEntropy"});
  if (experiment.normalize_label && !standardizes_label(experiment, data))
    problems.push_back(
        {"dataset.normalizeLabel",
         "false, unless the label is a number, the loss meanSquaredError, and the last layer dense with a bias and "
         "without an activation",
         "true"});
  if (parts.validation.empty() && experiment.early_stopping.enabled)
    problems.push_back({"earlyStopping", "a validation part to watch (validationSplit above 0, or a validation set)", "none"});
  if (experiment.early_stopping.enabled && experiment.early_stopping.monitor == Monitor::validationAccuracy &&
      !has_accuracy(experiment.loss, data.classifies()))
    problems.push_back(
        {"earlyStopping.monitor", "validationLoss, since numbers as targets have no accuracy", "\"validationAccuracy\""});
  const int samples = std::min(experiment.batch_size, static_cast<int>(parts.training.size()));
  if (samples == 1 && !plan.flat_batch_norm.empty()) {
    const std::string why =
        " since batch normalization at " + plan.flat_batch_norm + " compares a batch's samples with each other";
    if (experiment.batch_size == 1)
      problems.push_back({"batchSize", "at least 2," + why, "1"});
    else
      problems.push_back({"dataset", "of at least 2 samples to learn from," + why, "1 sample"});
  }
  if (const std::int64_t bytes = least_memory(plan, experiment, samples); plan.problems.empty() && bytes > kMemory) {
    problems.push_back({plan.largest, "small enough for the network to train in " + std::to_string(kMemory) + " bytes of memory",
                        "a network that needs at least " + std::to_string(bytes)});
  }
  return problems;
}

std::vector<std::string> run_notes(const Training& run) {
  std::vector<std::string> notes;
  const Dataset& data = run.data();
  if (data.classifies()) {
    std::vector<bool> seen(static_cast<std::size_t>(data.outputs));
    for (const std::int32_t label : data.labels) seen[static_cast<std::size_t>(label)] = true;
    std::string names;
    int empty = 0;
    for (int label = 0; label < data.outputs; ++label) {
      if (!seen[static_cast<std::size_t>(label)] && ++empty <= kNamed)
        names += (empty > 1 ? ", '" : "'") + data.class_name(label) + "'";
    }
    if (empty > kNamed) names += " and " + std::to_string(empty - kNamed) + " more";
    if (empty > 0) {
      notes.push_back(std::string("No sample is of class ") + names + ", which the network has an output for" +
                      (seen[0] || !data.class_names.empty() ? "." : ": labels count from 0."));
    }
  }
  const int samples = static_cast<int>(run.split().training.size());
  const std::string norm = plan_network(data.shape, data.outputs, run.experiment()).flat_batch_norm;
  if (samples % run.experiment().batch_size == 1 && !norm.empty()) {
    notes.push_back("The last batch of an epoch is one sample, of which batch normalization at " + norm +
                    " learns nothing, though it counts for the moving statistics: choose another batchSize.");
  }
  return notes;
}

}  // namespace trainground
