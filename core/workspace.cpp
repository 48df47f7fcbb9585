#include "workspace.h"

#include <algorithm>
#include <numeric>

namespace trainground {
namespace {

std::size_t in_lines(std::size_t count) { return (count + 15) / 16 * 16; }  // of the cache

// Numbers before what stands at `depth`.
std::size_t outside(const std::vector<std::size_t>& lengths, std::size_t depth) {
  return std::accumulate(lengths.begin(), lengths.begin() + static_cast<std::ptrdiff_t>(std::min(depth, lengths.size())),
                         std::size_t{0});
}

}  // namespace

real* Workspace::take(std::size_t count) {
  if (taken_ + count > memory_.size()) finish_loops();
  free();
  if (taken_ + count > memory_.size()) memory_.resize(count);
  real* memory = memory_.data() + taken_;
  taken_ += in_lines(count);
  return memory;
}

real* Workspace::share(std::size_t index, std::size_t count) {
  if (index >= shared_.size()) shared_.resize(index + 1);
  Shared& array = shared_[index];
  if (array.round == loop_round()) finish_loops();                                    // they need what would be written over
  if (array.numbers.size() < count) array.numbers = {}, array.numbers.resize(count);  // never both at once
  return array.numbers.data();
}

void Workspace::plan_gradient(std::size_t depth, int end, std::size_t count) {
  for (std::vector<std::size_t>& lengths : lengths_) lengths.resize(depth + 1);  // what stood further in is done with
  lengths_[end][depth] = in_lines(count);
  planned_ = std::max(planned_, outside(lengths_[0], depth + 1) + outside(lengths_[1], depth + 1));
}

void Workspace::hold_planned() {
  if (gradients_.size() < planned_) gradients_ = {}, gradients_.resize(planned_);
  for (std::vector<std::size_t>& lengths : lengths_) lengths.clear();
}

real* Workspace::gradient(std::size_t depth, int end, std::size_t count) {
  plan_gradient(depth, end, count);
  const std::size_t from = outside(lengths_[end], depth), until = from + lengths_[end][depth];
  const bool reached = from < needed_[end] || until + needed_[1 - end] > gradients_.size();
  if (needed_round_ == loop_round() && reached) finish_loops();
  return gradients_.data() + (end == 0 ? from : gradients_.size() - until);
}

void Workspace::gradient_in_use(std::size_t depth, int end) {
  if (needed_round_ != loop_round()) needed_[0] = needed_[1] = 0;
  needed_round_ = loop_round();
  needed_[end] = std::max(needed_[end], outside(lengths_[end], depth + 1));
}

}  // namespace trainground
