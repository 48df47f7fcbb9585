// Slow motion: a 2-3-1 network against arithmetic by hand, and steps that leave the run as any others would.
#include "slow_motion.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "pictures.h"
#include "recipe.h"
#include "sha256.h"
#include "weights.h"

namespace trainground::slow_motion_test {

constexpr double kTolerance = sizeof(real) == 8 ? 1e-12 : 2e-6;

// Two numbers a sample, one number to predict.
Dataset exclusive_or() {
  const std::vector<float> inputs{0, 0, 0, 1, 1, 0, 1, 1}, targets{0, 1, 1, 0};
  RawSamples raw;
  raw.samples = 4;
  raw.shape = {1, 1, 2};
  raw.floats = inputs;
  raw.outputs = 1;
  raw.targets = targets;
  return from_samples(raw).dataset;
}

TEST(SlowMotion, TellsTheArithmeticOfA231Network) {
  const Dataset data = exclusive_or();
  Training run(experiment(R"("layers": [{"type": "dense", "units": 3, "activation": "tanh"}, {"type": "dense", "units": 1}],
      "loss": "meanSquaredError", "l2": 0.01, "optimizer": {"type": "sgd", "learningRate": 0.05}, "shuffle": false,
      "validationSplit": 0, "batchSize": 4)"),
               data, nullptr);
  ASSERT_EQ(run.network().parameters().size(), 4u);
  std::vector<std::vector<double>> w;
  for (const Parameter* p : run.network().parameters()) w.emplace_back(p->value, p->value + p->count());
  ASSERT_TRUE(run.at_step());
  SlowMotion motion(run);
  ASSERT_EQ(run.advance(), Training::Unit::step);
  motion.observe(run);

  // Weights stand as (in,out).
  double z[4][3], a[4][3], y[4], dy[4], loss = 0, dz[4][3], da[4][3];
  std::vector<std::vector<double>> g{std::vector<double>(6), std::vector<double>(3), std::vector<double>(3),
                                     std::vector<double>(1)};
  const std::vector<float>& x = data.floats;
  const auto target = [&](int n) { return static_cast<double>(data.targets[static_cast<std::size_t>(n)]); };
  double penalty = 0;
  for (const int kernel : {0, 2})
    for (const double v : w[static_cast<std::size_t>(kernel)]) penalty += 0.01 * v * v;
  for (int n = 0; n < 4; ++n) {
    y[n] = w[3][0];
    for (int j = 0; j < 3; ++j) {
      z[n][j] = w[1][j] + x[2 * n] * w[0][j] + x[2 * n + 1] * w[0][3 + j];
      a[n][j] = std::tanh(z[n][j]);
      y[n] += a[n][j] * w[2][j];
    }
    loss += (y[n] - target(n)) * (y[n] - target(n)) / 4;
    dy[n] = 2 * (y[n] - target(n)) / 4;
    g[3][0] += dy[n];
    for (int j = 0; j < 3; ++j) {
      g[2][j] += dy[n] * a[n][j];
      da[n][j] = dy[n] * w[2][j];
      dz[n][j] = da[n][j] * (1 - a[n][j] * a[n][j]);
      g[1][j] += dz[n][j];
      g[0][j] += dz[n][j] * x[2 * n];
      g[0][3 + j] += dz[n][j] * x[2 * n + 1];
    }
  }
  for (const int kernel : {0, 2})
    for (std::size_t i = 0; i < g[kernel].size(); ++i) g[kernel][i] += 2 * 0.01 * w[kernel][i];

  ASSERT_EQ(motion.layers().size(), 3u);
  const auto same = [](const real* values, const double* expected, int count, const char* what) {
    for (int i = 0; i < count; ++i) EXPECT_NEAR(values[i], expected[i], kTolerance) << what << ' ' << i;
  };
  EXPECT_TRUE(motion.layers()[0].sum);
  EXPECT_EQ(motion.layers()[1].entry, 0);
  EXPECT_FALSE(motion.layers()[2].sum);
  EXPECT_EQ(motion.layers()[2].entry, 1);
  same(motion.layers()[0].values, z[0], 12, "z");
  same(motion.layers()[1].values, a[0], 12, "a");
  same(motion.layers()[2].values, y, 4, "y");
  same(motion.layers()[0].gradients.data(), dz[0], 12, "dz");
  same(motion.layers()[1].gradients.data(), da[0], 12, "da");
  same(motion.layers()[2].gradients.data(), dy, 4, "dy");
  EXPECT_NEAR(motion.penalty(), penalty, kTolerance);
  EXPECT_NEAR(run.last_step().loss, loss + penalty, kTolerance);
  EXPECT_DOUBLE_EQ(run.learning_rate(), 0.05);

  ASSERT_EQ(motion.updates().size(), 4u);
  for (std::size_t p = 0; p < 4; ++p) {
    const UpdateMoment& update = motion.updates()[p];
    for (std::size_t i = 0; i < g[p].size(); ++i) {
      EXPECT_EQ(update.before[i], w[p][i]);
      EXPECT_NEAR(update.parameter->gradient[i], g[p][i], kTolerance) << update.parameter->name << ' ' << i;
      EXPECT_NEAR(update.parameter->value[i], w[p][i] - 0.05 * g[p][i], kTolerance);
      w[p][i] = update.parameter->value[i];
    }
  }
  double after = 0;
  for (const int kernel : {0, 2})
    for (const double v : w[static_cast<std::size_t>(kernel)]) after += 0.01 * v * v;
  for (int n = 0; n < 4; ++n) {
    double said = w[3][0];
    for (int j = 0; j < 3; ++j) said += std::tanh(w[1][j] + x[2 * n] * w[0][j] + x[2 * n + 1] * w[0][3 + j]) * w[2][j];
    after += (said - target(n)) * (said - target(n)) / 4;
  }
  EXPECT_NEAR(motion.loss_after(), after, kTolerance);
  EXPECT_LT(motion.loss_after(), run.last_step().loss);
}

const char* const kEverything = R"("layers": [
    {"type": "conv2d", "filters": 5, "kernelSize": 3, "padding": "same", "useBias": false}, {"type": "batchNormalization"},
    {"type": "activation", "function": "relu"},
    {"type": "residual", "layers": [{"type": "conv2d", "filters": 7, "kernelSize": 3, "padding": "same", "activation": "silu"}]},
    {"type": "maxPool2d"}, {"type": "flatten"}, {"type": "dropout", "rate": 0.3},
    {"type": "dense", "units": 9, "activation": "gelu"}, {"type": "dense", "units": 3}],
  "l1": 0.001, "batchSize": 16, "epochs": 2, "optimizer": {"type": "adam", "clipNorm": 0.5},
  "augmentation": [{"type": "noise", "stddev": 0.1}])";

