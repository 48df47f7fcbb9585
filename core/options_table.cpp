#include "options_table.h"

#include <cmath>
#include <string>
#include <vector>

namespace trainground {
namespace {

std::string word_list(Choices choices) {
  std::string words;
  for (const char* choice : choices) words += (words.empty() ? "" : ", ") + std::string(choice);
  return words;
}

const char* kind_name(OptionKind kind) {
  static constexpr const char* kNames[] = {"boolean", "integer", "number", "range",  "choice",
                                           "padding", "string",  "names",  "object", "list"};
  return kNames[static_cast<int>(kind)];
}

// The words for the types that take a row: the choices of its object's `type`, where not all take it.
Json types_of(const Option& option) {
  Json words = Json::array();
  const Option& type = *options_of(option.object(), -1).front();
  if (type.key() != "type" || option.types == ~0u) return words;
  for (std::size_t i = 0; i < type.choices.size(); ++i) {
    if ((option.types >> i & 1) != 0) words.push_back(type.choices[i]);
  }
  return words;
}

}  // namespace

std::string expectation(const Option& option) {
  const std::string from_to = " from " + number_text(option.minimum) + " to " + number_text(option.maximum);
  switch (option.kind) {
    case OptionKind::boolean:
      return "true or false";
    case OptionKind::integer:
      return "an integer" + from_to + (option.step != 1 ? " in steps of " + number_text(option.step) : "");
    case OptionKind::number:
      return "a number" + from_to;
    case OptionKind::range:
      return "two numbers" + from_to + ", the smaller first";
    case OptionKind::choice:
      return "one of " + word_list(option.choices);
    case OptionKind::padding:
      return word_list(option.choices) + ", an integer" + from_to + ", or four of them: top, bottom, left, right";
    case OptionKind::text:
      return "a text of " + number_text(option.minimum) + " to " + number_text(option.maximum) + " bytes";
    case OptionKind::names:
      return "a list of " + number_text(option.minimum) + " to " + number_text(option.maximum) + " texts";
    case OptionKind::group:
      return option.shorthand ? "an object or a name" : "an object";
    case OptionKind::list:
      return "a list of " + number_text(option.minimum) + " to " + number_text(option.maximum) + " objects";
  }
  return "";
}

Json tidy(double value) {
  if (std::floor(value) == value && std::fabs(value) < 0x1p53) return static_cast<std::int64_t>(value);
  return value;
}

Json default_of(const Option& option) {
  switch (option.kind) {
    case OptionKind::boolean:
      return option.fallback != 0;
    case OptionKind::choice:
    case OptionKind::padding:
      return option.choices[static_cast<std::size_t>(option.fallback)];
    case OptionKind::range:
      return Json::list(tidy(option.fallback), tidy(option.fallback_end));
    case OptionKind::names:
    case OptionKind::list:
      return Json::array();
    case OptionKind::group:
      return Json::object();
    default:
      return tidy(option.fallback);
  }
}

std::string options_table() {
  Json table = Json::array();
  for (const Option& option : all_options()) {
    Json row = JsonObject().add("path", option.path).add("type", kind_name(option.kind));
    if (option.if_absent == IfAbsent::default_value) row["default"] = default_of(option);
    row["required"] = option.if_absent == IfAbsent::refused;
    if (option.maximum > 0) row["minimum"] = tidy(option.minimum), row["maximum"] = tidy(option.maximum);
    if (option.step != 1) row["step"] = tidy(option.step);
    if (!option.choices.empty()) row["choices"] = std::vector<std::string>(option.choices.begin(), option.choices.end());
    if (*option.unit != '\0') row["unit"] = option.unit;
    row["description"] = option.description;
    if (Json types = types_of(option); !types.empty()) row["of"] = std::move(types);
    table.push_back(std::move(row));
  }
  return text(table);
}

}  // namespace trainground
