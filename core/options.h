// The one table of options: path, kind, default, range, choices, unit, a sentence, and the member of the experiment it sets.
//
// The reader of experiment files, the page's controls, the command line and the documentation's test all go by these rows, so
// that a name, a default or a range exists once. Names are Keras's; defaults of the mathematics are PyTorch's, except where a row
// says so.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace trainground {

enum class OptionKind { boolean, integer, number, range, choice, padding, text, names, group, list };

// What it means that the file does not give an option.
enum class IfAbsent {
  default_value,  // the row's default is taken and written out
  inherited,      // another option counts instead, as the description says; nothing is written out
  refused,        // it must be given
  any_of,         // at least one of the options with this mark must be given, within one object
  one_of,         // exactly one of them
};

using Choices = std::span<const char* const>;

struct Option {
  const char* path;  // "layers[].rate"; what stands before the last dot names the object it belongs to
  OptionKind kind;
  IfAbsent if_absent;
  double fallback = 0, fallback_end = 0;  // a choice's is its place in `choices`; the second counts for a range
  double minimum = 0, maximum = 0;  // of the number, of both ends of a range, of each side, of the length of a list or names
  double step = 1;                  // of an integer, from its minimum on
  Choices choices{};
  const char* content = nullptr;  // group and list: the path before the dot of what stands inside
  bool shorthand = false;         // group: a mere string may stand for the object that has only this type
  const char* unit = "";
  std::uint32_t types = ~0u;  // which types of its object take it: bit i is type i
  const char* description = "";
  void (*store)(void* object, double value, double end) = nullptr;  // null: its form is checked, its value is the caller's
  void* (*place)(void* object) = nullptr;  // group, list, padding: the struct that takes what stands inside

  std::string_view key() const;
  std::string_view object() const;  // "layers[]", "" for the top

  constexpr Option of(std::uint32_t type_bits) const {
    Option changed = *this;
    changed.types = type_bits;
    return changed;
  }
  constexpr Option in_steps_of(double size) const {
    Option changed = *this;
    changed.step = size;
    return changed;
  }
  constexpr Option in(const char* unit_name) const {
    Option changed = *this;
    changed.unit = unit_name;
    return changed;
  }
};

std::span<const Option> all_options();

// The rows of one object, in the file's order: those that `type` takes, or all if it is -1.
std::vector<const Option*> options_of(std::string_view object, int type);

}  // namespace trainground
