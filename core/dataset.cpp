#include "dataset.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>

#include "json_text.h"
#include "xtensor.h"

namespace trainground {
namespace {

constexpr int kMaxSide = 1 << 16;
constexpr std::int64_t kMaxValues = std::int64_t{1} << 31;

std::string sides_of(const Shape& shape) {
  return std::to_string(shape.height) + "x" + std::to_string(shape.width) + "x" + std::to_string(shape.channels);
}

// "sample 3 (row 1, column 2, channel 0)": where a number of the inputs stands.
std::string place_of(std::size_t index, const Shape& shape) {
  const std::size_t size = static_cast<std::size_t>(shape.size()), channels = static_cast<std::size_t>(shape.channels);
  const std::size_t width = static_cast<std::size_t>(shape.width);
  const std::size_t within = index % size, pixel = within / channels;
  std::string place = "sample " + std::to_string(index / size);
  if (shape.height == 1 && shape.width == 1) return place + ", value " + std::to_string(within);
  return place + " (row " + std::to_string(pixel / width) + ", column " + std::to_string(pixel % width) + ", channel " +
         std::to_string(within % channels) + ")";
}

// The first number that is not finite as float32, or the count.
template <class Float>
std::size_t first_not_finite(std::span<const Float> values) {
  const auto place = std::find_if(values.begin(), values.end(), [](Float v) { return !std::isfinite(static_cast<float>(v)); });
  return static_cast<std::size_t>(place - values.begin());
}

void check_length(std::vector<Problem>& problems, const char* path, std::size_t length, std::int64_t expected) {
  if (static_cast<std::int64_t>(length) == expected) return;
  problems.push_back({path, std::to_string(expected) + " numbers long", std::to_string(length)});
}

void check_labels(const RawSamples& raw, std::vector<Problem>& problems, int& outputs) {
  const int named = static_cast<int>(raw.class_names.size());
  const int limit = named != 0 ? named : kMaxClasses;
  const auto labels =
      xt::adapt(raw.labels.data(), raw.labels.size(), xt::no_ownership(), std::vector<std::size_t>{raw.labels.size()});
  const std::int32_t low = xt::amin(labels)(), high = xt::amax(labels)();
  outputs = named != 0 ? named : high + 1;
  if (low >= 0 && high < limit) return;
  const auto outside =
      std::find_if(raw.labels.begin(), raw.labels.end(), [&](std::int32_t label) { return label < 0 || label >= limit; });
  problems.push_back(label_problem(*outside, limit, static_cast<std::size_t>(outside - raw.labels.begin())));
}

}  // namespace

std::string Dataset::class_name(int label) const {
  return class_names.empty() ? std::to_string(label) : class_names[static_cast<std::size_t>(label)];
}

Problem label_problem(std::int64_t label, int classes, std::size_t sample) {
  return {"labels", "classes from 0 to " + std::to_string(classes - 1),
          std::to_string(label) + " for sample " + std::to_string(sample)};
}

ParsedDataset from_samples(const RawSamples& raw) {
  ParsedDataset parsed;
  std::vector<Problem>& problems = parsed.problems;
  const Shape& shape = raw.shape;
  const auto fits = [](int side) { return side >= 1 && side <= kMaxSide; };
  if (!fits(shape.height) || !fits(shape.width) || !fits(shape.channels) ||
      std::int64_t{shape.height} * shape.width * shape.channels >= kMaxValues) {
    problems.push_back({"shape", "height, width and channels from 1 to 65536, and less than 2^31 numbers", sides_of(shape)});
    return parsed;
  }
  if (raw.samples < 1) {  // there is nothing else to judge
    problems.push_back({"inputs", "at least one sample", std::to_string(raw.samples)});
    return parsed;
  }
  const bool table = !raw.columns.empty();
  const std::int64_t values = std::int64_t{raw.samples} * (table ? static_cast<std::int64_t>(raw.columns.size()) : shape.size());
  const int kinds = !raw.bytes.empty() + !raw.floats.empty() + !raw.doubles.empty();
  if (kinds == 1) {
    check_length(problems, "inputs", raw.bytes.size() + raw.floats.size() + raw.doubles.size(), values);
  } else {
    problems.push_back({"inputs", "uint8, float32 or float64 numbers", kinds == 0 ? "none" : "more than one of them"});
  }
  if (raw.labels.empty() == raw.targets.empty()) {
    problems.push_back({"labels", "either labels or targets", raw.labels.empty() ? "none" : "both"});
  } else if (raw.targets.empty()) {
    check_length(problems, "labels", raw.labels.size(), raw.samples);
  } else if (raw.outputs < 1 || raw.outputs > kMaxSide) {
    problems.push_back({"targets", "from 1 to 65536 numbers a sample", std::to_string(raw.outputs)});
  } else {
    check_length(problems, "targets", raw.targets.size(), std::int64_t{raw.samples} * raw.outputs);
  }
  if (raw.class_names.size() > kMaxClasses) {
    problems.push_back(
        {"classNames", "at most " + std::to_string(kMaxClasses) + " names", std::to_string(raw.class_names.size())});
  }
  if (!raw.groups.empty()) check_length(problems, "groups", raw.groups.size(), raw.samples);
  if (!problems.empty()) return parsed;

  Dataset& dataset = parsed.dataset;
  dataset.outputs = raw.outputs;
  if (!raw.labels.empty()) check_labels(raw, problems, dataset.outputs);
  const auto check_finite = [&](auto inputs) {
    if (const std::size_t i = table ? inputs.size() : first_not_finite(inputs); i < inputs.size())
      problems.push_back({"inputs", "finite numbers", number_text(static_cast<double>(inputs[i])) + " in " + place_of(i, shape)});
  };
  check_finite(raw.floats);
  check_finite(raw.doubles);
  if (const std::size_t i = first_not_finite(raw.targets); i < raw.targets.size()) {
    problems.push_back(
        {"targets", "finite numbers",
         number_text(raw.targets[i]) + " for sample " + std::to_string(i / static_cast<std::size_t>(raw.outputs))});
  }
  if (!problems.empty()) return parsed;

  dataset.shape = shape;
  dataset.samples = raw.samples;
  if (raw.owner)
    dataset.bytes = std::move(*raw.owner);
  else
    dataset.bytes.assign(raw.bytes.begin(), raw.bytes.end());
  dataset.floats.assign(raw.floats.begin(), raw.floats.end());
  dataset.doubles.assign(raw.doubles.begin(), raw.doubles.end());
  dataset.columns = raw.columns;
  dataset.labels.assign(raw.labels.begin(), raw.labels.end());
  dataset.targets.assign(raw.targets.begin(), raw.targets.end());
  dataset.class_names = raw.class_names;
  dataset.groups.assign(raw.groups.begin(), raw.groups.end());
  dataset.bursts = raw.bursts;
  return parsed;
}

std::vector<Problem> match_classes(const Dataset& training, Dataset& other) {
  std::vector<Problem> problems;
  if (other.shape != training.shape) {
    problems.push_back({"validation", "samples of shape " + sides_of(training.shape), sides_of(other.shape)});
  }
  if (other.classifies() != training.classifies()) {
    problems.push_back({"validation", training.classifies() ? "samples with classes" : "samples with targets",
                        other.classifies() ? "classes" : "targets"});
    return problems;
  }
  if (!training.class_names.empty() && !other.class_names.empty() && training.class_names != other.class_names) {
    std::map<std::string, std::int32_t> known;
    for (std::size_t i = training.class_names.size(); i-- > 0;) known[training.class_names[i]] = static_cast<std::int32_t>(i);
    std::vector<std::int32_t> ours;
    for (const std::string& name : other.class_names) {
      const auto found = known.find(name);
      ours.push_back(found == known.end() ? -1 : found->second);
    }
    std::vector<bool> used(ours.size());
    for (const std::int32_t label : other.labels) used[static_cast<std::size_t>(label)] = true;
    for (std::size_t theirs = 0; theirs < ours.size(); ++theirs) {
      if (ours[theirs] < 0 && used[theirs]) {
        problems.push_back({"validation", "of the training samples' classes", "class '" + other.class_names[theirs] + "'"});
      }
    }
    if (!problems.empty()) return problems;
    for (std::int32_t& label : other.labels) label = ours[static_cast<std::size_t>(label)];
  } else if (training.classifies() ? other.outputs > training.outputs : other.outputs != training.outputs) {
    problems.push_back({"validation",
                        "of " + std::to_string(training.outputs) + (training.classifies() ? " classes" : " targets"),
                        std::to_string(other.outputs)});
    return problems;
  }
  if (problems.empty()) {
    other.outputs = training.outputs;
    other.class_names = training.class_names;
  }
  return problems;
}

std::vector<double> fill_missing(Dataset& table, std::span<const std::int32_t> samples, Dataset* other) {
  const std::size_t columns = table.columns.size();
  std::vector<double> medians(columns, 0), known;
  for (std::size_t column = 0; column < columns; ++column) {
    if (table.columns[column] > 0) continue;
    known.clear();
    for (const std::int32_t sample : samples) {
      const double value = table.doubles[static_cast<std::size_t>(sample) * columns + column];
      if (!std::isnan(value)) known.push_back(value);
    }
    if (known.empty()) continue;
    const auto middle = known.begin() + static_cast<std::ptrdiff_t>(known.size() / 2);
    std::nth_element(known.begin(), middle, known.end());
    medians[column] = *middle;
    if (known.size() % 2 == 0) medians[column] = (*middle + *std::max_element(known.begin(), middle)) / 2;
  }
  for (Dataset* data : {&table, other}) {
    if (data == nullptr || data->columns.empty()) continue;
    for (std::size_t i = 0; i < data->doubles.size(); ++i)
      if (std::isnan(data->doubles[i])) data->doubles[i] = medians[i % columns];
  }
  return medians;
}

Normalization channel_statistics(const Dataset& dataset, std::span<const std::int32_t> samples) {
  assert(!samples.empty());
  const std::size_t channels = static_cast<std::size_t>(dataset.shape.channels),
                    size = static_cast<std::size_t>(dataset.shape.size());
  const double count = static_cast<double>(samples.size()) * static_cast<double>(size / channels);
  std::vector<double> mean(channels, 0), square(channels, 0);
  const auto for_each_value = [&](auto&& visit) {
    for (std::int32_t sample : samples) {
      if (const std::size_t columns = dataset.columns.size(); columns > 0) {
        for (std::size_t column = 0, channel = 0; column < columns; ++column) {
          const std::size_t categories = static_cast<std::size_t>(dataset.columns[column]);
          if (categories == 0) visit(channel, dataset.doubles[static_cast<std::size_t>(sample) * columns + column]);
          channel += std::max<std::size_t>(1, categories);
        }
        continue;
      }
      const std::size_t start = static_cast<std::size_t>(sample) * size;
      for (std::size_t i = 0, channel = 0; i < size; ++i, channel = channel + 1 == channels ? 0 : channel + 1) {
        visit(channel, !dataset.bytes.empty()    ? dataset.bytes[start + i] / 255.0
                       : !dataset.floats.empty() ? static_cast<double>(dataset.floats[start + i])
                                                 : dataset.doubles[start + i]);
      }
    }
  };
  for_each_value([&](std::size_t channel, double value) { mean[channel] += value; });
  for (double& m : mean) m /= count;
  for_each_value(
      [&](std::size_t channel, double value) { square[channel] += (value - mean[channel]) * (value - mean[channel]); });

  Normalization statistics;
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const double deviation = std::sqrt(square[channel] / count);
    statistics.mean.push_back(mean[channel]);
    // Beside the mean, not by itself: what is left of rounding where all are equal, and not a small unit.
    statistics.deviation.push_back(deviation > 1e-12 * std::abs(mean[channel]) ? deviation : 1);
  }
  return statistics;
}

Normalization label_statistics(const Dataset& dataset, std::span<const std::int32_t> samples) {
  Dataset targets;  // as if they were inputs
  targets.shape = {1, 1, dataset.outputs};
  targets.floats = dataset.targets;
  return channel_statistics(targets, samples);
}

}  // namespace trainground
