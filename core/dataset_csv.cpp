// Tables of numbers: csv (RFC 4180), read in one pass, its cells views into the file.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <optional>
#include <string_view>

#include "dataset.h"
#include "json_text.h"

namespace trainground {
namespace {

// A file that is wrong in a hundred places is described by the first few.
constexpr std::size_t kToldRows = 5;

using Bytes = std::span<const std::uint8_t>;

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

// Where a file stops being UTF-8, or its length. Its words become class names and messages, which travel as JSON.
std::size_t utf8_length(Bytes file) {
  std::size_t at = 0;
  while (at < file.size()) {
    const std::uint8_t first = file[at];
    const std::size_t more = first < 0x80                    ? 0
                             : first >= 0xc2 && first < 0xe0 ? 1
                             : first >> 4 == 0xe             ? 2
                             : first >= 0xf0 && first < 0xf5 ? 3
                                                             : 4;
    if (more == 4 || at + more >= file.size()) return at;
    std::uint32_t point = more == 0 ? first : first & (0x3fu >> more);
    for (std::size_t i = 1; i <= more; ++i) {
      if (file[at + i] >> 6 != 2) return at;
      point = point << 6 | (file[at + i] & 0x3fu);
    }
    const bool surrogate = point >= 0xd800 && point < 0xe000,
               overlong = (more == 2 && point < 0x800) || (more == 3 && point < 0x10000);
    if (surrogate || overlong || point > 0x10ffff) return at;
    at += more + 1;
  }
  return at;
}

std::string shown(std::string_view text) { return describe(Json(std::string(text))); }

// What tables write where a number is not known.
bool is_missing(std::string_view cell) {
  std::string word;
  for (const char c : cell) word += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return word == "na" || word == "n/a" || word == "nan" || word == "null" || word == "none" || word == "?" || word == "-";
}

// The label's column: classes or numbers, see the header.
class LabelColumn {
 public:
  template <class Place>
  void add(std::string_view cell, Place place) {
    cells_.emplace_back(cell);
    const std::optional<double> value = number_of(cell);
    if (value && std::isfinite(*value)) {
      values_.push_back(*value);
      whole_ = whole_ && *value == std::floor(*value) && std::abs(*value) < 1e9;
      return;
    }
    if (is_missing(cell)) ++missing_;
    if (words_.size() < kToldRows)
      words_.push_back({"path", "a csv file with a number in every row of the label's column", shown(cell) + place()});
  }

  std::size_t size() const { return cells_.size(); }

  void read(CsvLabels kind, RawSamples& raw, std::vector<Problem>& problems) {
    const std::size_t words = cells_.size() - values_.size();
    const bool fractions = !whole_ && kind == CsvLabels::asTheyAre;
    if (words > 0 && !values_.empty() && (kind == CsvLabels::numbers || fractions || words == missing_)) {
      problems.insert(problems.end(), words_.begin(), words_.end());
    } else if (words == 0 && (kind == CsvLabels::numbers || fractions)) {
      targets_.assign(values_.begin(), values_.end());
      raw.targets = targets_;
      raw.outputs = 1;
    } else {
      if (words == 0 && whole_)
        number_classes(raw.class_names);
      else
        name_classes(raw.class_names);
      if (raw.class_names.size() > kMaxClasses) {
        problems.push_back({"label", "a column of at most " + std::to_string(kMaxClasses) + " classes",
                            std::to_string(raw.class_names.size()) + " different values"});
      }
      raw.labels = labels_;
    }
  }

 private:
  void number_classes(std::vector<std::string>& names) {
    std::map<std::int32_t, std::int32_t> classes;
    for (double value : values_) classes.emplace(static_cast<std::int32_t>(value), 0);
    const std::int32_t last = classes.rbegin()->first;
    if (classes.begin()->first == 0 && last < kMaxClasses) {
      for (std::int32_t c = 0; c <= last; ++c) classes.emplace(c, 0);
    }
    for (auto& [value, label] : classes) {
      label = static_cast<std::int32_t>(names.size());
      names.push_back(std::to_string(value));
    }
    for (double value : values_) labels_.push_back(classes[static_cast<std::int32_t>(value)]);
  }

  void name_classes(std::vector<std::string>& names) {
    std::map<std::string, std::int32_t> classes;
    for (const std::string& cell : cells_) classes.emplace(cell, 0);
    for (auto& [name, label] : classes) {
      label = static_cast<std::int32_t>(names.size());
      names.push_back(name);
    }
    for (const std::string& cell : cells_) labels_.push_back(classes[cell]);
  }

