#include "json_text.h"

#include <cmath>
#include <set>

namespace trainground {
namespace {

constexpr std::size_t kMaxDepth = 32;
constexpr std::size_t kMaxShown = 40;
constexpr const char* kSyntax = "a syntax error";

// Of the UTF-8 character at a place, or 0 where there is none (RFC 3629). The text ends with a byte 0, which is none of the bytes
// looked for.
std::size_t length_of_character(const char* text) {
  const auto byte = [&](int i) { return static_cast<unsigned char>(text[i]); };
  const auto follows = [&](int i) { return (byte(i) & 0xc0) == 0x80; };
  if (byte(0) < 0x80) return 1;
  if (byte(0) < 0xc2 || byte(0) > 0xf4 || !follows(1)) return 0;
  if (byte(0) < 0xe0) return 2;
  const int two = byte(0) << 8 | byte(1);
  // Longer than need be, half of a surrogate pair, beyond U+10FFFF.
  if (two < 0xe0a0 || (two >= 0xeda0 && two < 0xee00) || (two >= 0xf000 && two < 0xf090) || two >= 0xf490 || !follows(2))
    return 0;
  if (byte(0) < 0xf0) return 3;
  return follows(3) ? 4 : 0;
}

void append_character(std::string& to, std::uint32_t code) {
  const auto following = [&](int shift) { to += static_cast<char>(0x80 | (code >> shift & 0x3f)); };
  if (code < 0x80) {
    to += static_cast<char>(code);
  } else if (code < 0x800) {
    to += static_cast<char>(0xc0 | code >> 6);
    following(0);
  } else if (code < 0x10000) {
    to += static_cast<char>(0xe0 | code >> 12);
    following(6), following(0);
  } else {
    to += static_cast<char>(0xf0 | code >> 18);
    following(12), following(6), following(0);
  }
}

// The beginning of a long text, not cut inside a UTF-8 character.
std::string shorten(const std::string& text) {
  if (text.size() <= kMaxShown) return text;
  std::size_t end = kMaxShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

// Descends into the text (RFC 8259). False: a problem has been noted, and nothing is read any more.
class Parser {
 public:
  Parser(const std::string& text, std::vector<Problem>& problems) : text_(text), problems_(problems) {}

  bool read(Json& tree) {
    if (const std::size_t zero = text_.find('\0'); zero != std::string::npos) return fail(zero, "a byte 0");
    if (text_.compare(0, 3, "\xef\xbb\xbf") == 0) at_ = 3;
    return read_value(tree) && (peek() == '\0' || fail());
  }

 private:
  // The text holds no byte 0, so that is its end.
  char here() const { return text_[at_]; }
  char peek() {
    while (here() == ' ' || here() == '\n' || here() == '\r' || here() == '\t') ++at_;
    return here();
  }
  bool take(char character) {
    const bool there = here() == character;
    at_ += there;
    return there;
  }
  bool is_digit() const { return here() >= '0' && here() <= '9'; }

  bool fail() { return fail(at_, kSyntax); }
  bool fail(std::size_t place, const char* what) {
    std::size_t line = 1, column = 1;
    for (std::size_t i = 0; i < place; ++i) {
      ++column;
      if (text_[i] == '\n') ++line, column = 1;
    }
    problems_.push_back(
        {"", "JSON", std::string(what) + " at line " + std::to_string(line) + ", column " + std::to_string(column)});
    return false;
  }

  bool read_value(Json& to) {
    switch (peek()) {
      case '{':
        return read_items(to, Json::Type::object, '}');
      case '[':
        return read_items(to, Json::Type::array, ']');
      case '"': {
        std::string text;
        if (!read_string(text)) return false;
        to = Json(std::move(text));
        return true;
      }
      case 't':
        to = true;
        return read_word("true");
      case 'f':
        to = false;
        return read_word("false");
      case 'n':
        return read_word("null");
      default:
        return read_number(to);
    }
  }

  bool read_word(const char* word) {
    for (; *word != '\0'; ++word)
      if (!take(*word)) return fail();
    return true;
  }

  bool read_items(Json& to, Json::Type type, char end) {
    if (open_.size() == kMaxDepth) {
      problems_.push_back({"", "JSON of at most " + std::to_string(kMaxDepth) + " levels", "a deeper one"});
      return false;
    }
    to = type;
    open_.push_back(&to);
    ++at_;
    std::set<std::string> seen;
    if (peek() == end) {
      ++at_;
    } else {
      do {
        if (!(to.is_object() ? read_key(to, seen) : read_value(to.push_back({})))) return false;
      } while (peek() == ',' && take(','));
      if (!take(end)) return fail();
    }
    open_.pop_back();
    return true;
  }

  bool read_key(Json& object, std::set<std::string>& seen) {
    std::string key;
    if (peek() != '"') return fail();
    if (!read_string(key)) return false;
    const bool again = !seen.insert(key).second;
    Json& value = object.append(std::move(key), {});
    if (again) problems_.push_back({path(), "given once", "the same key twice"});
    if (peek() != ':') return fail();
    ++at_;
    return read_value(value);
  }

  bool read_string(std::string& to) {
    for (++at_; !take('"');) {
      if (here() == '\\') {
        if (!read_escape(to)) return fail();
        continue;
      }
      const std::size_t length = length_of_character(&text_[at_]);
      if (length == 0 || static_cast<unsigned char>(here()) < ' ') return fail();
      to.append(text_, at_, length);
      at_ += length;
    }
    return true;
  }

  bool read_escape(std::string& to) {
    static constexpr char kNames[] = "\"\\/bfnrt", kMeant[] = "\"\\/\b\f\n\r\t";
    ++at_;
    for (int i = 0; kNames[i] != '\0'; ++i) {
      if (!take(kNames[i])) continue;
      to += kMeant[i];
      return true;
    }
    std::uint32_t code = 0, low = 0;
    if (!read_hexadecimal(code)) return false;
    if (code >= 0xd800 && code < 0xe000) {  // half of a pair, the first before the second
      if (code >= 0xdc00 || !take('\\') || !read_hexadecimal(low) || low < 0xdc00 || low >= 0xe000) return false;
      code = 0x10000 + ((code & 0x3ff) << 10 | (low & 0x3ff));
    }
    append_character(to, code);
    return true;
  }

  bool read_hexadecimal(std::uint32_t& code) {
    if (!take('u')) return false;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char letter = static_cast<char>(here() | 0x20);
      if (!is_digit() && (letter < 'a' || letter > 'f')) return false;
      code = code << 4 | static_cast<std::uint32_t>(is_digit() ? here() - '0' : letter - 'a' + 10);
    }
    return true;
  }

  bool read_digits() {
    if (!is_digit()) return fail();
    while (is_digit()) ++at_;
    return true;
  }

  bool read_number(Json& to) {
    const std::size_t begin = at_;
    take('-');
    if (!take('0') && !read_digits()) return false;
    const std::size_t whole = at_;
    if (take('.') && !read_digits()) return false;
    if ((here() | 0x20) == 'e') {
      ++at_;
      if (!take('+')) take('-');
      if (!read_digits()) return false;
    }
    const double value = number_of(std::string_view(text_).substr(begin, at_ - begin));
    if (!std::isfinite(value)) return fail(at_ - 1, "a number that is too large");
    to = Json(at_ == whole ? Json::Type::integer : Json::Type::number, value);
    return true;
  }

  // Of what is being read: layers[0].units.
  std::string path() const {
    std::string whole;
    for (const Json* open : open_) {
      const std::size_t last = open->size() - 1;
      if (open->is_array())
        whole.append("[").append(std::to_string(last)).append("]");
      else
        whole.append(whole.empty() ? "" : ".").append(shorten(open->key(last)));
    }
    return whole;
  }

  const std::string& text_;
  std::vector<Problem>& problems_;
  std::size_t at_ = 0;
  std::vector<const Json*> open_;  // what is read now lies in each of these: none grows before it is whole
};

void write_string(std::string& to, const std::string& text) {
  to += '"';
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = length_of_character(&text[i]);
    if (text[i] == '"' || text[i] == '\\') to += '\\';
    if (length == 0)
      to += "\xef\xbf\xbd";
    else if (static_cast<unsigned char>(text[i]) < ' ')
      to.append("\\u00").append(1, text[i] < 16 ? '0' : '1').append(1, "0123456789abcdef"[text[i] & 15]);
    else
      to.append(text, i, length);
    i += std::max<std::size_t>(length, 1);
  }
  to += '"';
}

void write_value(std::string& to, const Json& value) {
  switch (value.type()) {
    case Json::Type::boolean:
      to += value.get<bool>() ? "true" : "false";
      return;
    case Json::Type::integer:
    case Json::Type::number:
      to += std::isfinite(value.get<double>()) ? number_text(value.get<double>()) : "null";
      return;
    case Json::Type::string:
      write_string(to, value.text());
      return;
    case Json::Type::array:
    case Json::Type::object:
      to += value.is_object() ? '{' : '[';
      for (std::size_t i = 0; i < value.size(); ++i) {
        if (i > 0) to += ',';
        if (value.is_object()) {
          write_string(to, value.key(i));
          to += ':';
        }
        write_value(to, value[i]);
      }
      to += value.is_object() ? '}' : ']';
      return;
    default:
      to += "null";
  }
}

}  // namespace

Json read_json(const std::string& text, std::vector<Problem>& problems) {
  const std::size_t before = problems.size();
  Json tree;
  Parser(text, problems).read(tree);
  if (problems.size() > before) return Json::Type::none;
  return tree;
}

Json trusted_json(const std::string& text) {
  std::vector<Problem> none;
  return read_json(text, none);
}

std::string text(const Json& json) {
  std::string text;
  write_value(text, json);
  return text;
}

std::string describe(const Json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list of " + std::to_string(value.size());
  return text(value.is_string() ? Json(shorten(value.text())) : value);
}

}  // namespace trainground
