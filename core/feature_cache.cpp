#include "feature_cache.h"

#include <algorithm>
#include <numeric>

#include "sha256.h"

namespace trainground {
namespace {

// Pictures that go through together: twos, as many as leave what passes between layers near 128 MB.
int together(const Sequence& layers) {
  constexpr std::int64_t kNumbers = 1 << 25;
  constexpr int kTwo = 2;
  std::int64_t numbers = 1;
  for (int step = 0; step < layers.frozen_steps().end; ++step) numbers += layers.shape_of(step).size();
  return static_cast<int>(std::clamp<std::int64_t>(kNumbers / numbers / kTwo, 1, 64)) * kTwo;
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
  ++version_;
  places_.clear();
  slots_.clear();
  oldest_ = 0;
}

std::vector<FeatureCache::Slot> FeatureCache::give_away() {
  std::vector<Slot> slots = std::move(slots_);
  forget();
  return slots;
}

void FeatureCache::take_over(std::vector<Slot> slots) {
  if (none() || slots.size() > capacity_) return;
  forget();
  slots_ = std::move(slots);
  for (std::size_t i = 0; i < slots_.size(); ++i) places_[slots_[i].of] = i;
  if (!slots_.empty()) oldest_ = slots_.size() - 1;
}

std::string FeatureCache::sha256() const {
  Sha256 sum;
  const auto add = [&](const void* bytes, std::size_t count) { sum.update({static_cast<const std::uint8_t*>(bytes), count}); };
  add(&exact_, sizeof exact_);
  for (const Parameter* parameter : network_.layers().parameters(network_.layers().frozen_steps())) {
    add(parameter->name.data(), parameter->name.size());
    add(parameter->value, parameter->count() * sizeof(real));
  }
  return sum.hex();
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
    // Pictures so large that few go through together do not stay in the cache from step to step in any case.
    pass.outputs = together_ < kSlices ? Outputs::last : Outputs::needed;
    pass.weights_version = version_;
    const real* answers = network_.forward(pass, inputs_.data(), network_.layers().frozen_steps());
    for (int i = begin; i < end; ++i) keep(i, answers + static_cast<std::size_t>(i - begin) * size_);
  }
  computed_ += static_cast<std::size_t>(count);
}

FeatureCache::View FeatureCache::view_of(const Batches& batches, int set, std::size_t i) const {
  return {(std::int64_t{set} << 32) + batches.samples()[i], batches.view()};
}

std::vector<std::int32_t> FeatureCache::missing(const Batches& batches, int set) const {
  std::vector<std::int32_t> places;
  for (std::size_t i = 0; i < batches.samples().size(); ++i)
    if (!places_.contains(view_of(batches, set, i))) places.push_back(static_cast<std::int32_t>(i));
  return places;
}

template <class Keep>
void FeatureCache::take(const Batches& batches, int set, std::span<const std::int32_t> places, Keep keep) {
  std::vector<std::int32_t> samples;
  for (const std::int32_t place : places) samples.push_back(batches.samples()[static_cast<std::size_t>(place)]);
  compute(
      static_cast<int>(places.size()),
      [&](int begin, int end, real* inputs) {
        batches.gather(std::span<const std::int32_t>(samples).subspan(static_cast<std::size_t>(begin),
                                                                      static_cast<std::size_t>(end - begin)),
                       inputs);
      },
      [&](int i, const real* answer) {
        const std::size_t place = static_cast<std::size_t>(places[static_cast<std::size_t>(i)]);
        keep(place, answer);
        if (capacity_ == 0 || set == kForeign || !batches.repeats()) return;
        if (slots_.size() < capacity_) {
          oldest_ = slots_.size();
          slots_.emplace_back();
        } else {
          oldest_ = (oldest_ + 1) % capacity_;
          places_.erase(slots_[oldest_].of);
        }
        Slot& slot = slots_[oldest_];
        slot.of = view_of(batches, set, place);
        slot.features.assign(answer, answer + size_);
        places_[slot.of] = oldest_;
      });
}

int FeatureCache::fill(const Batches& batches, int set) {
  if (none() || set == kForeign || !batches.repeats() || capacity_ < batches.samples().size()) return 0;
  const std::vector<std::int32_t> places = missing(batches, set);
  const int left = static_cast<int>(places.size()) - together_;
  if (left <= 0) return 0;
  take(batches, set, std::span(places).first(static_cast<std::size_t>(together_)), [](std::size_t, const real*) {});
  return left;
}

const real* FeatureCache::of(const Batches& batches, int set) {
  const std::size_t samples = batches.samples().size();
  features_.resize(std::max(features_.size(), samples * size_));
  const auto put = [&](std::size_t place, const real* features) {
    std::copy_n(features, size_, features_.begin() + static_cast<std::ptrdiff_t>(place * size_));
  };
  std::vector<std::int32_t> missing;
  for (std::size_t i = 0; i < samples; ++i) {
    const auto found = places_.find(view_of(batches, set, i));
    if (found == places_.end())
      missing.push_back(static_cast<std::int32_t>(i));
    else
      put(i, slots_[found->second].features.data());
  }
  take(batches, set, missing, put);
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
