// What is frozen is computed once: a run ends with the same bits as one that computes it at every step, whatever is kept.
#include "feature_cache.h"

#include <gtest/gtest.h>

#include "backbone.h"
#include "parallel.h"
#include "pictures.h"
#include "recipe.h"
#include "training.h"
#include "weights.h"

namespace trainground::feature_cache_test {

// Odd sides, channels that fill no vector, a residual block, batch norms that fold: all frozen but for the head.
const std::string kFrozen = R"("layers": [
  {"type": "rescaling", "scale": 2, "offset": -1},
  {"type": "conv2d", "filters": 7, "kernelSize": 3, "padding": "same", "useBias": false}, {"type": "batchNormalization"},
  {"type": "activation", "function": "relu6"},
  {"type": "residual", "layers": [
    {"type": "conv2d", "filters": 13, "kernelSize": 1, "useBias": false}, {"type": "batchNormalization"},
    {"type": "activation", "function": "relu6"}, {"type": "depthwiseConv2d", "kernelSize": 5, "padding": "same"},
    {"type": "batchNormalization"}, {"type": "conv2d", "filters": 7, "kernelSize": 1}, {"type": "batchNormalization"}]},
  {"type": "conv2d", "filters": 9, "kernelSize": 3, "strides": 2, "padding": "same", "activation": "gelu"},
  {"type": "globalAveragePool2d"}, {"type": "dropout", "rate": 0.2}, {"type": "dense", "units": 3}],
  "transfer": {"weights": "w", "freeze": "FREEZE"}, "optimizer": {"type": "adam", "learningRate": 0.01})";

Experiment frozen(const std::string& freeze, const std::string& more) {
  std::string layers = kFrozen;
  return experiment(layers.replace(layers.find("FREEZE"), 6, freeze) + ", " + more);
}

struct Outcome {
  std::string weights;
  double loss = 0, judged = 0;
  std::size_t computed = 0;
  bool operator==(const Outcome& other) const { return weights == other.weights && loss == other.loss && judged == other.judged; }
};

Outcome outcome_of(const Experiment& wanted, const Dataset& data, std::size_t room) {
  Training training(wanted, data, nullptr, room);
  while (training.advance() != Training::Unit::end) {
  }
  return {weights_sha256(training.network()), training.history().back().loss,
          training.evaluate(data, training.split().validation).loss, training.features().computed()};
}

TEST(FeatureCache, ARunEndsWithTheSameBitsWhateverIsKept) {
  const Dataset data = pictures(61, 9, 3, 3);
  for (const char* freeze : {"all", "most"}) {
    for (const char* more :
         {R"("epochs": 3, "batchSize": 11)",
          R"("epochs": 5, "batchSize": 32, "augmentation": [{"type": "rotation", "degrees": 20}])",
          R"("epochs": 5, "batchSize": 7, "augmentationViews": 2, "augmentation": [{"type": "shift", "pixels": 2}])"}) {
      const Experiment wanted = frozen(freeze, more);
      const Outcome none = outcome_of(wanted, data, 0);
      EXPECT_GT(none.computed, 61u * 3);
      for (const int count : {1, 2, 3}) {
        set_threads(count);
        for (const std::size_t room : {FeatureCache::kRoom, std::size_t{4000}})
          EXPECT_EQ(outcome_of(wanted, data, room), none) << freeze << more << count << " threads, room " << room;
      }
      set_threads(1);
    }
  }
}

TEST(FeatureCache, APictureGoesThroughOnce) {
  const Dataset data = pictures(40, 9, 3, 3);
  EXPECT_EQ(outcome_of(frozen("all", R"("epochs": 6, "batchSize": 8)"), data, FeatureCache::kRoom).computed, 40u);
  const Experiment two =
      frozen("all", R"("epochs": 6, "batchSize": 8, "augmentationViews": 2, "augmentation": [{"type": "shift", "pixels": 2}])");
  EXPECT_EQ(outcome_of(two, data, FeatureCache::kRoom).computed, 31u * 2 + 9);
}

