// Binary files of samples: idx (yann.lecun.com/exdb/mnist) and safetensors.
#include <algorithm>
#include <map>
#include <optional>

#include "dataset.h"
#include "json_text.h"
#include "safetensors.h"

namespace trainground {
namespace {

using Bytes = std::span<const std::uint8_t>;

struct Idx {
  std::vector<std::uint32_t> sides;
  Bytes data;
};

std::uint32_t big_endian(const std::uint8_t* p) {
  return std::uint32_t{p[0]} << 24 | std::uint32_t{p[1]} << 16 | std::uint32_t{p[2]} << 8 | p[3];
}

// Two zero bytes, the type (8: uint8), the number of axes, their lengths, the data. A gzip file begins with 1f 8b.
std::optional<Idx> read_idx_file(Bytes file, const char* path, std::size_t min_axes, std::size_t max_axes,
                                 std::vector<Problem>& problems) {
  const auto refuse = [&](const std::string& expected, const std::string& given) {
    problems.push_back({path, expected, given});
    return std::nullopt;
  };
  if (file.size() < 4) return refuse("an idx file", std::to_string(file.size()) + " bytes");
  const std::uint32_t magic = big_endian(file.data());
  const std::size_t axes = magic & 255;
  if (magic >> 8 != 8 || axes < min_axes || axes > max_axes) {
    const std::string magics =
        std::to_string(2048 + min_axes) + (max_axes > min_axes ? " to " + std::to_string(2048 + max_axes) : "");
    return refuse("an idx file of uint8 with magic number " + magics,
                  magic >> 16 == 0x1f8b ? "a gzip file that was not unpacked" : "magic number " + std::to_string(magic));
  }
  Idx idx;
  if (file.size() < 4 + 4 * axes) return refuse("a whole idx file", "one that ends within its header");
  std::uint64_t count = 1;
  for (std::size_t axis = 0; axis < axes; ++axis) {
    const std::uint32_t side = big_endian(file.data() + 4 + 4 * axis);
    if (side == 0) return refuse("an idx file with samples", "an axis of length 0");
    if (count > (std::uint64_t{1} << 40) / side)
      return refuse("an idx file that fits into memory", "lengths that multiply to more than 2^40");
    count *= side;
    idx.sides.push_back(side);
  }
  idx.data = file.subspan(4 + 4 * axes);
  if (idx.data.size() != count) {
    return refuse("an idx file with " + std::to_string(count) + " bytes of data, as its header says",
                  std::to_string(idx.data.size()) + (idx.data.size() < count ? " (truncated)" : ""));
  }
  return idx;
}

}  // namespace

ParsedDataset read_idx(Bytes images, Bytes labels) {
  ParsedDataset parsed;
  const std::optional<Idx> pictures = read_idx_file(images, "images", 2, 4, parsed.problems);
  const std::optional<Idx> classes = read_idx_file(labels, "labels", 1, 1, parsed.problems);
  if (!parsed.problems.empty()) return parsed;
  const std::vector<std::uint32_t>& sides = pictures->sides;
  if (classes->sides[0] != sides[0]) {
    parsed.problems.push_back({"labels", "an idx file with a label for each of " + std::to_string(sides[0]) + " samples",
                               std::to_string(classes->sides[0]) + " labels"});
    return parsed;
  }
  RawSamples raw;
  const auto side = [&](std::size_t axis) { return static_cast<int>(std::min(sides[axis], std::uint32_t{1} << 30)); };
  raw.samples = side(0);
  raw.shape = sides.size() == 2 ? Shape{1, 1, side(1)} : Shape{side(1), side(2), sides.size() == 4 ? side(3) : 1};
  raw.bytes = pictures->data;
  const std::vector<std::int32_t> numbers(classes->data.begin(), classes->data.end());
  raw.labels = numbers;
  return from_samples(raw);
}

ParsedDataset read_safetensors_dataset(Bytes file, const std::string& inputs, const std::string& labels,
                                       const std::string& groups) {
  ParsedDataset parsed;
  const ParsedSafetensors tensors = read_safetensors(file, "path");
  parsed.problems = tensors.problems;
  if (!parsed.problems.empty()) return parsed;

  const auto find = [&](const char* path, const std::string& name) {
    const StoredTensor* tensor = tensors.find(name);
    if (tensor == nullptr) parsed.problems.push_back({path, "the name of a tensor of the file", describe(name)});
    return tensor;
  };
  const StoredTensor *x = find("inputs", inputs), *y = find("labels", labels),
                     *g = groups.empty() ? nullptr : find("groups", groups);
  if (!parsed.problems.empty()) return parsed;

  const auto side = [](std::int64_t length) { return static_cast<int>(std::min<std::int64_t>(length, 1 << 30)); };
  const std::size_t axes = x->shape.size();
  if (x->dtype != Dtype::u8 && !is_float(x->dtype))
    parsed.problems.push_back({"inputs", "a tensor of U8, F16, BF16, F32 or F64", x->type()});
  if (axes < 2 || axes > 4) {
    parsed.problems.push_back({"inputs", "a tensor of shape (N,H,W,C), (N,H,W) or (N,D)", std::to_string(axes) + " axes"});
  }
  const bool regression = is_float(y->dtype);
  if (y->dtype == Dtype::other)
    parsed.problems.push_back({"labels", "a tensor of integers, or for regression of F16, BF16, F32 or F64", y->type()});
  if (y->shape.empty() || y->shape.size() > (regression ? 2u : 1u)) {
    parsed.problems.push_back({"labels", regression ? "a tensor of shape (N,K) or (N)" : "a tensor of shape (N)",
                               std::to_string(y->shape.size()) + " axes"});
  }
  if (g && (!is_integer(g->dtype) || g->shape.size() != 1 || (axes > 0 && g->shape[0] != x->shape[0])))
    parsed.problems.push_back({"groups", "a tensor of integers with one for each sample",
                               g->type() + " of " + std::to_string(g->count()) + " numbers"});
  if (parsed.problems.empty() && x->shape[0] != y->shape[0]) {
    parsed.problems.push_back(
        {"labels", "a tensor with a row for each of " + std::to_string(x->shape[0]) + " samples", std::to_string(y->shape[0])});
  }
  if (!parsed.problems.empty()) return parsed;

  RawSamples raw;
  raw.samples = side(x->shape[0]);
  raw.shape =
      axes == 2 ? Shape{1, 1, side(x->shape[1])} : Shape{side(x->shape[1]), side(x->shape[2]), axes == 4 ? side(x->shape[3]) : 1};
  std::vector<float> floats, targets;
  std::vector<double> doubles;
  std::vector<std::int32_t> classes;
  const auto copied = [](const StoredTensor& tensor) {
    std::vector<float> values(tensor.count());
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = tensor.f32(i);
    return values;
  };
  if (x->dtype == Dtype::u8) {
    raw.bytes = x->data;
  } else if (x->dtype == Dtype::f64) {
    for (std::size_t i = 0; i < x->count(); ++i) doubles.push_back(x->number(i));
    raw.doubles = doubles;
  } else {
    raw.floats = floats = copied(*x);
  }
  if (regression) {
    raw.targets = targets = copied(*y);
    raw.outputs = y->shape.size() == 2 ? side(y->shape[1]) : 1;
  } else {
    for (std::size_t i = 0; i < y->count(); ++i) {
      const std::int64_t label = y->integer(i);
      if (label < 0 || label >= kMaxClasses) {
        parsed.problems.push_back(label_problem(label, kMaxClasses, i));
        return parsed;
      }
      classes.push_back(static_cast<std::int32_t>(label));
    }
    raw.labels = classes;
  }
  std::vector<std::int32_t> numbers;
  std::map<std::int64_t, std::int32_t> known;  // numbered as they come, since they may be as large as they like
  for (std::size_t i = 0; g && i < g->count(); ++i)
    numbers.push_back(known.emplace(g->integer(i), static_cast<std::int32_t>(known.size())).first->second);
  raw.groups = numbers;
  return from_samples(raw);
}

}  // namespace trainground
