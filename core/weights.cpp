#include "weights.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "json_text.h"
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

// The first value of a tensor that float32 has no room for.
void check_values(const StoredTensor& stored, std::vector<Problem>& problems) {
  constexpr double kExact = 1 << 24;  // of whole numbers
  const bool whole = is_integer(stored.dtype);
  for (std::size_t i = 0; i < stored.count(); ++i) {
    const double number = stored.number(i);
    if (whole ? std::fabs(number) <= kExact : std::isfinite(static_cast<float>(number))) continue;
    problems.push_back({stored.name, whole ? "whole numbers from -2^24 to 2^24" : "finite numbers of float32",
                        number_text(number) + " at place " + std::to_string(i)});
    return;
  }
}

bool fits(const StoredTensor* stored, const Parameter& parameter) {
  return stored && stored->dtype != Dtype::other && stored->shape == torch_shape_of(parameter);
}

// How many batches PyTorch's batch norm has seen: only for a momentum that this one does not have.
bool is_counter(const std::string& name) { return name.ends_with("num_batches_tracked"); }

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

LoadedWeights load_weights(std::span<const std::uint8_t> file, Network& network) {
  const ParsedSafetensors parsed = read_safetensors(file, "");
  LoadedWeights loaded;
  loaded.problems = parsed.problems;
  if (!loaded.problems.empty()) return loaded;
  for (const Parameter* parameter : network.parameters()) {
    const StoredTensor* stored = parsed.find(parameter->name);
    if (fits(stored, *parameter))
      check_values(*stored, loaded.problems);
    else
      loaded.problems.push_back({parameter->name, "numbers of shape " + shape_text(torch_shape_of(*parameter)),
                                 stored ? stored->type() + " of shape " + shape_text(stored->shape) : "no such tensor"});
  }
  for (const StoredTensor& stored : parsed.tensors)
    if (!network.find(stored.name) && !is_counter(stored.name)) loaded.unused.push_back({stored.name, stored.shape});
  if (!loaded.problems.empty()) return loaded;
  for (Parameter* parameter : network.parameters()) take(*parsed.find(parameter->name), *parameter);
  return loaded;
}

Transfer transfer_weights(std::span<const std::uint8_t> file, Network& network) {
  const ParsedSafetensors parsed = read_safetensors(file, "");
  Transfer transfer;
  transfer.problems = parsed.problems;
  if (!transfer.problems.empty()) return transfer;
  for (const Parameter* parameter : network.parameters()) {
    const StoredTensor* stored = parsed.find(parameter->name);
    const std::vector<std::int64_t> shape = torch_shape_of(*parameter);
    if (fits(stored, *parameter)) {
      check_values(*stored, transfer.problems);
      transfer.taken.push_back({parameter->name, shape});
    } else {
      const bool frozen = !parameter->trainable;
      transfer.kept.push_back({{parameter->name, shape}, stored ? std::optional(stored->shape) : std::nullopt, frozen});
    }
  }
  for (const StoredTensor& stored : parsed.tensors) {
    const auto is_it = [&](const TensorPlace& place) { return place.name == stored.name; };
    if (!is_counter(stored.name) && std::none_of(transfer.taken.begin(), transfer.taken.end(), is_it))
      transfer.unused.push_back({stored.name, stored.shape});
  }
  if (transfer.taken.empty()) {
    transfer.problems.push_back({"", "a file with at least one tensor of this network, which has " + in_words(transfer.kept),
                                 "one with " + in_words(transfer.unused)});
  }
  if (!transfer.problems.empty()) return transfer;
  for (const TensorPlace& place : transfer.taken) take(*parsed.find(place.name), *network.find(place.name));
  return transfer;
}

}  // namespace trainground