// Pulls the run along, in slow motion where `slowly`, and gives its weights' signature.
std::string end_of(Training& run, bool slowly) {
  for (Training::Unit unit{}; unit != Training::Unit::end;) {
    if (slowly && run.at_step()) {
      SlowMotion motion(run);
      unit = run.advance();
      motion.observe(run);
    } else {
      unit = run.advance();
    }
  }
  return sha256(write_weights(run.network()));
}

TEST(SlowMotion, LeavesTheRunAsAnyOtherStepWould) {
  const Dataset data = pictures(70, 6, 2, 3);
  Training plain(experiment(kEverything), data, nullptr), watched(experiment(kEverything), data, nullptr);
  EXPECT_EQ(end_of(plain, false), end_of(watched, true));
}

TEST(SlowMotion, SeesWhatTheFoldedNetworkComputes) {
  const Dataset data = pictures(70, 6, 2, 3);
  Training run(experiment(kEverything), data, nullptr);
  for (int i = 0; i < 2; ++i) run.advance();
  SlowMotion motion(run);
  run.advance();
  motion.observe(run);
  const Sequence& folded = run.network().layers();
  const int samples = static_cast<int>(run.batch().samples().size());
  int compared = 0;
  for (const LayerMoment& layer : motion.layers()) {
    EXPECT_EQ(layer.gradients.size(), static_cast<std::size_t>(samples) * layer.shape.size()) << layer.entry;
    if (layer.sum || layer.entry == 1) continue;  // batch normalization's own output is folded away
    const real* kept = folded.output_of(layer.entry, run.batch().inputs());
    for (int i = 0; i < samples * layer.shape.size(); ++i) ASSERT_EQ(layer.values[i], kept[i]) << layer.entry << ' ' << i;
    ++compared;
  }
  EXPECT_EQ(compared, 7);
  EXPECT_GT(motion.penalty(), 0);
}

TEST(SlowMotion, KnowsHowManyNumbersItTells) {
  const Dataset data = exclusive_or();
  const Training run(experiment(R"("layers": [{"type": "dense", "units": 1}], "loss": "meanSquaredError", "validationSplit": 0)"),
                     data, nullptr);
  EXPECT_EQ(SlowMotion::numbers(run), 3u * 3 + 2 * 4);
}

}  // namespace trainground::slow_motion_test
