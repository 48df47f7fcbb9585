// Transfer learning: what is taken from a file of another network, what stays, and that what is frozen then does not change by a
// bit.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "checkpoint.h"
#include "experiment_file.h"
#include "pictures.h"
#include "safetensors.h"
#include "training.h"
#include "weights.h"

namespace trainground::transfer_test {

// Two convolution blocks and the answer; `middle` stands before the last layer.
std::string layers(int classes, const std::string& middle = "") {
  return R"("layers": [
    {"type": "conv2d", "filters": 4, "kernelSize": 3}, {"type": "batchNormalization"}, {"type": "activation", "function": "relu"},
    {"type": "conv2d", "filters": 5, "kernelSize": 3}, {"type": "batchNormalization"}, {"type": "activation", "function": "relu"},
    {"type": "flatten"}, )" +
         middle + R"({"type": "dense", "units": )" + std::to_string(classes) + "}]";
}

Experiment experiment(const std::string& keys) {
  const ParsedExperiment parsed = parse_experiment("{" + keys + "}");
  for (const Problem& problem : parsed.problems)
    ADD_FAILURE() << problem.path << ": " << problem.expected << ", " << problem.given;
  return parsed.experiment;
}

void run_to_end(Training& training) {
  while (training.advance() != Training::Unit::end) {
  }
}

// A network that has learned `classes` classes, as its file.
std::vector<std::uint8_t> learned(int classes, const std::string& middle = "") {
  const Dataset data = pictures(60, 6, 1, classes);
  Training training(experiment(layers(classes, middle) + R"(, "epochs": 2, "seed": 5)"), data, nullptr);
  run_to_end(training);
  return write_weights(training.network());
}

template <class Place>
std::vector<std::string> names(const std::vector<Place>& places) {
  std::vector<std::string> list;
  for (const Place& place : places) list.push_back(place.name);
  return list;
}

std::vector<float> in_file(const std::vector<std::uint8_t>& file, const std::string& name) {
  const ParsedSafetensors parsed = read_safetensors(file);
  const StoredTensor* stored = parsed.find(name);
  std::vector<float> values;
  for (std::size_t i = 0; stored && i < stored->count(); ++i) values.push_back(stored->f32(i));
  return values;
}

std::vector<float> in_network(Training& training, const std::string& name) {
  const Parameter* parameter = training.network().find(name);
  return torch_values(*parameter, parameter->value);
}

using Names = std::vector<std::string>;
const Names kFilters{"layers.0.weight",       "layers.0.bias",        "layers.1.weight",       "layers.1.bias",
                     "layers.1.running_mean", "layers.1.running_var", "layers.3.weight",       "layers.3.bias",
                     "layers.4.weight",       "layers.4.bias",        "layers.4.running_mean", "layers.4.running_var"};

TEST(Transfer, TakesWhatFitsAndTellsWhatDoesNot) {
  const std::vector<std::uint8_t> file = learned(6);
  const Dataset data = pictures(60, 6, 1, 4);
  Training training(experiment(layers(4)), data, nullptr);
  const std::vector<float> head = in_network(training, "layers.7.weight");
  const Transfer transfer = transfer_weights(file, training.network());
  EXPECT_TRUE(transfer.problems.empty());
  EXPECT_EQ(names(transfer.taken), kFilters);
  EXPECT_EQ(names(transfer.kept), (Names{"layers.7.weight", "layers.7.bias"}));
  EXPECT_EQ(names(transfer.unused), (Names{"layers.7.weight", "layers.7.bias"}));
  EXPECT_EQ(transfer.kept[0].shape, (std::vector<std::int64_t>{4, 20}));
  EXPECT_EQ(transfer.kept[0].stored, (std::vector<std::int64_t>{6, 20}));
  for (const std::string& name : kFilters) EXPECT_EQ(in_network(training, name), in_file(file, name)) << name;
  EXPECT_EQ(in_network(training, "layers.7.weight"), head);
}

