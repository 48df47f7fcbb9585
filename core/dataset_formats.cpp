// The three file formats of datasets: idx (yann.lecun.com/exdb/mnist), csv (RFC 4180) and safetensors.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <optional>
#include <string_view>

#include "dataset.h"
#include "safetensors.h"

namespace trainground {
namespace {

// A file that is wrong in a hundred places is described by the first few.
constexpr std::size_t kMaxProblems = 5;

using Bytes = std::span<const std::uint8_t>;

// ---------------------------------------------------------------- idx

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

// ---------------------------------------------------------------- csv

// Cuts a file into rows of cells. Cells point into the file, or, where quotes had to be taken out, into `unquoted_`.
class CsvRows {
 public:
  explicit CsvRows(Bytes file) : text_(reinterpret_cast<const char*>(file.data()), file.size()) {
    if (text_.substr(0, 3) == "\xef\xbb\xbf") text_.remove_prefix(3);
  }

  // The next row that is not blank; false at the end.
  bool next(std::vector<std::string_view>& cells) {
    do {
      if (at_ >= text_.size()) return false;
      cells.clear();
      unquoted_.clear();
      ++line_;
      read_row(cells);
    } while (cells.size() == 1 && cells[0].empty());
    return true;
  }

  int line() const { return line_; }  // from 1, as an editor counts where no cell holds a line break
  bool unclosed() const { return unclosed_; }

 private:
  void read_row(std::vector<std::string_view>& cells) {
    for (;;) {
      while (at_ < text_.size() && text_[at_] == ' ') ++at_;
      cells.push_back(at_ < text_.size() && text_[at_] == '"' ? quoted_cell() : plain_cell());
      if (at_ >= text_.size()) return;
      const char end = text_[at_++];
      if (end == ',') continue;
      if (end == '\r' && at_ < text_.size() && text_[at_] == '\n') ++at_;
      return;
    }
  }

  std::string_view plain_cell() {
    const std::size_t start = at_;
    at_ = std::min(text_.find_first_of(",\r\n", at_), text_.size());
    std::string_view cell = text_.substr(start, at_ - start);
    while (!cell.empty() && (cell.back() == ' ' || cell.back() == '\t')) cell.remove_suffix(1);
    return cell;
  }

