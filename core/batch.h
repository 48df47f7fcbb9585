// From a dataset to the arrays that a step reads: the order of one epoch, and gathering.
//
// The order is a function of (seed, epoch), so a position is two numbers and a checkpoint needs no more. Gathering scales uint8
// to 0..1, augments (training only), then normalises; it is parallel over samples, each of which is worked on alone, and
// allocates nothing. The last batch of an epoch holds what is left.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "augmentation.h"
#include "dataset.h"
#include "tensor.h"

namespace trainground {

// Samples as they are stored, one after the other: of a dataset, or of a caller who wants predictions.
struct Pixels {
  Shape shape;
  const std::uint8_t* bytes = nullptr;  // or
  const float* floats = nullptr;        // or
  const double* doubles = nullptr;
  std::span<const int> columns{};  // of a table, as Dataset has them

  Pixels from(int sample) const;  // the same without those before it
};
Pixels pixels_of(const Dataset& dataset);

// The given samples as the network takes them: (N,H,W,C), uint8 scaled to 0..1, normalised if `normalization` is not empty; of
// float64 in double precision, since what is left of a timestamp less the mean is small.
void gather(const Pixels& pixels, const Normalization& normalization, std::span<const std::int32_t> samples, real* inputs);

struct BatchOptions {
  int batch_size = 32;
  bool shuffle = false;
  std::uint64_t seed = 1;
  std::vector<AugmentationOptions> augmentation;  // empty for validation
  Normalization normalization;
  Normalization label{};  // targets are standardised with it, if it is not empty
  int views = 0;          // augmented ones of a sample, which take turns; 0: a new one every epoch
};

// Where a run stands in its data: the next batch is number `step` (from 0) of `epoch`.
struct BatchPosition {
  std::uint32_t epoch = 0;
  int step = 0;

  bool operator==(const BatchPosition&) const = default;
};

class Batches {
 public:
  // Batches of these samples (indices into the dataset, which must outlive this); stands at the start of epoch 0.
  Batches(const Dataset& dataset, std::span<const std::int32_t> samples, const BatchOptions& options);

  int steps_per_epoch() const;
  void seek(BatchPosition position);
  BatchPosition position() const { return position_; }

  // Takes the memory of inputs().
  void prepare() const;
  // Goes to the next batch of this epoch and returns its size; 0 when the epoch is over (then seek to the next).
  int next();
  const real* inputs() const;                                         // (N,H,W,C); gathered when they are first asked for
  const std::int32_t* labels() const { return labels_.data(); }       // (N), where the dataset classifies
  const real* targets() const { return targets_.data(); }             // (N,K), where it does not
  std::span<const std::int32_t> samples() const { return current_; }  // indices of the batch into the dataset

  // Samples as this epoch has them, (N,H,W,C).
  void gather(std::span<const std::int32_t> samples, real* inputs) const;
  // Which augmented view of its samples this epoch has (0: as they are), and whether another epoch will have it again.
  std::uint32_t view() const;
  bool repeats() const { return options_.augmentation.empty() || options_.views > 0; }

  // The very pixels that `epoch` trains on for these samples (indices into the dataset): scaled and augmented, not normalised.
  void preview(std::uint32_t epoch, std::span<const std::int32_t> samples, float* pixels);

 private:
  void gather_augmented(std::uint32_t epoch, std::span<const std::int32_t> samples, const Normalization& normalization,
                        real* inputs) const;

  const Dataset& dataset_;
  const BatchOptions options_;
  const std::vector<std::int32_t> samples_;  // as given
  std::vector<std::int32_t> order_;          // of this epoch
  std::span<const std::int32_t> current_;
  BatchPosition position_;
  mutable Buffer<real> inputs_;
  mutable bool gathered_ = false;
  Buffer<real> targets_;
  std::vector<std::int32_t> labels_;
  mutable std::vector<AugmentationScratch> scratch_;  // one for each slice
};

}  // namespace trainground
