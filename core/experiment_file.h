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

}  // namespace trainground
