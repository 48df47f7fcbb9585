// The range test: the learning rate grows at every step, from one that changes nothing to one that breaks everything, and the
// loss tells where learning is fastest. Smith, "Cyclical learning rates for training neural networks", WACV 2017; fastai's
// lr_find.
//
// The recipe is the run's own (batches, augmentation, dropout, penalties, clipping, a fresh optimizer), but for its schedule. The
// loss told is that of the step's batch, or, where batches have less than 32 samples, of the same 32 samples at every step: that
// of a few says more of these few than of the rate. It is smoothed (exponential mean, its start corrected). Two rates are told:
// in the middle of the longest way downhill (fastai's "valley"), and where the slope is steepest. Both leave out the first tenth,
// where the smoothed loss settles, and the last five, where it explodes; from that tenth on, the test ends once the smoothed loss
// is above four times its best, so that an easy first batch ends nothing.
#pragma once

#include <vector>

#include "optimizer.h"
#include "trial.h"

namespace trainground {

struct LearningRateOptions {
  double from = 1e-7, to = 10;
  int steps = 100;
};

class LearningRateFinder {
 public:
  LearningRateFinder(const Training& run, const LearningRateOptions& options);

  // One step at the next rate; false at the end of the test.
  bool advance();
  double progress() const { return static_cast<double>(losses_.size()) / options_.steps; }

  const std::vector<double>& rates() const { return rates_; }
  const std::vector<double>& losses() const { return losses_; }
  const std::vector<double>& smoothed() const { return smoothed_; }

  // NaN where the loss never falls.
  double suggestion() const;
  double steepest() const;

 private:
  std::size_t first() const;  // point that counts: the smoothed loss needs some to settle

  LearningRateOptions options_;
  double factor_;  // from one step's rate to the next
  Trial trial_;
  Batches batches_;
  Batches judged_;  // the same samples at every step; none where a batch has enough
  Optimizer optimizer_;
  std::uint32_t epoch_ = 1;
  bool ended_ = false;
  double mean_ = 0, share_ = 1, best_ = 0;
  std::vector<double> rates_, losses_, smoothed_;
};

// The middle, in steps, of the longest way downhill: of the longest falling subsequence. -1 where nothing falls.
int valley(const std::vector<double>& losses);

}  // namespace trainground
