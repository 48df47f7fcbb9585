#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "dataset.h"
#include "safetensors.h"

namespace trainground::dataset_formats_test {

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

// ---------------------------------------------------------------- idx

Bytes idx(std::uint32_t magic, const std::vector<std::uint32_t>& sides, std::size_t data) {
  Bytes file;
  const auto put = [&](std::uint32_t word) {
    for (int shift = 24; shift >= 0; shift -= 8) file.push_back(static_cast<std::uint8_t>(word >> shift));
  };
  put(magic);
  for (std::uint32_t side : sides) put(side);
  for (std::size_t i = 0; i < data; ++i) file.push_back(static_cast<std::uint8_t>(i % 3));
  return file;
}

TEST(Idx, ReadsPicturesAndLabels) {
  const ParsedDataset parsed = read_idx(idx(2051, {4, 2, 3}, 24), idx(2049, {4}, 4));
  ASSERT_EQ(sentences(parsed.problems), Sentences{});
  EXPECT_EQ(parsed.dataset.samples, 4);
  EXPECT_EQ(parsed.dataset.shape, (Shape{2, 3, 1}));
  EXPECT_EQ(parsed.dataset.outputs, 3);
  EXPECT_EQ(parsed.dataset.labels, (std::vector<std::int32_t>{0, 1, 2, 0}));
  EXPECT_EQ(parsed.dataset.bytes.size(), 24u);
  EXPECT_EQ(parsed.dataset.bytes[5], 2);
  EXPECT_EQ(read_idx(idx(2052, {4, 2, 3, 3}, 72), idx(2049, {4}, 4)).dataset.shape, (Shape{2, 3, 3}));
  EXPECT_EQ(read_idx(idx(2050, {4, 6}, 24), idx(2049, {4}, 4)).dataset.shape, (Shape{1, 1, 6}));
}

TEST(Idx, SaysWhatIsWrong) {
  const Bytes images = idx(2051, {4, 2, 3}, 24), labels = idx(2049, {4}, 4);
  EXPECT_EQ(sentences(read_idx(labels, images).problems),
            (Sentences{"Expected images to be an idx file of uint8 with magic number 2050 to 2052, got magic number 2049",
                       "Expected labels to be an idx file of uint8 with magic number 2049, got magic number 2051"}));
  EXPECT_EQ(sentences(read_idx(idx(2051, {4, 2, 3}, 23), labels).problems),
            Sentences{"Expected images to be an idx file with 24 bytes of data, as its header says, got 23 (truncated)"});
  EXPECT_EQ(sentences(read_idx(idx(2051, {4, 2, 3}, 25), labels).problems),
            Sentences{"Expected images to be an idx file with 24 bytes of data, as its header says, got 25"});
  EXPECT_EQ(sentences(read_idx(images, idx(2049, {5}, 5)).problems),
            Sentences{"Expected labels to be an idx file with a label for each of 4 samples, got 5 labels"});
  EXPECT_EQ(sentences(read_idx({}, labels).problems), Sentences{"Expected images to be an idx file, got 0 bytes"});
  EXPECT_EQ(sentences(read_idx(idx(2051, {4, 2}, 0), labels).problems),
            Sentences{"Expected images to be a whole idx file, got one that ends within its header"});
  EXPECT_EQ(
      sentences(read_idx(idx(0x1f8b0808, {4, 2}, 0), labels).problems),
      Sentences{
          "Expected images to be an idx file of uint8 with magic number 2050 to 2052, got a gzip file that was not unpacked"});
  EXPECT_EQ(sentences(read_idx(idx(2051, {0, 2, 3}, 0), labels).problems),
            Sentences{"Expected images to be an idx file with samples, got an axis of length 0"});
  EXPECT_EQ(sentences(read_idx(idx(2051, {0xffffffff, 0xffffffff, 0xffffffff}, 0), labels).problems),
            Sentences{"Expected images to be an idx file that fits into memory, got lengths that multiply to more than 2^40"});
}

// ---------------------------------------------------------------- safetensors

template <class T>
std::span<const std::uint8_t> bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(T)};
}

