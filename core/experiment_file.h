// Reads an experiment file: JSON in, the plain struct or all of its problems out.
//
// The file is the public contract: the page's state, its share link, the module and the command line all speak it. It is judged
// here and nowhere else, by the rows of options.h. `dataset` is checked for its form only: its files are the caller's.
#pragma once

#include <string>
#include <vector>

#include "experiment.h"
#include "problem.h"

namespace trainground {

struct ParsedExperiment {
  Experiment experiment;
  std::string normalized;         // the same file as JSON with every default written out; reads back as the same experiment
  std::vector<Problem> problems;  // all at once; the two above count only if this is empty
};

ParsedExperiment parse_experiment(const std::string& json);

// The table of options as JSON, in the file's order: [{path, type, default, minimum, maximum, step, choices, unit, description,
// of}]. A path may come several times, for different types of its object: `of` names them. No `default`: it is inherited or
// refused, see `required`.
std::string options_table();

}  // namespace trainground