TEST(FeatureCache, ALargeBatchGoesThroughInShares) {
  const Dataset data = pictures(700, 5, 3, 3);
  const Experiment wanted = frozen("all", R"("epochs": 2, "batchSize": 512)");
  const Outcome none = outcome_of(wanted, data, 0);
  for (const std::size_t room : {FeatureCache::kRoom, sizeof(real) * 512 * Training(wanted, data, nullptr).features().size()}) {
    Training training(wanted, data, nullptr, room);
    std::vector<int> left;
    std::size_t before = 0;
    Training::Unit unit{};
    while ((unit = training.advance()) != Training::Unit::end) {
      if (unit == Training::Unit::features) left.push_back(training.features_left());
      EXPECT_LE(training.features().computed() - before, 128u);
      before = training.features().computed();
    }
    ASSERT_GE(left.size(), 3u);
    EXPECT_EQ((std::vector<int>{left.begin(), left.begin() + 3}), (std::vector<int>{384, 256, 128}));
    if (room == FeatureCache::kRoom) {
      EXPECT_EQ(training.features().computed(), 700u);
    }
    EXPECT_EQ(weights_sha256(training.network()), none.weights);
    EXPECT_EQ(training.history().back().loss, none.loss);
  }
}

TEST(FeatureCache, NothingOfAForeignSetIsTakenForAnother) {
  const Dataset data = pictures(40, 9, 3, 3), bright = pictures(12, 9, 3, 3);
  Dataset dark = bright;
  for (std::uint8_t& byte : dark.bytes) byte /= 4;
  const Experiment wanted = frozen("all", R"("epochs": 1, "batchSize": 8)");
  for (const Dataset* validation : {static_cast<const Dataset*>(nullptr), &bright}) {
    Training training(wanted, data, validation), plain(wanted, data, validation, 0);
    const std::vector<std::int32_t> all{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    for (const Dataset* asked : {&bright, static_cast<const Dataset*>(&dark), &bright})
      EXPECT_EQ(training.evaluate(*asked, all).probabilities, plain.evaluate(*asked, all).probabilities);
  }
}

TEST(FeatureCache, DropsTheOldestOnceItIsFull) {
  const Dataset data = pictures(40, 9, 3, 3);
  const Experiment wanted = frozen("all", R"("epochs": 1, "batchSize": 8, "validationSplit": 0)");
  const Training all(wanted, data, nullptr);
  const std::size_t bytes = all.features().size() * sizeof(real);
  EXPECT_EQ(all.features().capacity(), FeatureCache::kRoom / bytes);

  Network network(data.shape, wanted);
  FeatureCache ten(network, false, 10 * bytes);
  EXPECT_EQ(ten.capacity(), 10u);
  const auto ask = [&](std::vector<std::int32_t> samples) {
    BatchOptions options;
    options.batch_size = static_cast<int>(samples.size());
    Batches batches(data, samples, options);
    batches.next();
    const std::size_t before = ten.computed();
    ten.of(batches, 0);
    return ten.computed() - before;
  };
  EXPECT_EQ(ask({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}), 10u);
  EXPECT_EQ(ask({9, 0, 5}), 0u);
  EXPECT_EQ(ask({20, 21}), 2u);  // in the place of 0 and 1
  EXPECT_EQ(ask({2, 3, 9, 20, 21}), 0u);
  EXPECT_EQ(ask({0, 1}), 2u);
}

TEST(FeatureCache, ForgetsWhenWeightsAreLoaded) {
  const Dataset data = pictures(40, 9, 3, 3);
  const Experiment wanted = frozen("all", R"("epochs": 2, "batchSize": 8)");
  Training training(wanted, data, nullptr);
  while (training.advance() != Training::Unit::epoch) {
  }
  Experiment other = wanted;
  other.seed = 77;
  const Network source(data.shape, other);
  load_weights(write_weights(source), training.network());
  training.weights_loaded();
  Training fresh(wanted, data, nullptr, 0);
  load_weights(write_weights(source), fresh.network());
  fresh.weights_loaded();
  EXPECT_EQ(training.evaluate(data, training.split().validation).loss, fresh.evaluate(data, fresh.split().validation).loss);
}

TEST(FeatureCache, IsOfNoUseWhereEverythingLearns) {
  const Dataset data = pictures(40, 9, 3, 3);
  EXPECT_TRUE(Training(frozen("none", R"("epochs": 1)"), data, nullptr).features().none());
}

TEST(Backbone, EfficientNetLite0IsTheOneOfThePaper) {
  const Experiment whole = experiment(R"("layers": [{"type": "backbone", "name": "efficientnet-lite0"},
    {"type": "globalAveragePool2d"}, {"type": "dense", "units": 1000}])");
  const NetworkPlan plan = plan_network({224, 224, 3}, 1000, whole);
  EXPECT_TRUE(plan.problems.empty());
  EXPECT_EQ(plan.learned, 3371008 + 1281 * 1000);
  for (const auto& [side, map] : {std::pair{96, 3}, {160, 5}, {224, 7}, {225, 8}, {288, 9}, {320, 10}}) {
    const Network network({side, side, 3}, whole);
    EXPECT_EQ(network.layers().reports()[0].output_shape, (Shape{map, map, 1280}));
    EXPECT_EQ(network.layers().reports()[0].parameters, 3371008u);
  }
}

