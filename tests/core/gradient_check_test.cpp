// The gradient check must pass for every layer, activation and loss in double precision, and catch a planted fault by name.
#include "gradient_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "pictures.h"
#include "recipe.h"

namespace trainground::gradient_check_test {

GradientCheck checked(const Training& run, const GradientCheckOptions& options = {}) {
  GradientCheck check(run, options);
  while (check.advance()) {
  }
  return check;
}

const char* const kPictureNet = R"("layers": [
  {"type": "conv2d", "filters": 6, "kernelSize": 3, "padding": "same"}, {"type": "batchNormalization"},
  {"type": "activation", "function": "relu"}, {"type": "maxPool2d"}, {"type": "flatten"}, {"type": "dropout", "rate": 0.3},
  {"type": "dense", "units": 8, "activation": "tanh"}, {"type": "dense", "units": 3}])";

#ifdef TRAINGROUND_FLOAT64

void expect_pass(const std::string& name, const Training& run) {
  const GradientCheck check = checked(run);
  for (const GradientRow& row : check.rows()) {
    EXPECT_LE(row.error, GradientCheck::kTolerance)
        << name << ": " << row.name << "[" << row.index << "] analytic " << row.analytic << " numeric " << row.numeric;
    EXPECT_GT(row.checked, row.skipped) << name << ": " << row.name;
  }
  EXPECT_TRUE(check.passed());
  ASSERT_NE(check.worst(), nullptr);
}

TEST(GradientCheck, PassesForEveryLayer) {
  const Dataset data = pictures(60, 8, 2, 3);
  const std::string head = R"(, {"type": "flatten"}, {"type": "dense", "units": 3}])";
  const char* const bodies[] = {
      R"({"type": "conv2d", "filters": 5, "kernelSize": 3, "padding": "same", "activation": "relu"})",
      R"({"type": "conv2d", "filters": 8, "kernelSize": 3}, {"type": "batchNormalization"}, {"type": "activation", "function": "relu"})",
      R"({"type": "conv2d", "filters": 3, "kernelSize": 2, "strides": 2, "useBias": false})",
      R"({"type": "depthwiseConv2d", "kernelSize": 3, "padding": "same", "activation": "silu"})",
      R"({"type": "conv2d", "filters": 4, "kernelSize": 1}, {"type": "maxPool2d"})",
      R"({"type": "conv2d", "filters": 4, "kernelSize": 3, "padding": "same"}, {"type": "averagePool2d"})",
      R"({"type": "conv2d", "filters": 6, "kernelSize": 3}, {"type": "globalAveragePool2d"})",
      R"({"type": "conv2d", "filters": 4, "kernelSize": 3}, {"type": "dropout", "rate": 0.4})",
      R"({"type": "residual", "layers": [{"type": "conv2d", "filters": 2, "kernelSize": 3, "padding": "same"}]})",
      R"({"type": "residual", "layers": [{"type": "conv2d", "filters": 5, "kernelSize": 3, "strides": 2, "padding": "same",
          "activation": "relu"}]})",
  };
  for (const char* body : bodies) {
    const std::string layers = std::string(R"("layers": [)") + body + head;
    expect_pass(body, Training(experiment(layers), data, nullptr));
  }
}

TEST(GradientCheck, PassesForEveryActivation) {
  const Dataset data = pictures(60, 4, 1, 3);
  for (const char* function : {"relu", "relu6", "leakyRelu", "elu", "gelu", "silu", "tanh", "sigmoid"}) {
    const std::string layers = std::string(R"("layers": [{"type": "flatten"}, {"type": "dense", "units": 9, "activation": ")") +
                               function + R"("}, {"type": "dense", "units": 3}])";
    expect_pass(function, Training(experiment(layers), data, nullptr));
  }
}

TEST(GradientCheck, PassesForEveryLossAndPenalty) {
  const Dataset data = pictures(60, 8, 1, 3);
  for (const char* recipe : {R"("loss": "crossEntropy", "l1": 0.01, "l2": 0.02)",
                             R"("loss": {"type": "crossEntropy", "labelSmoothing": 0.1}, "normalize": true)",
                             R"("loss": "binaryCrossEntropy")", R"("loss": "meanSquaredError", "exact": true)"}) {
    const bool normalize = std::string(recipe).find("normalize") != std::string::npos;
    const std::string set = normalize ? R"("dataset": {"type": "idx", "images": "a", "labels": "b", "normalize": true}, )" : "";
    std::string text = recipe;
    if (normalize) text = text.substr(0, text.find(", \"normalize"));
    expect_pass(recipe, Training(experiment(set + kPictureNet + ", " + text), data, nullptr));
  }
}

