// JSON text to a tree, or one sentence about where it is broken; and a tree to text.
//
// Stricter than JSON.parse, because experiment files are written by hand: a key given twice is a problem and not the last one's
// word, and nesting ends at a depth that no experiment needs. The time it takes is linear in the text, but for the order of an
// object's keys. Own code: JSON for Modern C++ does the same and takes 10 kB more of the engine's download.
#pragma once

#include <string>
#include <vector>

#include "json.h"
#include "number_text.h"
#include "problem.h"

namespace trainground {

// The tree, or no value and what is wrong in `problems`. The text may begin with a byte order mark.
Json read_json(const std::string& text, std::vector<Problem>& problems);

// Of a text that the program itself wrote.
Json trusted_json(const std::string& text);

// Without spaces. What JSON cannot hold (NaN, infinity) becomes null; bytes that are not UTF-8 become U+FFFD.
std::string text(const Json& json);

// A value as a message shows it: short, whatever its size.
std::string describe(const Json& value);

}  // namespace trainground
