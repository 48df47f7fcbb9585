#include "slow_motion.h"

#include <algorithm>

#include "gradients.h"

namespace trainground {
namespace {

int largest_batch(const Training& run) {
  return std::min(run.experiment().batch_size, static_cast<int>(run.split().training.size()));
}

}  // namespace

std::size_t SlowMotion::numbers(const Training& run) {
  std::size_t outputs = 0;
  for (const LayerReport& report : run.network().layers().reports()) outputs += report.output_shape.size();
  return 3 * run.network().learned_count() + 2 * outputs * static_cast<std::size_t>(largest_batch(run));
}

SlowMotion::SlowMotion(const Training& run) : before_(run, run.experiment(), largest_batch(run), Folding::off) {
  values_before_.assign(run.network().values().begin(), run.network().values().end());
}

void SlowMotion::observe(const Training& run) {
  const int step = run.last_step().step - 1;  // dropout counts from 0
  const Sequence& sequence = before_.network().layers();
  std::vector<Buffer<real>> gradients(static_cast<std::size_t>(sequence.steps()));
  penalty_ = trainground::penalty(before_.network().parameters());
  before_.loss_and_gradients(run.batch(), step, &gradients);

  layers_.clear();
  for (int i = 0; i < sequence.steps(); ++i) {
    layers_.push_back({sequence.entry_of(i), sequence.is_sum(i), sequence.shape_of(i), sequence.step_output(i),
                       std::move(gradients[static_cast<std::size_t>(i)])});
  }
  updates_.clear();
  for (const Parameter* parameter : run.network().parameters()) {
    if (!parameter->learned || !parameter->trainable) continue;
    updates_.push_back({parameter, values_before_.data() + (parameter->value - run.network().values().data())});
  }
  Trial after(run, run.experiment(), largest_batch(run));
  loss_after_ = after.loss(run.batch(), step);
}

}  // namespace trainground
