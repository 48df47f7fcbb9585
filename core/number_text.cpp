#include "number_text.h"

#include <charconv>
#include <cstdlib>

#ifndef __wasm__  // where it is JavaScript that does it
namespace trainground {

// The digits are those of to_chars, their layout is ECMAScript's.
std::string finite_text(double value) {
  if (value == 0) return "0";
  char text[32] = {};
  std::to_chars(text, text + sizeof text - 1, std::fabs(value), std::chars_format::scientific);
  const std::string_view shortest(text);
  const std::size_t e = shortest.find('e');
  std::string digits(shortest.substr(0, e));
  if (digits.size() > 1) digits.erase(1, 1);
  const int count = static_cast<int>(digits.size()), exponent = std::atoi(text + e + 1), whole = exponent + 1;
  const std::string sign = value < 0 ? "-" : "";
  if (whole >= count && whole <= 21) return sign + digits + std::string(static_cast<std::size_t>(whole - count), '0');
  if (whole > 0 && whole <= 21) return sign + digits.insert(static_cast<std::size_t>(whole), ".");
  if (whole > -6 && whole <= 0) return sign + "0." + std::string(static_cast<std::size_t>(-whole), '0') + digits;
  if (count > 1) digits.insert(1, ".");
  return sign + digits + (exponent < 0 ? "e-" : "e+") + std::to_string(std::abs(exponent));
}

double number_of(std::string_view text) { return std::strtod(std::string(text).c_str(), nullptr); }

}  // namespace trainground
#endif
