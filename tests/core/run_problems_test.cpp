// What stands between an experiment and a run on some data, and what is no obstacle but should be known.
#include "run_problems.h"

#include <gtest/gtest.h>

#include <cmath>

#include "pictures.h"
#include "recipe.h"

namespace trainground::run_problems_test {

std::string sentence(const Problem& problem) { return problem.path + ": " + problem.expected + ", got " + problem.given; }

// The one problem, or how many there are.
std::string problem(const std::string& keys, const Dataset& data) {
  const std::vector<Problem> problems = run_problems(experiment(keys), data, nullptr);
  return problems.size() == 1 ? sentence(problems[0]) : std::to_string(problems.size()) + " problems";
}

// The pictures of `pictures`, each with a number to be told in place of its class.
Dataset numbers(int samples) {
  Dataset data = pictures(samples, 2, 1, 2);
  for (int label : data.labels) data.targets.push_back(0.5f * label);
  data.labels.clear();
  data.outputs = 1;
  return data;
}

TEST(Shapes, WhatDoesNotFitIsNamedWithItsPlace) {
  const auto problem = [](const std::string& layers, Shape input = {8, 8, 1}, int outputs = 3) {
    const std::vector<Problem> problems = plan_network(input, outputs, experiment("\"layers\": [" + layers + "]")).problems;
    return problems.empty() ? std::string("none") : problems[0].path + ": " + problems[0].expected + ", got " + problems[0].given;
  };
  EXPECT_EQ(problem(R"({"type": "flatten"}, {"type": "dense", "units": 3})"), "none");
  EXPECT_EQ(problem(R"({"type": "dense", "units": 3})"),
            "layers[0]: a flat input: put a flatten or globalAveragePool2d layer before it, got 8x8x1");
  EXPECT_EQ(problem(R"({"type": "flatten"}, {"type": "dense", "units": 4})"),
            "layers[1]: 3 outputs, as many as the data has, got 4 numbers");
  EXPECT_EQ(problem(R"({"type": "conv2d", "filters": 4, "kernelSize": 9}, {"type": "flatten"}, {"type": "dense", "units": 3})"),
            "layers[0].kernelSize: at most the side of its input, which is 8x8x1, got 9");
  EXPECT_EQ(problem(R"({"type": "flatten"}, {"type": "conv2d", "filters": 4, "kernelSize": 1})"),
            "layers[1]: an input that is still a picture, not behind flatten, got 64 numbers");
  EXPECT_EQ(problem(R"({"type": "conv2d", "filters": 3, "kernelSize": 3})"),
            "layers: a last layer that gives 3 numbers, got 6x6x3");
  EXPECT_EQ(
      problem(
          R"({"type": "residual", "layers": [{"type": "conv2d", "filters": 4, "kernelSize": 4}]}, {"type": "flatten"}, {"type": "dense", "units": 3})"),
      "layers[0].layers: an output whose sides are those of the input (8x8x1) divided by a whole stride, got 5x5x4");
}

// 65,536 x 65,536 weights are 0 in 32 bits.
TEST(Shapes, ANetworkBeyondAllMemoryIsRefusedBeforeItIsBuilt) {
  const Dataset points = pictures(8, 1, 1, 2);
  const std::string dense = R"({"type": "dense", "units": 65536}, )", head = R"({"type": "dense", "units": 2}])";
  const std::string limits = "of less than 2^29 weights, and as many outputs, got ";
  EXPECT_EQ(problem(R"("layers": [)" + dense + dense + head, points),
            "layers[1]: " + limits + "4295032832 weights and 65536 outputs: 17180131328 bytes");
  EXPECT_EQ(problem(R"("layers": [{"type": "conv2d", "filters": 4096, "kernelSize": 1},
                                  {"type": "conv2d", "filters": 65536, "kernelSize": 16, "padding": "same"},
                                  {"type": "globalAveragePool2d"}, )" +
                        head,
                    points),
            "layers[1]: " + limits + "68719542272 weights and 65536 outputs: 274878169088 bytes");
  EXPECT_EQ(problem(R"("layers": [{"type": "residual", "layers": [{"type": "conv2d", "filters": 60000, "kernelSize": 64,
                                  "padding": "same"}, {"type": "conv2d", "filters": 60000, "kernelSize": 1}]},
                                  {"type": "flatten"}, )" +
                        head,
                    points),
            "layers[0].layers[1]: " + limits + "3600060000 weights and 60000 outputs: 14400240000 bytes");
  const Dataset large = pictures(4, 256, 1, 2);
  EXPECT_EQ(problem(R"("layers": [{"type": "conv2d", "filters": 65536, "kernelSize": 1}, {"type": "flatten"}, )" + head, large),
            "layers[0]: " + limits + "131072 weights and 4294967296 outputs: 17179869184 bytes");
  EXPECT_EQ(problem(R"("layers": [{"type": "flatten"}, )" + dense + head, large),
            "layers[1]: " + limits + "4295032832 weights and 65536 outputs: 17180131328 bytes");

  // What fits by itself may be too much with gradients, averages and snapshots, or with its outputs for a batch.
  const auto too_much = [&](const std::string& keys, const Dataset& data, const std::string& layer, std::int64_t numbers) {
    EXPECT_EQ(problem(keys, data),
              layer +
                  ": small enough for the network to train in 2147483648 bytes of memory, got a network that "
                  "needs at least " +
                  std::to_string(numbers * static_cast<std::int64_t>(sizeof(real))));
  };
  const std::string wide = R"("layers": [{"type": "dense", "units": 16384}, {"type": "dense", "units": 16384}, )" + head;
  const std::int64_t weights = 2 * 16384 + std::int64_t{16384} * 16385 + 2 * 16385, outputs = 2 * 16384 + 2;
  too_much(wide, points, "layers[1]", 5 * weights + 16 * outputs);
  too_much(wide + R"(, "optimizer": "sgd", "earlyStopping": {"restoreBestWeights": true})", points, "layers[1]",
           4 * weights + 16 * outputs);
  // What is frozen needs none of them.
  const auto twice = [&](const std::string& trainable) {
    const std::string layer = R"({"type": "dense", "units": 12000, "trainable": )" + trainable + "}";
    return R"("layers": [)" + layer + ", " + layer + ", " + head;
  };
  const std::int64_t many = 2 * 12000 + std::int64_t{12000} * 12001 + 2 * 12001;
  too_much(twice("true"), points, "layers[1]", 5 * many + 16 * (2 * 12000 + 2));
  EXPECT_EQ(problem(twice("false"), points), "0 problems");
  const std::string filters = R"("optimizer": "sgd", "layers": [{"type": "conv2d", "filters": 8000, "kernelSize": 1},
                               {"type": "activation", "function": "relu"}, {"type": "batchNormalization"},
                               {"type": "globalAveragePool2d"}, )";
  const std::int64_t picture = std::int64_t{256} * 256 * 8000;
  too_much(filters + head, large, "layers[0]", 3 * (16000 + 16000 + 16002) + 2 * 16000 + 2 * (picture + 8000 + 2));
}

