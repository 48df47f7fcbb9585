#include "safetensors.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

namespace trainground::safetensors_test {

using Bytes = std::vector<std::uint8_t>;

Bytes file_of(const std::string& header, std::size_t data_size, std::uint64_t announced) {
  Bytes file(8 + header.size() + data_size);
  std::memcpy(file.data(), &announced, 8);
  std::memcpy(file.data() + 8, header.data(), header.size());
  return file;
}
Bytes file_of(const std::string& header, std::size_t data_size) { return file_of(header, data_size, header.size()); }

template <class T>
std::span<const std::uint8_t> bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(T)};
}

// What is said about a file that must be refused.
std::string refusal(const Bytes& file) {
  const ParsedSafetensors parsed = read_safetensors(file);
  EXPECT_TRUE(parsed.tensors.empty() || !parsed.problems.empty());
  if (parsed.problems.size() != 1) return std::to_string(parsed.problems.size()) + " problems";
  return "Expected " + parsed.problems[0].path + " to be " + parsed.problems[0].expected + ", got " + parsed.problems[0].given;
}

TEST(Safetensors, WhatIsWrittenIsReadBack) {
  const std::vector<float> weight{1.5f, -2, 3, 4, 5, -0.0f};
  const std::vector<std::int64_t> steps{7, -8};
  const Bytes pixels{1, 2, 3}, nine{9};
  const std::vector<StoredTensor> tensors{{"layers.0.weight", Dtype::f32, {2, 3}, bytes_of(weight)},
                                          {"pixels", Dtype::u8, {3}, bytes_of(pixels)},
                                          {"steps", Dtype::i64, {2, 1}, bytes_of(steps)},
                                          {"scalar", Dtype::u8, {}, bytes_of(nine)},
                                          {"empty", Dtype::f32, {0, 4}, {}}};
  const Bytes file = write_safetensors(tensors, {{"format", "pt"}, {"note", "a \"quoted\" \n one"}});
  EXPECT_EQ(file, write_safetensors(tensors, {{"format", "pt"}, {"note", "a \"quoted\" \n one"}}));
  std::uint64_t header = 0;
  std::memcpy(&header, file.data(), 8);
  EXPECT_EQ(header % 8, 0u);
  EXPECT_EQ(std::string(file.begin() + 8, file.begin() + 8 + 40), R"({"__metadata__":{"format":"pt","note":"a)");

  const ParsedSafetensors parsed = read_safetensors(file);
  ASSERT_TRUE(parsed.problems.empty()) << parsed.problems[0].given;
  ASSERT_EQ(parsed.tensors.size(), 5u);
  ASSERT_EQ(parsed.metadata.size(), 2u);
  EXPECT_EQ(parsed.metadata[1].second, "a \"quoted\" \n one");
  const StoredTensor* found = parsed.find("layers.0.weight");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->shape, (std::vector<std::int64_t>{2, 3}));
  for (std::size_t i = 0; i < weight.size(); ++i) EXPECT_EQ(found->f32(i), weight[i]);
  EXPECT_EQ(parsed.find("steps")->integer(1), -8);
  EXPECT_EQ(parsed.find("pixels")->integer(2), 3);
  EXPECT_EQ(parsed.find("empty")->count(), 0u);
  EXPECT_EQ(parsed.find("weight"), nullptr);
}

