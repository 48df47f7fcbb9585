#include "batch.h"

#include <algorithm>
#include <cassert>

#include "parallel.h"

namespace trainground {
namespace {

// A sample of float64 comes without the mean: what augmentation adds to it is the same with or without.
void scale(const Pixels& pixels, const Normalization& normalization, std::int32_t sample, real* out) {
  const std::size_t size = static_cast<std::size_t>(pixels.shape.size()), start = static_cast<std::size_t>(sample) * size;
  if (pixels.bytes != nullptr) {
    // Divided, not multiplied by a rounded 1/255: the pixels are then those of PyTorch's ToTensor to the last bit.
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<real>(pixels.bytes[start + i]) / 255;
  } else if (pixels.floats != nullptr) {
    std::copy_n(pixels.floats + start, size, out);
  } else if (!pixels.columns.empty()) {
    const double* row = pixels.doubles + static_cast<std::size_t>(sample) * pixels.columns.size();
    std::size_t channel = 0;
    for (const int categories : pixels.columns) {
      const double value = *row++;
      if (categories == 0) {
        out[channel] = static_cast<real>(value - (normalization.empty() ? 0 : normalization.mean[channel]));
        ++channel;
        continue;
      }
      std::fill_n(out + channel, categories, real{0});
      if (value >= 0) out[channel + static_cast<std::size_t>(value)] = 1;
      channel += static_cast<std::size_t>(categories);
    }
  } else {
    const std::size_t channels = static_cast<std::size_t>(pixels.shape.channels);
    for (std::size_t i = 0; i < size; ++i) {
      const double mean = normalization.empty() ? 0 : normalization.mean[i % channels];
      out[i] = static_cast<real>(pixels.doubles[start + i] - mean);
    }
  }
}

void normalize(const Normalization& normalization, const Pixels& pixels, real* out) {
  if (normalization.empty()) return;
  const std::size_t channels = static_cast<std::size_t>(pixels.shape.channels),
                    size = static_cast<std::size_t>(pixels.shape.size());
  for (std::size_t i = 0; i < size; i += channels) {
    for (std::size_t channel = 0; channel < channels; ++channel) {
      const float mean = pixels.doubles != nullptr ? 0 : static_cast<float>(normalization.mean[channel]);
      out[i + channel] = (out[i + channel] - mean) / static_cast<float>(normalization.deviation[channel]);
    }
  }
}

// Calls body(slice, i) for every one of `items`, slices in parallel.
template <class Body>
void for_each_sample(int items, Body&& body) {
  const int slices = slices_of(items);
  parallel_for(slices, [&](int slice) {
    const Range range = slice_range(slice, slices, items);
    for (int i = range.begin; i < range.end; ++i) body(static_cast<std::size_t>(slice), static_cast<std::size_t>(i));
  });
}

}  // namespace

Pixels Pixels::from(int sample) const {
  const std::ptrdiff_t offset = std::ptrdiff_t{sample} * shape.size();
  return {shape, bytes ? bytes + offset : nullptr, floats ? floats + offset : nullptr, doubles ? doubles + offset : nullptr,
          columns};
}

Pixels pixels_of(const Dataset& dataset) {
  if (!dataset.bytes.empty()) return {dataset.shape, dataset.bytes.data()};
  if (!dataset.floats.empty()) return {dataset.shape, nullptr, dataset.floats.data()};
  return {dataset.shape, nullptr, nullptr, dataset.doubles.data(), dataset.columns};
}

void gather(const Pixels& pixels, const Normalization& normalization, std::span<const std::int32_t> samples, real* inputs) {
  const std::size_t size = static_cast<std::size_t>(pixels.shape.size());
  for_each_sample(static_cast<int>(samples.size()), [&](std::size_t, std::size_t i) {
    scale(pixels, normalization, samples[i], inputs + i * size);
    normalize(normalization, pixels, inputs + i * size);
  });
}

Batches::Batches(const Dataset& dataset, std::span<const std::int32_t> samples, const BatchOptions& options)
    : dataset_(dataset), options_(options), samples_(samples.begin(), samples.end()) {
  assert(options.batch_size > 0);  // no samples: a part of no steps
  const std::size_t batch = std::min(static_cast<std::size_t>(options.batch_size), samples_.size());
  labels_.resize(dataset.classifies() ? batch : 0);
  targets_.resize(dataset.classifies() ? 0 : batch * static_cast<std::size_t>(dataset.outputs));
  order_.resize(samples_.size());
  scratch_.assign(kSlices, AugmentationScratch(dataset.shape));
  seek({0, 0});
}

int Batches::steps_per_epoch() const {
  const int samples = static_cast<int>(samples_.size());
  return samples / options_.batch_size + (samples % options_.batch_size != 0 ? 1 : 0);
}

void Batches::seek(BatchPosition position) {
  assert(position.step >= 0 && position.step <= steps_per_epoch());
  position_ = position;
  std::copy(samples_.begin(), samples_.end(), order_.begin());
  if (options_.shuffle) shuffle(order_, options_.seed, Stream::shuffle, position.epoch, 0);
}

int Batches::next() {
  if (position_.step >= steps_per_epoch()) return 0;
  const std::size_t batch = static_cast<std::size_t>(options_.batch_size),
                    start = static_cast<std::size_t>(position_.step) * batch;
  current_ = std::span<const std::int32_t>(order_).subspan(start, std::min(batch, order_.size() - start));
  ++position_.step;
  for (std::size_t i = 0; i < current_.size(); ++i) {
    const std::size_t sample = static_cast<std::size_t>(current_[i]), outputs = static_cast<std::size_t>(dataset_.outputs);
    if (dataset_.classifies()) {
      labels_[i] = dataset_.labels[sample];
    } else {
      const Normalization& label = options_.label;
      for (std::size_t k = 0; k < outputs; ++k) {
        const float target = dataset_.targets[sample * outputs + k];
        targets_[i * outputs + k] = label.empty() ? target : static_cast<real>((target - label.mean[k]) / label.deviation[k]);
      }
    }
  }
  gathered_ = false;
  return static_cast<int>(current_.size());
}

void Batches::prepare() const {
  const std::size_t batch = std::min(static_cast<std::size_t>(options_.batch_size), samples_.size());
  inputs_.resize(batch * static_cast<std::size_t>(dataset_.shape.size()));
}

const real* Batches::inputs() const {
  if (inputs_.empty()) prepare();
  if (!gathered_) gather(current_, inputs_.data());
  gathered_ = true;
  return inputs_.data();
}

void Batches::gather(std::span<const std::int32_t> samples, real* inputs) const {
  gather_augmented(position_.epoch, samples, options_.normalization, inputs);
}

std::uint32_t Batches::view() const {
  if (options_.augmentation.empty()) return 0;
  return options_.views > 0 ? 1 + position_.epoch % static_cast<std::uint32_t>(options_.views) : position_.epoch;
}

void Batches::preview(std::uint32_t epoch, std::span<const std::int32_t> samples, float* pixels) {
  Buffer<real> inputs(samples.size() * static_cast<std::size_t>(dataset_.shape.size()));
  gather_augmented(epoch, samples, {}, inputs.data());
  std::transform(inputs.begin(), inputs.end(), pixels, [](real value) { return static_cast<float>(value); });
}

void Batches::gather_augmented(std::uint32_t epoch, std::span<const std::int32_t> samples, const Normalization& normalization,
                               real* inputs) const {
  const std::uint32_t drawn = options_.views > 0 ? 1 + epoch % static_cast<std::uint32_t>(options_.views) : epoch;
  const Pixels pixels = pixels_of(dataset_);
  const std::size_t size = static_cast<std::size_t>(dataset_.shape.size());
  for_each_sample(static_cast<int>(samples.size()), [&](std::size_t slice, std::size_t i) {
    real* picture = inputs + i * size;
    scale(pixels, normalization, samples[i], picture);
    augment(options_.augmentation, dataset_.shape, {options_.seed, drawn, static_cast<std::uint32_t>(samples[i])},
            pixels.bytes != nullptr, scratch_[slice], picture);
    normalize(normalization, pixels, picture);
  });
}

}  // namespace trainground