  std::string_view quoted_cell() {
    std::string& cell = unquoted_.emplace_back();
    for (++at_;; ++at_) {
      if (at_ >= text_.size()) {
        unclosed_ = true;
        return cell;
      }
      if (text_[at_] != '"') {
        cell += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        cell += text_[at_++];
      } else {
        break;
      }
    }
    // Whatever follows the closing quote belongs to the cell too, as most readers have it.
    ++at_;
    cell += plain_cell();
    return cell;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 0;
  bool unclosed_ = false;
  std::deque<std::string> unquoted_;  // a deque, so that views stay valid while it grows
};

// A decimal number and nothing else: no spaces, no hexadecimal. "nan" and "inf" are numbers here, so that they can be named.
std::optional<double> number_of(std::string_view cell) {
  char text[64];
  if (cell.empty() || cell.size() >= sizeof text) return std::nullopt;
  const std::string_view digits = cell[0] == '-' || cell[0] == '+' ? cell.substr(1) : cell;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (digits.size() < 10 && !digits.empty() && std::all_of(digits.begin(), digits.end(), is_digit)) {
    int value = 0;
    for (char c : digits) value = 10 * value + (c - '0');
    return cell[0] == '-' ? -value : value;
  }
  const bool decimal = cell.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
  std::string word(digits);
  for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (!decimal && word != "nan" && word != "inf" && word != "infinity") return std::nullopt;
  std::memcpy(text, cell.data(), cell.size());
  text[cell.size()] = 0;
  char* end = nullptr;
  const double value = std::strtod(text, &end);
  if (end != text + cell.size()) return std::nullopt;
  return value;
}

std::string shortened(std::string_view text) {
  std::string part(text.substr(0, 40));
  return "'" + part + (text.size() > 40 ? "...'" : "'");
}

// Turns the label column into classes or targets: see the header.
void read_labels(const std::vector<std::string>& cells, RawSamples& raw, std::vector<std::int32_t>& labels,
                 std::vector<float>& targets, std::vector<Problem>& problems) {
  bool numbers = true, whole = true;
  std::vector<double> values;
  for (const std::string& cell : cells) {
    const std::optional<double> value = number_of(cell);
    numbers = numbers && value && std::isfinite(*value);
    if (!numbers) break;
    whole = whole && *value == std::floor(*value) && std::abs(*value) < 1e9;
    values.push_back(*value);
  }
  if (numbers && !whole) {
    targets.assign(values.begin(), values.end());
    raw.targets = targets;
    raw.outputs = 1;
    return;
  }
  if (numbers) {
    std::map<std::int32_t, std::int32_t> classes;
    for (double value : values) classes.emplace(static_cast<std::int32_t>(value), 0);
    const std::int32_t last = classes.rbegin()->first;
    if (classes.begin()->first == 0 && last < kMaxClasses) {
      for (std::int32_t c = 0; c <= last; ++c) classes.emplace(c, 0);
    }
    for (auto& [value, label] : classes) {
      label = static_cast<std::int32_t>(raw.class_names.size());
      raw.class_names.push_back(std::to_string(value));
    }
    for (double value : values) labels.push_back(classes[static_cast<std::int32_t>(value)]);
  } else {
    std::map<std::string, std::int32_t> classes;
    for (const std::string& cell : cells) classes.emplace(cell, 0);
    for (auto& [name, label] : classes) {
      label = static_cast<std::int32_t>(raw.class_names.size());
      raw.class_names.push_back(name);
    }
    for (const std::string& cell : cells) labels.push_back(classes[cell]);
  }
  if (raw.class_names.size() > kMaxClasses) {
    problems.push_back({"label", "a column of at most " + std::to_string(kMaxClasses) + " classes",
                        std::to_string(raw.class_names.size()) + " different values"});
  }
  raw.labels = labels;
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

ParsedDataset read_csv(Bytes file, const std::string& label) {
  ParsedDataset parsed;
  CsvRows rows(file);
  std::vector<std::string_view> cells;
  if (!rows.next(cells)) {
    parsed.problems.push_back({"path", "a csv file with a header row and rows of numbers", "an empty file"});
    return parsed;
  }
  const std::vector<std::string> columns(cells.begin(), cells.end());
  const auto labelled = std::find(columns.begin(), columns.end(), label);
  if (labelled == columns.end()) {
    std::string names;
    for (const std::string& column : columns) names.append(names.empty() ? "" : ", ").append(column);
    parsed.problems.push_back({"label", "a column of the csv file, which has " + shortened(names), "'" + label + "'"});
    return parsed;
  }
  if (columns.size() < 2) {
    parsed.problems.push_back({"path", "a csv file with at least one column beside the label's", "none"});
    return parsed;
  }
  const std::size_t label_column = static_cast<std::size_t>(labelled - columns.begin());

  std::vector<float> values;
  std::vector<std::string> label_cells;
  while (parsed.problems.size() < kMaxProblems && rows.next(cells)) {
    const std::string line = std::to_string(rows.line());
    if (cells.size() != columns.size()) {
      parsed.problems.push_back({"path",
                                 "a csv file with " + std::to_string(columns.size()) + " cells in every row, as in its header",
                                 std::to_string(cells.size()) + " in row " + line});
      continue;
    }
    for (std::size_t column = 0; column < cells.size() && parsed.problems.size() < kMaxProblems; ++column) {
      const std::string place = " in row " + line + ", column '" + columns[column] + "'";
      if (column == label_column) {
        if (cells[column].empty())
          parsed.problems.push_back({"path", "a csv file with a label in every row", "an empty cell" + place});
        label_cells.emplace_back(cells[column]);
        continue;
      }
      const std::optional<double> value = number_of(cells[column]);
      const float rounded = value ? static_cast<float>(*value) : 0;
      if (!value || !std::isfinite(rounded)) {
        parsed.problems.push_back(
            {"path", "a csv file of finite numbers (the label's column apart)", shortened(cells[column]) + place});
      }
      values.push_back(rounded);
    }
  }
  if (rows.unclosed()) parsed.problems.push_back({"path", "a csv file", "a quotation mark that is never closed"});
  if (parsed.problems.empty() && label_cells.empty()) {
    parsed.problems.push_back({"path", "a csv file with rows below its header", "none"});
  }
  if (!parsed.problems.empty()) return parsed;

  RawSamples raw;
  raw.samples = static_cast<int>(label_cells.size());
  raw.shape = {1, 1, static_cast<int>(columns.size() - 1)};
  raw.floats = values;
  std::vector<std::int32_t> labels;
  std::vector<float> targets;
  read_labels(label_cells, raw, labels, targets, parsed.problems);
  return parsed.problems.empty() ? from_samples(raw) : parsed;
}

ParsedDataset read_safetensors_dataset(Bytes file, const std::string& inputs, const std::string& labels) {
  ParsedDataset parsed;
  const ParsedSafetensors tensors = read_safetensors(file, "path");
  parsed.problems = tensors.problems;
  if (!parsed.problems.empty()) return parsed;

  const auto find = [&](const char* path, const std::string& name) {
    const StoredTensor* tensor = tensors.find(name);
    if (tensor == nullptr) parsed.problems.push_back({path, "the name of a tensor of the file", "'" + name + "'"});
    return tensor;
  };
  const StoredTensor *x = find("inputs", inputs), *y = find("labels", labels);
  if (!parsed.problems.empty()) return parsed;

  const auto side = [](std::int64_t length) { return static_cast<int>(std::min<std::int64_t>(length, 1 << 30)); };
  const std::size_t axes = x->shape.size();
  if (x->dtype != Dtype::f32 && x->dtype != Dtype::u8) {
    parsed.problems.push_back({"inputs", "a tensor of F32 or U8", trainground::name_of(x->dtype)});
  }
  if (axes < 2 || axes > 4) {
    parsed.problems.push_back({"inputs", "a tensor of shape (N,H,W,C), (N,H,W) or (N,D)", std::to_string(axes) + " axes"});
  }
  const bool regression = y->dtype == Dtype::f32;
  if (y->dtype == Dtype::f64) parsed.problems.push_back({"labels", "a tensor of U8, I32, I64 or F32", "F64"});
  if (y->shape.empty() || y->shape.size() > (regression ? 2u : 1u)) {
    parsed.problems.push_back({"labels", regression ? "a tensor of shape (N,K) or (N)" : "a tensor of shape (N)",
                               std::to_string(y->shape.size()) + " axes"});
  }
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
  std::vector<std::int32_t> classes;
  const auto copied = [](const StoredTensor& tensor) {  // aligned
    std::vector<float> values(tensor.count());
    if (!values.empty()) std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
    return values;
  };
  if (x->dtype == Dtype::u8) {
    raw.bytes = x->data;
  } else {
    raw.floats = floats = copied(*x);
  }
  if (regression) {
    raw.targets = targets = copied(*y);
    raw.outputs = y->shape.size() == 2 ? side(y->shape[1]) : 1;
  } else {
    for (std::size_t i = 0; i < y->count(); ++i) {
      classes.push_back(static_cast<std::int32_t>(std::clamp<std::int64_t>(y->integer(i), -1, kMaxClasses)));
    }
    raw.labels = classes;
  }
  return from_samples(raw);
}

}  // namespace trainground
