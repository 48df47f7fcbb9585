// Numbers as text: written in the fewest digits that read back as the same number, and read to the nearest double, both as
// JavaScript does it (ECMAScript, Number::toString and StringToNumber). In a page or in Node it is JavaScript that does: the
// tables and long arithmetic for it would be 6 kB of the engine's download.
#pragma once

#include <string>
#include <string_view>

namespace trainground {

// 3, 0.1, 1e-8; NaN, infinity, -infinity.
std::string number_text(double value);

// Of a text that is a number in JSON's form; infinite where it is too large.
double number_of(std::string_view text);

}  // namespace trainground
