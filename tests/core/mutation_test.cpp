// Thousands of damaged files for every reader: none may crash it, and none may pass for a set that the core cannot trust. The
// damage is a function of the seed, so that a failure comes again. tests/fuzz searches further, for as long as it is let.
#include <gtest/gtest.h>

#include "../fuzz/read_any.h"
#include "random.h"

namespace trainground::mutation_test {

using Input = std::vector<std::uint8_t>;

// One to four changes: a byte, a bit, a cut, a piece twice, a piece away, an extreme number, a piece of another input.
Input damaged(Input input, const Input& other, std::uint32_t round) {
  const RandomBlock first = random_block(1, Stream::points, 1, round, 0);
  for (std::uint32_t change = 0; change < 1 + first[0] % 4 && input.size() > 1; ++change) {
    const RandomBlock words = random_block(1, Stream::points, 1, round, 1 + change);
    const std::size_t at = 1 + below(words[0], static_cast<std::uint32_t>(input.size() - 1));
    const std::size_t length = std::min<std::size_t>(1 + words[1] % 16, input.size() - at);
    const auto place = input.begin() + static_cast<std::ptrdiff_t>(at), end = place + static_cast<std::ptrdiff_t>(length);
    switch (words[2] % 8) {
      case 0:
        *place = static_cast<std::uint8_t>(words[3]);
        break;
      case 1:
        *place = static_cast<std::uint8_t>(*place ^ (1u << words[3] % 8));
        break;
      case 2:
        input.erase(place, input.end());
        break;
      case 3: {
        const Input piece(place, end);
        input.insert(place, piece.begin(), piece.end());
        break;
      }
      case 4:
        input.erase(place, end);
        break;
      case 5:
        std::fill(place, end, words[3] % 2 == 0 ? std::uint8_t{0} : std::uint8_t{255});
        break;
      case 6:
        *place = static_cast<std::uint8_t>(std::string("{}[]\",:-.e019 \n\\")[words[3] % 16]);
        break;
      default: {
        const std::size_t from = below(words[3], static_cast<std::uint32_t>(other.size()));
        std::copy_n(other.begin() + static_cast<std::ptrdiff_t>(from), std::min(length, other.size() - from), place);
      }
    }
  }
  return input;
}

TEST(Mutation, GoodInputsAreRead) {
  for (const Input& input : good_inputs()) EXPECT_EQ(fault_of_reading(input), "");
  const Input idx = good_inputs()[0];
  const std::span<const std::uint8_t> files = std::span<const std::uint8_t>(idx).subspan(3);
  EXPECT_TRUE(read_idx(files.first(28), files.subspan(28)).problems.empty());
}

TEST(Mutation, DamagedInputsAreReadOrRefused) {
  const std::vector<Input> good = good_inputs();
  for (std::uint32_t round = 0; round < 100000; ++round) {
    const std::size_t which = round % good.size();
    const Input input = damaged(good[which], good[(round / good.size()) % good.size()], round);
    ASSERT_EQ(fault_of_reading(input), "") << "round " << round;
  }
}

// A check that never fails proves nothing: sets that break a promise must be told.
TEST(Mutation, BrokenPromisesAreNoticed) {
  ParsedDataset parsed;
  EXPECT_EQ(fault_of(parsed), "an empty set without a problem");
  const std::vector<double> numbers{1, -25, 4, 0.5};
  const std::vector<std::int32_t> labels{0, 1};
  RawSamples raw;
  raw.samples = 2;
  raw.shape = {1, 1, 2};
  raw.doubles = numbers;
  raw.labels = labels;
  raw.class_names = {"cat", "dog"};
  parsed = from_samples(raw);
  ASSERT_EQ(fault_of(parsed), "");
  ParsedDataset broken = parsed;
  broken.dataset.labels[0] = 2;
  EXPECT_EQ(fault_of(broken), "a label outside the classes");
  broken = parsed;
  broken.dataset.doubles.pop_back();
  EXPECT_EQ(fault_of(broken), "inputs that do not fit");
  broken = parsed;
  broken.dataset.doubles[1] = NAN;
  EXPECT_EQ(fault_of(broken), "an input that is not finite");
  broken = parsed;
  broken.dataset.class_names.pop_back();
  EXPECT_EQ(fault_of(broken), "names that do not fit");
  broken.problems = {{"path", "something", "caf\xe9"}};
  EXPECT_EQ(fault_of(broken), "a problem whose words are not UTF-8");
}

}  // namespace trainground::mutation_test
