#include "json_text.h"

#include <cmath>
#include <set>

namespace trainground {
namespace {

constexpr std::size_t kMaxDepth = 32;
constexpr std::size_t kMaxShown = 40;

// The beginning of a long text, not cut inside a UTF-8 character.
std::string shorten(const std::string& text) {
  if (text.size() <= kMaxShown) return text;
  std::size_t end = kMaxShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

// Walks the text without building anything: where it breaks, which keys come twice, how deep it goes.
class Scan : public nlohmann::json_sax<Json> {
 public:
  explicit Scan(const std::string& text, std::vector<Problem>& problems) : text_(text), problems_(problems) {}

  bool null() override { return value(); }
  bool boolean(bool) override { return value(); }
  bool number_integer(number_integer_t) override { return value(); }
  bool number_unsigned(number_unsigned_t) override { return value(); }
  bool number_float(number_float_t, const string_t&) override { return value(); }
  bool string(string_t&) override { return value(); }
  bool binary(binary_t&) override { return value(); }

  bool start_object(std::size_t) override { return open(false); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(true); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    Level& level = levels_.back();
    level.key = name;
    if (!level.seen.insert(name).second) problems_.push_back({path(), "given once", "the same key twice"});
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) override {
    const std::size_t end = position > 0 ? std::min(position - 1, text_.size()) : 0;
    std::size_t line = 1, column = 1;
    for (std::size_t i = 0; i < end; ++i) {
      ++column;
      if (text_[i] == '\n') ++line, column = 1;
    }
    const char* what = error.id == 406 ? "a number that is too large" : "a syntax error";
    problems_.push_back(
        {"", "JSON", std::string(what) + " at line " + std::to_string(line) + ", column " + std::to_string(column)});
    return false;
  }

 private:
  struct Level {
    bool array = false;
    std::size_t items = 0;
    std::string key;
    std::set<std::string> seen;
  };

  bool value() {
    if (!levels_.empty() && levels_.back().array) ++levels_.back().items;
    return true;
  }
  bool open(bool array) {
    value();
    if (levels_.size() == kMaxDepth) {
      problems_.push_back({"", "JSON of at most " + std::to_string(kMaxDepth) + " levels", "a deeper one"});
      return false;
    }
    levels_.emplace_back().array = array;
    return true;
  }
  bool close() {
    levels_.pop_back();
    return true;
  }
  std::string path() const {
    std::string whole;
    for (const Level& level : levels_) {
      if (level.array) {
        whole.append("[").append(std::to_string(level.items - 1)).append("]");
      } else {
        if (!whole.empty()) whole.append(".");
        whole.append(shorten(level.key));
      }
    }
    return whole;
  }

  const std::string& text_;
  std::vector<Problem>& problems_;
  std::vector<Level> levels_;
};

}  // namespace

Json read_json(const std::string& text, std::vector<Problem>& problems) {
  const std::size_t before = problems.size();
  Scan scan(text, problems);
  Json::sax_parse(text, &scan);
  if (problems.size() != before) return Json(Json::value_t::discarded);
  return Json::parse(text, nullptr, false);
}

std::string describe(const Json& value) {
  switch (value.type()) {
    case Json::value_t::object:
      return "an object";
    case Json::value_t::array:
      return "a list of " + std::to_string(value.size());
    case Json::value_t::string:
      return Json(shorten(value.get_ref<const std::string&>())).dump();
    case Json::value_t::number_float:
      return number_text(value.get<double>());
    default:
      return value.dump();
  }
}

std::string number_text(double value) {
  if (std::floor(value) == value && std::fabs(value) < 0x1p53) return Json(static_cast<std::int64_t>(value)).dump();
  return Json(value).dump();
}

}  // namespace trainground
