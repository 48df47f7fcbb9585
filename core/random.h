// Random numbers without state: each is a pure function of (seed, stream, a, b, index).
//
// Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011). Because nothing depends on the order of
// work, shuffling, dropout and augmentation are the same for any number of threads, and a checkpoint holds no generator.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace trainground {

// What a number is for. A new purpose is added at the end: the order is part of every seed's meaning.
enum class Stream : std::uint32_t { initialization, split, shuffle, augmentation, dropout, points, subset };

using RandomBlock = std::array<std::uint32_t, 4>;

// The ten rounds themselves; exposed for the published test vectors.
RandomBlock philox(std::array<std::uint32_t, 2> key, RandomBlock counter);

// The four random words number `index` of (seed, stream, a, b). What a and b mean is the stream's own affair (epoch and sample,
// say).
inline RandomBlock random_block(std::uint64_t seed, Stream stream, std::uint32_t a, std::uint32_t b, std::uint32_t index) {
  return philox({static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
                {index, a, b, static_cast<std::uint32_t>(stream)});
}

// [0,1) in steps of 2^-24: exact in float32.
inline float uniform(std::uint32_t word) { return static_cast<float>(word >> 8) * 0x1p-24f; }

// Two independent standard normals from two words (Box-Muller).
std::array<float, 2> normal_pair(std::uint32_t first, std::uint32_t second);

// An integer in [0,bound) from one word, without the bias of a remainder (Lemire's multiply-shift; the bias left is below
// bound/2^32).
inline std::uint32_t below(std::uint32_t word, std::uint32_t bound) {
  return static_cast<std::uint32_t>((static_cast<std::uint64_t>(word) * bound) >> 32);
}

// Fisher-Yates: every order of the items is as likely as the next, and a function of (seed, stream, a, b) alone.
void shuffle(std::span<std::int32_t> items, std::uint64_t seed, Stream stream, std::uint32_t a, std::uint32_t b);

}  // namespace trainground
