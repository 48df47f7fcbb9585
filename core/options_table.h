// A row of options.h as its readers see it: what it takes in words, its default, and all rows as one table.
#pragma once

#include <string>

#include "json_text.h"
#include "options.h"

namespace trainground {

// What a row takes, to stand after "Expected ... to be".
std::string expectation(const Option& option);

// A whole number without its fraction: 3, not 3.0.
Json tidy(double value);

// The row's default as the file writes it.
Json default_of(const Option& option);

// All rows as JSON, in the file's order: [{path, type, default, minimum, maximum, step, choices, unit, description, of}]. A path
// may come several times, for different types of its object: `of` names them. No `default`: it is inherited or refused, see
// `required`.
std::string options_table();

}  // namespace trainground