TEST(Transfer, TakesFromFewerAndFromOtherLayers) {
  // The file has a hidden dense layer where the network has its answer.
  const std::vector<std::uint8_t> file = learned(6, R"({"type": "dense", "units": 8}, )");
  const Dataset data = pictures(60, 6, 1, 4);
  Training training(experiment(layers(4)), data, nullptr);
  const Transfer more = transfer_weights(file, training.network());
  EXPECT_EQ(names(more.taken), kFilters);
  EXPECT_EQ(names(more.kept), (Names{"layers.7.weight", "layers.7.bias"}));
  EXPECT_EQ(names(more.unused), (Names{"layers.7.weight", "layers.7.bias", "layers.8.weight", "layers.8.bias"}));
  // The network has a hidden dense layer that the file does not know, which freeze all leaves at its random values.
  Training deeper(
      experiment(layers(4, R"({"type": "dense", "units": 8}, )") + R"(, "transfer": {"weights": "file", "freeze": "all"})"), data,
      nullptr);
  const Transfer fewer = transfer_weights(learned(4), deeper.network());
  EXPECT_EQ(names(fewer.taken), kFilters);
  EXPECT_EQ(names(fewer.kept), (Names{"layers.7.weight", "layers.7.bias", "layers.8.weight", "layers.8.bias"}));
  EXPECT_TRUE(fewer.kept[0].frozen);
  EXPECT_FALSE(fewer.kept[2].frozen);
  EXPECT_TRUE(fewer.kept[0].stored.has_value());
  EXPECT_FALSE(fewer.kept[2].stored.has_value());
}

TEST(Transfer, RefusesAFileOfWhichNothingFits) {
  const Dataset data = pictures(60, 6, 1, 3);
  Training training(experiment(R"("layers": [{"type": "flatten"}, {"type": "dense", "units": 3}])"), data, nullptr);
  const std::vector<std::uint8_t> before = write_weights(training.network());
  const Transfer transfer = transfer_weights(learned(3), training.network());
  ASSERT_EQ(transfer.problems.size(), 1u);
  EXPECT_EQ(transfer.problems[0].path, "");
  EXPECT_EQ(transfer.problems[0].expected,
            "a file with at least one tensor of this network, which has layers.1.weight (3, 36), layers.1.bias (3)");
  EXPECT_EQ(transfer.problems[0].given,
            "one with layers.0.weight (4, 1, 3, 3), layers.0.bias (4), layers.1.weight (4), layers.1.bias (4) and 10 more");
  EXPECT_EQ(write_weights(training.network()), before);
  const std::vector<std::uint8_t> whole = learned(3);
  EXPECT_FALSE(transfer_weights(std::span(whole).first(whole.size() - 1), training.network()).problems.empty());
}

template <class T>
std::span<const std::uint8_t> bytes(const std::vector<T>& values) {
  return {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(T)};
}

TEST(Transfer, AsManyNumbersAreNotTheSameShape) {
  const Dataset data = pictures(60, 6, 1, 4);
  Training training(experiment(layers(4)), data, nullptr);
  const std::vector<std::uint8_t> before = write_weights(training.network());
  const std::vector<float> turned(80, 0.5f);
  const std::vector<std::uint8_t> complex(32);
  const Transfer transfer =
      transfer_weights(write_safetensors(std::vector<StoredTensor>{{"layers.7.weight", Dtype::f32, {20, 4}, bytes(turned)},
                                                                   {"layers.7.bias", Dtype::other, {4}, complex, "C64"}}),
                       training.network());
  EXPECT_EQ(transfer.problems.size(), 1u);
  EXPECT_EQ(transfer.taken.size(), 0u);
  EXPECT_EQ(write_weights(training.network()), before);
}

