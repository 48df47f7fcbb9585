#include "loss.h"

#include "experiment_file.h"
#include "golden.h"

namespace trainground::loss_test {

LossType loss_type(const std::string& word) {
  return parse_experiment(R"({"layers": [{"type": "flatten"}], "loss": ")" + word + "\"}").experiment.loss;
}

TEST(Loss, ValueGradientAndProbabilitiesArePyTorchs) {
  for (const Json& one : golden("losses.json")) {
    SCOPED_TRACE(one["type"].text() + " " + text(one["logits"]));
    const LossType type = loss_type(one["type"].text());
    const int samples = one["samples"].get<int>(), outputs = one["outputs"].get<int>();
    const double smoothing = one["labelSmoothing"].get<double>();
    std::vector<real> logits = numbers(one["logits"]);
    const std::vector<std::int32_t> labels =
        one.contains("labels") ? numbers<std::int32_t>(one["labels"]) : std::vector<std::int32_t>();
    const std::vector<real> values = one.contains("values") ? numbers<real>(one["values"]) : std::vector<real>();
    const Targets targets{labels.empty() ? nullptr : labels.data(), values.empty() ? nullptr : values.data()};
    std::vector<real> gradient(logits.size());
    std::vector<double> each(static_cast<std::size_t>(samples));
    const LossResult result =
        loss_and_gradient(type, smoothing, samples, outputs, logits.data(), targets, gradient.data(), each.data());
    EXPECT_NEAR(result.value, one["loss"].get<double>(), kTolerance * std::fabs(one["loss"].get<double>()));
    expect_close(gradient, numbers<double>(one["gradient"]));
    double sum = 0;
    for (double loss : each) sum += loss;
    EXPECT_EQ(sum / samples, result.value);
    if (one.contains("correct")) {
      EXPECT_EQ(result.correct, one["correct"].get<int>());
    }

    std::vector<real> said(logits.size());
    probabilities(type, samples, outputs, outputs, logits.data(), said.data());
    expect_close(said, numbers<double>(one["probabilities"]));

    // Without a gradient, and with the gradient in the logits' place: the same bits.
    EXPECT_EQ(loss_and_gradient(type, smoothing, samples, outputs, logits.data(), targets, nullptr).value, result.value);
    const LossResult in_place = loss_and_gradient(type, smoothing, samples, outputs, logits.data(), targets, logits.data());
    EXPECT_EQ(in_place.value, result.value);
    EXPECT_EQ(in_place.correct, result.correct);
    EXPECT_EQ(logits, gradient);
  }
}

TEST(Loss, KeepsSmallLossesAndShowsDivergence) {
  const std::int32_t label = 0;
  const std::vector<real> sure = {40, 0};
  const double loss = loss_and_gradient(LossType::crossEntropy, 0, 1, 2, sure.data(), {&label, nullptr}, nullptr).value;
  EXPECT_NEAR(loss, std::exp(-40.0), 1e-6 * std::exp(-40.0));  // a plain log(1 + e) gives 0
  for (LossType type : {LossType::crossEntropy, LossType::binaryCrossEntropy, LossType::meanSquaredError}) {
    const std::vector<real> broken = {0, static_cast<real>(NAN)};
    real gradient[2];
    EXPECT_TRUE(std::isnan(loss_and_gradient(type, 0, 1, 2, broken.data(), {&label, nullptr}, gradient).value));
    EXPECT_TRUE(std::isnan(gradient[1]));
  }
}

#ifndef TRAINGROUND_FLOAT64
// However far apart the outputs are, no gradient is so small that a product with it would be no normal number.
TEST(Loss, GradientsAreZeroOrNormal) {
  const std::int32_t label = 1;
  for (LossType type : {LossType::crossEntropy, LossType::binaryCrossEntropy}) {
    for (real logit = -200; logit <= 200; logit += real{0.5}) {
      const std::vector<real> logits = {0, logit};
      real gradient[2];
      loss_and_gradient(type, 0, 1, 2, logits.data(), {&label, nullptr}, gradient);
      for (real g : gradient) ASSERT_TRUE(g == 0 || std::fabs(g) >= real{1e-31}) << logit;
    }
  }
}
#endif

TEST(Loss, OneOutputSpeaksForTwoClasses) {
  const std::vector<real> logits{0, 2, -2, 40, -40};
  std::vector<real> said(10);
  ASSERT_EQ(answer_size(1, 2), 2);
  probabilities(LossType::binaryCrossEntropy, 5, 1, 2, logits.data(), said.data());
  for (int n = 0; n < 5; ++n) {
    EXPECT_NEAR(said[2 * n + 1], 1 / (1 + std::exp(-static_cast<double>(logits[n]))), 1e-6) << n;
    EXPECT_NEAR(said[2 * n] + said[2 * n + 1], 1, 1e-6) << n;
  }
  EXPECT_GT(said[6], 0);  // 1 - p would be 0 long before
  // Each output by itself, and numbers of a regression, are as many as they are.
  EXPECT_EQ(answer_size(2, 2), 2);
  EXPECT_EQ(answer_size(3, 3), 3);
  EXPECT_EQ(answer_size(1, 0), 1);
}

TEST(Loss, NumbersAsTargetsHaveNoAccuracy) {
  const real value = real{0.5};
  EXPECT_FALSE(has_accuracy(LossType::meanSquaredError, false));
  EXPECT_TRUE(has_accuracy(LossType::binaryCrossEntropy, false));
  const real x = 0.5f;
  EXPECT_EQ(loss_and_gradient(LossType::meanSquaredError, 0, 1, 1, &x, {nullptr, &value}, nullptr).correct, 0);
}

}  // namespace trainground::loss_test
