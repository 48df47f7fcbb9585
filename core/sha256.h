// SHA-256 (FIPS 180-4): the name of a file of weights, of a data set, of a run.
//
// Two runs are equal when their sums are. It is fed piece by piece, so that a sum over tensors needs no copy of them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace trainground {

class Sha256 {
 public:
  void update(std::span<const std::uint8_t> bytes);
  // Ends the message: 64 hexadecimal digits, small letters. Called once.
  std::string hex();

 private:
  void compress(const std::uint8_t* block);

  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::uint8_t, 64> block_{};
  std::uint64_t length_ = 0;  // bytes so far
};

std::string sha256(std::span<const std::uint8_t> bytes);

}  // namespace trainground
