// Any bytes as an experiment file: never a crash, and what is accepted is written out in a form that reads back as the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "experiment_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trainground;
  const ParsedExperiment parsed = parse_experiment(std::string(reinterpret_cast<const char*>(data), size));
  if (!parsed.problems.empty()) return 0;
  const ParsedExperiment again = parse_experiment(parsed.normalized);
  if (!again.problems.empty() || again.normalized != parsed.normalized) std::abort();
  return 0;
}
