// Whole runs against PyTorch: the networks of tests/reference/networks.py from its weights, batch by batch.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "dataset.h"
#include "experiment_file.h"
#include "golden.h"
#include "run_problems.h"
#include "safetensors.h"
#include "sha256.h"
#include "training.h"
#include "weights.h"

namespace trainground::networks_test {

constexpr bool kFloat = sizeof(real) == 4;
const char* const kPrecision = kFloat ? "float32" : "float64";
const std::filesystem::path kFolder = "tests/reference/networks";

std::vector<std::uint8_t> bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::vector<std::uint8_t>((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

std::vector<std::string> names() {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".json") found.push_back(entry.path().stem().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

// One network's files, read.
struct Reference {
  Json json;
  std::vector<std::uint8_t> weights, expected_file;
  ParsedSafetensors expected;
  Dataset data;

  explicit Reference(const std::string& name)
      : json(golden("networks/" + name + ".json")),
        weights(bytes_of(kFolder / (name + ".safetensors"))),
        expected_file(bytes_of(kFolder / (name + ".expected.safetensors"))),
        expected(read_safetensors(expected_file)) {
    const StoredTensor& inputs = *expected.find("inputs");
    std::vector<std::int32_t> labels;
    std::vector<float> targets;
    if (const StoredTensor* stored = expected.find("labels")) {
      for (std::size_t i = 0; i < stored->count(); ++i) labels.push_back(static_cast<std::int32_t>(stored->integer(i)));
    } else {
      const StoredTensor& values = *expected.find("targets");
      for (std::size_t i = 0; i < values.count(); ++i) targets.push_back(values.f32(i));
    }
    RawSamples raw;
    raw.samples = static_cast<int>(inputs.shape[0]);
    raw.shape = {json["shape"][0].get<int>(), json["shape"][1].get<int>(), json["shape"][2].get<int>()};
    raw.bytes = inputs.data;
    raw.labels = labels;
    raw.targets = targets;
    if (labels.empty()) raw.outputs = json["outputs"].get<int>();
    ParsedDataset parsed = from_samples(raw);
    EXPECT_TRUE(parsed.problems.empty());
    data = std::move(parsed.dataset);
  }
};

// After these steps the two programs may differ by rounding: Winograd's (`exact` false) is ten times as large.
constexpr double loss_tolerance(bool exact) { return kFloat ? (exact ? 1e-5 : 1e-4) : 1e-12; }
constexpr double weight_tolerance(bool exact) { return kFloat ? (exact ? 1e-5 : 1e-3) : 1e-7; }  // saved as float32

class Networks : public testing::TestWithParam<std::string> {};

TEST_P(Networks, TrainAsInPyTorch) {
  Reference reference(GetParam());
  for (bool exact : {true, false}) {
    Json experiment = reference.json["experiment"];
    experiment["exact"] = exact;
    const ParsedExperiment parsed = parse_experiment(text(experiment));
    ASSERT_TRUE(parsed.problems.empty()) << parsed.problems[0].path << " " << parsed.problems[0].expected;
    const std::vector<Problem> problems = run_problems(parsed.experiment, reference.data, nullptr);
    ASSERT_TRUE(problems.empty()) << problems[0].path << " " << problems[0].expected << " " << problems[0].given;
    Training training(parsed.experiment, reference.data, nullptr);
    const std::vector<Problem> misfits = load_weights(reference.weights, training.network()).problems;
    ASSERT_TRUE(misfits.empty()) << misfits[0].path << " " << misfits[0].expected << " " << misfits[0].given;

    double worst = 0;
    for (const Json& loss : reference.json[kPrecision]) {
      while (training.advance() != Training::Unit::step) ASSERT_EQ(training.reason(), StopReason::none);
      const double expected = loss.get<double>();
      worst = std::max(worst, std::fabs(training.last_step().loss - expected) / std::fabs(expected));
      ASSERT_NEAR(training.last_step().loss, expected, loss_tolerance(exact) * std::fabs(expected)) << training.last_step().step;
    }
    const std::vector<std::uint8_t> file = write_weights(training.network());
    EXPECT_EQ(weights_sha256(training.network()), sha256(file));
    const ParsedSafetensors trained = read_safetensors(file);
    const std::string prefix = std::string(kPrecision) + ".";
    double farthest = 0;
    for (const StoredTensor& tensor : trained.tensors) {
      const StoredTensor* expected = reference.expected.find(prefix + tensor.name);
      ASSERT_NE(expected, nullptr) << tensor.name;
      double largest = 0, difference = 0;
      for (std::size_t i = 0; i < tensor.count(); ++i) {
        largest = std::max(largest, std::fabs(expected->number(i)));
        difference = std::max(difference, std::fabs(expected->number(i) - tensor.number(i)));
      }
      EXPECT_LE(difference, weight_tolerance(exact) * largest) << tensor.name;
      farthest = std::max(farthest, difference / largest);
    }
    std::printf("%-16s %s %s: losses within %.1e, weights within %.1e\n", GetParam().c_str(), kPrecision,
                exact ? "exact" : "fast ", worst, farthest);
  }
}

INSTANTIATE_TEST_SUITE_P(Reference, Networks, testing::ValuesIn(names()), [](const auto& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace trainground::networks_test
