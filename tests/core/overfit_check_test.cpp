// A sound network learns a batch by heart; five kinds of planted fault, and an output that does not fit, are each named.
#include "overfit_check.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "checkpoint.h"
#include "pictures.h"
#include "recipe.h"

namespace trainground::overfit_check_test {

std::string net(const std::string& hidden, const std::string& last = R"({"type": "dense", "units": 3})") {
  return R"("layers": [{"type": "flatten"}, )" + hidden + (hidden.empty() ? "" : ", ") + last + "]";
}
const std::string kHidden = R"({"type": "dense", "units": 32, "activation": "relu"})";

const std::string kRate = R"(, "optimizer": {"type": "adam", "learningRate": 0.01})";

OverfitResult result_of(const std::string& json, const Dataset& data) {
  const Training run(experiment(json), data, nullptr);
  OverfitCheck check(run, {});
  while (check.advance()) {
  }
  return check.result();
}

OverfitResult result_of(const std::string& json) { return result_of(json, pictures(90, 6, 1, 3)); }

TEST(OverfitCheck, PassesForSoundNetworks) {
  for (
      const std::string& json :
      {net(kHidden) + kRate, net(kHidden) + kRate + R"(, "loss": "binaryCrossEntropy")",
       net(kHidden) + kRate + R"(, "loss": "meanSquaredError")",
       // What makes a loss noisy or high on purpose is taken out.
       net(kHidden + R"(, {"type": "dropout", "rate": 0.5})") + kRate +
           R"(, "l2": 0.1, "loss": {"type": "crossEntropy", "labelSmoothing": 0.2}, "augmentation": [{"type": "noise", "stddev": 1}],
               "learningRateSchedule": {"type": "constant", "warmupEpochs": 5})",
       std::string(R"("layers": [{"type": "conv2d", "filters": 8, "kernelSize": 3}, {"type": "batchNormalization"},
            {"type": "activation", "function": "relu"}, {"type": "globalAveragePool2d"}, {"type": "dense", "units": 3}],
            "optimizer": {"type": "adam", "learningRate": 0.01})")}) {
    const OverfitResult result = result_of(json);
    EXPECT_TRUE(result.passed) << json << ": " << result.message;
    EXPECT_EQ(result.cause, OverfitCause::none);
    EXPECT_LT(result.loss, result.goal);
    EXPECT_EQ(result.losses.size(), static_cast<std::size_t>(result.steps) + 1);
    EXPECT_EQ(result.samples, 32);
  }
}

TEST(OverfitCheck, NamesARateThatIsTooSmall) {
  for (const char* rate : {"0.000001", "0"}) {
    const OverfitResult result = result_of(net(kHidden) + R"(, "optimizer": {"type": "adam", "learningRate": )" + rate + "}");
    EXPECT_FALSE(result.passed);
    EXPECT_EQ(result.cause, OverfitCause::rateTooSmall) << result.message;
    EXPECT_GT(result.better_rate, 1e-5);
    EXPECT_EQ(result.steps, 300);
    EXPECT_NE(result.message.find("too small"), std::string::npos);
  }
}

TEST(OverfitCheck, NamesARateThatIsTooLarge) {
  const OverfitResult stuck =
      result_of(net(kHidden) + R"(, "loss": "meanSquaredError", "optimizer": {"type": "adam", "learningRate": 10})");
  EXPECT_EQ(stuck.cause, OverfitCause::rateTooLarge) << stuck.message;
  EXPECT_LT(stuck.better_rate, 10);
  const OverfitResult diverged =
      result_of(net(kHidden) + R"(, "loss": "meanSquaredError", "optimizer": {"type": "sgd", "learningRate": 10})");
  EXPECT_EQ(diverged.cause, OverfitCause::rateTooLarge) << diverged.message;
  EXPECT_FALSE(std::isfinite(diverged.loss));
}

TEST(OverfitCheck, NamesDeadUnits) {
  const OverfitResult result =
      result_of(net(R"({"type": "dense", "units": 32, "activation": "relu", "kernelInitializer": "zeros"})"));
  EXPECT_EQ(result.cause, OverfitCause::deadUnits) << result.message;
  EXPECT_EQ(result.dead_before, 1);
  EXPECT_LT(result_of(net(kHidden)).dead_before, 0.5);
}