TEST(Safetensors, ReadsEveryTypeOfNumbers) {
  const auto tensor = [](Dtype dtype, auto value) {
    static std::vector<std::vector<std::uint8_t>> kept;
    std::vector<std::uint8_t>& bytes = kept.emplace_back(1 + sizeof value);  // not aligned
    std::memcpy(&bytes[1], &value, sizeof value);
    return StoredTensor{"a", dtype, {1}, std::span(bytes).subspan(1)};
  };
  EXPECT_EQ(tensor(Dtype::boolean, std::uint8_t{1}).integer(0), 1);
  EXPECT_EQ(tensor(Dtype::u8, std::uint8_t{200}).integer(0), 200);
  EXPECT_EQ(tensor(Dtype::i8, std::int8_t{-100}).integer(0), -100);
  EXPECT_EQ(tensor(Dtype::u16, std::uint16_t{60000}).integer(0), 60000);
  EXPECT_EQ(tensor(Dtype::i16, std::int16_t{-30000}).integer(0), -30000);
  EXPECT_EQ(tensor(Dtype::u32, std::uint32_t{4000000000}).integer(0), 4000000000);
  EXPECT_EQ(tensor(Dtype::i32, std::int32_t{-2000000000}).integer(0), -2000000000);
  EXPECT_EQ(tensor(Dtype::u64, ~std::uint64_t{0}).integer(0), INT64_MAX);
  EXPECT_EQ(tensor(Dtype::u64, std::uint64_t{1} << 60).number(0), 0x1p60);
  EXPECT_EQ(tensor(Dtype::i64, std::int64_t{-1} << 40).number(0), -0x1p40);
  EXPECT_EQ(tensor(Dtype::f64, 0.1).number(0), 0.1);
  EXPECT_EQ(tensor(Dtype::f64, 0.1).f32(0), 0.1f);
  EXPECT_EQ(tensor(Dtype::bf16, std::uint16_t{0x4049}).number(0), 3.140625);
  EXPECT_EQ(tensor(Dtype::bf16, std::uint16_t{0xff80}).number(0), -std::numeric_limits<double>::infinity());
  // Every F16: its exponent and fraction, moved to where a float has them, are a float 2^112 times smaller.
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const double value = tensor(Dtype::f16, static_cast<std::uint16_t>(bits)).number(0);
    const std::uint32_t moved = (bits & 0x7fff) << 13 | (bits >> 15) << 31;
    float expected;
    std::memcpy(&expected, &moved, sizeof expected);
    if ((bits & 0x7c00) != 0x7c00)
      ASSERT_EQ(value, expected * 0x1p112) << bits;
    else
      ASSERT_TRUE((bits & 0x3ff) ? std::isnan(value) : std::isinf(value) && (value < 0) == (bits >> 15 == 1)) << bits;
  }
}

TEST(Safetensors, ATypeThatNothingCanReadKeepsItsPlace) {
  const std::string header =
      R"({"a":{"dtype":"F4","shape":[3],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}})";
  const ParsedSafetensors parsed = read_safetensors(file_of(header, 3));
  ASSERT_EQ(parsed.problems.size(), 0u);
  EXPECT_EQ(parsed.find("a")->dtype, Dtype::other);
  EXPECT_EQ(parsed.find("a")->type(), "F4");
  EXPECT_EQ(parsed.find("a")->data.size(), 2u);
  EXPECT_EQ(parsed.find("b")->type(), "U8");
}

TEST(Safetensors, RefusesWhatTheFormatForbids) {
  EXPECT_EQ(refusal({1, 2, 3}), "Expected weights to be a safetensors file of at least 8 bytes, got 3");
  EXPECT_EQ(refusal(file_of("{}", 0, 1'000'000'000)),
            "Expected weights to be a safetensors file with a header of at most 100 MB, got 1000000000 bytes");
  EXPECT_EQ(refusal(file_of("{}", 0, ~std::uint64_t{0})),
            "Expected weights to be a safetensors file with a header of at most 100 MB, got 18446744073709551615 bytes");
  EXPECT_EQ(refusal(file_of("{}", 0, 90)),
            "Expected weights to be a whole safetensors file: its header takes 90 bytes, got 2 bytes after the length");
  EXPECT_EQ(refusal(file_of("[]", 0)),
            "Expected weights to be a safetensors file with a JSON header, got a header that does not begin with {");
  EXPECT_EQ(refusal(file_of("{\"a\":", 0)),
            "Expected weights to be a safetensors file with a JSON header, got a header that is not JSON: a syntax error at line "
            "1, column 6");
  EXPECT_EQ(refusal(file_of("{\"a\":" + std::string(100000, '['), 0)),
            "Expected weights to be a safetensors file with a JSON header, got a header that is not JSON of at most 32 levels: a "
            "deeper one");
  EXPECT_EQ(
      refusal(file_of(
          R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})", 2)),
      "Expected weights to be a safetensors file with a JSON header, got the same key twice (a)");
  EXPECT_EQ(refusal(file_of(R"({"a":{"dtype":"U8","shape":[1],"shape":[1],"data_offsets":[0,1]}})", 1)),
            "Expected weights to be a safetensors file with a JSON header, got the same key twice (a.shape)");
  EXPECT_EQ(
      refusal(file_of(
          R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})", 3)),
      "Expected weights to be a safetensors file whose tensors cover the data without overlap or gap, got \"b\" at byte 1 where "
      "2 "
      "bytes are "
      "taken");
  EXPECT_EQ(
      refusal(file_of(
          R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}})", 3)),
      "Expected weights to be a safetensors file whose tensors cover the data without overlap or gap, got \"b\" at byte 2 where "
      "1 "
      "bytes are "
      "taken");
  EXPECT_EQ(refusal(file_of(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 3)),
            "Expected weights to be a safetensors file whose tensors cover the data without overlap or gap, got 2 bytes at its "
            "end that belong "
            "to none");
  EXPECT_EQ(refusal(file_of(R"({"__metadata__":{"a":1}})", 0)),
            "Expected weights to be a safetensors file whose __metadata__ maps strings to strings, got \"a\" is no string");
}

TEST(Safetensors, RefusesATensorThatDoesNotFit) {
  const std::string start =
      "Expected weights to be a safetensors file whose tensor \"a\" has a dtype, a shape, and offsets inside the data that fit "
      "both, got ";
  const auto entry = [&](const std::string& text) { return refusal(file_of("{\"a\":" + text + "}", 8)); };
  EXPECT_EQ(entry(R"({"dtype":"BF16","shape":[3],"data_offsets":[0,8]})"), start + "8 bytes for shape (3) of BF16");
  EXPECT_EQ(entry(R"({"dtype":"F8_E4M3","shape":[4],"data_offsets":[4,9]})"), start + "offsets 4 to 9 in 8 bytes of data");
  EXPECT_EQ(entry(R"({"dtype":"F32","shape":[2],"data_offsets":[0,9]})"), start + "offsets 0 to 9 in 8 bytes of data");
  EXPECT_EQ(entry(R"({"dtype":"F32","shape":[2],"data_offsets":[8,0]})"), start + "offsets 8 to 0 in 8 bytes of data");
  EXPECT_EQ(entry(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})"), start + "8 bytes for shape (3) of F32");
  EXPECT_EQ(entry(R"({"dtype":"F32","shape":[-2],"data_offsets":[0,8]})"), start + "a shape with a side that is no whole number");
  EXPECT_EQ(entry(R"({"dtype":"F32","shape":[2.0],"data_offsets":[0,8]})"),
            start + "a shape with a side that is no whole number");
  EXPECT_EQ(entry(R"({"dtype":"F32","shape":[100000000000000000000],"data_offsets":[0,8]})"),
            start + "a shape with a side that is no whole number");
  EXPECT_EQ(entry(R"({"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]})"), start + "a shape too large");
  EXPECT_EQ(entry(R"({"dtype":"F32","shape":2,"data_offsets":[0,8]})"), start + "a shape that is no list");
  EXPECT_EQ(entry(R"({"dtype":"F32","shape":[2],"data_offsets":[0]})"), start + "data_offsets that are not two whole numbers");
  EXPECT_EQ(entry(R"({"dtype":"F32","shape":[2]})"), start + "an entry without dtype, shape and data_offsets");
  EXPECT_EQ(entry(R"({"dtype":5,"shape":[2],"data_offsets":[0,8]})"), start + "a dtype that is no string");
}

