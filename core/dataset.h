// Samples and labels in memory, where they come from, and their seeded split.
//
// Samples stay as they came (uint8, float32 or float64, (N,H,W,C)); a batch scales uint8 to 0..1 as it gathers, and rounds
// float64 to float32 only once it is normalized, so that a table of timestamps keeps its seconds. Reading a format is a pure
// function from bytes to a dataset or to problems: files, gzip and picture decoding are the caller's. A problem's path is the key
// of the experiment's `dataset` that it is about (`images`, `path`, `label`, ...). A dataset without problems can be trusted: its
// lengths fit, its numbers are finite, its labels lie within its classes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "experiment.h"
#include "tensor.h"

namespace trainground {

struct Dataset {
  Shape shape;                 // of one sample
  int samples = 0;             // N
  Buffer<std::uint8_t> bytes;  // (N,H,W,C): one of these three, the others empty
  std::vector<float> floats;
  std::vector<double> doubles;
  // Of a table, whose doubles are (N, columns): 0 for a number (NaN where it is missing), else how many channels the column's
  // categories take; of these the stored number (-1: none) is the place of the one that is 1.
  std::vector<int> columns;
  std::vector<std::int32_t> labels;      // (N) classes, or empty for regression
  std::vector<float> targets;            // (N,K) for regression
  int outputs = 0;                       // classes, or K
  std::vector<std::string> class_names;  // may be empty
  std::vector<std::int32_t> groups;      // (N) or empty: samples that a split must keep together
  bool bursts = false;                   // groups are frames in the order they were taken, so one may be parted by time

  bool classifies() const { return targets.empty(); }
  std::string class_name(int label) const;  // its number where classes have no names
  bool has_inputs_of(const Dataset& other) const {
    return shape == other.shape && bytes == other.bytes && floats == other.floats && doubles == other.doubles;
  }
};

struct ParsedDataset {
  Dataset dataset;
  std::vector<Problem> problems;
};

// More classes than this are a mistake (a column of identifiers, say), not a classification.
constexpr int kMaxClasses = 10000;

// Arrays as they come from a program: one of bytes, floats and doubles, one of labels and targets. Paths: inputs, labels,
// targets, ...
struct RawSamples {
  int samples = 0;
  Shape shape;
  std::span<const std::uint8_t> bytes;
  Buffer<std::uint8_t>* owner = nullptr;  // of the bytes, if the data set may have them for its own: then nothing is held twice
  std::span<const float> floats;
  std::span<const double> doubles;
  std::vector<int> columns;  // as in Dataset: only then may doubles be NaN
  std::span<const std::int32_t> labels;
  std::span<const float> targets;
  int outputs = 0;                       // K of targets (N,K)
  std::vector<std::string> class_names;  // where given, labels must lie within them
  std::span<const std::int32_t> groups;
  bool bursts = false;
};
ParsedDataset from_samples(const RawSamples& raw);

// That a sample's label is none of so many classes.
Problem label_problem(std::int64_t label, int classes, std::size_t sample);

// Two files in the form of MNIST's, gunzipped: uint8 pictures (N,H,W), or (N,H,W,C) or (N,D), and uint8 labels (N).
ParsedDataset read_idx(std::span<const std::uint8_t> images, std::span<const std::uint8_t> labels);

// Two tensors of one file: inputs U8, F16, BF16, F32 or F64, (N,H,W,C), (N,H,W) or (N,D); labels of any type of integers (N), or
// of the same floats (N,K) or (N) for regression. `groups`, where not empty, names a third: integers (N).
ParsedDataset read_safetensors_dataset(std::span<const std::uint8_t> file, const std::string& inputs, const std::string& labels,
                                       const std::string& groups = "");

// Points (x, y) of two classes within about -1..1, classes in turn. `shape` is moons, circles, xor, gaussians or spiral; `noise`
// is the standard deviation of what is added to each coordinate; both as the table of options allows. Every number is a function
// of (seed, part, sample): part 0 is to learn from, another part has other points of the same pattern.
Dataset make_points(const std::string& shape, int samples, double noise, std::uint64_t seed, int part = 0);

// Makes `other` speak of classes as `training` does, by name where both have names; problems where it cannot, or where shapes
// differ.
std::vector<Problem> match_classes(const Dataset& training, Dataset& other);

// Puts each column's median over these samples (of an even number, the mean of the two in the middle; 0 where all are missing)
// where a number of the table is missing, in `other` (null: none) too. Gives the medians, 0 for categories.
std::vector<double> fill_missing(Dataset& table, std::span<const std::int32_t> samples, Dataset* other);

struct Split {
  std::vector<std::int32_t> training, validation;  // indices into the dataset, ascending
};

// The validation part takes the given share of each class (of all, for regression), drawn by (seed, class) alone; at least one
// sample of a class goes each way where it has two. By group, samples of one group stay together, so a share is then only
// approached; by fileOrder, the share is the end of the set as it stands, whatever the classes. A class that is one burst alone
// gives the last part of it, behind a gap of half as many that are in neither part.
Split split(const Dataset& dataset, double validation_split, std::uint64_t seed, SplitBy by = SplitBy::data);

// How many folds cross-validation can have: every fold holds something of each class back. Less than 2: none.
int most_folds(const Dataset& dataset, SplitBy by);

// Leaves at most `count` training samples of each class, drawn by (seed, class) alone, so that what is judged does not change.
void keep_per_class(const Dataset& dataset, int count, std::uint64_t seed, Split& parts);

// As the experiment has it; all of a validation set of its own (null: none) is held back. With a fold, that one of `count` parts
// of the set, as equal in every class as its groups are, with groups kept together; a class that is one burst alone is cut by
// time.
Split split_for(const Experiment& experiment, const Dataset& data, const Dataset* validation);

// What the experiment's splitBy and samplesPerClass ask for and the dataset does not have. Where the set is not split, since
// validation has a set of its own, splitBy is not judged.
std::vector<Problem> split_problems(const Dataset& dataset, const Experiment& experiment, bool is_split);

// What keeps a dataset that is valid in itself from being trained on with this split: one class only, or a part left empty.
std::vector<Problem> training_problems(const Dataset& dataset, const Split& parts, double validation_split);

// Per channel, over the given samples, of pixels as a batch gives them (uint8 scaled to 0..1). A constant channel has
// deviation 1; so have a table's categories, with mean 0: they stay 0 and 1.
struct Normalization {
  std::vector<double> mean, deviation;  // both empty: none

  bool empty() const { return mean.empty(); }
};
Normalization channel_statistics(const Dataset& dataset, std::span<const std::int32_t> samples);

// Per output, of a regression's targets. A constant one has deviation 1.
Normalization label_statistics(const Dataset& dataset, std::span<const std::int32_t> samples);

}  // namespace trainground
