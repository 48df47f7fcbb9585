// The examinations of core/ as the bindings pass them on: begun with options, advanced in slices, told as JSON. One at a time.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "gradient_check.h"
#include "json.h"
#include "learning_rate_finder.h"
#include "overfit_check.h"
#include "problem.h"

namespace trainground {

class Checks {
 public:
  // `name`: gradients, overfit or learningRate. The run must outlive the examination, and stand still meanwhile.
  std::vector<Problem> begin(const Training& run, const std::string& name, const Json& options);
  // Works for about `units` steps of it; false once it is done.
  bool advance(int units);
  double progress() const;  // 0..1, of the attempt that runs
  Json result() const;
  void end() { check_ = std::monostate{}; }

 private:
  std::variant<std::monostate, GradientCheck, OverfitCheck, LearningRateFinder> check_;
};

}  // namespace trainground