const std::string kNumber = R"("loss": "meanSquaredError", "layers": [{"type": "flatten"}, {"type": "dense", "units": 1}])";

TEST(EarlyStopping, WatchesNoAccuracyWhereThereIsNone) {
  const std::string watched = R"(, "earlyStopping": {"monitor": "validationAccuracy", "patience": 3})";
  EXPECT_EQ(problem(kNumber + watched, numbers(20)),
            "earlyStopping.monitor: validationLoss, since numbers as targets have no accuracy, got \"validationAccuracy\"");
  EXPECT_EQ(problem(kNumber + R"(, "earlyStopping": {"monitor": "validationLoss"})", numbers(20)), "0 problems");
  // Numbers that a loss for probabilities is given have one, and so have classes.
  const std::string layers = R"("layers": [{"type": "flatten"}, {"type": "dense", "units": 2}])";
  EXPECT_EQ(problem(layers + R"(, "loss": "meanSquaredError")" + watched, pictures(20, 2, 1, 2)), "0 problems");
  EXPECT_EQ(problem(R"("loss": "binaryCrossEntropy", "layers": [{"type": "flatten"}, {"type": "dense", "units": 1}])" + watched,
                    numbers(20)),
            "0 problems");
}

// Behind a dense layer a batch norm sees one number of each channel in a sample.
TEST(BatchNorm, OneSampleIsNoBatch) {
  const std::string head = R"({"type": "dense", "units": 2}])", norm = R"({"type": "batchNormalization"}, )";
  const std::string flat = R"("layers": [{"type": "flatten"}, {"type": "dense", "units": 4}, )" + norm + head;
  const std::string why = " since batch normalization at layers[2] compares a batch's samples with each other, got ";
  const std::string one = R"(, "batchSize": 1)";
  EXPECT_EQ(problem(flat + one, pictures(20, 2, 1, 2)), "batchSize: at least 2," + why + "1");
  EXPECT_EQ(
      problem(R"("loss": "meanSquaredError", "validationSplit": 0.4, "layers": [{"type": "flatten"}, )" + norm +
                  R"({"type": "dense", "units": 1}])",
              numbers(2)),
      "dataset: of at least 2 samples to learn from, since batch normalization at layers[1] compares a batch's samples with "
      "each other, got 1 sample");
  // A picture has many numbers of each channel, and a frozen one compares nothing.
  EXPECT_EQ(problem(R"("layers": [{"type": "conv2d", "filters": 2, "kernelSize": 1}, )" + norm + R"({"type": "flatten"}, )" +
                        head + one,
                    pictures(20, 2, 1, 2)),
            "0 problems");
  EXPECT_EQ(problem(flat + one + R"(, "transfer": {"weights": "a", "freeze": "all"})", pictures(20, 2, 1, 2)), "0 problems");
  EXPECT_EQ(
      problem(R"("layers": [{"type": "residual", "layers": [{"type": "conv2d", "filters": 1, "kernelSize": 2, "strides": 2}, )" +
                  norm.substr(0, norm.size() - 2) + R"(]}, {"type": "flatten"}, )" + head + one,
              pictures(20, 2, 1, 2)),
      "batchSize: at least 2, since batch normalization at layers[0].layers[1] compares a batch's samples with each other, "
      "got 1");
}

