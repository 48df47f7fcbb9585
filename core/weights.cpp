#include "weights.h"

#include <string>

#include "safetensors.h"

namespace trainground {
namespace {

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + ")";
}

}  // namespace

std::vector<std::uint8_t> write_weights(const Network& network) {
  std::vector<std::vector<float>> values;
  std::vector<StoredTensor> tensors;
  for (const Parameter* parameter : network.parameters()) values.push_back(torch_values(*parameter, parameter->value));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Parameter& parameter = *network.parameters()[i];
    tensors.push_back({parameter.name,
                       Dtype::f32,
                       torch_shape_of(parameter),
                       {reinterpret_cast<const std::uint8_t*>(values[i].data()), values[i].size() * sizeof(float)}});
  }
  return write_safetensors(tensors);
}

std::vector<Problem> load_weights(std::span<const std::uint8_t> file, Network& network) {
  const ParsedSafetensors parsed = read_safetensors(file);
  std::vector<Problem> problems = parsed.problems;
  if (!problems.empty()) return problems;
  for (const Parameter* parameter : network.parameters()) {
    const StoredTensor* stored = parsed.find(parameter->name);
    const std::string expected = "float32 values of shape " + shape_text(torch_shape_of(*parameter));
    if (!stored)
      problems.push_back({"weights." + parameter->name, expected, "no such tensor"});
    else if (stored->dtype != Dtype::f32 || stored->shape != torch_shape_of(*parameter))
      problems.push_back({"weights." + parameter->name, expected,
                          std::string(name_of(stored->dtype)) + " of shape " + shape_text(stored->shape)});
  }
  for (const StoredTensor& stored : parsed.tensors)
    if (!network.find(stored.name))
      problems.push_back({"weights." + stored.name, "a tensor of this network", "a tensor it does not have"});
  if (!problems.empty()) return problems;

  std::vector<float> values;
  for (Parameter* parameter : network.parameters()) {
    const StoredTensor& stored = *parsed.find(parameter->name);
    values.resize(stored.count());
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = stored.f32(i);
    set_torch_values(*parameter, values, parameter->value);
  }
  return problems;
}

}  // namespace trainground