TEST(SafetensorsDataset, ReadsPicturesClassesAndTargets) {
  const Bytes pixels(2 * 2 * 3 * 3, 7);
  const std::vector<std::int64_t> classes{1, 0};
  const std::vector<float> vectors{1, 2, 3, 4, 5, 6}, targets{0.5f, 1, 1.5f, 2};
  const Bytes file = write_safetensors(std::vector<StoredTensor>{{"x", Dtype::u8, {2, 2, 3, 3}, bytes_of(pixels)},
                                                                 {"flat", Dtype::f32, {2, 3}, bytes_of(vectors)},
                                                                 {"y", Dtype::i64, {2}, bytes_of(classes)},
                                                                 {"t", Dtype::f32, {2, 2}, bytes_of(targets)}});
  const ParsedDataset pictures = read_safetensors_dataset(file, "x", "y");
  ASSERT_EQ(sentences(pictures.problems), Sentences{});
  EXPECT_EQ(pictures.dataset.shape, (Shape{2, 3, 3}));
  EXPECT_EQ(pictures.dataset.labels, (std::vector<std::int32_t>{1, 0}));
  const ParsedDataset regression = read_safetensors_dataset(file, "flat", "t");
  ASSERT_EQ(sentences(regression.problems), Sentences{});
  EXPECT_EQ(regression.dataset.shape, (Shape{1, 1, 3}));
  EXPECT_EQ(regression.dataset.outputs, 2);
  EXPECT_EQ(regression.dataset.floats, vectors);

  EXPECT_EQ(sentences(read_safetensors_dataset(file, "z", "w").problems),
            (Sentences{"Expected inputs to be the name of a tensor of the file, got \"z\"",
                       "Expected labels to be the name of a tensor of the file, got \"w\""}));
  EXPECT_EQ(sentences(read_safetensors_dataset(file, "y", "x").problems),
            (Sentences{"Expected inputs to be a tensor of U8, F16, BF16, F32 or F64, got I64",
                       "Expected inputs to be a tensor of shape (N,H,W,C), (N,H,W) or (N,D), got 1 axes",
                       "Expected labels to be a tensor of shape (N), got 4 axes"}));
}

// What a message offers is taken, and what it does not offer is refused by it.
TEST(SafetensorsDataset, TakesTheTypesThatItsMessagesName) {
  const Bytes zeros(16);
  const std::pair<const char*, Dtype> all[] = {
      {"BOOL", Dtype::boolean}, {"U8", Dtype::u8},   {"I8", Dtype::i8},   {"U16", Dtype::u16},   {"I16", Dtype::i16},
      {"U32", Dtype::u32},      {"I32", Dtype::i32}, {"U64", Dtype::u64}, {"I64", Dtype::i64},   {"F16", Dtype::f16},
      {"BF16", Dtype::bf16},    {"F32", Dtype::f32}, {"F64", Dtype::f64}, {"C64", Dtype::other},
  };
  for (const auto& [word, dtype] : all) {
    const std::size_t size = 2 * size_of(dtype);
    const std::span<const std::uint8_t> data = std::span(zeros).first(size);
    const Bytes file =
        write_safetensors(std::vector<StoredTensor>{{"a", dtype, {2, 1}, data, word}, {"b", dtype, {2}, data, word}});
    Sentences expected;
    const std::string inputs = "a tensor of U8, F16, BF16, F32 or F64";
    if (dtype != Dtype::u8 && !is_float(dtype)) expected.push_back("Expected inputs to be " + inputs + ", got " + word);
    if (dtype == Dtype::other)
      expected.push_back("Expected labels to be a tensor of integers, or for regression of F16, BF16, F32 or F64, got C64");
    const ParsedDataset parsed = read_safetensors_dataset(file, "a", "b");
    EXPECT_EQ(sentences(parsed.problems), expected) << word;
    if (expected.empty()) {
      EXPECT_EQ(parsed.dataset.classifies(), !is_float(dtype)) << word;
    }
  }
  const std::vector<std::uint16_t> halves{0x3c00, 0xc000};
  const std::vector<double> targets{0.1, 2};
  const Bytes file = write_safetensors(
      std::vector<StoredTensor>{{"x", Dtype::f16, {2, 1}, bytes_of(halves)}, {"y", Dtype::f64, {2}, bytes_of(targets)}});
  const ParsedDataset parsed = read_safetensors_dataset(file, "x", "y");
  EXPECT_EQ(parsed.dataset.floats, (std::vector<float>{1, -2}));
  EXPECT_EQ(parsed.dataset.targets, (std::vector<float>{0.1f, 2}));
}

