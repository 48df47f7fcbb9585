// What a run's network says of pictures, as it stands.
#include <algorithm>
#include <numeric>

#include "training.h"

namespace trainground {
namespace {

std::vector<std::int32_t> first(int count) {
  std::vector<std::int32_t> indices(static_cast<std::size_t>(count));
  std::iota(indices.begin(), indices.end(), 0);
  return indices;
}

}  // namespace

Evaluation Training::evaluate(const Dataset& data, const std::vector<std::int32_t>& samples) {
  Evaluation evaluation;
  evaluation.samples = static_cast<int>(samples.size());
  if (samples.empty()) evaluation.loss = EpochResult::kNone;
  const int classes = data.classifies() ? data.outputs : 0;
  evaluation.confusion.resize(static_cast<std::size_t>(classes) * classes);
  Batches batches(data, samples, {inference_batch_, false, experiment_.seed, {}, normalization_, label_});
  std::int64_t correct = 0;
  while (const int count = batches.next()) {
    const real* logits = answer(batches, count, set_of(data));
    const LossResult result = loss(batches, count, logits, nullptr);
    evaluation.loss += result.value * count / evaluation.samples;
    correct += result.correct;
    const std::size_t done = evaluation.probabilities.size();
    append_probabilities(logits, count, evaluation.probabilities);
    if (classes == 0) continue;
    for (int n = 0; n < count; ++n) {
      const float* row = evaluation.probabilities.data() + done + static_cast<std::size_t>(n) * classes;
      const std::ptrdiff_t predicted = std::max_element(row, row + classes) - row;
      ++evaluation.confusion[static_cast<std::size_t>(batches.labels()[n]) * classes + predicted];
    }
  }
  evaluation.accuracy = has_accuracy_ ? static_cast<double>(correct) / evaluation.samples : EpochResult::kNone;
  return evaluation;
}

void Training::append_probabilities(const real* logits, int samples, std::vector<float>& all) {
  const std::size_t numbers = static_cast<std::size_t>(samples) * answer_size();
  said_.resize(std::max(said_.size(), numbers));
  probabilities(experiment_.loss, samples, network_.outputs(), data_.classifies() ? data_.outputs : 0, logits, said_.data());
  for (std::size_t i = 0; !label_.empty() && i < numbers; ++i) {
    const std::size_t k = i % label_.mean.size();
    said_[i] = static_cast<real>(said_[i] * label_.deviation[k] + label_.mean[k]);
  }
  all.insert(all.end(), said_.begin(), said_.begin() + static_cast<std::ptrdiff_t>(numbers));
}

// Gives the inputs of the first step that ran here.
const real* Training::infer(const Pixels& pictures, int samples, Outputs outputs) {
  if (outputs != Outputs::all && !features_.none()) {
    network_.prepare(samples, features_.rest());
    const real* inputs = features_.of(pictures, normalization_, samples);
    network_.forward(inference(samples), inputs, features_.rest());
    return inputs;
  }
  network_.prepare(samples);
  looked_at_.resize(std::max(looked_at_.size(), static_cast<std::size_t>(samples) * pictures.shape.size()));
  gather(pictures, normalization_, first(samples), looked_at_.data());
  network_.forward(inference(samples, outputs), looked_at_.data());
  return looked_at_.data();
}

const real* Training::look(const Pixels& pictures, int samples) { return infer(pictures, samples, Outputs::all); }

// A few pictures at a time; then(inputs, count) behind each pass, inputs as of infer().
template <class Then>
void Training::answer(const Pixels& pictures, int samples, Then then) {
  for (int begin = 0; begin < samples; begin += inference_batch_) {
    const int count = std::min(inference_batch_, samples - begin);
    then(infer(pictures.from(begin), count, Outputs::needed), count);
  }
}

std::vector<float> Training::predict(const Pixels& pictures, int samples) {
  std::vector<float> all;
  answer(pictures, samples, [&](const real*, int count) { append_probabilities(network_.logits(), count, all); });
  return all;
}

int Training::feature_size() const {
  const Sequence& layers = network_.layers();
  if (layers.last_map() >= 0) return layers.shape_of(layers.last_map()).channels;
  return layers.steps() > 1 ? layers.shape_of(layers.steps() - 2).size() : layers.input_shape().size();
}

void Training::append_features(const real* inputs, int samples, std::vector<float>& all) const {
  const Sequence& layers = network_.layers();
  const int width = feature_size();
  const bool embeds = layers.last_map() >= 0;
  const int row = embeds ? static_cast<int>(features_.size()) : width;  // of an embedding the part is the last one
  const real* from = embeds || features_.rest().begin == layers.steps() - 1 ? inputs : layers.step_output(layers.steps() - 2);
  for (int n = 1; n <= samples; ++n)
    all.insert(all.end(), from + std::ptrdiff_t{n} * row - width, from + std::ptrdiff_t{n} * row);
}

Training::Described Training::describe(const Pixels& pictures, int samples) {
  Described all;
  answer(pictures, samples, [&](const real* inputs, int count) {
    append_features(inputs, count, all.features);
    append_probabilities(network_.logits(), count, all.probabilities);
  });
  return all;
}

Training::Described Training::describe(const std::vector<std::int32_t>& samples) {
  Described all;
  Batches batches(data_, samples, {inference_batch_, false, experiment_.seed, {}, normalization_, label_});
  while (const int count = batches.next()) {
    const real* inputs = inputs_of(batches, 0);
    append_probabilities(network_.forward(inference(count), inputs, features_.rest()), count, all.probabilities);
    append_features(inputs, count, all.features);
  }
  return all;
}

std::vector<float> Training::preview(int epoch, const std::vector<std::int32_t>& samples) {
  std::vector<float> pixels(samples.size() * static_cast<std::size_t>(data_.shape.size()));
  if (epoch > 0) {
    batches_.preview(static_cast<std::uint32_t>(epoch), samples, pixels.data());
  } else {
    looked_at_.resize(std::max(looked_at_.size(), pixels.size()));
    gather(pixels_of(data_), {}, samples, looked_at_.data());
    std::copy_n(looked_at_.begin(), pixels.size(), pixels.begin());
  }
  return pixels;
}

}  // namespace trainground
