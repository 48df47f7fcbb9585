#include "json.h"

#include <algorithm>

namespace trainground {
namespace {

const Json kNull;

}  // namespace

Json::Json(std::string text) : type_(Type::string), text_(std::move(text)) {}
Json::Json(const char* text) : type_(Type::string), text_(text) {}

Json::Json(const Json& other) = default;
Json::Json(Json&& other) noexcept = default;
Json::~Json() = default;

Json& Json::operator=(const Json& other) = default;
Json& Json::operator=(Json&& other) noexcept = default;

const Json& Json::item(std::size_t index) const { return index < items_.size() ? items_[index] : kNull; }

Json& Json::push_back(Json value) { return items_.emplace_back(std::move(value)); }

const Json* Json::find(std::string_view key) const {
  const auto found = std::find(keys_.begin(), keys_.end(), key);
  return found == keys_.end() ? nullptr : &items_[static_cast<std::size_t>(found - keys_.begin())];
}

const Json& Json::operator[](std::string_view key) const {
  const Json* found = find(key);
  return found ? *found : kNull;
}

Json& Json::operator[](std::string_view key) {
  const Json* found = find(key);
  return found ? items_[static_cast<std::size_t>(found - begin())] : append(std::string(key), Json());
}

Json& Json::append(std::string key, Json value) {
  keys_.push_back(std::move(key));
  return push_back(std::move(value));
}

bool Json::erase(std::string_view key) {
  const auto found = std::find(keys_.begin(), keys_.end(), key);
  if (found == keys_.end()) return false;
  items_.erase(items_.begin() + (found - keys_.begin()));
  keys_.erase(found);
  return true;
}

JsonObject& JsonObject::add(const char* key, Json value) {
  json_.append(key, std::move(value));
  return *this;
}
JsonObject& JsonObject::add(const char* key, const std::string& value) { return add(key, Json(value)); }
JsonObject& JsonObject::add(const char* key, const char* value) { return add(key, Json(value)); }
JsonObject& JsonObject::add(const char* key, double value) { return add(key, Json(value)); }
JsonObject& JsonObject::add(const char* key, Json::Type type, double number) { return add(key, Json(type, number)); }

}  // namespace trainground
