#include "random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <vector>

namespace trainground::random_test {

// Known answers of the Random123 distribution (kat_vectors, philox4x32 10).
TEST(Random, PhiloxGivesThePublishedAnswers) {
  EXPECT_EQ(philox({0, 0}, {0, 0, 0, 0}), (RandomBlock{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}),
            (RandomBlock{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0xa4093822, 0x299f31d0}, {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}),
            (RandomBlock{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, UniformAndNormalHaveTheirMoments) {
  double sum = 0, square = 0, uniform_sum = 0;
  const int blocks = 50000;
  for (int i = 0; i < blocks; ++i) {
    const RandomBlock block = random_block(1, Stream::initialization, 0, 0, static_cast<std::uint32_t>(i));
    for (float value : normal_pair(block[0], block[1])) sum += value, square += value * value;
    uniform_sum += uniform(block[2]);
    ASSERT_LT(uniform(block[3]), 1.0f);
    ASSERT_LT(below(block[3], 7), 7u);
  }
  EXPECT_NEAR(sum / (2 * blocks), 0, 0.01);
  EXPECT_NEAR(square / (2 * blocks), 1, 0.02);
  EXPECT_NEAR(uniform_sum / blocks, 0.5, 0.005);
}

TEST(Random, StreamsSeedsAndPlacesDiffer) {
  const RandomBlock one = random_block(1, Stream::dropout, 2, 3, 4);
  EXPECT_NE(one, random_block(2, Stream::dropout, 2, 3, 4));
  EXPECT_NE(one, random_block(1, Stream::shuffle, 2, 3, 4));
  EXPECT_NE(one, random_block(1, Stream::dropout, 3, 2, 4));
  EXPECT_NE(one, random_block(std::uint64_t{1} << 32 | 1, Stream::dropout, 2, 3, 4));
}

TEST(Random, EveryOrderOfThreeIsAsLikely) {
  std::map<std::vector<std::int32_t>, int> seen;
  for (std::uint32_t epoch = 0; epoch < 6000; ++epoch) {
    std::vector<std::int32_t> items{0, 1, 2};
    shuffle(items, 1, Stream::shuffle, epoch, 0);
    ++seen[items];
  }
  ASSERT_EQ(seen.size(), 6u);
  for (const auto& [order, count] : seen) EXPECT_NEAR(count, 1000, 150);
}

TEST(Random, AShuffleKeepsEveryItemAndFollowsItsSeed) {
  std::vector<std::int32_t> items(1001), again;
  std::iota(items.begin(), items.end(), 0);
  const std::vector<std::int32_t> sorted = items;
  again = items;
  shuffle(items, 5, Stream::shuffle, 2, 0);
  shuffle(again, 5, Stream::shuffle, 2, 0);
  EXPECT_EQ(items, again);
  again = sorted;
  shuffle(again, 5, Stream::shuffle, 3, 0);
  EXPECT_NE(items, again);
  std::sort(items.begin(), items.end());
  EXPECT_EQ(items, sorted);
}

}  // namespace trainground::random_test
