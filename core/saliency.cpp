#include "saliency.h"

#include <algorithm>
#include <numeric>

namespace trainground {

std::vector<float> input_gradient(const Training& run, const Pixels& pictures, int samples, int output) {
  const std::size_t size = static_cast<std::size_t>(pictures.shape.size());
  std::vector<std::int32_t> all(static_cast<std::size_t>(samples));
  std::iota(all.begin(), all.end(), 0);
  Buffer<real> x(all.size() * size), dx(all.size() * size);
  gather(pictures, run.normalization(), all, x.data());

  Trial trial(run, run.experiment(), samples);
  Network& network = trial.network();
  const Experiment& experiment = run.experiment();
  const Pass pass{samples, false, experiment.exact, experiment.seed, 0, nullptr};
  network.forward(pass, x.data());
  Buffer<real> scores(all.size() * static_cast<std::size_t>(network.outputs()));
  const bool one_for_two = run.answer_size() > network.outputs();
  for (std::size_t n = 0; n < all.size(); ++n) {
    if (one_for_two)
      scores[n] = output == 1 ? 1 : -1;
    else
      scores[n * static_cast<std::size_t>(network.outputs()) + output] = 1;
  }
  network.backward(pass, x.data(), scores.data(), dx.data());

  std::vector<float> gradient(dx.begin(), dx.end());
  const std::vector<double>& deviation = run.normalization().deviation;
  for (std::size_t i = 0; i < gradient.size() && !deviation.empty(); ++i)
    gradient[i] /= static_cast<float>(deviation[i % deviation.size()]);
  return gradient;
}

}  // namespace trainground
