// An experiment from its file's text without the outer braces, for tests that need one: any problem fails the test.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "experiment_file.h"

namespace trainground {

inline Experiment experiment(const std::string& json) {
  const ParsedExperiment parsed = parse_experiment("{" + json + "}");
  for (const Problem& problem : parsed.problems)
    ADD_FAILURE() << problem.path << ": " << problem.expected << ", " << problem.given;
  return parsed.experiment;
}

}  // namespace trainground
