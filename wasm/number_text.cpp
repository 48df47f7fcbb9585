// The core's numbers as text are JavaScript's own.
#include "number_text.h"

#include <emscripten.h>

EM_JS(double, trainground_number_of, (const char* at, std::size_t size), {
  let text = "";
  for (let i = 0; i < size; ++i) text += String.fromCharCode(HEAPU8[at + i]);
  return Number(text);
});
EM_JS(std::size_t, trainground_finite_text, (double value, char* to), {
  const text = String(value);
  for (let i = 0; i < text.length; ++i) HEAPU8[to + i] = text.charCodeAt(i);
  return text.length;
});

namespace trainground {

std::string finite_text(double value) {
  char text[32];  // at most 25 are taken: -1.2345678901234567e-300
  return std::string(text, trainground_finite_text(value, text));
}

double number_of(std::string_view text) { return trainground_number_of(text.data(), text.size()); }

}  // namespace trainground
