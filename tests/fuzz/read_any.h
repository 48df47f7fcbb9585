// What must hold for any bytes at all: a reader neither crashes nor lies. It gives problems, in words that can travel as JSON, or
// a result that the rest of the core may trust. The first byte chooses the reader, so that one corpus and one program serve them
// all.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "batch.h"
#include "dataset.h"
#include "experiment_file.h"
#include "json_text.h"
#include "network.h"
#include "safetensors.h"
#include "weights.h"

namespace trainground {

enum class Reader : std::uint8_t { idx, safetensorsDataset, safetensors, experiment, weights };
constexpr int kReaders = 5;

// Each fault is one sentence; no fault is the empty string.
inline std::string fault_of(const std::vector<Problem>& problems) {
  if (problems.size() > 10000) return "too many problems to be read";
  for (const Problem& problem : problems) {
    const std::string words = problem.path + problem.expected + problem.given;
    if (problem.expected.empty() || problem.given.empty()) return "a problem without words";
    // What is not UTF-8 is written as another character.
    if (trusted_json(text(words)).text() != words) return "a problem whose words are not UTF-8";
  }
  return "";
}

inline std::string fault_of(const ParsedDataset& parsed) {
  if (!parsed.problems.empty()) return fault_of(parsed.problems);
  const Dataset& set = parsed.dataset;
  const std::size_t samples = static_cast<std::size_t>(set.samples), size = static_cast<std::size_t>(set.shape.size());
  const std::size_t outputs = static_cast<std::size_t>(set.outputs);
  if (set.samples < 1 || set.shape.size() < 1 || set.outputs < 1) return "an empty set without a problem";
  if (set.bytes.size() + set.floats.size() + set.doubles.size() != samples * size) return "inputs that do not fit";
  if (!set.bytes.empty() + !set.floats.empty() + !set.doubles.empty() != 1) return "not one kind of inputs";
  if (set.labels.size() != (set.classifies() ? samples : 0)) return "labels that do not fit";
  if (set.targets.size() != (set.classifies() ? 0 : samples * outputs)) return "targets that do not fit";
  if (!set.class_names.empty() && set.class_names.size() != outputs) return "names that do not fit";
  const auto finite = [](auto value) { return std::isfinite(static_cast<float>(value)); };
  if (!std::all_of(set.floats.begin(), set.floats.end(), finite) || !std::all_of(set.doubles.begin(), set.doubles.end(), finite))
    return "an input that is not finite";
  if (!std::all_of(set.targets.begin(), set.targets.end(), finite)) return "a target that is not finite";
  if (!std::all_of(set.labels.begin(), set.labels.end(), [&](int label) { return label >= 0 && label < set.outputs; })) {
    return "a label outside the classes";
  }
  const Split parts = split(set, 0.3, 1);
  if (parts.training.size() + parts.validation.size() != samples) return "a split that loses samples";
  const std::string fault = fault_of(training_problems(set, parts, 0.3));
  if (!fault.empty() || parts.training.empty()) return fault;
  Batches batches(set, parts.training, {});
  if (batches.next() != static_cast<int>(std::min<std::size_t>(32, parts.training.size()))) return "a batch of the wrong size";
  return "";
}

inline std::string fault_of(const ParsedSafetensors& parsed) {
  if (!parsed.problems.empty()) return fault_of(parsed.problems);
  const std::vector<std::uint8_t> written = write_safetensors(parsed.tensors, parsed.metadata);
  const ParsedSafetensors again = read_safetensors(written);
  if (!again.problems.empty()) return "a file that cannot be written again: " + again.problems[0].given;
  if (again.metadata != parsed.metadata || again.tensors.size() != parsed.tensors.size())
    return "a file that changes when written again";
  for (std::size_t i = 0; i < parsed.tensors.size(); ++i) {
    const StoredTensor *before = &parsed.tensors[i], *after = again.find(before->name);
    if (after == nullptr || after->dtype != before->dtype || after->shape != before->shape ||
        !std::equal(before->data.begin(), before->data.end(), after->data.begin(), after->data.end())) {
      return "a tensor that changes when written again";
    }
  }
  return "";
}

// Weights for a network of four numbers: all of them finite, or none taken.
inline std::string fault_of_weights(std::span<const std::uint8_t> file) {
  Network network({1, 1, 1}, parse_experiment(R"({"layers": [{"type": "dense", "units": 2}]})").experiment);
  const std::vector<std::uint8_t> before = write_weights(network);
  const LoadedWeights loaded = load_weights(file, network);
  const std::span<const real> values = network.values();
  if (!std::all_of(values.begin(), values.end(), [](real value) { return std::isfinite(value); }))
    return "a weight that is not finite";
  if (!loaded.problems.empty() && write_weights(network) != before) return "a refused file that changed the network";
  return fault_of(loaded.problems);
}

// `input`: the reader, then its file. The idx reader's two files are told apart by two bytes of length in front of them.
inline std::string fault_of_reading(std::span<const std::uint8_t> input) {
  if (input.empty()) return "";
  const Reader reader = static_cast<Reader>(input[0] % kReaders);
  const std::span<const std::uint8_t> file = input.subspan(1);
  switch (reader) {
    case Reader::idx: {
      if (file.size() < 2) return "";
      const std::size_t images = std::min<std::size_t>(static_cast<std::size_t>(file[0] * 256 + file[1]), file.size() - 2);
      return fault_of(read_idx(file.subspan(2, images), file.subspan(2 + images)));
    }
    case Reader::safetensorsDataset:
      return fault_of(read_safetensors_dataset(file, "x", "y"));
    case Reader::safetensors:
      return fault_of(read_safetensors(file));
    case Reader::experiment:
      return fault_of(parse_experiment(std::string(file.begin(), file.end())).problems);
    case Reader::weights:
      return fault_of_weights(file);
  }
  return "";
}

// One good input for each reader, to begin with.
inline std::vector<std::vector<std::uint8_t>> good_inputs() {
  const auto words = [](Reader reader, const std::string& text) {
    const std::string input = std::string(1, static_cast<char>(reader)) + text;
    return std::vector<std::uint8_t>(input.begin(), input.end());
  };
  std::vector<std::vector<std::uint8_t>> inputs;
  inputs.push_back({static_cast<std::uint8_t>(Reader::idx),
                    0,
                    28,
                    0,
                    0,
                    8,
                    3,
                    0,
                    0,
                    0,
                    3,
                    0,
                    0,
                    0,
                    2,
                    0,
                    0,
                    0,
                    2,
                    1,
                    2,
                    3,
                    4,
                    5,
                    6,
                    7,
                    8,
                    9,
                    10,
                    11,
                    12,
                    0,
                    0,
                    8,
                    1,
                    0,
                    0,
                    0,
                    3,
                    0,
                    1,
                    0});
  const std::vector<float> x{1, 2, 3, 4, 5, 6};
  const std::vector<std::int64_t> y{0, 1, 1};
  const std::vector<std::uint8_t> extra{7};
  const auto bytes = [](const auto& values) {
    return std::span<const std::uint8_t>(reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(values[0]));
  };
  const std::vector<StoredTensor> tensors{
      {"x", Dtype::f32, {3, 2}, bytes(x)}, {"y", Dtype::i64, {3}, bytes(y)}, {"z", Dtype::other, {}, bytes(extra), "F8_E4M3"}};
  for (Reader reader : {Reader::safetensorsDataset, Reader::safetensors}) {
    const std::vector<std::uint8_t> file = write_safetensors(tensors, {{"format", "pt"}});
    inputs.push_back(words(reader, std::string(file.begin(), file.end())));
  }
  const std::vector<std::uint16_t> halves{0x3c00, 0xc000};
  const std::vector<double> doubles{0.5, -0.25};
  const std::vector<std::uint8_t> weights =
      write_safetensors(std::vector<StoredTensor>{{"layers.0.weight", Dtype::f16, {2, 1}, bytes(halves)},
                                                  {"layers.0.bias", Dtype::f64, {2}, bytes(doubles)},
                                                  {"extra", Dtype::boolean, {1}, bytes(extra)}});
  inputs.push_back(words(Reader::weights, std::string(weights.begin(), weights.end())));
  inputs.push_back(words(Reader::experiment,
                         R"({"seed": 1, "dataset": {"type": "csv", "path": "a", "label": "b"}, "augmentation": )"
                         R"([{"type": "flip", "horizontal": 0.5}, {"type": "randomCrop", "scale": [0.8, 1]}], )"
                         R"("layers": [{"type": "conv2d", "filters": 4, "kernelSize": 3}, {"type": "flatten"}, )"
                         R"({"type": "dense", "units": 2}], "optimizer": {"type": "adam"}, "batchSize": 32})"));
  return inputs;
}

}  // namespace trainground
