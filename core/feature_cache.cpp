#include "feature_cache.h"

#include <algorithm>
#include <numeric>

namespace trainground {
namespace {

// Pictures that go through together: enough to share among threads, few enough for what passes between layers to stay near 128
// MB.
int together(const Sequence& layers) {
  constexpr std::int64_t kNumbers = 1 << 25;
  std::int64_t numbers = 1;
  for (int step = 0; step < layers.frozen_steps().end; ++step) numbers += layers.shape_of(step).size();
  return static_cast<int>(std::clamp<std::int64_t>(kNumbers / numbers / kSlices, 1, 16)) * kSlices;
}

}  // namespace

FeatureCache::FeatureCache(Network& network, bool exact, std::size_t room) : network_(network), exact_(exact) {
  const Sequence& layers = network.layers();
  const Range frozen = layers.frozen_steps();
  if (frozen.end == 0 || frozen.end == layers.steps()) return;
  size_ = static_cast<std::size_t>(layers.shape_of(frozen.end - 1).size());
  capacity_ = room / (size_ * sizeof(real));
  together_ = together(layers);
}

void FeatureCache::forget() {
  places_.clear();
  slots_.clear();
  oldest_ = 0;
}

void FeatureCache::prepare(int samples) {
  const int most = std::min(together_, samples);
  if (most == 0) return;
  network_.prepare(most, network_.layers().frozen_steps());
  inputs_.resize(std::max(inputs_.size(), static_cast<std::size_t>(most) * network_.input_shape().size()));
}

template <class Gather, class Keep>
void FeatureCache::compute(int count, Gather gather, Keep keep) {
  prepare(count);
  for (int begin = 0; begin < count; begin += together_) {
    const int end = std::min(begin + together_, count);
    gather(begin, end, inputs_.data());
    Pass pass;
    pass.samples = end - begin;
    pass.exact = exact_;
    pass.answer_only = true;
    const real* answers = network_.forward(pass, inputs_.data(), network_.layers().frozen_steps());
    for (int i = begin; i < end; ++i) keep(i, answers + static_cast<std::size_t>(i - begin) * size_);
  }
  computed_ += static_cast<std::size_t>(count);
}

const real* FeatureCache::of(const Batches& batches, int set) {
  const std::span<const std::int32_t> samples = batches.samples();
  features_.resize(std::max(features_.size(), samples.size() * size_));
  std::vector<std::int32_t> missing, places;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto found = places_.find({(std::int64_t{set} << 32) + samples[i], batches.view()});
    if (found == places_.end()) {
      missing.push_back(samples[i]);
      places.push_back(static_cast<std::int32_t>(i));
    } else {
      std::copy_n(slots_[found->second].features.begin(), size_, features_.begin() + static_cast<std::ptrdiff_t>(i * size_));
    }
  }
  compute(
      static_cast<int>(missing.size()),
      [&](int begin, int end, real* inputs) {
        batches.gather(std::span<const std::int32_t>(missing).subspan(static_cast<std::size_t>(begin),
                                                                      static_cast<std::size_t>(end - begin)),
                       inputs);
      },
      [&](int i, const real* answer) {
        const std::size_t place = static_cast<std::size_t>(places[static_cast<std::size_t>(i)]);
        std::copy_n(answer, size_, features_.begin() + static_cast<std::ptrdiff_t>(place * size_));
        if (capacity_ == 0 || !batches.repeats()) return;
        if (slots_.size() < capacity_) {
          oldest_ = slots_.size();
          slots_.emplace_back();
        } else {
          oldest_ = (oldest_ + 1) % capacity_;
          places_.erase(slots_[oldest_].of);
        }
        Slot& slot = slots_[oldest_];
        slot.of = {(std::int64_t{set} << 32) + missing[static_cast<std::size_t>(i)], batches.view()};
        slot.features.assign(answer, answer + size_);
        places_[slot.of] = oldest_;
      });
  return features_.data();
}

const real* FeatureCache::of(const Pixels& pictures, const Normalization& normalization, int samples) {
  features_.resize(std::max(features_.size(), static_cast<std::size_t>(samples) * size_));
  std::vector<std::int32_t> all(static_cast<std::size_t>(samples));
  std::iota(all.begin(), all.end(), 0);
  compute(
      samples,
      [&](int begin, int end, real* inputs) {
        gather(pictures, normalization,
               std::span<const std::int32_t>(all).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)),
               inputs);
      },
      [&](int i, const real* answer) {
        std::copy_n(answer, size_, features_.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(i) * size_));
      });
  return features_.data();
}

}  // namespace trainground
