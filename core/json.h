// A JSON value: what an experiment file, a header or an answer to JavaScript says, as a tree. Objects keep the order of their
// keys.
//
// Whoever asks a value for what it is not gets 0, false, an empty text or null, never an error: options and files are checked by
// what they must be before anybody reads them.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace trainground {

class Json {
 public:
  enum class Type : std::uint8_t {
    none,  // no value at all: of a text that is not JSON
    null,
    boolean,
    integer,  // written without a fraction or an exponent; a double like every number, so exact up to 2^53
    number,
    string,
    array,
    object
  };

  Json(Type type = Type::null) : type_(type) {}
  Json(Type type, double number) : type_(type), number_(number) {}
  Json(bool value) : Json(Type::boolean, value) {}
  Json(double value) : Json(Type::number, value) {}
  Json(float value) : Json(static_cast<double>(value)) {}
  template <std::integral Integer>
  Json(Integer value) : Json(Type::integer, static_cast<double>(value)) {}
  Json(std::string text);
  Json(const char* text);
  template <class Values>
    requires(!std::is_same_v<Values, Json> && !std::is_convertible_v<Values, std::string>) &&
            requires(const Values& all) { all.begin(); }
  Json(const Values& values) : Json(Type::array) {
    for (const auto& value : values) push_back(value);
  }

  static Json array() { return Json(Type::array); }
  static Json object() { return Json(Type::object); }
  template <class... Values>
  static Json list(const Values&... values) {
    Json result = array();
    (result.push_back(values), ...);
    return result;
  }

  Json(const Json& other);
  Json(Json&& other) noexcept;
  Json& operator=(const Json& other);
  Json& operator=(Json&& other) noexcept;
  ~Json();

  Type type() const { return type_; }
  bool is_none() const { return type_ == Type::none; }
  bool is_boolean() const { return type_ == Type::boolean; }
  bool is_number() const { return type_ == Type::integer || type_ == Type::number; }
  // Whole, not below 0, and exact.
  bool is_count() const { return type_ == Type::integer && number_ >= 0 && number_ <= 0x1p53; }
  bool is_string() const { return type_ == Type::string; }
  bool is_array() const { return type_ == Type::array; }
  bool is_object() const { return type_ == Type::object; }

  const std::string& text() const { return text_; }
  template <class T>
  T get() const {
    if constexpr (std::is_same_v<T, std::string>) {
      return text_;
    } else if constexpr (std::is_arithmetic_v<T>) {
      return static_cast<T>(number_);
    } else {
      T values;
      for (const Json& item : items_) values.push_back(item.get<typename T::value_type>());
      return values;
    }
  }

  // Of an array or an object.
  std::size_t size() const { return items_.size(); }
  bool empty() const { return items_.empty(); }
  const Json* begin() const { return items_.data(); }
  const Json* end() const { return items_.data() + items_.size(); }
  template <std::integral Index>
  const Json& operator[](Index index) const {  // null where there is none
    return item(static_cast<std::size_t>(index));
  }
  template <std::integral Index>
  Json& operator[](Index index) {
    return items_[static_cast<std::size_t>(index)];
  }
  Json& push_back(Json value);

  // Of an object. Looking a key up takes time in proportion to their number.
  const std::string& key(std::size_t index) const { return keys_[index]; }
  const Json* find(std::string_view key) const;  // none: a null pointer
  bool contains(std::string_view key) const { return find(key) != nullptr; }
  const Json& operator[](std::string_view key) const;  // null where there is none
  Json& operator[](std::string_view key);              // and is added where there is none
  Json& append(std::string key, Json value);           // which the object does not have yet
  bool erase(std::string_view key);                    // whether it was there
  template <class T>
  T value(std::string_view key, const T& fallback) const {
    const Json* found = find(key);
    return found ? found->get<T>() : fallback;
  }

 private:
  const Json& item(std::size_t index) const;

  Type type_;
  double number_ = 0;  // a boolean's: 0 or 1
  std::string text_;
  std::vector<Json> items_;
  std::vector<std::string> keys_;  // of an object: one for each item
};

// An object that is written key by key, none twice: JsonObject().add("epoch", 1).add("loss", 0.5).
class JsonObject {
 public:
  JsonObject& add(const char* key, Json value);
  JsonObject& add(const char* key, const std::string& value);
  JsonObject& add(const char* key, const char* value);
  JsonObject& add(const char* key, double value);
  template <std::integral Integer>
  JsonObject& add(const char* key, Integer value) {
    return add(key, std::is_same_v<Integer, bool> ? Json::Type::boolean : Json::Type::integer, static_cast<double>(value));
  }

  operator Json() { return std::move(json_); }  // and is empty afterwards

 private:
  JsonObject& add(const char* key, Json::Type type, double number);

  Json json_ = Json::object();
};

}  // namespace trainground
