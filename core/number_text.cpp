#include "number_text.h"

#include <cmath>

#ifdef __EMSCRIPTEN__
#include <emscripten.h>

EM_JS(double, trainground_number_of, (const char* at, std::size_t size), {
  let text = "";
  for (let i = 0; i < size; ++i) text += String.fromCharCode(HEAPU8[at + i]);
  return Number(text);
});
EM_JS(std::size_t, trainground_number_text, (double value, char* to), {
  const text = String(value);
  for (let i = 0; i < text.length; ++i) HEAPU8[to + i] = text.charCodeAt(i);
  return text.length;
});
#else
#include <charconv>
#include <cstdlib>
#endif

namespace trainground {
namespace {

#ifdef __EMSCRIPTEN__
std::string finite_text(double value) {
  char text[32];  // at most 25 are taken: -1.2345678901234567e-300
  return std::string(text, trainground_number_text(value, text));
}
#else
// ECMAScript, Number::toString: its digits are those of to_chars, its layout is another.
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
#endif

}  // namespace

std::string number_text(double value) {
  if (std::isfinite(value)) return finite_text(value);
  return std::isnan(value) ? "NaN" : value > 0 ? "infinity" : "-infinity";
}

double number_of(std::string_view text) {
#ifdef __EMSCRIPTEN__
  return trainground_number_of(text.data(), text.size());
#else
  return std::strtod(std::string(text).c_str(), nullptr);
#endif
}

}  // namespace trainground
