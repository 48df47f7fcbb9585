// The gradient check: what backward says of a weight against two losses, (f(w + h) - f(w - h)) / 2h, tensor by tensor.
//
// On one fixed batch in training mode, dropout's masks held, on a copy whose zeros are moved by up to 0.01. The relative error is
// |analytic - numeric| / max(|analytic|, |numeric|, 1e-4): below that floor the rounding of the losses is all that a difference
// shows. Where a relu or a maximum has its kink between w - h and w + h the two one-sided slopes disagree: then h shrinks, and
// where that does not help the place is passed over and counted. Meant for the twin in double precision: in float the losses have
// too few digits.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trial.h"

namespace trainground {

struct GradientCheckOptions {
  int samples = 8;        // of the batch
  int per_tensor = 50;    // places, drawn by the experiment's seed where a tensor has more
  std::string disturbed;  // a tensor whose gradient is made 1 % too large, to see the check fail; empty: none
};

// One tensor; the numbers are those of its worst place.
struct GradientRow {
  std::string name;  // as it is saved
  int layer = 0;     // index in the experiment's list
  std::size_t checked = 0, skipped = 0;
  std::size_t index = 0;  // of the number, as PyTorch stores it
  double error = 0, analytic = 0, numeric = 0;
};

class GradientCheck {
 public:
  static constexpr double kTolerance = 1e-6;

  GradientCheck(const Training& run, const GradientCheckOptions& options);

  // Examines one number; false when all are done.
  bool advance();
  double progress() const { return static_cast<double>(done_) / static_cast<double>(places_.size()); }

  const std::vector<GradientRow>& rows() const { return rows_; }  // of every tensor that is trained
  const GradientRow* worst() const;                               // null where nothing is trained
  bool passed() const;
  double loss() const { return loss_; }

 private:
  struct Place {
    std::size_t row, index;
  };
  double difference(real* weight, double h, double& left, double& right);

  Trial trial_;
  Batches batches_;
  double loss_ = 0;
  std::vector<const Parameter*> tensors_;  // one for each row
  std::vector<GradientRow> rows_;
  std::vector<Place> places_;
  std::size_t done_ = 0;
};

}  // namespace trainground