TEST(GradientCheck, CatchesADisturbedGradientAndNamesItsLayer) {
  const Dataset data = pictures(60, 8, 1, 3);
  const Training run(experiment(kPictureNet), data, nullptr);
  for (const Parameter* parameter : run.network().parameters()) {
    if (!parameter->learned || parameter->name == "layers.0.bias") continue;  // its gradient is 0: the mean takes it out
    GradientCheckOptions options;
    options.disturbed = parameter->name;
    const GradientCheck check = checked(run, options);
    EXPECT_FALSE(check.passed()) << parameter->name;
    EXPECT_EQ(check.worst()->name, parameter->name);
    EXPECT_EQ("layers." + std::to_string(check.worst()->layer), parameter->name.substr(0, parameter->name.rfind('.')));
    EXPECT_GT(check.worst()->error, 1e-3);
    EXPECT_LT(check.worst()->error, 0.02);
    int failed = 0;
    for (const GradientRow& row : check.rows()) failed += row.error > GradientCheck::kTolerance;
    EXPECT_EQ(failed, 1) << "only the disturbed tensor fails";
  }
}

TEST(GradientCheck, PassesOverKinksInsteadOfFailing) {
  // Pictures of one grey, and a relu whose sum is 0 for each of them: its slope jumps from one side to the other.
  Dataset data = pictures(60, 4, 1, 3);
  std::fill(data.bytes.begin(), data.bytes.end(), 51);
  const Training run(experiment(R"("layers": [{"type": "flatten"}, {"type": "dense", "units": 1, "activation": "relu"},
      {"type": "dense", "units": 3}])"),
                     data, nullptr);
  const Parameter* weight = run.network().find("layers.1.weight");
  std::fill_n(weight->value, weight->count(), 0.25);
  run.network().find("layers.1.bias")->value[0] = -16 * 0.25 * 51 / 255.0;
  const GradientCheck check = checked(run);
  EXPECT_TRUE(check.passed());
  EXPECT_GT(check.rows()[0].skipped, 0u);
  EXPECT_EQ(check.rows()[3].skipped, 0u);
}

TEST(GradientCheck, IsNotTakenOnTheKinksAtZero) {
  // A layer of zeros, and biases that begin at 0: every unit behind would stand on its kink, on one side or the other.
  const Dataset data = pictures(60, 4, 1, 3);
  const Training run(experiment(R"("layers": [{"type": "flatten"},
      {"type": "dense", "units": 4, "activation": "relu", "kernelInitializer": "zeros"},
      {"type": "dense", "units": 9, "activation": "leakyRelu"}, {"type": "dense", "units": 3}])"),
                     data, nullptr);
  const GradientCheck check = checked(run);
  EXPECT_TRUE(check.passed());
  for (const GradientRow& row : check.rows()) EXPECT_EQ(row.skipped, 0u) << row.name;
}

#endif

TEST(GradientCheck, LeavesTheRunAsItWas) {
  const Dataset data = pictures(60, 8, 1, 3);
  Training run(experiment(kPictureNet), data, nullptr);
  for (int i = 0; i < 3; ++i) run.advance();
  const std::vector<real> values(run.network().values().begin(), run.network().values().end());
  const std::vector<real> statistics(run.network().statistics().begin(), run.network().statistics().end());
  checked(run, {4, 2, ""});
  EXPECT_TRUE(std::equal(values.begin(), values.end(), run.network().values().begin()));
  EXPECT_TRUE(std::equal(statistics.begin(), statistics.end(), run.network().statistics().begin()));
}

TEST(GradientCheck, LeavesOutWhatIsFrozen) {
  const Dataset data = pictures(60, 4, 1, 3);
  const Training run(experiment(R"("layers": [{"type": "flatten"}, {"type": "dense", "units": 4, "trainable": false},
      {"type": "dense", "units": 3}])"),
                     data, nullptr);
  const GradientCheck check = checked(run, {4, 2, ""});
  ASSERT_EQ(check.rows().size(), 2u);
  EXPECT_EQ(check.rows()[0].name, "layers.2.weight");
  EXPECT_EQ(check.rows()[0].layer, 2);
  EXPECT_EQ(check.rows()[0].checked + check.rows()[0].skipped, 2u);
}

}  // namespace trainground::gradient_check_test
