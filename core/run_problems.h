// What stands between an experiment and a run on its data, all of it at once, and what is no obstacle but should be known.
#pragma once

#include <string>
#include <vector>

#include "training.h"

namespace trainground {

// Shapes that do not fit, a network that no memory could hold, labels for another loss, a part without samples, a batch of which
// nothing could be learned. `validation` may be null.
std::vector<Problem> run_problems(const Experiment& experiment, const Dataset& data, const Dataset* validation);

// Sentences: classes without samples, samples without a group, a last batch of which batch normalization learns nothing.
std::vector<std::string> run_notes(const Training& run);

}  // namespace trainground