std::vector<std::string> notes(const std::string& keys, const Dataset& data) {
  const Experiment recipe = experiment(keys);
  EXPECT_EQ(run_problems(recipe, data, nullptr).size(), 0u);
  return run_notes(Training(recipe, data, nullptr));
}

TEST(Notes, TellABatchOfOneSample) {
  const std::string layers =
      R"("validationSplit": 0, "layers": [{"type": "flatten"}, {"type": "batchNormalization"}, {"type": "dense", "units": 2}])";
  const std::vector<std::string> one{
      "The last batch of an epoch is one sample, of which batch normalization at layers[1] learns nothing, though it counts for "
      "the moving statistics: choose another batchSize."};
  EXPECT_EQ(notes(layers + R"(, "batchSize": 4)", pictures(21, 2, 1, 2)), one);
  EXPECT_EQ(notes(layers + R"(, "batchSize": 4)", pictures(22, 2, 1, 2)).size(), 0u);
  EXPECT_EQ(notes(layers + R"(, "batchSize": 21)", pictures(21, 2, 1, 2)).size(), 0u);
}

TEST(Notes, TellClassesWithoutSamplesAndSamplesWithoutGroup) {
  Dataset data = pictures(24, 2, 1, 3);
  const auto keys = [](int units) {
    return R"("layers": [{"type": "flatten"}, {"type": "dense", "units": )" + std::to_string(units) + "}]";
  };
  EXPECT_EQ(notes(keys(3), data).size(), 0u);
  for (std::int32_t& label : data.labels) ++label;  // from 1 on, as some files have them
  data.outputs = 4;
  using Notes = std::vector<std::string>;
  EXPECT_EQ(notes(keys(4), data), Notes{"No sample is of class '0', which the network has an output for: labels count from 0."});
  for (std::int32_t& label : data.labels) label += 6;
  data.outputs = 11;
  EXPECT_EQ(notes(keys(11), data),
            Notes{"No sample is of class '0', '1', '2', '3', '4' and 3 more, which the network has an output "
                  "for: labels count from 0."});
}

}  // namespace trainground::run_problems_test
