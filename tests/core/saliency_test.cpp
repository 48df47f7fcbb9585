// The gradient of a score with respect to the inputs, against two scores per pixel, and the run as it was.
#include "saliency.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "pictures.h"
#include "recipe.h"
#include "sha256.h"
#include "weights.h"

namespace trainground::saliency_test {

// Smooth functions only, so that a difference has no kink to step over.
const std::string kLayers = R"("layers": [
  {"type": "conv2d", "filters": 5, "kernelSize": 3, "padding": "same", "activation": "tanh"}, {"type": "batchNormalization"},
  {"type": "averagePool2d"}, {"type": "flatten"}, {"type": "dropout", "rate": 0.5},
  {"type": "dense", "units": 9, "activation": "gelu"}, {"type": "dense", "units": 3}])";

class Saliency : public testing::TestWithParam<bool> {};

TEST_P(Saliency, IsTheSlopeOfTheScoreInEachPixel) {
  Experiment recipe = experiment(kLayers + R"(, "exact": true, "epochs": 2)");
  recipe.normalize = GetParam();
  const Dataset data = pictures(60, 6, 2, 3);
  Training run(recipe, data, nullptr);
  while (run.advance() != Training::Unit::end) {
  }
  std::vector<float> pixels;
  for (int i = 0; i < 2 * 72; ++i) pixels.push_back(static_cast<float>(data.bytes[static_cast<std::size_t>(i)]) / 255);
  const std::string weights = sha256(write_weights(run.network()));
  const Parameter& kernel = *run.network().parameters()[0];
  const std::vector<real> trained(kernel.gradient, kernel.gradient + kernel.count());

  const std::vector<float> gradient = input_gradient(run, {data.shape, nullptr, pixels.data()}, 2, 1);
  ASSERT_EQ(gradient.size(), pixels.size());
  EXPECT_EQ(sha256(write_weights(run.network())), weights);
  EXPECT_TRUE(std::equal(trained.begin(), trained.end(), kernel.gradient));

  const auto score = [&](std::size_t picture) {
    run.look({data.shape, nullptr, pixels.data()}, 2);
    return static_cast<double>(run.network().logits()[picture * 3 + 1]);
  };
  const double h = 1e-3;
  double largest = 0;
  for (const float g : gradient) largest = std::max(largest, std::fabs(static_cast<double>(g)));
  EXPECT_GT(largest, 0.01);
  for (const std::size_t i : {0, 5, 40, 71, 72, 100, 143}) {
    const float kept = pixels[i];
    pixels[i] = static_cast<float>(kept + h);
    const double above = score(i / 72), step = static_cast<double>(pixels[i]) - kept;
    pixels[i] = static_cast<float>(kept - step);
    const double below = score(i / 72), width = static_cast<double>(kept) + step - pixels[i];
    pixels[i] = kept;
    EXPECT_NEAR(gradient[i], (above - below) / width, (sizeof(real) == 8 ? 1e-5 : 2e-2) * largest) << i;
  }
}
INSTANTIATE_TEST_SUITE_P(Normalized, Saliency, testing::Bool());

}  // namespace trainground::saliency_test
