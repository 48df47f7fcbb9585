// Numbers as text: written in the fewest digits that read back as the same number, and read to the nearest double, both as
// JavaScript does it (ECMAScript, Number::toString and StringToNumber).
//
// In a page and in Node it is JavaScript that does (wasm/number_text.cpp): the tables and long arithmetic for it would be 6 kB of
// the engine's download. Native programs have number_text.cpp.
#pragma once

#include <cmath>
#include <string>
#include <string_view>

namespace trainground {

// 3, 0.1, 1e-8.
std::string finite_text(double value);

// Of a text that is a number in JSON's form; infinite where it is too large.
double number_of(std::string_view text);

// Of any: NaN, infinity, -infinity.
inline std::string number_text(double value) {
  if (std::isfinite(value)) return finite_text(value);
  return std::isnan(value) ? "NaN" : value > 0 ? "infinity" : "-infinity";
}

}  // namespace trainground