// Files as other programs write them, with what they need and this network does not.
TEST(Weights, AreTakenFromAnyTypeThatFloat32HasRoomFor) {
  const Dataset data = pictures(60, 2, 1, 4);
  const Experiment recipe = experiment(R"("layers": [{"type": "flatten"}, {"type": "dense", "units": 4}])");
  Training training(recipe, data, nullptr);
  const std::vector<std::uint16_t> halves(16, 0x3555);  // a third
  const std::vector<double> doubles{0.1, -1e-30, 3, 1e30};
  const std::vector<std::int64_t> whole{-7, 0, 1 << 24, 5}, large{0, 0, (1 << 24) + 1, 0}, counter{12};
  const std::vector<std::uint8_t> packed{1, 2, 3};
  const auto file = [&](const StoredTensor& weight, const StoredTensor& bias) {
    return write_safetensors(std::vector<StoredTensor>{weight,
                                                       bias,
                                                       {"layers.1.num_batches_tracked", Dtype::i64, {}, bytes(counter)},
                                                       {"head.scale", Dtype::other, {6}, packed, "F4"}});
  };
  const StoredTensor weight{"layers.1.weight", Dtype::f16, {4, 4}, bytes(halves)};
  const StoredTensor bias{"layers.1.bias", Dtype::f64, {4}, bytes(doubles)};
  const LoadedWeights loaded = load_weights(file(weight, bias), training.network());
  ASSERT_TRUE(loaded.problems.empty()) << loaded.problems[0].path << loaded.problems[0].given;
  EXPECT_EQ(names(loaded.unused), Names{"head.scale"});
  EXPECT_EQ(in_network(training, "layers.1.weight"), std::vector<float>(16, 0.333251953125f));
  EXPECT_EQ(in_network(training, "layers.1.bias"), (std::vector<float>{0.1f, -1e-30f, 3, 1e30f}));
  ASSERT_TRUE(load_weights(file(weight, {"layers.1.bias", Dtype::i64, {4}, bytes(whole)}), training.network()).problems.empty());
  EXPECT_EQ(in_network(training, "layers.1.bias"), (std::vector<float>{-7, 0, 1 << 24, 5}));

  const std::vector<std::uint8_t> before = write_weights(training.network());
  const auto refusal = [&](const StoredTensor& other) {
    const LoadedWeights refused = load_weights(file(weight, other), training.network());
    const Transfer transfer = transfer_weights(file(weight, other), training.network());
    EXPECT_EQ(write_weights(training.network()), before);
    if (refused.problems.size() != 1) return std::string("none");
    const Problem& first = refused.problems[0];
    EXPECT_EQ(transfer.problems.at(0).given, first.given);
    return first.path + ": " + first.expected + ", got " + first.given;
  };
  const float inf = std::numeric_limits<float>::infinity();
  const std::vector<float> not_numbers{0, 1, NAN, 3}, infinite{0, -inf, 1, 2};
  const std::vector<double> far{0, 0, 0, 1e39};
  EXPECT_EQ(refusal({"layers.1.bias", Dtype::f32, {4}, bytes(not_numbers)}),
            "layers.1.bias: finite numbers of float32, got NaN at place 2");
  EXPECT_EQ(refusal({"layers.1.bias", Dtype::f32, {4}, bytes(infinite)}),
            "layers.1.bias: finite numbers of float32, got -infinity at place 1");
  EXPECT_EQ(refusal({"layers.1.bias", Dtype::f64, {4}, bytes(far)}),
            "layers.1.bias: finite numbers of float32, got 1e+39 at place 3");
  EXPECT_EQ(refusal({"layers.1.bias", Dtype::i64, {4}, bytes(large)}),
            "layers.1.bias: whole numbers from -2^24 to 2^24, got 16777217 at place 2");
  const std::vector<std::uint8_t> complex(32);
  EXPECT_EQ(
      load_weights(file(weight, {"layers.1.bias", Dtype::other, {4}, complex, "C64"}), training.network()).problems.at(0).given,
      "C64 of shape (4)");
}

TEST(Transfer, LeavesNoBitOfWhatIsFrozen) {
  const std::vector<std::uint8_t> file = learned(6);
  const Dataset data = pictures(60, 6, 1, 4);
  const std::pair<std::string, std::vector<std::string>> regimes[] = {
      {"none", {}}, {"most", {"layers.0.", "layers.1."}}, {"all", {"layers.0.", "layers.1.", "layers.3.", "layers.4."}}};
  for (const auto& [freeze, frozen] : regimes) {
    Training training(experiment(layers(4) + R"(, "epochs": 3, "l2": 0.01, "optimizer": {"type": "adamw", "weightDecay": 0.1},
      "earlyStopping": {"patience": 1, "restoreBestWeights": true}, "transfer": {"weights": "file", "freeze": ")" +
                                 freeze + "\"}"),
                      data, nullptr);
    ASSERT_TRUE(transfer_weights(file, training.network()).problems.empty());
    training.weights_loaded();
    run_to_end(training);
    for (const std::string& name : kFilters) {
      const bool stays = std::any_of(frozen.begin(), frozen.end(), [&](const auto& prefix) { return name.starts_with(prefix); });
      EXPECT_EQ(in_network(training, name) == in_file(file, name), stays) << freeze << " " << name;
    }
  }
}

TEST(Transfer, ARunThatDivergesAtOnceGoesBackToWhatWasTaken) {
  const std::vector<std::uint8_t> file = learned(6);
  const Dataset data = pictures(60, 6, 1, 4);
  Training training(
      experiment(layers(4) + R"(, "batchSize": 1, "loss": "meanSquaredError", "optimizer": {"type": "sgd", "learningRate": 1000},
      "transfer": {"weights": "file", "freeze": "none"})"),
      data, nullptr);
  ASSERT_TRUE(transfer_weights(file, training.network()).problems.empty());
  training.weights_loaded();
  run_to_end(training);
  ASSERT_EQ(training.reason(), StopReason::diverged);
  ASSERT_TRUE(training.history().empty()) << "the case shows nothing";
  for (const std::string& name : kFilters) EXPECT_EQ(in_network(training, name), in_file(file, name)) << name;
}

}  // namespace trainground::transfer_test
