#include "trial.h"

#include <algorithm>
#include <cassert>

#include "gradients.h"
#include "loss.h"

namespace trainground {

Trial::Trial(const Training& run, const Experiment& experiment, int batch_size, Folding folding)
    : experiment_(experiment),
      data_(run.data()),
      network_(run.data().shape, experiment, folding),
      features_(network_, experiment.exact, folding == Folding::on ? FeatureCache::kRoom : 0),
      first_(folding == Folding::on ? features_.rest().begin : 0) {
  const Network& original = run.network();
  assert(original.values().size() == network_.values().size());
  std::copy(original.values().begin(), original.values().end(), network_.values().begin());
  std::copy(original.statistics().begin(), original.statistics().end(), network_.statistics().begin());
  network_.prepare(batch_size, {first_, network_.layers().steps()});
  dlogits_.resize(static_cast<std::size_t>(batch_size) * static_cast<std::size_t>(network_.outputs()));
}

double Trial::forward(const Batches& batches, int step, real* dlogits, std::vector<Buffer<real>>* seen) {
  const int samples = static_cast<int>(batches.samples().size());
  const Pass pass{samples,      true, experiment_.exact, experiment_.seed, static_cast<std::uint32_t>(step), nullptr,
                  Outputs::all, seen};
  const real* inputs = first_ > 0 ? features_.of(batches, 0) : batches.inputs();
  const real* logits = network_.forward(pass, inputs, {first_, network_.layers().steps()});
  const Targets targets = data_.classifies() ? Targets{batches.labels(), nullptr} : Targets{nullptr, batches.targets()};
  const LossResult result =
      loss_and_gradient(experiment_.loss, experiment_.label_smoothing, samples, network_.outputs(), logits, targets, dlogits);
  if (dlogits) network_.backward_to(first_, pass, inputs, dlogits);
  return result.value;
}

double Trial::loss(const Batches& batches, int step) {
  return forward(batches, step, nullptr, nullptr) + penalty(network_.parameters());
}

double Trial::loss_and_gradients(const Batches& batches, int step, std::vector<Buffer<real>>* seen) {
  return forward(batches, step, dlogits_.data(), seen) + add_penalties(network_.parameters());
}

std::vector<std::int32_t> fixed_batch(const Training& run, int count) {
  const std::vector<std::int32_t>& all = run.split().training;
  const std::size_t wanted = std::min(static_cast<std::size_t>(count), all.size());
  std::vector<std::int32_t> chosen;
  if (!run.data().classifies()) {
    for (std::size_t i = 0; i < wanted; ++i) chosen.push_back(all[i * all.size() / wanted]);
    return chosen;
  }
  std::vector<std::vector<std::int32_t>> classes(static_cast<std::size_t>(run.data().outputs));
  for (const std::int32_t sample : all)
    classes[static_cast<std::size_t>(run.data().labels[static_cast<std::size_t>(sample)])].push_back(sample);
  for (std::size_t round = 0; chosen.size() < wanted; ++round) {
    for (const std::vector<std::int32_t>& members : classes) {
      if (round < members.size() && chosen.size() < wanted) chosen.push_back(members[round]);
    }
  }
  return chosen;
}

}  // namespace trainground
