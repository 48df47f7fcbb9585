// JSON text to a tree, or one sentence about where it is broken.
//
// Stricter than the library's reader, because experiment files are written by hand: a key given twice is a problem and not the
// last one's word, and nesting ends at a depth that no experiment needs. The time it takes is linear in the text, but for the
// order of an object's keys.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "problem.h"

namespace trainground {

using Json = nlohmann::ordered_json;

// The tree, or a discarded value and what is wrong in `problems`.
Json read_json(const std::string& text, std::vector<Problem>& problems);

// Of a text that the program itself wrote.
Json trusted_json(const std::string& text);

// A value as a message shows it: short, whatever its size.
std::string describe(const Json& value);

// A number in the fewest digits that read back as the same number.
std::string number_text(double value);

}  // namespace trainground