  std::vector<std::string> cells_;
  std::vector<double> values_;  // of the cells that are numbers
  std::vector<Problem> words_;  // the first that are not
  std::size_t missing_ = 0;
  bool whole_ = true;
  std::vector<std::int32_t> labels_;
  std::vector<float> targets_;
};

}  // namespace

ParsedDataset read_csv(Bytes file, const std::string& label, const std::string& groups, CsvLabels kind) {
  ParsedDataset parsed;
  if (const std::size_t valid = utf8_length(file); valid < file.size()) {
    parsed.problems.push_back(
        {"path", "a csv file in UTF-8", "byte " + std::to_string(file[valid]) + " at place " + std::to_string(valid)});
    return parsed;
  }
  CsvRows rows(file);
  std::vector<std::string_view> cells;
  if (!rows.next(cells)) {
    parsed.problems.push_back({"path", "a csv file with a header row and rows of numbers", "an empty file"});
    return parsed;
  }
  const std::vector<std::string> columns(cells.begin(), cells.end());
  const auto column_of = [&](const char* path, const std::string& name) {
    const auto found = std::find(columns.begin(), columns.end(), name);
    std::string names;
    for (const std::string& column : columns) names.append(names.empty() ? "" : ", ").append(column);
    if (found == columns.end())
      parsed.problems.push_back({path, "a column of the csv file, which has " + shown(names), shown(name)});
    return static_cast<std::size_t>(found - columns.begin());
  };
  const std::size_t label_column = column_of("label", label);
  const std::size_t group_column = groups.empty() ? columns.size() : column_of("groups", groups);
  if (!parsed.problems.empty()) return parsed;
  if (group_column == label_column) {
    parsed.problems.push_back({"groups", "another column than the label's", shown(groups)});
    return parsed;
  }
  const std::size_t others = columns.size() - (groups.empty() ? 1 : 2);
  if (others < 1) {
    parsed.problems.push_back({"path", "a csv file with at least one column beside the label's", "none"});
    return parsed;
  }

  std::vector<double> values;
  LabelColumn labels;
  std::vector<std::int32_t> group_numbers;
  int without_group = 0;
  std::map<std::string, std::int32_t, std::less<>> known_groups;  // numbered as they come
  while (parsed.problems.size() < kToldRows && rows.next(cells)) {
    if (cells.size() != columns.size()) {
      parsed.problems.push_back({"path",
                                 "a csv file with " + std::to_string(columns.size()) + " cells in every row, as in its header",
                                 std::to_string(cells.size()) + " in row " + std::to_string(rows.line())});
      continue;
    }
    for (std::size_t column = 0; column < cells.size() && parsed.problems.size() < kToldRows; ++column) {
      const auto place = [&] { return " in row " + std::to_string(rows.line()) + ", column " + shown(columns[column]); };
      if (column == label_column) {
        if (cells[column].empty())
          parsed.problems.push_back({"path", "a csv file with a label in every row", "an empty cell" + place()});
        labels.add(cells[column], place);
        continue;
      }
      if (column == group_column) {
        if (cells[column].empty()) ++without_group;
        const auto next = static_cast<std::int32_t>(known_groups.size());
        group_numbers.push_back(known_groups.emplace(cells[column], next).first->second);
        continue;
      }
      const std::optional<double> value = number_of(cells[column]);
      if (!value || !std::isfinite(static_cast<float>(*value))) {
        parsed.problems.push_back(
            {"path", "a csv file of finite numbers (the label's column apart)", shown(cells[column]) + place()});
      }
      values.push_back(value.value_or(0));
    }
  }
  if (rows.unclosed()) parsed.problems.push_back({"path", "a csv file", "a quotation mark that is never closed"});
  if (parsed.problems.empty() && labels.size() == 0) {
    parsed.problems.push_back({"path", "a csv file with rows below its header", "none"});
  }
  if (!parsed.problems.empty()) return parsed;

  RawSamples raw;
  raw.samples = static_cast<int>(labels.size());
  raw.shape = {1, 1, static_cast<int>(others)};
  raw.doubles = values;
  raw.groups = group_numbers;
  labels.read(kind, raw, parsed.problems);
  if (parsed.problems.empty()) parsed = from_samples(raw);
  parsed.dataset.without_group = without_group;
  return parsed;
}

}  // namespace trainground
