#include "batch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "parallel.h"
#include "xtensor.h"

namespace trainground::batch_test {

Dataset pictures(int samples, const Shape& shape) {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(samples * shape.size()));
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(random_block(3, Stream::points, 0, 0, static_cast<std::uint32_t>(i))[0]);
  std::vector<std::int32_t> labels;
  for (int i = 0; i < samples; ++i) labels.push_back(i % 7);
  RawSamples raw;
  raw.samples = samples;
  raw.shape = shape;
  raw.bytes = bytes;
  raw.labels = labels;
  return from_samples(raw).dataset;
}

std::vector<std::int32_t> range_of(int first, int last) {
  std::vector<std::int32_t> indices(static_cast<std::size_t>(last - first));
  std::iota(indices.begin(), indices.end(), first);
  return indices;
}

std::vector<AugmentationOptions> everything() {
  std::vector<AugmentationOptions> transforms(8);
  for (int type = 0; type < 8; ++type) {
    AugmentationOptions& options = transforms[static_cast<std::size_t>(type)];
    options.type = static_cast<AugmentationType>(type);
    options.horizontal = options.vertical = 0.5;
    options.degrees = 20;
    options.brightness = options.saturation = options.stddev = 0.1;
    options.size = 0.3;
    options.hue = 20;
    options.contrast_min = 0.7, options.contrast_max = 1.3;
    options.pixels = 2;
  }
  return transforms;
}

TEST(Batches, AnEpochShowsEverySampleOnce) {
  const Dataset dataset = pictures(50, {3, 4, 2});
  BatchOptions options;
  options.batch_size = 8;
  options.shuffle = true;
  Batches batches(dataset, range_of(10, 50), options);
  EXPECT_EQ(batches.steps_per_epoch(), 5);
  std::vector<std::vector<std::int32_t>> orders;
  for (std::uint32_t epoch = 0; epoch < 3; ++epoch) {
    batches.seek({epoch, 0});
    std::vector<std::int32_t> seen;
    while (const int size = batches.next()) {
      EXPECT_EQ(size, 8);
      for (int i = 0; i < size; ++i) {
        const std::size_t sample = static_cast<std::size_t>(batches.samples()[static_cast<std::size_t>(i)]);
        EXPECT_EQ(batches.labels()[i], dataset.labels[sample]);
        for (std::size_t j = 0; j < 24; ++j) {
          ASSERT_EQ(batches.inputs()[static_cast<std::size_t>(i) * 24 + j],
                    static_cast<real>(dataset.bytes[sample * 24 + j]) / 255);
        }
        seen.push_back(static_cast<std::int32_t>(sample));
      }
    }
    orders.push_back(seen);
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(seen, range_of(10, 50));
  }
  EXPECT_NE(orders[0], orders[1]);
  EXPECT_NE(orders[1], orders[2]);
  EXPECT_FALSE(std::is_sorted(orders[0].begin(), orders[0].end()));
}

TEST(Batches, TheLastBatchHoldsWhatIsLeft) {
  const Dataset dataset = pictures(10, {1, 1, 3});
  BatchOptions options;
  options.batch_size = 4;
  Batches batches(dataset, range_of(0, 10), options);
  EXPECT_EQ(batches.steps_per_epoch(), 3);
  EXPECT_EQ(batches.next(), 4);
  EXPECT_EQ(batches.samples()[3], 3);
  EXPECT_EQ(batches.next(), 4);
  EXPECT_EQ(batches.next(), 2);
  EXPECT_EQ(batches.samples()[1], 9);
  EXPECT_EQ(batches.next(), 0);
  EXPECT_EQ(batches.next(), 0);
  options.batch_size = 64;
  Batches one(dataset, range_of(0, 10), options);
  EXPECT_EQ(one.steps_per_epoch(), 1);
  EXPECT_EQ(one.next(), 10);
}

TEST(Batches, GoOnFromASavedPosition) {
  const Dataset dataset = pictures(37, {5, 5, 3});
  BatchOptions options;
  options.batch_size = 5;
  options.shuffle = true;
  options.augmentation = everything();
  Batches first(dataset, range_of(0, 37), options), second(dataset, range_of(0, 37), options);
  first.seek({4, 0});
  for (int i = 0; i < 3; ++i) first.next();
  second.seek(first.position());
  EXPECT_EQ(first.position(), (BatchPosition{4, 3}));
  for (;;) {
    const int size = first.next();
    ASSERT_EQ(second.next(), size);
    if (size == 0) break;
    ASSERT_TRUE(std::equal(first.inputs(), first.inputs() + size * 75, second.inputs()));
    ASSERT_TRUE(std::equal(first.labels(), first.labels() + size, second.labels()));
  }
}

TEST(Batches, AreTheSameBitsForAnyNumberOfThreads) {
  const Dataset dataset = pictures(40, {9, 7, 3});
  BatchOptions options;
  options.batch_size = 13;
  options.shuffle = true;
  options.augmentation = everything();
  options.normalization = channel_statistics(dataset, range_of(0, 40));
  std::vector<std::vector<real>> runs;
  for (int count : {1, 2, 4}) {
    set_threads(count);
    Batches batches(dataset, range_of(0, 40), options);
    std::vector<real> all;
    while (const int size = batches.next()) all.insert(all.end(), batches.inputs(), batches.inputs() + size * 189);
    runs.push_back(all);
  }
  set_threads(1);
  EXPECT_EQ(runs[0].size(), 40u * 189);
  EXPECT_EQ(runs[0], runs[1]);
  EXPECT_EQ(runs[0], runs[2]);
}

