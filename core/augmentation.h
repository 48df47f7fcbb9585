// Random changes to training pictures, on the fly: flip, rotation, random crop, colour shift, noise, cutout, contrast, shift.
//
// A transform's numbers are a function of (seed, epoch, sample, place in the list) alone, so a picture is changed alike whichever
// thread does it, whatever batch it is in, and in the preview. Transforms run in the list's order, each with its own probability,
// on pixels in 0..1 before normalisation; uint8 pictures are cut to 0..1 after each. Where a picture is moved, its edge pixels
// fill what comes into view (black corners would be a sign of the class they are put on). Labels are never touched: a flipped 2
// stays a "2", and it is the caller who must know that it is none.
#pragma once

#include <span>
#include <vector>

#include "experiment.h"
#include "random.h"
#include "tensor.h"

namespace trainground {

// Whose numbers: those of one sample in one epoch of a run.
struct AugmentationKey {
  std::uint64_t seed = 0;
  std::uint32_t epoch = 0, sample = 0;
};

// Memory for one picture at a time; one per thread that works. Sized once, so that augmenting allocates nothing.
class AugmentationScratch {
 public:
  explicit AugmentationScratch(const Shape& shape);

 private:
  friend class Augmenter;
  // Where a column of the result comes from: two neighbours and the share of the second.
  struct Tap {
    int first, second;
    real share;
  };
  Buffer<real> picture_;
  std::vector<Tap> columns_;
};

// Changes `pixels` (H,W,C) in place. `clamp`: cut to 0..1 (pictures), or leave the range open (vectors, standardised data).
void augment(std::span<const AugmentationOptions> transforms, const Shape& shape, const AugmentationKey& key, bool clamp,
             AugmentationScratch& scratch, real* pixels);

// Standard normal numbers, two from each random word: Box-Muller on its 16-bit halves, with polynomials for the logarithm and the
// sine (error below 2e-5), so that every build gives the same bits. None is beyond 4.71.
constexpr std::size_t kNormalWords = 32;
void normals_of(const std::uint32_t* words, float* normals);  // (kNormalWords) -> (2 kNormalWords)

}  // namespace trainground
