// The range test: the rates it walks through, what it suggests, and that the run is bit for bit as it was.
#include "learning_rate_finder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "checkpoint.h"
#include "pictures.h"
#include "recipe.h"
#include "sha256.h"
#include "weights.h"

namespace trainground::learning_rate_finder_test {

const std::string kLayers = R"("layers": [
  {"type": "conv2d", "filters": 5, "kernelSize": 3, "padding": "same"}, {"type": "batchNormalization"},
  {"type": "activation", "function": "relu"}, {"type": "maxPool2d"}, {"type": "flatten"}, {"type": "dropout", "rate": 0.1},
  {"type": "dense", "units": 3}])";

LearningRateFinder found(const Training& run, const LearningRateOptions& options = {}) {
  LearningRateFinder finder(run, options);
  while (finder.advance()) {
  }
  return finder;
}

std::string signature(Training& run) {
  while (run.advance() != Training::Unit::end) {
  }
  return sha256(write_weights(run.network()));
}

TEST(LearningRateFinder, WalksThroughTheRatesAndSuggestsOneThatLearns) {
  const Dataset data = pictures(90, 6, 1, 3);
  const Training run(experiment(kLayers), data, nullptr);
  const LearningRateFinder finder = found(run);
  ASSERT_GT(finder.rates().size(), 50u);
  EXPECT_DOUBLE_EQ(finder.rates()[0], 1e-7);
  EXPECT_NEAR(finder.rates()[50] / finder.rates()[49], std::pow(10, 8.0 / 99), 1e-9);
  EXPECT_DOUBLE_EQ(finder.smoothed()[0], finder.losses()[0]);
  EXPECT_NEAR(finder.smoothed()[1], (0.9 * finder.losses()[0] + finder.losses()[1]) / 1.9, 1e-9);
  EXPECT_GT(finder.suggestion(), 1e-4);
  EXPECT_LT(finder.suggestion(), 1);
  EXPECT_GT(finder.steepest(), 1e-4);

  // It is a rate to train with: twenty epochs of three steps bring the loss down by half.
  Experiment better = run.experiment();
  better.optimizer.learning_rate = finder.suggestion();
  better.epochs = 20;
  Training training(better, data, nullptr);
  signature(training);
  EXPECT_LT(training.history().back().loss, training.history().front().loss / 2);
}

TEST(LearningRateFinder, EndsWhereTheLossExplodes) {
  const Dataset data = pictures(90, 6, 1, 3);
  const Training run(experiment(kLayers + R"(, "loss": "meanSquaredError", "optimizer": {"type": "sgd"})"), data, nullptr);
  const LearningRateFinder finder = found(run, {1e-4, 1000, 200});
  EXPECT_LT(finder.rates().size(), 200u);
  EXPECT_LT(finder.suggestion(), finder.rates().back() / 2);
  const std::vector<double>& smoothed = finder.smoothed();
  const double best = *std::min_element(smoothed.begin(), smoothed.end());
  for (std::size_t i = 0; i + 1 < smoothed.size(); ++i) EXPECT_LE(smoothed[i], 4 * best + 4 * smoothed[0]);
}

// y = 3 a + 4 b; the first `easy` samples are all 0.
Dataset plane(int easy = 0) {
  std::vector<float> inputs, targets;
  for (int i = 0; i < 120; ++i) {
    const float a = i < easy ? 0 : static_cast<float>(i * 37 % 100) / 100,
                b = i < easy ? 0 : static_cast<float>(i * 61 % 100) / 100;
    inputs.insert(inputs.end(), {a, b});
    targets.push_back(3 * a + 4 * b);
  }
  RawSamples raw;
  raw.samples = 120;
  raw.shape = {1, 1, 2};
  raw.floats = inputs;
  raw.targets = targets;
  raw.outputs = 1;
  return from_samples(raw).dataset;
}
const std::string kPlane = R"("loss": "meanSquaredError", "layers": [{"type": "dense", "units": 16, "activation": "relu"},
                              {"type": "dense", "units": 1}], "batchSize": )";

// One sample is easy and the next is not: of such batches, seven of twelve tests ended after a few steps, and said nothing.
TEST(LearningRateFinder, SmallBatchesGiveTheRateThatLargeOnesGive) {
  const Dataset data = plane();
  for (const char* batch : {"1", "2", "4", "31"}) {
    for (int seed = 1; seed <= 12; ++seed) {
      const Training run(experiment(kPlane + batch + R"(, "seed": )" + std::to_string(seed)), data, nullptr);
      const LearningRateFinder finder = found(run);
      EXPECT_GT(finder.rates().size(), 75u) << batch << " " << seed;
      EXPECT_GT(finder.suggestion(), 1e-4) << batch << " " << seed;
      EXPECT_LT(finder.suggestion(), 5e-3) << batch << " " << seed;
      EXPECT_GT(finder.steepest(), 1e-4) << batch << " " << seed;
    }
  }
}

TEST(LearningRateFinder, AnEasyFirstBatchEndsNothing) {
  const Dataset data = plane(32);
  const Training run(experiment(kPlane + R"(32, "shuffle": false, "validationSplit": 0)"), data, nullptr);
  const LearningRateFinder finder = found(run);
  EXPECT_LT(finder.losses()[0], finder.losses()[1] / 10) << "the case shows nothing";
  EXPECT_GT(finder.rates().size(), 75u);
  EXPECT_GT(finder.suggestion(), 1e-4);
}

TEST(LearningRateFinder, RestoresWeightsOptimizerAndStatisticsBitForBit) {
  const Dataset data = pictures(90, 6, 1, 3);
  for (const char* optimizer : {"sgd", "momentum", "rmsprop", "adam", "adamw", "adagrad", "adadelta"}) {
    const Experiment recipe =
        experiment(kLayers + R"(, "epochs": 3, "batchSize": 16, "optimizer": {"type": ")" + optimizer + "\"}");
    Training plain(recipe, data, nullptr), examined(recipe, data, nullptr);
    for (int i = 0; i < 7; ++i) plain.advance(), examined.advance();
    const std::vector<std::uint8_t> before = write_checkpoint(examined, "{}");
    found(examined);
    EXPECT_EQ(sha256(write_checkpoint(examined, "{}")), sha256(before)) << optimizer;
    EXPECT_EQ(signature(examined), signature(plain)) << optimizer << ": the rest of the run";
  }
}

TEST(LearningRateFinder, TheValleyIsTheMiddleOfTheLongestWayDownhill) {
  EXPECT_EQ(valley({5, 5, 5}), -1);
  EXPECT_EQ(valley({1, 2, 3}), -1);
  EXPECT_EQ(valley({}), -1);
  EXPECT_EQ(valley({9, 9, 8, 7, 6, 5, 5, 9, 8}), 2);        // from 0 to 5
  EXPECT_EQ(valley({3, 2, 9, 8, 8.5, 7, 6, 5, 4, 20}), 5);  // from 2 to 8, over a bump
}

TEST(LearningRateFinder, SuggestsNothingWhereNothingLearns) {
  const Dataset data = pictures(90, 6, 1, 3);
  const Training run(experiment(R"("shuffle": false, "batchSize": 72, "layers": [{"type": "flatten"},
      {"type": "dense", "units": 3, "trainable": false}])"),
                     data, nullptr);
  EXPECT_TRUE(std::isnan(found(run).suggestion()));
  EXPECT_TRUE(std::isnan(found(run).steepest()));
}

}  // namespace trainground::learning_rate_finder_test
