#include "inspection.h"

#include "json.h"
#include "safetensors.h"
#include "words.h"

namespace trainground {
namespace {

using Json = nlohmann::ordered_json;

Json append(const real* values, std::size_t count, std::vector<float>& numbers) {
  const std::size_t offset = numbers.size();
  numbers.insert(numbers.end(), values, values + count);
  return {{"numbers", {offset, count}}};
}

// In PyTorch's layout.
Json append(const Parameter& parameter, const real* values, std::vector<float>& numbers) {
  const std::vector<float> arranged = torch_values(parameter, values);
  const std::size_t offset = numbers.size();
  numbers.insert(numbers.end(), arranged.begin(), arranged.end());
  return {{"numbers", {offset, arranged.size()}}};
}

}  // namespace

Json tell(const SlowMotion& motion, const Training& run, std::vector<float>& numbers) {
  const Batches& batch = run.batch();
  const std::size_t samples = batch.samples().size();
  const Dataset& data = run.data();
  Json layers = Json::array(), parameters = Json::array();
  for (const LayerMoment& layer : motion.layers()) {
    layers.push_back({{"index", layer.entry},
                      {"type", word(run.experiment().layers[static_cast<std::size_t>(layer.entry)].type)},
                      {"sum", layer.sum},
                      {"shape", to_json(layer.shape)},
                      {"values", append(layer.values, samples * layer.shape.size(), numbers)},
                      {"gradients", append(layer.gradients.data(), layer.gradients.size(), numbers)}});
  }
  for (const UpdateMoment& update : motion.updates()) {
    const Parameter& parameter = *update.parameter;
    parameters.push_back({{"name", parameter.name},
                          {"shape", torch_shape_of(parameter)},
                          {"before", append(parameter, update.before, numbers)},
                          {"gradient", append(parameter, parameter.gradient, numbers)},
                          {"after", append(parameter, parameter.value, numbers)}});
  }
  Json labels = Json::array();
  for (std::size_t i = 0; data.classifies() && i < samples; ++i) labels.push_back(batch.labels()[i]);
  return {{"epoch", run.last_step().epoch},
          {"step", run.last_step().step},
          {"learningRate", run.learning_rate()},
          {"samples", batch.samples()},
          {"inputs", append(batch.inputs(), samples * data.shape.size(), numbers)},
          {"labels", labels},
          {"targets", append(batch.targets(), data.classifies() ? 0 : samples * data.outputs, numbers)},
          {"loss", run.last_step().loss},
          {"penalty", motion.penalty()},
          {"lossAfter", motion.loss_after()},
          {"layers", layers},
          {"parameters", parameters}};
}

Json tell(const std::vector<ActivationSpread>& spreads, const Experiment& experiment) {
  Json rows = Json::array();
  for (const ActivationSpread& spread : spreads) {
    rows.push_back({{"index", spread.entry},
                    {"type", spread.entry < 0 ? "input" : word(experiment.layers[static_cast<std::size_t>(spread.entry)].type)},
                    {"sum", spread.sum},
                    {"shape", to_json(spread.shape)},
                    {"mean", spread.mean},
                    {"deviation", spread.deviation},
                    {"zeros", spread.zeros},
                    {"dead", spread.dead},
                    {"gradientDeviation", spread.gradient_deviation}});
  }
  return rows;
}

}  // namespace trainground
