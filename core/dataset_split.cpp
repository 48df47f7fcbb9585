// Which samples are learned from and which are held back.
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <utility>

#include "dataset.h"
#include "random.h"
#include "xtensor.h"

namespace trainground {
namespace {

// What a split moves as one: a sample, or a whole group.
using Cluster = std::vector<std::int32_t>;

std::vector<Cluster> clusters_of(const Dataset& dataset, const std::vector<std::int32_t>& samples, bool grouped) {
  std::vector<Cluster> clusters;
  if (!grouped) {
    for (std::int32_t sample : samples) clusters.push_back({sample});
    return clusters;
  }
  std::map<std::int32_t, Cluster> by_group;
  for (std::int32_t sample : samples) by_group[dataset.groups[static_cast<std::size_t>(sample)]].push_back(sample);
  for (auto& [group, members] : by_group) clusters.push_back(std::move(members));
  return clusters;
}

// The class a sample is drawn with. A group that spans classes goes with that of its first sample.
std::vector<std::vector<std::int32_t>> strata_of(const Dataset& dataset, bool grouped) {
  std::vector<std::vector<std::int32_t>> strata(dataset.classifies() ? static_cast<std::size_t>(dataset.outputs) : 1);
  std::map<std::int32_t, std::size_t> stratum_of_group;
  for (std::int32_t sample = 0; sample < dataset.samples; ++sample) {
    std::size_t stratum = dataset.classifies() ? static_cast<std::size_t>(dataset.labels[static_cast<std::size_t>(sample)]) : 0;
    if (grouped) {
      stratum = stratum_of_group.emplace(dataset.groups[static_cast<std::size_t>(sample)], stratum).first->second;
    }
    strata[stratum].push_back(sample);
  }
  return strata;
}

// Of a burst that is all there is of its class, the stretch from `begin` to `end` is held back. Its neighbours in time look like
// it, so half as many on each side of it are in neither part, as long as something is left to learn from.
void hold_stretch(const Cluster& burst, std::size_t begin, std::size_t end, Split& parts) {
  const std::size_t gap = (end - begin) / 2, others = burst.size() - (end - begin);
  const std::size_t spare = others > 0 ? others - 1 : 0;
  const std::size_t before = std::min({gap, begin, spare});
  const std::size_t behind = std::min({gap, burst.size() - end, spare - before});
  for (std::size_t i = 0; i < burst.size(); ++i) {
    if (i >= begin && i < end)
      parts.validation.push_back(burst[i]);
    else if (i + before < begin || i >= end + behind)
      parts.training.push_back(burst[i]);
  }
}

// How many of these are the last ones that a share asks for: at least one, and never all.
std::size_t held_back_of(std::size_t samples, double validation_split) {
  const std::size_t most = samples > 0 ? samples - 1 : 0;
  if (!(validation_split > 0)) return 0;
  const std::size_t share = static_cast<std::size_t>(std::lround(validation_split * static_cast<double>(samples)));
  return std::clamp(share, std::min<std::size_t>(1, most), most);
}

Split ordered_split(std::size_t samples, std::size_t begin, std::size_t end) {
  Split parts;
  for (std::size_t sample = 0; sample < samples; ++sample)
    (sample >= begin && sample < end ? parts.validation : parts.training).push_back(static_cast<std::int32_t>(sample));
  return parts;
}

bool is_grouped(const Dataset& dataset, SplitBy by) { return by != SplitBy::random && !dataset.groups.empty(); }

// Of each class, every cluster goes to the fold that has least of the class so far (of all, where that is equal), the largest
// first.
Split hold_fold(const Dataset& dataset, Fold fold, std::uint64_t seed, SplitBy by) {
  Split parts;
  const bool grouped = is_grouped(dataset, by);
  const std::size_t count = static_cast<std::size_t>(fold.count), held_back = static_cast<std::size_t>(fold.index);
  if (by == SplitBy::fileOrder) {
    const std::size_t samples = static_cast<std::size_t>(dataset.samples);
    return ordered_split(samples, held_back * samples / count, (held_back + 1) * samples / count);
  }
  const std::vector<std::vector<std::int32_t>> strata = strata_of(dataset, grouped);
  std::vector<std::size_t> filled(count);
  for (std::size_t stratum = 0; stratum < strata.size(); ++stratum) {
    const std::vector<Cluster> clusters = clusters_of(dataset, strata[stratum], grouped);
    if (clusters.size() == 1 && dataset.bursts && grouped) {
      const std::size_t size = clusters[0].size();
      hold_stretch(clusters[0], held_back * size / count, (held_back + 1) * size / count, parts);
      continue;
    }
    std::vector<std::int32_t> order(clusters.size());
    std::iota(order.begin(), order.end(), 0);
    shuffle(order, seed, Stream::split, static_cast<std::uint32_t>(stratum), 0);
    std::map<std::size_t, std::vector<std::int32_t>, std::greater<>> by_size;
    for (const std::int32_t cluster : order) by_size[clusters[static_cast<std::size_t>(cluster)].size()].push_back(cluster);
    order.clear();
    for (const auto& [size, same] : by_size) order.insert(order.end(), same.begin(), same.end());
    std::vector<std::size_t> of_class(count);
    for (const std::int32_t chosen : order) {
      const Cluster& cluster = clusters[static_cast<std::size_t>(chosen)];
      std::size_t least = 0;
      for (std::size_t other = 1; other < count; ++other)
        if (std::pair(of_class[other], filled[other]) < std::pair(of_class[least], filled[least])) least = other;
      of_class[least] += cluster.size();
      filled[least] += cluster.size();
      std::vector<std::int32_t>& part = least == held_back ? parts.validation : parts.training;
      part.insert(part.end(), cluster.begin(), cluster.end());
    }
  }
  std::sort(parts.training.begin(), parts.training.end());
  std::sort(parts.validation.begin(), parts.validation.end());
  return parts;
}

}  // namespace

Split split(const Dataset& dataset, double validation_split, std::uint64_t seed, SplitBy by) {
  if (by == SplitBy::fileOrder) {
    const std::size_t samples = static_cast<std::size_t>(dataset.samples);
    return ordered_split(samples, samples - held_back_of(samples, validation_split), samples);
  }
  Split parts;
  const bool grouped = is_grouped(dataset, by);
  const std::vector<std::vector<std::int32_t>> strata = strata_of(dataset, grouped);
  for (std::size_t stratum = 0; stratum < strata.size(); ++stratum) {
    std::vector<Cluster> clusters = clusters_of(dataset, strata[stratum], grouped);
    if (clusters.size() == 1 && dataset.bursts && grouped) {
      const std::size_t size = clusters[0].size();
      hold_stretch(clusters[0], size - held_back_of(size, validation_split), size, parts);
      continue;
    }
    std::vector<std::int32_t> order(clusters.size());
    std::iota(order.begin(), order.end(), 0);
    shuffle(order, seed, Stream::split, static_cast<std::uint32_t>(stratum), 0);

    // Units go to validation as long as each brings it closer to its share; the last one never does.
    const double share = validation_split * static_cast<double>(strata[stratum].size());
    double missing = validation_split > 0 ? std::max(1.0, std::round(share)) : 0;
    std::size_t taken = 0;
    for (std::int32_t chosen : order) {
      Cluster& cluster = clusters[static_cast<std::size_t>(chosen)];
      const double size = static_cast<double>(cluster.size());
      if (taken + 1 >= clusters.size() || std::abs(missing - size) >= missing) continue;
      parts.validation.insert(parts.validation.end(), cluster.begin(), cluster.end());
      cluster.clear();
      missing -= size;
      ++taken;
    }
    if (missing > 0 && taken == 0 && clusters.size() > 1) {  // every group is more than twice the share
      parts.validation.insert(parts.validation.end(), clusters[0].begin(), clusters[0].end());
      clusters[0].clear();
    }
    for (const Cluster& cluster : clusters) parts.training.insert(parts.training.end(), cluster.begin(), cluster.end());
  }
  std::sort(parts.training.begin(), parts.training.end());
  std::sort(parts.validation.begin(), parts.validation.end());
  return parts;
}

int most_folds(const Dataset& dataset, SplitBy by) {
  if (by == SplitBy::fileOrder) return dataset.samples;
  const bool grouped = is_grouped(dataset, by);
  std::size_t most = static_cast<std::size_t>(dataset.samples);
  for (const std::vector<std::int32_t>& stratum : strata_of(dataset, grouped)) {
    if (stratum.empty()) continue;
    const std::size_t clusters = clusters_of(dataset, stratum, grouped).size();
    most = std::min(most, clusters == 1 && dataset.bursts ? stratum.size() : clusters);
  }
  return static_cast<int>(most);
}

void keep_per_class(const Dataset& dataset, int count, std::uint64_t seed, Split& parts) {
  std::vector<std::vector<std::int32_t>> members(static_cast<std::size_t>(dataset.outputs));
  for (std::int32_t sample : parts.training)
    members[static_cast<std::size_t>(dataset.labels[static_cast<std::size_t>(sample)])].push_back(sample);
  parts.training.clear();
  for (std::size_t label = 0; label < members.size(); ++label) {
    shuffle(members[label], seed, Stream::subset, static_cast<std::uint32_t>(label), 0);
    members[label].resize(std::min(members[label].size(), static_cast<std::size_t>(count)));
    parts.training.insert(parts.training.end(), members[label].begin(), members[label].end());
  }
  std::sort(parts.training.begin(), parts.training.end());
}

Split split_for(const Experiment& experiment, const Dataset& data, const Dataset* validation) {
  Split parts;
  if (validation) {
    for (Cluster* part : {&parts.training, &parts.validation}) {
      part->resize(static_cast<std::size_t>(part == &parts.training ? data.samples : validation->samples));
      std::iota(part->begin(), part->end(), 0);
    }
  } else {
    parts = experiment.fold.count > 0 ? hold_fold(data, experiment.fold, experiment.seed, experiment.split_by)
                                      : split(data, experiment.validation_split, experiment.seed, experiment.split_by);
  }
  if (experiment.samples_per_class > 0 && data.classifies())
    keep_per_class(data, experiment.samples_per_class, experiment.seed, parts);
  return parts;
}

std::vector<Problem> split_problems(const Dataset& dataset, const Experiment& experiment, bool is_split) {
  std::vector<Problem> problems;
  if (experiment.samples_per_class > 0 && !dataset.classifies()) {
    problems.push_back(
        {"samplesPerClass", "left out, since the data has targets, not classes", std::to_string(experiment.samples_per_class)});
  }
  if (!is_split) return problems;
  if (experiment.split_by == SplitBy::group && dataset.groups.empty())
    problems.push_back({"splitBy", "random or fileOrder, since the data has no groups", "\"group\""});
  if (experiment.split_by != SplitBy::fileOrder || !dataset.classifies()) return problems;
  const Split parts = split_for(experiment, dataset, nullptr);
  std::vector<bool> learned(static_cast<std::size_t>(dataset.outputs));
  const auto label_of = [&](std::int32_t sample) { return dataset.labels[static_cast<std::size_t>(sample)]; };
  for (std::int32_t sample : parts.training) learned[static_cast<std::size_t>(label_of(sample))] = true;
  for (std::int32_t sample : parts.validation) {
    if (learned[static_cast<std::size_t>(label_of(sample))]) continue;
    problems.push_back({"splitBy", "a split that leaves every class something to learn from",
                        "\"fileOrder\", which holds all of class '" + dataset.class_name(label_of(sample)) + "' back"});
    break;
  }
  return problems;
}

std::vector<Problem> training_problems(const Dataset& dataset, const Split& parts, double validation_split) {
  std::vector<Problem> problems;
  if (dataset.classifies()) {
    const auto labels = xt::adapt(dataset.labels, std::vector<std::size_t>{dataset.labels.size()});
    const std::int32_t only = labels(0);
    if (xt::all(xt::equal(labels, only))) {
      problems.push_back({"dataset", "samples of at least two classes", "only class '" + dataset.class_name(only) + "'"});
    }
  }
  if (parts.training.empty() || (validation_split > 0 && parts.validation.empty())) {
    const bool grouped = !dataset.groups.empty();
    problems.push_back({"dataset",
                        std::string("at least 2 ") + (grouped ? "groups" : "samples") + " of one class, so that training and " +
                            "validation both have some",
                        std::to_string(dataset.samples) + (dataset.samples == 1 ? " sample" : " samples")});
  }
  return problems;
}

}  // namespace trainground
