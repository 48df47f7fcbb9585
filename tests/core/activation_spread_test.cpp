// How signals spread: against means and deviations computed here, and what good and bad initializations do to a deep network.
#include "activation_spread.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "pictures.h"
#include "recipe.h"
#include "sha256.h"
#include "weights.h"

namespace trainground::activation_spread_test {

// Eight layers of 64 units.
std::vector<ActivationSpread> deep(const std::string& function, const std::string& initializer) {
  std::string layers = R"({"type": "flatten"})";
  for (int i = 0; i < 8; ++i) {
    layers +=
        R"(, {"type": "dense", "units": 64, "activation": ")" + function + R"(", "kernelInitializer": ")" + initializer + "\"}";
  }
  const Dataset data = pictures(90, 8, 1, 3);
  Training run(experiment("\"layers\": [" + layers + R"(, {"type": "dense", "units": 3}])"), data, nullptr);
  return activation_spread(run, 64);
}

// The last hidden layer's deviation over the first's.
double kept(const std::vector<ActivationSpread>& spreads) { return spreads[spreads.size() - 2].deviation / spreads[2].deviation; }

TEST(ActivationSpread, MeasuresWhatTheLayersPutOut) {
  const Dataset data = pictures(90, 6, 2, 3);
  Training run(experiment(R"("layers": [{"type": "conv2d", "filters": 5, "kernelSize": 3, "activation": "relu"},
      {"type": "flatten"}, {"type": "dense", "units": 3}])"),
               data, nullptr);
  const std::string before = sha256(write_weights(run.network()));
  const std::vector<ActivationSpread> spreads = activation_spread(run, 30);
  EXPECT_EQ(sha256(write_weights(run.network())), before);
  ASSERT_EQ(spreads.size(), 4u);  // inputs, sums, their relu, logits
  EXPECT_EQ(spreads[0].entry, -1);
  EXPECT_TRUE(spreads[1].sum);
  EXPECT_EQ(spreads[3].entry, 2);

  const std::vector<std::int32_t> chosen = fixed_batch(run, 30);
  Batches batches(data, chosen, as_they_are(run, 30));
  ASSERT_EQ(batches.next(), 30);
  const real* x = batches.inputs();
  double sum = 0, squares = 0;
  for (int i = 0; i < 30 * 72; ++i) sum += x[i], squares += static_cast<double>(x[i]) * x[i];
  EXPECT_NEAR(spreads[0].mean, sum / (30 * 72), 1e-12);
  EXPECT_NEAR(spreads[0].deviation, std::sqrt(squares / (30 * 72) - spreads[0].mean * spreads[0].mean), 1e-9);

  run.look(pixels_of(data), 1);  // any pass: the shapes of what is in the network
  Network& network = run.network();
  network.prepare(30);
  network.forward({30, true, false, 1, 0, nullptr}, x);
  const real* y = network.layers().output_of(0, x);
  const std::size_t count = 30 * 4 * 4 * 5;
  double mean = 0;
  for (std::size_t i = 0; i < count; ++i) mean += y[i] / count;
  EXPECT_NEAR(spreads[2].mean, mean, 1e-9);
  EXPECT_DOUBLE_EQ(spreads[2].zeros, static_cast<double>(std::count(y, y + count, real{0})) / count);
  EXPECT_GT(spreads[2].zeros, 0.02);
  EXPECT_LT(spreads[1].zeros, 0.01);
  EXPECT_GT(spreads[1].gradient_deviation, 0);
  EXPECT_GE(spreads[2].gradient_deviation, spreads[1].gradient_deviation);  // relu passes on a part
}

TEST(ActivationSpread, XavierKeepsTheSpreadOfTanhWhereSmallWeightsLoseIt) {
  EXPECT_GT(kept(deep("tanh", "glorotUniform")), 0.3);
  EXPECT_LT(kept(deep("tanh", "smallUniform")), 0.02);
  const std::vector<ActivationSpread> none = deep("tanh", "zeros");
  EXPECT_EQ(none[4].deviation, 0);
  EXPECT_EQ(none[4].dead, 1);
}

TEST(ActivationSpread, HeKeepsTheSpreadOfReluWhereXavierLosesIt) {
  const double he = kept(deep("relu", "heUniform")), xavier = kept(deep("relu", "glorotUniform"));
  EXPECT_GT(he, 0.3);
  EXPECT_LT(he, 3);
  EXPECT_LT(xavier, he / 3);
}

}  // namespace trainground::activation_spread_test
