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

// Builds the tree as the text is read, and notes which keys come twice. The library's own tree builder looks each key up among
// those before it, one by one: an object of 40,000 keys would take seconds.
class Builder {
 public:
  using number_integer_t = Json::number_integer_t;
  using number_unsigned_t = Json::number_unsigned_t;
  using number_float_t = Json::number_float_t;
  using string_t = Json::string_t;
  using binary_t = Json::binary_t;

  Builder(const std::string& text, std::vector<Problem>& problems) : text_(text), problems_(problems) {}

  Json tree;

  bool null() { return add(nullptr); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(number_integer_t value) { return add(value); }
  bool number_unsigned(number_unsigned_t value) { return add(value); }
  bool number_float(number_float_t value, const string_t&) { return add(value); }
  bool string(string_t& value) { return add(std::move(value)); }
  bool binary(binary_t&) { return false; }  // JSON has none

  bool start_object(std::size_t) { return open(Json::value_t::object); }
  bool end_object() { return close(); }
  bool start_array(std::size_t) { return open(Json::value_t::array); }
  bool end_array() { return close(); }

  bool key(string_t& name) {
    Level& level = levels_.back();
    level.key = name;
    if (!level.seen.insert(name).second) problems_.push_back({path(), "given once", "the same key twice"});
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) {
    return fail(position > 0 ? position - 1 : 0, error.id == 406 ? "a number that is too large" : "a syntax error");
  }

  // Says where the text breaks.
  bool fail(std::size_t place, const char* what) {
    std::size_t line = 1, column = 1;
    for (std::size_t i = 0; i < std::min(place, text_.size()); ++i) {
      ++column;
      if (text_[i] == '\n') ++line, column = 1;
    }
    problems_.push_back(
        {"", "JSON", std::string(what) + " at line " + std::to_string(line) + ", column " + std::to_string(column)});
    return false;
  }

 private:
  struct Level {
    Json* value;  // stays where it is: nothing is added to what holds it until it is closed
    std::string key;
    std::set<std::string> seen;
  };

  Json* place(Json value) {
    if (levels_.empty()) return &(tree = std::move(value));
    Level& level = levels_.back();
    if (level.value->is_array()) return &level.value->get_ref<Json::array_t&>().emplace_back(std::move(value));
    return &level.value->get_ref<Json::object_t&>().emplace_back(level.key, std::move(value)).second;
  }
  bool add(Json value) {
    place(std::move(value));
    return true;
  }
  bool open(Json::value_t type) {
    if (levels_.size() == kMaxDepth) {
      problems_.push_back({"", "JSON of at most " + std::to_string(kMaxDepth) + " levels", "a deeper one"});
      return false;
    }
    levels_.push_back({place(type), {}, {}});
    return true;
  }
  bool close() {
    levels_.pop_back();
    return true;
  }
  std::string path() const {
    std::string whole;
    for (const Level& level : levels_) {
      if (level.value->is_array()) {
        whole.append("[").append(std::to_string(level.value->size() - 1)).append("]");
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
  Builder builder(text, problems);
  // The library takes a byte 0 for the end of the text.
  if (const std::size_t zero = text.find('\0'); zero != std::string::npos)
    builder.fail(zero, "a byte 0");
  else
    Json::sax_parse(text, &builder);
  return problems.size() == before ? std::move(builder.tree) : Json(Json::value_t::discarded);
}

Json trusted_json(const std::string& text) {
  std::vector<Problem> none;
  return read_json(text, none);
}

JsonObject& JsonObject::add(const char* key, Json value) {
  json_.get_ref<Json::object_t&>().emplace_back(key, std::move(value));
  return *this;
}
JsonObject& JsonObject::add(const char* key, const std::string& value) { return add(key, Json(value)); }
JsonObject& JsonObject::add(const char* key, const char* value) { return add(key, Json(value)); }
JsonObject& JsonObject::add(const char* key, double value) { return add(key, Json(value)); }
JsonObject& JsonObject::add_whole(const char* key, std::int64_t value) { return add(key, Json(value)); }

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
  if (!std::isfinite(value)) return std::isnan(value) ? "NaN" : value > 0 ? "infinity" : "-infinity";
  if (std::floor(value) == value && std::fabs(value) < 0x1p53) return Json(static_cast<std::int64_t>(value)).dump();
  return Json(value).dump();
}

}  // namespace trainground
