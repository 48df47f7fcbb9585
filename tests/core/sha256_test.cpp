#include "sha256.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace trainground::sha256_test {

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// FIPS 180-4's examples, and the 896-bit one of its appendix.
TEST(Sha256, GivesThePublishedAnswers) {
  EXPECT_EQ(sha256({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256(bytes_of("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256(bytes_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(
      sha256(bytes_of("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrst"
                      "nopqrstu")),
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
  EXPECT_EQ(sha256(std::vector<std::uint8_t>(1000000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PiecesGiveTheSumOfTheWhole) {
  std::vector<std::uint8_t> message(200);
  for (std::size_t i = 0; i < message.size(); ++i) message[i] = static_cast<std::uint8_t>(i * 37);
  for (std::size_t length = 0; length <= message.size(); ++length) {
    const std::span<const std::uint8_t> whole(message.data(), length);
    for (std::size_t piece : {1, 3, 55, 63, 64, 65}) {
      Sha256 sum;
      for (std::size_t at = 0; at < length; at += piece) sum.update(whole.subspan(at, std::min(piece, length - at)));
      ASSERT_EQ(sum.hex(), sha256(whole)) << length << " bytes by " << piece;
    }
  }
}

}  // namespace trainground::sha256_test
