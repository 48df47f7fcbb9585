// What the frozen part of a network made of samples, on its way from one run to the next: the runs of a cross-validation, or of a
// sweep, are of the same samples, and a picture need not go through the same backbone for each of them. The bits are the same.
#pragma once

#include <string>
#include <vector>

#include "feature_cache.h"
#include "training.h"

namespace trainground {

class LentFeatures {
 public:
  void clear() { slots_.clear(); }
  // All that a run keeps, which ends. experiment: its text, normalized. Of a run that augments, nothing: its views are its own.
  void take_from(Training& run, const std::string& experiment);
  // To a run on the same samples, once its weights are there. Nothing happens where the frozen parts differ.
  void give_to(Training& run, const std::string& experiment);

 private:
  std::string name_;  // of all that features depend on besides the samples
  std::vector<FeatureCache::Slot> slots_;
};

}  // namespace trainground