TEST(SafetensorsDataset, AnEmptySetIsOneProblem) {
  const Bytes file = write_safetensors(std::vector<StoredTensor>{{"x", Dtype::f32, {0, 3}, {}}, {"y", Dtype::i64, {0}, {}}});
  EXPECT_EQ(sentences(read_safetensors_dataset(file, "x", "y").problems),
            Sentences{"Expected inputs to be at least one sample, got 0"});
}

TEST(SafetensorsDataset, ATensorMayTellTheGroups) {
  const std::vector<float> values{1, 2, 3};
  const std::vector<std::int64_t> classes{0, 1, 0}, groups{std::int64_t{1} << 40, -1, std::int64_t{1} << 40}, two{0, 1};
  const Bytes file = write_safetensors(std::vector<StoredTensor>{{"x", Dtype::f32, {3, 1}, bytes_of(values)},
                                                                 {"y", Dtype::i64, {3}, bytes_of(classes)},
                                                                 {"g", Dtype::i64, {3}, bytes_of(groups)},
                                                                 {"two", Dtype::i64, {2}, bytes_of(two)}});
  const ParsedDataset parsed = read_safetensors_dataset(file, "x", "y", "g");
  ASSERT_EQ(sentences(parsed.problems), Sentences{});
  EXPECT_EQ(parsed.dataset.groups, (std::vector<std::int32_t>{0, 1, 0}));
  EXPECT_EQ(sentences(read_safetensors_dataset(file, "x", "y", "two").problems),
            Sentences{"Expected groups to be a tensor of integers with one for each sample, got I64 of 2 numbers"});
  EXPECT_EQ(sentences(read_safetensors_dataset(file, "x", "y", "x").problems),
            Sentences{"Expected groups to be a tensor of integers with one for each sample, got F32 of 3 numbers"});
  EXPECT_EQ(sentences(read_safetensors_dataset(file, "x", "y", "z").problems),
            Sentences{"Expected groups to be the name of a tensor of the file, got \"z\""});
}

TEST(SafetensorsDataset, SaysWhatIsWrong) {
  std::vector<float> values{1, 2, std::numeric_limits<float>::quiet_NaN(), 4};
  const std::vector<std::int64_t> far{0, std::int64_t{1} << 40}, two{1, 0}, three{0, 1, 2};
  const Bytes file = write_safetensors(std::vector<StoredTensor>{{"x", Dtype::f32, {2, 2}, bytes_of(values)},
                                                                 {"far", Dtype::i64, {2}, bytes_of(far)},
                                                                 {"two", Dtype::i64, {2}, bytes_of(two)},
                                                                 {"three", Dtype::i64, {3}, bytes_of(three)}});
  EXPECT_EQ(sentences(read_safetensors_dataset(file, "x", "far").problems),
            Sentences{"Expected labels to be classes from 0 to 9999, got 1099511627776 for sample 1"});
  EXPECT_EQ(sentences(read_safetensors_dataset(file, "x", "two").problems),
            Sentences{"Expected inputs to be finite numbers, got NaN in sample 1, value 0"});
  EXPECT_EQ(sentences(read_safetensors_dataset(file, "x", "three").problems),
            Sentences{"Expected labels to be a tensor with a row for each of 2 samples, got 3"});
  EXPECT_EQ(sentences(read_safetensors_dataset(Bytes(4), "x", "y").problems),
            Sentences{"Expected path to be a safetensors file of at least 8 bytes, got 4"});
}

}  // namespace trainground::dataset_formats_test
