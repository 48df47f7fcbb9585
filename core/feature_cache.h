// What the frozen part of a network makes of pictures: while nothing below it learns, a picture has to go through it only once,
// however many epochs follow.
//
// The part ends before the first layer that learns or varies (layers/layer.h). It answers as in inference (batch norms folded), a
// few pictures at a time, and the bits of an answer depend on the picture alone: kept or computed anew makes no difference.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "batch.h"
#include "network.h"

namespace trainground {

class FeatureCache {
 public:
  static constexpr std::size_t kRoom = std::size_t{256} << 20;  // bytes of what is kept, where nobody says otherwise

  // Keeps answers in at most `room` bytes, and then drops the oldest; 0: none. The network must outlive it.
  FeatureCache(Network& network, bool exact, std::size_t room);

  bool none() const { return size_ == 0; }            // nothing is frozen, or nothing worth it
  std::size_t size() const { return size_; }          // numbers of a picture
  std::size_t capacity() const { return capacity_; }  // pictures
  std::size_t computed() const { return computed_; }  // pictures that went through, so far
  // The steps that the features are the input of: all, where there are none.
  Range rest() const { return {none() ? 0 : network_.layers().frozen_steps().end, network_.layers().steps()}; }

  // Takes the memory for so many samples, some of which go through together.
  void prepare(int samples);
  static constexpr int kForeign = -1;  // a set that is not the run's own: nothing of it is kept
  // (N, size) of the batch where `batches` stands; valid until the next call. set: 0 and 1 tell the run's own sets apart.
  const real* of(const Batches& batches, int set);
  // Some pictures of that batch that are not kept yet go through, and are kept; how many are left. 0 where of() had better take
  // all that is missing at once: there is little of it, or nothing is kept.
  int fill(const Batches& batches, int set);
  // The same of pictures that nobody will ask for again.
  const real* of(const Pixels& pictures, const Normalization& normalization, int samples);
  // To be told when what is frozen has changed.
  void forget();

  struct View {
    std::int64_t sample;
    std::uint32_t view;
    auto operator<=>(const View&) const = default;
  };
  struct Slot {
    View of{};
    Buffer<real> features;
  };
  // What is kept goes from one run to the next on the same samples, as long as sha256() is the same for both. Nothing is taken
  // over beyond the room that there is.
  std::vector<Slot> give_away();
  void take_over(std::vector<Slot> slots);
  // Of the frozen tensors and whether sums are exact.
  std::string sha256() const;

 private:
  View view_of(const Batches& batches, int set, std::size_t i) const;
  std::vector<std::int32_t> missing(const Batches& batches, int set) const;  // their places in the batch
  // keep(place, features) sees the answer to each of these places of the batch; it is kept here too, if it can be.
  template <class Keep>
  void take(const Batches& batches, int set, std::span<const std::int32_t> places, Keep keep);
  // gather(begin, end, inputs) gives pictures as the network takes them; keep(i, features) sees each one's answer.
  template <class Gather, class Keep>
  void compute(int count, Gather gather, Keep keep);

  Network& network_;
  const bool exact_;
  std::size_t size_ = 0, capacity_ = 0, computed_ = 0;
  int together_ = 0;  // pictures that go through at once
  Buffer<real> inputs_, features_;
  std::uint32_t version_ = 1;  // of what is frozen
  std::map<View, std::size_t> places_;
  std::vector<Slot> slots_;
  std::size_t oldest_ = 0;
};

}  // namespace trainground
