#include "dataset.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>

#include "batch.h"

namespace trainground::dataset_test {

using Bytes = std::vector<std::uint8_t>;

std::string sentence(const Problem& problem) {
  return "Expected " + problem.path + " to be " + problem.expected + ", got " + problem.given;
}

std::vector<std::string> sentences(const std::vector<Problem>& problems) {
  std::vector<std::string> all;
  for (const Problem& problem : problems) all.push_back(sentence(problem));
  return all;
}

using Sentences = std::vector<std::string>;

// ---------------------------------------------------------------- arrays

RawSamples raw_of(const Bytes& bytes, const std::vector<std::int32_t>& labels) {
  RawSamples raw;
  raw.samples = static_cast<int>(labels.size());
  raw.shape = {1, 2, 1};
  raw.bytes = bytes;
  raw.labels = labels;
  return raw;
}

TEST(Samples, SaysWhatIsWrongAllAtOnce) {
  const Bytes bytes(5);
  const std::vector<std::int32_t> labels{0, 1, 2}, groups{1};
  RawSamples raw = raw_of(bytes, labels);
  raw.groups = groups;
  EXPECT_EQ(sentences(from_samples(raw).problems),
            (Sentences{"Expected inputs to be 6 numbers long, got 5", "Expected groups to be 3 numbers long, got 1"}));
  const Bytes fitting(6);
  raw = raw_of(fitting, labels);
  raw.class_names = {"cat", "dog"};
  EXPECT_EQ(sentences(from_samples(raw).problems), Sentences{"Expected labels to be classes from 0 to 1, got 2 for sample 2"});
  raw.shape = {0, 2, 1};
  EXPECT_EQ(sentences(from_samples(raw).problems),
            Sentences{"Expected shape to be height, width and channels from 1 to 65536, and less than 2^31 numbers, got 0x2x1"});
  EXPECT_EQ(sentences(from_samples(RawSamples{}).problems), Sentences{"Expected inputs to be at least one sample, got 0"});
}

TEST(Samples, NamesThePlaceOfANumberThatIsNotFinite) {
  std::vector<float> floats(2 * 2 * 3 * 3, 0.5f);
  floats[18 + 9 + 3 + 1] = -std::numeric_limits<float>::infinity();
  const std::vector<float> targets{1, 2, 3, std::nanf("")};
  RawSamples raw;
  raw.samples = 2;
  raw.shape = {2, 3, 3};
  raw.floats = floats;
  raw.targets = targets;
  raw.outputs = 2;
  EXPECT_EQ(sentences(from_samples(raw).problems),
            (Sentences{"Expected inputs to be finite numbers, got -infinity in sample 1 (row 1, column 1, channel 1)",
                       "Expected targets to be finite numbers, got NaN for sample 1"}));
}

TEST(Samples, TakesTheBytesOfAnOwnerWhereNothingIsWrong) {
  Buffer<std::uint8_t> bytes(6, 7);
  const std::uint8_t* const place = bytes.data();
  const std::vector<std::int32_t> labels{0, 1};
  RawSamples raw = raw_of({}, labels);
  raw.bytes = bytes;
  raw.owner = &bytes;
  EXPECT_FALSE(from_samples(raw).problems.empty());
  EXPECT_EQ(bytes.size(), 6u);
  raw.shape = {1, 3, 1};
  const ParsedDataset parsed = from_samples(raw);
  EXPECT_EQ(parsed.dataset.bytes, Buffer<std::uint8_t>(6, 7));
  EXPECT_EQ(parsed.dataset.bytes.data(), place);
  EXPECT_TRUE(bytes.empty());
}

TEST(Samples, AnotherSetSpeaksOfTheSameClasses) {
  const Bytes bytes(6);
  RawSamples raw = raw_of(bytes, {});
  const std::vector<std::int32_t> labels{0, 1, 2};
  raw.labels = labels;
  raw.samples = 3;
  raw.class_names = {"cat", "dog", "owl"};
  const Dataset training = from_samples(raw).dataset;
  const std::vector<std::int32_t> theirs{1, 0, 1};
  raw.labels = theirs;
  raw.class_names = {"owl", "cat", "cow"};
  Dataset other = from_samples(raw).dataset;
  ASSERT_EQ(sentences(match_classes(training, other)), Sentences{});
  EXPECT_EQ(other.labels, (std::vector<std::int32_t>{0, 2, 0}));
  EXPECT_EQ(other.outputs, 3);
  raw.class_names = {"owl", "cow"};
  other = from_samples(raw).dataset;
  EXPECT_EQ(sentences(match_classes(training, other)),
            Sentences{"Expected validation to be of the training samples' classes, got class 'cow'"});
  raw.class_names.clear();
  raw.shape = {2, 1, 1};
  other = from_samples(raw).dataset;
  EXPECT_EQ(sentences(match_classes(training, other)), Sentences{"Expected validation to be samples of shape 1x2x1, got 2x1x1"});
}

// ---------------------------------------------------------------- split

Dataset dataset_of(const std::vector<std::int32_t>& labels, const std::vector<std::int32_t>& groups = {}) {
  const Bytes bytes(2 * labels.size());
  RawSamples raw = raw_of(bytes, labels);
  raw.groups = groups;
  return from_samples(raw).dataset;
}

TEST(Split, TakesItsShareOfEachClassOnce) {
  std::vector<std::int32_t> labels;
  for (int i = 0; i < 200; ++i) labels.push_back(i % 5 == 0 ? 1 : i % 3 == 0 ? 2 : 0);
  const Dataset dataset = dataset_of(labels);
  const Split parts = split(dataset, 0.2, 7);
  std::set<std::int32_t> all(parts.training.begin(), parts.training.end());
  all.insert(parts.validation.begin(), parts.validation.end());
  EXPECT_EQ(all.size(), 200u);
  EXPECT_EQ(parts.training.size() + parts.validation.size(), 200u);
  EXPECT_TRUE(std::is_sorted(parts.validation.begin(), parts.validation.end()));
  std::map<std::int32_t, int> whole, part;
  for (std::int32_t label : labels) ++whole[label];
  for (std::int32_t sample : parts.validation) ++part[labels[static_cast<std::size_t>(sample)]];
  for (auto [label, count] : whole) EXPECT_EQ(part[label], std::lround(0.2 * count));

  EXPECT_EQ(split(dataset, 0.2, 7).validation, parts.validation);
  EXPECT_NE(split(dataset, 0.2, 8).validation, parts.validation);
  EXPECT_TRUE(split(dataset, 0, 7).validation.empty());
  EXPECT_EQ(split(dataset, 0, 7).training.size(), 200u);
}

TEST(Split, KeepsOneOfASmallClassOnEachSide) {
  const Split parts = split(dataset_of({0, 0, 1, 1, 2}), 0.1, 1);
  EXPECT_EQ(parts.validation.size(), 2u);
  EXPECT_EQ(parts.training.size(), 3u);
  EXPECT_EQ(parts.training.back(), 4);
  EXPECT_EQ(split(dataset_of({0, 0, 1, 1}), 0.9, 1).training.size(), 2u);
}

TEST(Split, KeepsGroupsTogether) {
  std::vector<std::int32_t> labels, groups;
  for (int i = 0; i < 300; ++i) {
    groups.push_back(i / 3 * 17 % 1000);
    labels.push_back(i / 150);
  }
  const Dataset dataset = dataset_of(labels, groups);
  for (std::uint64_t seed : {1, 2, 3}) {
    const Split parts = split(dataset, 0.2, seed);
    EXPECT_EQ(parts.validation.size(), 60u);
    std::set<std::int32_t> training, validation;
    for (std::int32_t s : parts.training) training.insert(groups[static_cast<std::size_t>(s)]);
    for (std::int32_t s : parts.validation) validation.insert(groups[static_cast<std::size_t>(s)]);
    for (std::int32_t group : validation) EXPECT_EQ(training.count(group), 0u);
  }
  // One group that is far larger than the share and spans two classes.
  const Dataset uneven = dataset_of({0, 0, 0, 0, 1, 0, 0, 0}, {5, 5, 5, 5, 5, 6, 6, 6});
  const Split parts = split(uneven, 0.1, 1);
  EXPECT_TRUE((parts.training.size() == 5 && parts.validation.size() == 3) ||
              (parts.training.size() == 3 && parts.validation.size() == 5));
  for (std::int32_t s : parts.training)
    EXPECT_NE(uneven.groups[static_cast<std::size_t>(s)], uneven.groups[static_cast<std::size_t>(parts.validation[0])]);
}

TEST(Split, ByFileOrderHoldsTheEndOfTheSetBack) {
  const Dataset dataset = dataset_of({0, 1, 0, 1, 1, 0, 1, 0, 1, 0}, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  EXPECT_EQ(split(dataset, 0.3, 5, SplitBy::fileOrder).validation, (std::vector<std::int32_t>{7, 8, 9}));
  EXPECT_EQ(split(dataset, 0.3, 5, SplitBy::fileOrder).training.size(), 7u);
  EXPECT_EQ(split(dataset, 0.3, 5, SplitBy::fileOrder).training, split(dataset, 0.3, 6, SplitBy::fileOrder).training);
  EXPECT_EQ(split(dataset, 0.01, 5, SplitBy::fileOrder).validation, std::vector<std::int32_t>{9});
  EXPECT_EQ(split(dataset, 0.99, 5, SplitBy::fileOrder).training, std::vector<std::int32_t>{0});
  EXPECT_TRUE(split(dataset, 0, 5, SplitBy::fileOrder).validation.empty());
}

TEST(Split, ByGroupIsWhatGroupsAreForAndRandomPassesThemOver) {
  std::vector<std::int32_t> labels, groups;
  for (int i = 0; i < 120; ++i) groups.push_back(i / 3), labels.push_back(i / 60);
  const Dataset dataset = dataset_of(labels, groups), plain = dataset_of(labels);
  EXPECT_EQ(split(dataset, 0.2, 1, SplitBy::group).validation, split(dataset, 0.2, 1).validation);
  EXPECT_EQ(split(dataset, 0.2, 1, SplitBy::random).validation, split(plain, 0.2, 1).validation);
  EXPECT_NE(split(dataset, 0.2, 1, SplitBy::random).validation, split(dataset, 0.2, 1).validation);
}

TEST(Split, LeavesSoManyOfEachClassAndJudgesByTheSame) {
  std::vector<std::int32_t> labels;
  for (int i = 0; i < 100; ++i) labels.push_back(i < 90 ? i % 2 : 2);
  const Dataset dataset = dataset_of(labels);
  const Split all = split(dataset, 0.2, 3);
  Split few = all;
  keep_per_class(dataset, 9, 3, few);
  EXPECT_EQ(few.validation, all.validation);
  std::vector<int> counts(3);
  for (std::int32_t sample : few.training) {
    ++counts[static_cast<std::size_t>(labels[static_cast<std::size_t>(sample)])];
    EXPECT_TRUE(std::binary_search(all.training.begin(), all.training.end(), sample));
  }
  EXPECT_EQ(counts, (std::vector<int>{9, 9, 8}));  // the third has but eight
  EXPECT_TRUE(std::is_sorted(few.training.begin(), few.training.end()));
  Split again = all, other = all, more = all;
  keep_per_class(dataset, 9, 3, again);
  keep_per_class(dataset, 9, 4, other);
  keep_per_class(dataset, 20, 3, more);
  EXPECT_EQ(again.training, few.training);
  EXPECT_NE(other.training, few.training);
  // Drawn, not the first ones; and what few have, more have too.
  EXPECT_NE(std::vector<std::int32_t>(few.training.begin(), few.training.begin() + 4),
            std::vector<std::int32_t>(all.training.begin(), all.training.begin() + 4));
  EXPECT_TRUE(std::includes(more.training.begin(), more.training.end(), few.training.begin(), few.training.end()));
}

TEST(Split, SaysWhatTheDataDoesNotHave) {
  Experiment experiment;
  const Dataset plain = dataset_of({0, 0, 0, 1, 1, 1});
  EXPECT_EQ(sentences(split_problems(plain, experiment, true)), Sentences{});
  experiment.split_by = SplitBy::group;
  EXPECT_EQ(sentences(split_problems(plain, experiment, true)),
            Sentences{"Expected splitBy to be random or fileOrder, since the data has no groups, got \"group\""});
  EXPECT_EQ(sentences(split_problems(plain, experiment, false)), Sentences{});
  experiment.split_by = SplitBy::fileOrder;
  experiment.validation_split = 0.5;
  EXPECT_EQ(sentences(split_problems(plain, experiment, true)),
            Sentences{"Expected splitBy to be a split that leaves every class something to learn from, got \"fileOrder\", which "
                      "holds all of class '1' back"});
  Dataset regression = dataset_of({0, 0});
  regression.labels.clear();
  regression.targets = {1, 2};
  experiment.samples_per_class = 3;
  EXPECT_EQ(sentences(split_problems(regression, experiment, true)),
            Sentences{"Expected samplesPerClass to be left out, since the data has targets, not classes, got 3"});
}

TEST(Split, SaysWhatKeepsADatasetFromBeingTrainedOn) {
  const auto problems = [](const Dataset& dataset) { return sentences(training_problems(dataset, split(dataset, 0.2, 1), 0.2)); };
  EXPECT_EQ(problems(dataset_of({0, 0, 1, 1})), Sentences{});
  EXPECT_EQ(problems(dataset_of({1, 1, 1})),
            Sentences{"Expected dataset to be samples of at least two classes, got only class '1'"});
  EXPECT_EQ(problems(dataset_of({0, 1})),
            Sentences{"Expected dataset to be at least 2 samples of one class, so that training and validation "
                      "both have some, got 2 samples"});
  EXPECT_EQ(problems(dataset_of({0, 0, 1, 1}, {1, 1, 2, 2})),
            Sentences{"Expected dataset to be at least 2 groups of one class, so that training and validation both have some, "
                      "got 4 samples"});
}

// Two columns of numbers, and between them one of three categories.
Dataset table() {
  const double none = std::nan("");
  const std::vector<double> cells{1, 2, 10, none, 0, 20, 3, -1, none, 8, 1, none};
  const std::vector<std::int32_t> labels{0, 1, 0, 1};
  RawSamples raw;
  raw.samples = 4;
  raw.shape = {1, 1, 5};
  raw.doubles = cells;
  raw.columns = {0, 3, 0};
  raw.labels = labels;
  return from_samples(raw).dataset;
}

TEST(Tables, AMissingNumberIsTheMedianOfTheTrainingPart) {
  Dataset all = table(), other = table();
  EXPECT_EQ(fill_missing(all, std::vector<std::int32_t>{0, 1, 2}, &other), (std::vector<double>{2, 0, 15}));
  EXPECT_EQ(all.doubles, (std::vector<double>{1, 2, 10, 2, 0, 20, 3, -1, 15, 8, 1, 15}));
  EXPECT_EQ(other.doubles, all.doubles);
  Dataset without = table();
  EXPECT_EQ(fill_missing(without, std::vector<std::int32_t>{2, 3}, nullptr), (std::vector<double>{5.5, 0, 0}));
}

TEST(Tables, CategoriesAreOneHotAndStaySo) {
  Dataset data = table();
  const std::vector<std::int32_t> samples{0, 1, 2, 3};
  fill_missing(data, samples, nullptr);
  std::vector<real> inputs(20);
  gather(pixels_of(data), {}, samples, inputs.data());
  EXPECT_EQ(inputs, (std::vector<real>{1, 0, 0, 1, 10, 3, 1, 0, 0, 20, 3, 0, 0, 0, 15, 8, 0, 1, 0, 15}));
  const Normalization statistics = channel_statistics(data, samples);
  EXPECT_EQ(statistics.mean, (std::vector<double>{3.75, 0, 0, 0, 15}));
  EXPECT_EQ(std::vector<double>(statistics.deviation.begin() + 1, statistics.deviation.begin() + 4), std::vector<double>(3, 1));
  gather(pixels_of(data), statistics, samples, inputs.data());
  EXPECT_NEAR(inputs[0], (1 - 3.75) / statistics.deviation[0], 1e-6);
  EXPECT_EQ(std::vector<real>(inputs.begin() + 1, inputs.begin() + 4), (std::vector<real>{0, 0, 1}));
}

TEST(Statistics, AreThoseOfTheChannels) {
  Dataset dataset = dataset_of({0, 1, 0});
  dataset.shape = {1, 1, 2};
  dataset.bytes = {255, 7, 0, 7, 99, 99};
  const std::vector<std::int32_t> first_two{0, 1};
  const Normalization bytes = channel_statistics(dataset, first_two);
  EXPECT_FLOAT_EQ(bytes.mean[0], 0.5f);
  EXPECT_FLOAT_EQ(bytes.deviation[0], 0.5f);
  EXPECT_FLOAT_EQ(bytes.mean[1], 7 / 255.0f);
  EXPECT_FLOAT_EQ(bytes.deviation[1], 1.0f);
  dataset.bytes.clear();
  dataset.floats = {1000001, 1, 1000003, 2, 0, 0};
  const Normalization floats = channel_statistics(dataset, first_two);
  EXPECT_FLOAT_EQ(floats.mean[0], 1000002);
  EXPECT_FLOAT_EQ(floats.deviation[0], 1);
  dataset.floats = {1e-9f, 0.1f, 3e-9f, 0.1f, 0, 0};  // metres of nanometres, and a constant
  EXPECT_FLOAT_EQ(channel_statistics(dataset, first_two).deviation[0], 1e-9f);
  EXPECT_FLOAT_EQ(channel_statistics(dataset, first_two).deviation[1], 1);
}

// ---------------------------------------------------------------- points

class Points : public testing::TestWithParam<int> {};

TEST_P(Points, HaveTheirShape) {
  const int part = GetParam();
  const auto points = [part](const std::string& shape, double noise) {
    const Dataset set = make_points(shape, 400, noise, 3, part);
    EXPECT_EQ(set.samples, 400);
    EXPECT_EQ(set.shape, (Shape{1, 1, 2}));
    EXPECT_EQ(std::accumulate(set.labels.begin(), set.labels.end(), 0), 200);
    return set;
  };
  const auto each = [](const Dataset& set, auto&& visit) {
    for (std::size_t i = 0; i < 400; ++i) visit(set.floats[2 * i], set.floats[2 * i + 1], set.labels[i]);
  };
  each(points("moons", 0), [](float x, float y, int label) {  // scikit-learn's, before they were moved and scaled
    const float u = 1.5f * x + 0.5f, v = 1.5f * y + 0.25f;
    EXPECT_NEAR(label == 0 ? std::hypot(u, v) : std::hypot(u - 1, v - 0.5f), 1, 1e-5);
    EXPECT_TRUE(label == 0 ? v > -1e-5 : v < 0.5 + 1e-5);
  });
  each(points("circles", 0), [](float x, float y, int label) { EXPECT_NEAR(std::hypot(x, y), label == 0 ? 1 : 0.5, 1e-5); });
  each(points("xor", 0), [](float x, float y, int label) { EXPECT_EQ(x * y < 0, label == 1); });
  each(points("spiral", 0), [](float x, float y, int label) {
    const float r = std::hypot(x, y), turn = 3.5f * 3.14159265f * r + (label == 1 ? 3.14159265f : 0);
    EXPECT_NEAR(x, r * std::sin(turn), 1e-4);
    EXPECT_NEAR(y, r * std::cos(turn), 1e-4);
  });
  double sum = 0, square = 0;
  each(points("gaussians", 0.2), [&](float x, float y, int label) {
    for (float v : {x, y}) sum += v - (label == 0 ? 0.5 : -0.5), square += std::pow(v - (label == 0 ? 0.5 : -0.5), 2);
  });
  EXPECT_NEAR(sum / 800, 0, 0.04);
  EXPECT_NEAR(std::sqrt(square / 800), 0.3, 0.03);
}

INSTANTIATE_TEST_SUITE_P(Parts, Points, testing::Values(0, 1));

TEST(PointSets, AreAFunctionOfTheirSeedAndPart) {
  for (const std::string shape : {"moons", "circles", "xor", "gaussians", "spiral"}) {
    for (const double noise : {0.0, 0.1}) {
      const auto points = [&](int samples, std::uint64_t seed, int part = 0) {
        const std::vector<float> floats = make_points(shape, samples, noise, seed, part).floats;
        std::set<std::pair<float, float>> all;
        for (std::size_t i = 0; i < floats.size(); i += 2) all.insert({floats[i], floats[i + 1]});
        return all;
      };
      EXPECT_EQ(points(50, 1), points(50, 1));
      const bool drawn = noise > 0 || shape == "xor" || shape == "gaussians";
      EXPECT_EQ(points(50, 1) != points(50, 2), drawn) << shape;
      // A part to judge by shares no point with the one to learn from.
      const std::set<std::pair<float, float>> first = points(200, 1), second = points(200, 1, 1);
      for (const auto& point : second) EXPECT_EQ(first.count(point), 0u) << shape << " " << noise;
    }
  }
  EXPECT_EQ(make_points("moons", 5, 0, 1).samples, 5);
}

}  // namespace trainground::dataset_test
