// One thing wrong with the user's input. Whoever judges input returns all problems at once; JavaScript puts them into words:
// "Expected layers[2].rate to be a number from 0 to 0.95, got 1.5".
#pragma once

#include <string>

namespace trainground {

struct Problem {
  std::string path;      // "layers[2].rate"
  std::string expected;  // "a number from 0 to 0.95"
  std::string given;     // "1.5"
};

}  // namespace trainground