TEST(Safetensors, ParametersTurnIntoPyTorchsLayout) {
  Parameter convolution;
  convolution.shape = {2, 1, 3, 4};  // (kh,kw,in,out)
  convolution.order = {3, 2, 0, 1};
  convolution.torch_shape = {4, 3, 2, 1};
  std::vector<real> stored(convolution.count());
  for (std::size_t i = 0; i < stored.size(); ++i) stored[i] = static_cast<real>(i);
  const std::vector<float> torch = torch_values(convolution, stored.data());
  for (int o = 0; o < 4; ++o) {
    for (int i = 0; i < 3; ++i) {
      for (int y = 0; y < 2; ++y) EXPECT_EQ(torch[(o * 3 + i) * 2 + y], (y * 3 + i) * 4 + o);
    }
  }
  std::vector<real> back(stored.size(), -1);
  set_torch_values(convolution, torch, back.data());
  EXPECT_EQ(back, stored);
  EXPECT_EQ(torch_shape_of(convolution), (std::vector<std::int64_t>{4, 3, 2, 1}));

  Parameter behind_flatten;  // dense behind (H,W,C): columns in (C,H,W) order
  behind_flatten.shape = {2, 2, 3, 5};
  behind_flatten.order = {3, 2, 0, 1};
  behind_flatten.torch_shape = {5, 12};
  stored.assign(behind_flatten.count(), 0);
  for (std::size_t i = 0; i < stored.size(); ++i) stored[i] = static_cast<real>(i);
  const std::vector<float> rows = torch_values(behind_flatten, stored.data());
  EXPECT_EQ(rows[1 * 12 + 2 * 4 + 3], ((1 * 2 + 1) * 3 + 2) * 5 + 1);  // out 1, channel 2, y 1, x 1

  Parameter bias;
  bias.shape = {3};
  stored = {1, 2, 3};
  EXPECT_EQ(torch_values(bias, stored.data()), (std::vector<float>{1, 2, 3}));
  EXPECT_EQ(torch_shape_of(bias), (std::vector<std::int64_t>{3}));
}

}  // namespace trainground::safetensors_test
