// Pictures and labels in memory, and their seeded split.
//
// Pictures stay as they came (uint8 or float32, (N,H,W,C)); a batch scales uint8 to 0..1 as it gathers. Reading a format is a pure
// function from bytes to a dataset or to problems: files, gzip and picture decoding are the caller's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "experiment.h"
#include "tensor.h"

namespace trainground {

struct Dataset {
  Shape shape;                              // of one sample
  int samples = 0;
  std::vector<std::uint8_t> bytes;          // (N,H,W,C), or empty
  std::vector<float> floats;                // (N,H,W,C), where bytes is empty
  std::vector<std::int32_t> labels;         // (N) classes, or empty for regression
  std::vector<float> targets;               // (N,K) for regression
  int outputs = 0;                          // classes, or K
  std::vector<std::string> class_names;     // may be empty
  std::vector<std::int32_t> groups;         // (N) or empty: samples that a split must keep together
};

struct ParsedDataset {
  Dataset dataset;
  std::vector<Problem> problems;
};

struct Split {
  std::vector<std::int32_t> training, validation;  // indices into the dataset, ascending
};

}  // namespace trainground
