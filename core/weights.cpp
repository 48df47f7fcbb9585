#include "weights.h"

#include <algorithm>
#include <string>

#include "safetensors.h"
#include "sha256.h"

namespace trainground {
namespace {

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + ")";
}

void take(const StoredTensor& stored, Parameter& parameter) {
  std::vector<float> values(stored.count());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = stored.f32(i);
  set_torch_values(parameter, values, parameter.value);
}

// The first few of a list of tensors.
template <class Place>
std::string in_words(const std::vector<Place>& places) {
  constexpr std::size_t kShown = 4;
  std::string words;
  for (std::size_t i = 0; i < std::min(kShown, places.size()); ++i)
    words += (i ? ", " : "") + places[i].name + " " + shape_text(places[i].shape);
  if (places.size() > kShown) words += " and " + std::to_string(places.size() - kShown) + " more";
  return places.empty() ? "no tensor" : words;
}

// The tensors of the file, without their values.
std::vector<StoredTensor> places(const Network& network) {
  std::vector<StoredTensor> tensors;
  for (const Parameter* parameter : network.parameters())
    tensors.push_back({parameter->name, Dtype::f32, torch_shape_of(*parameter), {}});
  return tensors;
}

// Their values, one after the other.
void for_each_piece(const Network& network, const std::function<void(std::span<const std::uint8_t>)>& take) {
  for (const Parameter* parameter : network.parameters()) for_each_torch_piece(*parameter, parameter->value, take);
}

}  // namespace

std::vector<std::uint8_t> write_weights(const Network& network) {
  std::vector<std::uint8_t> file = safetensors_header(places(network));
  std::size_t size = file.size();
  for (const Parameter* parameter : network.parameters()) size += parameter->count() * sizeof(float);
  file.reserve(size);
  for_each_piece(network, [&](std::span<const std::uint8_t> piece) { file.insert(file.end(), piece.begin(), piece.end()); });
  return file;
}

std::string weights_sha256(const Network& network) {
  Sha256 sum;
  sum.update(safetensors_header(places(network)));
  for_each_piece(network, [&](std::span<const std::uint8_t> piece) { sum.update(piece); });
  return sum.hex();
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

  for (Parameter* parameter : network.parameters()) take(*parsed.find(parameter->name), *parameter);
  return problems;
}

Transfer transfer_weights(std::span<const std::uint8_t> file, Network& network) {
  const ParsedSafetensors parsed = read_safetensors(file, "");
  Transfer transfer;
  transfer.problems = parsed.problems;
  if (!transfer.problems.empty()) return transfer;
  for (Parameter* parameter : network.parameters()) {
    const StoredTensor* stored = parsed.find(parameter->name);
    const std::vector<std::int64_t> shape = torch_shape_of(*parameter);
    if (stored && stored->dtype == Dtype::f32 && stored->shape == shape) {
      take(*stored, *parameter);
      transfer.taken.push_back({parameter->name, shape});
    } else {
      const bool frozen = !parameter->trainable;
      transfer.kept.push_back({{parameter->name, shape}, stored ? std::optional(stored->shape) : std::nullopt, frozen});
    }
  }
  for (const StoredTensor& stored : parsed.tensors) {
    const auto is_it = [&](const TensorPlace& place) { return place.name == stored.name; };
    if (std::none_of(transfer.taken.begin(), transfer.taken.end(), is_it)) transfer.unused.push_back({stored.name, stored.shape});
  }
  if (transfer.taken.empty()) {
    transfer.problems.push_back({"",
                                 "a file with at least one float32 tensor of this network, which has " + in_words(transfer.kept),
                                 "one with " + in_words(transfer.unused)});
  }
  return transfer;
}

}  // namespace trainground