TEST(Batches, ThePreviewIsWhatAnEpochTrainsOn) {
  const Dataset dataset = pictures(20, {6, 6, 3});
  BatchOptions options;
  options.batch_size = 6;
  options.shuffle = true;
  options.augmentation = everything();
  Batches batches(dataset, range_of(0, 20), options);
  batches.seek({2, 1});
  ASSERT_EQ(batches.next(), 6);
  std::vector<std::int32_t> reversed(batches.samples().begin(), batches.samples().end());
  std::reverse(reversed.begin(), reversed.end());
  std::vector<float> preview(6 * 108);
  batches.preview(2, reversed, preview.data());
  for (std::size_t i = 0; i < 6; ++i) {
    for (std::size_t j = 0; j < 108; ++j)
      ASSERT_EQ(preview[i * 108 + j], static_cast<float>(batches.inputs()[(5 - i) * 108 + j]));
  }
  EXPECT_EQ(batches.position(), (BatchPosition{2, 2}));
}

TEST(Batches, NormalizationGivesMeanZeroAndDeviationOne) {
  const Dataset dataset = pictures(30, {8, 8, 3});
  const std::vector<std::int32_t> samples = range_of(5, 30);
  std::vector<real> inputs(25 * 192);
  gather(pixels_of(dataset), channel_statistics(dataset, samples), samples, inputs.data());
  const auto pixels = xt::adapt(inputs, std::vector<std::size_t>{25 * 64, 3});
  for (std::size_t channel = 0; channel < 3; ++channel) {
    const auto one = xt::view(pixels, xt::all(), channel);
    EXPECT_NEAR(xt::mean(one)(), 0, 1e-5);
    EXPECT_NEAR(xt::stddev(one)(), 1, 1e-5);
  }
}

TEST(Batches, RegressionGivesTargets) {
  const std::vector<float> inputs{1, 2, 3, 4, 5, 6}, targets{10, 11, 20, 21, 30, 31};
  RawSamples raw;
  raw.samples = 3;
  raw.shape = {1, 1, 2};
  raw.floats = inputs;
  raw.targets = targets;
  raw.outputs = 2;
  const Dataset dataset = from_samples(raw).dataset;
  BatchOptions options;
  options.batch_size = 2;
  Batches batches(dataset, std::vector<std::int32_t>{2, 0}, options);
  ASSERT_EQ(batches.next(), 2);
  EXPECT_EQ(std::vector<real>(batches.inputs(), batches.inputs() + 4), (std::vector<real>{5, 6, 1, 2}));
  EXPECT_EQ(std::vector<real>(batches.targets(), batches.targets() + 4), (std::vector<real>{30, 31, 10, 11}));
}

// Seconds since 1970 are 128 apart in float32: normalized they keep their differences, and so does what noise is added to.
TEST(Batches, Float64IsRoundedOnlyOnceItIsNormalized) {
  std::vector<double> seconds;
  std::vector<std::int32_t> labels;
  for (int i = 0; i < 200; ++i) {
    seconds.insert(seconds.end(), {1.7e9 + i, i * 1e-3});
    labels.push_back(i % 2);
  }
  RawSamples raw;
  raw.samples = 200;
  raw.shape = {1, 1, 2};
  raw.doubles = seconds;
  raw.labels = labels;
  const ParsedDataset parsed = from_samples(raw);
  ASSERT_TRUE(parsed.problems.empty());
  const Dataset& set = parsed.dataset;
  const std::vector<std::int32_t> all = range_of(0, 200);
  const Normalization normalization = channel_statistics(set, all);
  const double deviation = std::sqrt((200.0 * 200 - 1) / 12);
  EXPECT_NEAR(normalization.mean[0], 1.7e9 + 99.5, 1e-6);
  EXPECT_NEAR(normalization.deviation[0], deviation, 1e-6);
  std::vector<real> inputs(400), plain(400);
  gather(pixels_of(set), normalization, all, inputs.data());
  gather(pixels_of(set), {}, all, plain.data());
  for (int i = 0; i < 200; ++i) {
    EXPECT_NEAR(inputs[2 * i], (i - 99.5) / deviation, 1e-6);
    EXPECT_NEAR(inputs[2 * i + 1], (i - 99.5) / deviation, 1e-6);
    EXPECT_EQ(plain[2 * i], static_cast<real>(1.7e9 + i));
  }
  AugmentationOptions noise;
  noise.type = AugmentationType::noise;
  noise.stddev = 0.5;
  Batches batches(set, all, {200, false, 1, {noise}, normalization});
  batches.next();
  double square = 0;
  for (int i = 0; i < 200; ++i) {
    const double added = (batches.inputs()[2 * i] - (i - 99.5) / deviation) * deviation;
    square += added * added / 200;
  }
  EXPECT_NEAR(std::sqrt(square), 0.5, 0.1);
}

}  // namespace trainground::batch_test
