#include "random.h"

#include <cmath>
#include <numbers>
#include <utility>

namespace trainground {

RandomBlock philox(std::array<std::uint32_t, 2> key, RandomBlock counter) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53} * counter[0];
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<std::uint32_t>(p1 >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(p1),
               static_cast<std::uint32_t>(p0 >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(p0)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

// In double and rounded once: the last bit of a library's log or cosine then hardly ever reaches the float.
std::array<float, 2> normal_pair(std::uint32_t first, std::uint32_t second) {
  const double u = (static_cast<double>(first) + 1) * 0x1p-32;  // (0,1], so the logarithm is finite
  const double radius = std::sqrt(-2 * std::log(u));
  const double angle = 2 * std::numbers::pi * static_cast<double>(second) * 0x1p-32;
  return {static_cast<float>(radius * std::cos(angle)), static_cast<float>(radius * std::sin(angle))};
}

void shuffle(std::span<std::int32_t> items, std::uint64_t seed, Stream stream, std::uint32_t a, std::uint32_t b) {
  RandomBlock block{};
  for (std::size_t i = items.size(); i-- > 1;) {
    const std::uint32_t word = static_cast<std::uint32_t>(items.size() - 1 - i);
    if (word % 4 == 0) block = random_block(seed, stream, a, b, word / 4);
    std::swap(items[i], items[below(block[word % 4], static_cast<std::uint32_t>(i + 1))]);
  }
}

}  // namespace trainground
