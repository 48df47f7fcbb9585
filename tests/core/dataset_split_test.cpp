// What is held back: of bursts, and of the folds of cross-validation.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "dataset.h"

namespace trainground {
namespace {

Dataset samples_of(const std::vector<std::int32_t>& labels, const std::vector<std::int32_t>& groups = {}) {
  const std::vector<std::uint8_t> bytes(labels.size());
  RawSamples raw;
  raw.samples = static_cast<int>(labels.size());
  raw.shape = {1, 1, 1};
  raw.bytes = bytes;
  raw.labels = labels;
  raw.groups = groups;
  return from_samples(raw).dataset;
}

// A class of 20 frames that are one burst, beside one of `others` groups of four.
Dataset burst_and_groups(int others, bool bursts = true) {
  std::vector<std::int32_t> labels(20, 0), groups(20, 7);
  for (int i = 0; i < 4 * others; ++i) labels.push_back(1), groups.push_back(100 + i / 4);
  Dataset dataset = samples_of(labels, groups);
  dataset.bursts = bursts;
  return dataset;
}

TEST(Split, OfABurstThatIsAllOfItsClassHoldsTheLastPartBackBehindAGap) {
  const Split parts = split(burst_and_groups(5), 0.2, 3);
  std::vector<std::int32_t> learned, held_back;
  for (std::int32_t s : parts.training)
    if (s < 20) learned.push_back(s);
  for (std::int32_t s : parts.validation)
    if (s < 20) held_back.push_back(s);
  EXPECT_EQ(held_back, (std::vector<std::int32_t>{16, 17, 18, 19}));
  EXPECT_EQ(learned, (std::vector<std::int32_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}));  // 14 and 15 are in neither

  // Groups that are no bursts are never parted, nor are bursts where nothing is held back.
  const Split strict = split(burst_and_groups(5, false), 0.2, 3);
  EXPECT_EQ(std::count_if(strict.training.begin(), strict.training.end(), [](std::int32_t s) { return s < 20; }), 20);
  EXPECT_EQ(split(burst_and_groups(5), 0, 3).training.size(), 40u);
  for (double share : {0.01, 0.5, 0.99}) {
    const Split odd = split(burst_and_groups(2), share, 1);
    EXPECT_FALSE(odd.training.empty());
    EXPECT_FALSE(odd.validation.empty());
    EXPECT_LT(odd.training.front(), 20) << share;
  }
}

TEST(Folds, HoldEverySampleBackOnceAndNeverPartAGroup) {
  for (const int samples : {30, 97}) {
    std::vector<std::int32_t> labels, groups;
    for (int i = 0; i < samples; ++i) labels.push_back(i * 3 / samples), groups.push_back(i * i % 41 / 2 + 100 * labels.back());
    const Dataset dataset = samples_of(labels, groups);
    for (const int count : {2, 3, most_folds(dataset, SplitBy::data)}) {
      Experiment experiment;
      std::vector<int> held_back(static_cast<std::size_t>(samples));
      for (int index = 0; index < count; ++index) {
        experiment.fold = {index, count};
        const Split parts = split_for(experiment, dataset, nullptr);
        EXPECT_EQ(parts.training.size() + parts.validation.size(), static_cast<std::size_t>(samples));
        std::set<std::int32_t> learned, classes;
        for (std::int32_t s : parts.training) learned.insert(groups[static_cast<std::size_t>(s)]);
        for (std::int32_t s : parts.validation) {
          ++held_back[static_cast<std::size_t>(s)];
          classes.insert(labels[static_cast<std::size_t>(s)]);
          EXPECT_EQ(learned.count(groups[static_cast<std::size_t>(s)]), 0u);
        }
        EXPECT_EQ(classes.size(), 3u) << "every fold has something of each class";
        EXPECT_EQ(split_for(experiment, dataset, nullptr).validation, parts.validation);
      }
      EXPECT_EQ(held_back, std::vector<int>(static_cast<std::size_t>(samples), 1));
    }
  }
}

TEST(Folds, WithoutGroupsAreAsEqualAsTheClassesAllow) {
  std::vector<std::int32_t> labels;
  for (int i = 0; i < 103; ++i) labels.push_back(i % 10 == 0 ? 1 : 0);
  const Dataset dataset = samples_of(labels);
  EXPECT_EQ(most_folds(dataset, SplitBy::data), 11);
  Experiment experiment;
  std::set<std::vector<std::int32_t>> seen;
  for (int index = 0; index < 5; ++index) {
    experiment.fold = {index, 5};
    const Split parts = split_for(experiment, dataset, nullptr);
    EXPECT_NEAR(static_cast<double>(parts.validation.size()), 103 / 5.0, 1);
    int rare = 0;
    for (std::int32_t s : parts.validation) rare += labels[static_cast<std::size_t>(s)];
    EXPECT_NEAR(rare, 11 / 5.0, 1);
    seen.insert(parts.validation);
  }
  experiment.seed = 2;
  EXPECT_EQ(seen.count(split_for(experiment, dataset, nullptr).validation), 0u) << "they are drawn by the seed";
}

TEST(Folds, CutABurstThatIsAllOfItsClassByTime) {
  EXPECT_EQ(most_folds(burst_and_groups(4, false), SplitBy::data), 1);
  const Dataset dataset = burst_and_groups(4);
  EXPECT_EQ(most_folds(dataset, SplitBy::data), 4);
  EXPECT_EQ(most_folds(dataset, SplitBy::random), 16);
  Experiment experiment;
  std::vector<int> held_back(20);
  for (int index = 0; index < 4; ++index) {
    experiment.fold = {index, 4};
    const Split parts = split_for(experiment, dataset, nullptr);
    for (std::int32_t s : parts.validation) {
      if (s >= 20) continue;
      ++held_back[static_cast<std::size_t>(s)];
      for (std::int32_t near : {s - 2, s - 1, s + 1, s + 2})
        EXPECT_EQ(std::count(parts.training.begin(), parts.training.end(), near < 20 ? near : -1), 0);
    }
  }
  EXPECT_EQ(held_back, std::vector<int>(20, 1));
}

}  // namespace
}  // namespace trainground
