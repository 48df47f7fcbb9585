// JSON text to a tree, or one sentence about where it is broken.
//
// Stricter than the library's reader, because experiment files are written by hand: a key given twice is a problem and not the
// last one's word, and nesting ends at a depth that no experiment needs. The time it takes is linear in the text, but for the
// order of an object's keys.
#pragma once

#include <concepts>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "problem.h"

namespace trainground {

using Json = nlohmann::ordered_json;

// The tree, or a discarded value and what is wrong in `problems`.
Json read_json(const std::string& text, std::vector<Problem>& problems);

// Of a text that the program itself wrote.
Json trusted_json(const std::string& text);

// An object that is written key by key, none twice: JsonObject().add("epoch", 1).add("loss", 0.5). As initializer lists of the
// library, the same takes seven times the code.
class JsonObject {
 public:
  JsonObject& add(const char* key, Json value);
  JsonObject& add(const char* key, const std::string& value);
  JsonObject& add(const char* key, const char* value);
  JsonObject& add(const char* key, double value);
  template <std::integral Integer>
  JsonObject& add(const char* key, Integer value) {
    if constexpr (std::is_same_v<Integer, bool>)
      return add(key, Json(value));
    else
      return add_whole(key, static_cast<std::int64_t>(value));
  }

  operator Json() { return std::move(json_); }  // and is empty afterwards

 private:
  JsonObject& add_whole(const char* key, std::int64_t value);

  Json json_ = Json::object();
};

// A value as a message shows it: short, whatever its size.
std::string describe(const Json& value);

// A number in the fewest digits that read back as the same number.
std::string number_text(double value);

}  // namespace trainground
