#include "activation_spread.h"

#include <cmath>

namespace trainground {
namespace {

ActivationSpread measure(int samples, Shape shape, const real* values) {
  ActivationSpread spread;
  spread.shape = shape;
  const std::size_t channels = static_cast<std::size_t>(shape.channels);
  const std::size_t count = static_cast<std::size_t>(samples) * shape.size();
  double sum = 0, squares = 0;
  std::size_t zeros = 0;
  std::vector<bool> alive(channels);
  for (std::size_t i = 0; i < count; ++i) sum += values[i];
  spread.mean = sum / count;
  for (std::size_t i = 0; i < count; ++i) {
    squares += (values[i] - spread.mean) * (values[i] - spread.mean);
    if (values[i] == 0)
      ++zeros;
    else
      alive[i % channels] = true;
  }
  std::size_t dead = 0;
  for (const bool lives : alive) dead += !lives;
  spread.deviation = std::sqrt(squares / count);
  spread.zeros = static_cast<double>(zeros) / count;
  spread.dead = static_cast<double>(dead) / channels;
  return spread;
}

double root_mean_square(const Buffer<real>& values) {
  if (values.empty()) return 0;
  double squares = 0;
  for (const real value : values) squares += static_cast<double>(value) * value;
  return std::sqrt(squares / values.size());
}

}  // namespace

std::vector<ActivationSpread> activation_spread(const Training& run, int samples) {
  const std::vector<std::int32_t> chosen = fixed_batch(run, samples);
  const int count = static_cast<int>(chosen.size());
  Batches batches(run.data(), chosen, as_they_are(run, count));
  batches.next();
  Trial trial(run, run.experiment(), count, Folding::off);
  const Sequence& sequence = trial.network().layers();
  std::vector<Buffer<real>> gradients(static_cast<std::size_t>(sequence.steps()));
  trial.loss_and_gradients(batches, 0, &gradients);

  std::vector<ActivationSpread> spreads{measure(count, run.data().shape, batches.inputs())};
  for (int i = 0; i < sequence.steps(); ++i) {
    ActivationSpread spread = measure(count, sequence.shape_of(i), sequence.step_output(i));
    spread.entry = sequence.entry_of(i);
    spread.sum = sequence.is_sum(i);
    spread.gradient_deviation = root_mean_square(gradients[static_cast<std::size_t>(i)]);
    spreads.push_back(spread);
  }
  return spreads;
}

}  // namespace trainground