TEST(OverfitCheck, NamesALossThatDoesNotFit) {
  // A sigmoid before the softmax: three outputs between 0 and 1 cannot be surer than log(1 + 2/e).
  const OverfitResult squashed = result_of(net(kHidden, R"({"type": "dense", "units": 3, "activation": "sigmoid"})"));
  EXPECT_EQ(squashed.cause, OverfitCause::wrongLoss) << squashed.message;
  EXPECT_NEAR(squashed.lowest, std::log(1 + 2 / std::exp(1.0)), 1e-6);
  EXPECT_GE(squashed.loss, squashed.lowest);
  // Numbers far from 0..1 as targets of a loss for probabilities.
  Dataset data = pictures(90, 6, 1, 3);
  for (const std::int32_t label : data.labels) data.targets.push_back(static_cast<float>(label) * 2 - 1);
  data.labels.clear();
  data.outputs = 1;
  const std::string one = R"({"type": "dense", "units": 1})";
  EXPECT_EQ(result_of(net(kHidden, one) + R"(, "loss": "binaryCrossEntropy")", data).cause, OverfitCause::wrongLoss);
  EXPECT_TRUE(result_of(net(kHidden, one) + R"(, "loss": "meanSquaredError")", data).passed);
}

TEST(OverfitCheck, NamesFrozenLayers) {
  const std::string frozen = R"({"type": "dense", "units": 2, "activation": "tanh", "trainable": false},
      {"type": "dense", "units": 32, "activation": "relu", "trainable": false}, {"type": "dense", "units": 2, "trainable": false})";
  const std::string rate = R"(, "optimizer": {"type": "adam", "learningRate": 0.01})";
  const OverfitResult result = result_of(net(frozen) + rate);
  EXPECT_EQ(result.cause, OverfitCause::frozenLayers) << result.message;
  const OverfitResult all = result_of(net(frozen, R"({"type": "dense", "units": 3, "trainable": false})") + rate);
  EXPECT_EQ(all.cause, OverfitCause::frozenLayers) << all.message;
}

// A table in its own units: small ones, or numbers that are large against their differences.
TEST(OverfitCheck, NamesInputsThatAreNotScaled) {
  const std::string recipe =
      net(R"({"type": "dense", "units": 32, "activation": "tanh"})") + R"(, "optimizer": {"type": "adam", "learningRate": 0.02})";
  for (const auto& [unit, offset] : {std::pair(1e-4f, 0.0f), std::pair(1.0f, 2000.0f), std::pair(1.0f, 0.0f)}) {
    Dataset data = pictures(90, 3, 1, 3);
    for (const std::uint8_t byte : data.bytes) data.floats.push_back(static_cast<float>(byte) / 100 * unit + offset);
    data.bytes.clear();
    const OverfitResult result = result_of(recipe, data);
    if (unit == 1 && offset == 0) {
      EXPECT_TRUE(result.passed) << result.message;
      continue;
    }
    EXPECT_EQ(result.cause, OverfitCause::unscaledInputs) << result.message;
    EXPECT_NE(result.message.find("normalize"), std::string::npos) << result.message;
    Experiment normalized = experiment(recipe);
    normalized.normalize = true;
    Training run(normalized, data, nullptr);
    OverfitCheck check(run, {});
    while (check.advance()) {
    }
    EXPECT_TRUE(check.result().passed) << check.result().message;
  }
}

TEST(OverfitCheck, NamesANetworkThatIsTooSmall) {
  const Dataset points = make_points("circles", 100, 0.02, 1);
  const std::string two = R"({"type": "dense", "units": 2})";
  const OverfitResult result = result_of(net("", two) + R"(, "optimizer": {"type": "adam", "learningRate": 0.05})", points);
  EXPECT_EQ(result.cause, OverfitCause::networkTooSmall) << result.message;
  EXPECT_NE(result.message.find("6 parameters"), std::string::npos);
  EXPECT_TRUE(result_of(net(kHidden, two) + R"(, "optimizer": {"type": "adam", "learningRate": 0.05})", points).passed);
}

TEST(OverfitCheck, LeavesTheRunAsItWas) {
  const Dataset data = pictures(90, 6, 1, 3);
  Training run(experiment(net(kHidden)), data, nullptr);
  for (int i = 0; i < 4; ++i) run.advance();
  const auto before = write_checkpoint(run, "{}");
  OverfitCheck check(run, {});
  while (check.advance()) {
  }
  EXPECT_EQ(write_checkpoint(run, "{}"), before);
}

}  // namespace trainground::overfit_check_test
