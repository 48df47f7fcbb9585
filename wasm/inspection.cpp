#include "inspection.h"

#include <algorithm>

#include "answers.h"
#include "json_text.h"
#include "safetensors.h"
#include "words.h"

namespace trainground {
namespace {

Json append(const real* values, std::size_t count, std::vector<float>& numbers) {
  const std::size_t offset = numbers.size();
  numbers.insert(numbers.end(), values, values + count);
  return JsonObject().add("numbers", Json::list(offset, count));
}

// In PyTorch's layout.
Json append(const Parameter& parameter, const real* values, std::vector<float>& numbers) {
  const std::vector<float> arranged = torch_values(parameter, values);
  const std::size_t offset = numbers.size();
  numbers.insert(numbers.end(), arranged.begin(), arranged.end());
  return JsonObject().add("numbers", Json::list(offset, arranged.size()));
}

}  // namespace

Json activations(Training& run, const Pixels& pictures, int samples, std::vector<float>& numbers) {
  constexpr std::int64_t kNumbers = 1 << 24;  // of all steps' outputs: a deep network takes its pictures one by one
  const Sequence& sequence = run.network().layers();
  std::int64_t each = 1;
  for (int step = 0; step < sequence.steps(); ++step) each += sequence.shape_of(step).size();
  const int together = static_cast<int>(std::clamp<std::int64_t>(kNumbers / each, 1, std::max(samples, 1)));

  struct Part {
    int entry;  // -1: the last map
    std::size_t size, offset;
  };
  std::vector<Part> parts;
  std::size_t total = 0;
  const auto part = [&](int entry, Shape shape) {
    parts.push_back({entry, static_cast<std::size_t>(shape.size()), total});
    const std::size_t count = samples * parts.back().size;
    total += count;
    return JsonObject().add("numbers", Json::list(parts.back().offset, count));
  };
  Json layers = Json::array();
  for (const LayerReport& report : sequence.reports()) {
    Json row = JsonObject()
                   .add("index", report.index)
                   .add("type", word(report.type))
                   .add("shape", to_json(report.output_shape))
                   .add("values", part(report.index, report.output_shape));
    if (const int map = sequence.last_map(); map >= 0 && sequence.entry_of(map) == report.index)
      row["map"] = JsonObject().add("shape", to_json(sequence.shape_of(map))).add("values", part(-1, sequence.shape_of(map)));
    layers.push_back(row);
  }

  numbers.resize(total);
  for (int begin = 0; begin < samples; begin += together) {
    const int count = std::min(together, samples - begin);
    const real* x = run.look(pictures.from(begin), count);
    for (const Part& one : parts) {
      const real* values = one.entry < 0 ? sequence.step_output(sequence.last_map()) : sequence.output_of(one.entry, x);
      std::copy_n(values, count * one.size, numbers.begin() + static_cast<std::ptrdiff_t>(one.offset + begin * one.size));
    }
  }
  return layers;
}

Json tell(const SlowMotion& motion, const Training& run, std::vector<float>& numbers) {
  const Batches& batch = run.batch();
  const std::size_t samples = batch.samples().size();
  const Dataset& data = run.data();
  Json layers = Json::array(), parameters = Json::array();
  for (const LayerMoment& layer : motion.layers()) {
    layers.push_back(JsonObject()
                         .add("index", layer.entry)
                         .add("type", word(run.experiment().layers[static_cast<std::size_t>(layer.entry)].type))
                         .add("sum", layer.sum)
                         .add("shape", to_json(layer.shape))
                         .add("values", append(layer.values, samples * layer.shape.size(), numbers))
                         .add("gradients", append(layer.gradients.data(), layer.gradients.size(), numbers)));
  }
  for (const UpdateMoment& update : motion.updates()) {
    const Parameter& parameter = *update.parameter;
    parameters.push_back(JsonObject()
                             .add("name", parameter.name)
                             .add("shape", torch_shape_of(parameter))
                             .add("before", append(parameter, update.before, numbers))
                             .add("gradient", append(parameter, parameter.gradient, numbers))
                             .add("after", append(parameter, parameter.value, numbers)));
  }
  Json labels = Json::array();
  for (std::size_t i = 0; data.classifies() && i < samples; ++i) labels.push_back(batch.labels()[i]);
  return JsonObject()
      .add("epoch", run.last_step().epoch)
      .add("step", run.last_step().step)
      .add("learningRate", run.learning_rate())
      .add("samples", batch.samples())
      .add("inputs", append(batch.inputs(), samples * data.shape.size(), numbers))
      .add("labels", labels)
      .add("targets", append(batch.targets(), data.classifies() ? 0 : samples * data.outputs, numbers))
      .add("loss", run.last_step().loss)
      .add("penalty", motion.penalty())
      .add("lossAfter", motion.loss_after())
      .add("layers", layers)
      .add("parameters", parameters);
}

Json tell(const std::vector<ActivationSpread>& spreads, const Experiment& experiment) {
  Json rows = Json::array();
  for (const ActivationSpread& spread : spreads) {
    rows.push_back(
        JsonObject()
            .add("index", spread.entry)
            .add("type", spread.entry < 0 ? "input" : word(experiment.layers[static_cast<std::size_t>(spread.entry)].type))
            .add("sum", spread.sum)
            .add("shape", to_json(spread.shape))
            .add("mean", spread.mean)
            .add("deviation", spread.deviation)
            .add("zeros", spread.zeros)
            .add("dead", spread.dead)
            .add("gradientDeviation", spread.gradient_deviation));
  }
  return rows;
}

}  // namespace trainground
