// How a row of the table of options is written: number("optimizer.beta1", 0.9, 0, 1, store<&OptimizerOptions::beta1>, "...").
#pragma once

#include <type_traits>

#include "options.h"

namespace trainground::rows {

// What a row does to the struct: member pointers with their types folded into plain functions, so that one table serves all
// structs.
template <auto Member>
struct Place;
template <class Object, class Value, Value Object::*kMember>
struct Place<kMember> {
  static void store(void* object, double value, double) {
    if constexpr (std::is_enum_v<Value>) {
      static_cast<Object*>(object)->*kMember = static_cast<Value>(static_cast<int>(value));
    } else {
      static_cast<Object*>(object)->*kMember = static_cast<Value>(value);
    }
  }
  static void* member(void* object) { return &(static_cast<Object*>(object)->*kMember); }
  static void* append(void* object) { return &(static_cast<Object*>(object)->*kMember).emplace_back(); }
};
template <auto First, auto Last>
void store_range(void* object, double value, double end) {
  Place<First>::store(object, value, 0);
  Place<Last>::store(object, end, 0);
}
template <auto Member>
inline constexpr auto store = Place<Member>::store;
template <auto Member>
inline constexpr auto member = Place<Member>::member;
template <auto Member>
inline constexpr auto append = Place<Member>::append;
using Store = void (*)(void*, double, double);
using Where = void* (*)(void*);
constexpr IfAbsent kDefault = IfAbsent::default_value, kInherited = IfAbsent::inherited, kRefused = IfAbsent::refused,
                   kAnyOf = IfAbsent::any_of, kOneOf = IfAbsent::one_of;

constexpr Option boolean(const char* path, bool fallback, Store to, const char* description) {
  return {.path = path,
          .kind = OptionKind::boolean,
          .if_absent = kDefault,
          .fallback = fallback ? 1.0 : 0.0,
          .description = description,
          .store = to};
}
constexpr Option integer(const char* path, double fallback, double minimum, double maximum, Store to, const char* description,
                         IfAbsent if_absent = kDefault) {
  return {.path = path,
          .kind = OptionKind::integer,
          .if_absent = if_absent,
          .fallback = fallback,
          .minimum = minimum,
          .maximum = maximum,
          .description = description,
          .store = to};
}
constexpr Option number(const char* path, double fallback, double minimum, double maximum, Store to, const char* description,
                        IfAbsent if_absent = kDefault) {
  Option row = integer(path, fallback, minimum, maximum, to, description, if_absent);
  row.kind = OptionKind::number;
  return row;
}
constexpr Option range(const char* path, double fallback, double end, double minimum, double maximum, Store to,
                       const char* description, IfAbsent if_absent = kDefault) {
  Option row = number(path, fallback, minimum, maximum, to, description, if_absent);
  row.kind = OptionKind::range;
  row.fallback_end = end;
  return row;
}
template <class Enum>
constexpr Option choice(const char* path, Enum fallback, Choices choices, Store to, const char* description,
                        IfAbsent if_absent = kDefault) {
  return {.path = path,
          .kind = OptionKind::choice,
          .if_absent = if_absent,
          .fallback = static_cast<double>(fallback),
          .choices = choices,
          .description = description,
          .store = to};
}
constexpr Option padding(const char* path, Choices choices, double maximum, Where place, const char* description) {
  return {.path = path,
          .kind = OptionKind::padding,
          .if_absent = kDefault,
          .maximum = maximum,
          .choices = choices,
          .description = description,
          .place = place};
}
constexpr Option text(const char* path, const char* description, IfAbsent if_absent = kRefused) {
  return {
      .path = path, .kind = OptionKind::text, .if_absent = if_absent, .minimum = 1, .maximum = 4096, .description = description};
}
constexpr Option names(const char* path, double maximum, const char* description) {
  return {.path = path,
          .kind = OptionKind::names,
          .if_absent = kDefault,
          .minimum = 0,
          .maximum = maximum,
          .description = description};
}
constexpr Option group(const char* path, IfAbsent if_absent, const char* content, bool shorthand, Where place,
                       const char* description) {
  return {.path = path,
          .kind = OptionKind::group,
          .if_absent = if_absent,
          .content = content,
          .shorthand = shorthand,
          .description = description,
          .place = place};
}
constexpr Option list(const char* path, IfAbsent if_absent, double minimum, double maximum, const char* content, Where place,
                      const char* description) {
  return {.path = path,
          .kind = OptionKind::list,
          .if_absent = if_absent,
          .minimum = minimum,
          .maximum = maximum,
          .content = content,
          .description = description,
          .place = place};
}

template <class... Enum>
constexpr std::uint32_t bits(Enum... types) {
  return ((1u << static_cast<int>(types)) | ...);
}

}  // namespace trainground::rows
