#include "dropout.h"

#include <algorithm>

#include "../depth_first.h"
#include "../kernels/vector.h"
#include "../random.h"

namespace trainground {
namespace {

// Blocks of four numbers, as the generator gives them; the last may hang over the batch's end.
template <class Body>
void each_block(std::ptrdiff_t count, Body body) {
  const int blocks = static_cast<int>((count + kLanes - 1) / kLanes), slices = slices_of(blocks);
  parallel_for(slices, [&](int slice) {
    const Range range = slice_range(slice, slices, blocks);
    for (int block = range.begin; block < range.end; ++block) {
      body(block, static_cast<int>(std::min<std::ptrdiff_t>(kLanes, count - std::ptrdiff_t{block} * kLanes)));
    }
  });
}

}  // namespace

Dropout::Dropout(Shape input, const LayerOptions& options, int index)
    : shape_(input), rate_(options.rate), index_(static_cast<std::uint32_t>(index)) {}

void Dropout::prepare(const Pass& most) {
  kept_.resize((static_cast<std::size_t>(most.samples) * shape_.size() + kLanes - 1) / kLanes);
}

void Dropout::forward(const Pass& pass, const real* x, real* y) {
  finish_loops();
  const std::ptrdiff_t count = std::ptrdiff_t{pass.samples} * shape_.size();
  if (!pass.training || rate_ <= 0) {
    std::copy_n(x, count, y);
    return;
  }
  const real scale = static_cast<real>(1 / (1 - rate_));
  const float rate = static_cast<float>(rate_);
  each_block(count, [&](int block, int present) {
    const RandomBlock random = random_block(pass.seed, Stream::dropout, pass.step, index_, static_cast<std::uint32_t>(block));
    unsigned kept = 0;
    for (int i = 0; i < present; ++i) {
      const bool keep = uniform(random[i]) >= rate;
      kept |= static_cast<unsigned>(keep) << i;
      y[std::ptrdiff_t{block} * kLanes + i] = keep ? x[std::ptrdiff_t{block} * kLanes + i] * scale : 0;
    }
    kept_[block] = static_cast<std::uint8_t>(kept);
  });
}

void Dropout::backward(const Pass& pass, const real*, const real*, real* dy, real* dx) {
  if (!dx) return;
  finish_loops();
  const std::ptrdiff_t count = std::ptrdiff_t{pass.samples} * shape_.size();
  if (!pass.training || rate_ <= 0) {
    std::copy_n(dy, count, dx);
    return;
  }
  const real scale = static_cast<real>(1 / (1 - rate_));
  each_block(count, [&](int block, int present) {
    for (int i = 0; i < present; ++i) {
      const std::ptrdiff_t at = std::ptrdiff_t{block} * kLanes + i;
      dx[at] = kept_[block] >> i & 1 ? dy[at] * scale : 0;
    }
  });
}

}  // namespace trainground