TEST(Backbone, FreezesWhatTheRegimeSays) {
  const auto trained = [](const std::string& freeze) {
    const Experiment wanted = experiment(R"("layers": [{"type": "backbone", "name": "efficientnet-lite0"},
      {"type": "globalAveragePool2d"}, {"type": "dense", "units": 3}], "transfer": {"weights": "w", "freeze": ")" +
                                         freeze + "\"}");
    const Network network({64, 64, 3}, wanted);
    std::size_t count = 0;
    for (const Parameter* parameter : network.parameters())
      count += parameter->learned && parameter->trainable ? parameter->count() : 0;
    return count;
  };
  EXPECT_EQ(trained("all"), 1281u * 3);
  EXPECT_EQ(trained("most"), 1281u * 3 + 320 * 1280 + 2 * 1280);
  EXPECT_EQ(trained("none"), 1281u * 3 + 3371008);
}

TEST(Backbone, AnEmbeddingIsComputedOnceAndLessTheMeanOfItsBatch) {
  const Dataset data = pictures(12, 32, 3, 3);
  const Experiment wanted = experiment(R"("layers": [{"type": "backbone", "name": "efficientnet-lite0", "output": "embedding"},
    {"type": "dense", "units": 3}], "transfer": {"weights": "w", "freeze": "all"}, "epochs": 3, "batchSize": 32,
    "optimizer": {"type": "momentum", "learningRate": 0.5})");
  const Outcome none = outcome_of(wanted, data, 0);
  for (const int count : {1, 3}) {
    set_threads(count);
    const Outcome kept = outcome_of(wanted, data, FeatureCache::kRoom);
    EXPECT_EQ(kept, none) << count << " threads";
    EXPECT_EQ(kept.computed, 12u);
  }
  set_threads(1);
  Training training(wanted, data, nullptr);
  EXPECT_EQ(training.features().size(), 480u + 672 + 1152 + 1280);
  training.advance();
  const Parameter* mean = training.network().find("layers.0.layers.70.running_mean");
  ASSERT_NE(mean, nullptr);
  EXPECT_GT(*std::max_element(mean->value, mean->value + mean->count()), 0);
}

TEST(Backbone, AnEmbeddingDoesNotLearn) {
  const Experiment wanted = experiment(R"("layers": [{"type": "backbone", "name": "efficientnet-lite0", "output": "embedding"},
    {"type": "dense", "units": 3}], "transfer": {"weights": "w", "freeze": "most"})");
  const std::vector<Problem> problems = plan_network({64, 64, 3}, 3, wanted).problems;
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].path, "layers[0].output");
}

TEST(Backbone, WantsAPictureInColour) {
  const Experiment whole = experiment(R"("layers": [{"type": "backbone", "name": "efficientnet-lite0"},
    {"type": "globalAveragePool2d"}, {"type": "dense", "units": 2}])");
  const std::vector<Problem> problems = plan_network({28, 28, 1}, 2, whole).problems;
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].path, "layers[0]");
  EXPECT_EQ(problems[0].expected, "a picture in colour");
}

}  // namespace trainground::feature_cache_test
