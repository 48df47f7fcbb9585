#include "gradients.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "parallel.h"

namespace trainground {
namespace {

// Below this many numbers a second thread is not worth its start. The slices stay the same.
constexpr std::size_t kSerial = 16384;
constexpr int kLaneSums = 8;  // independent sums, so that additions need not wait for each other

// Sum of term(i) for i in begin..end: eight interleaved sums, added pairwise at the end.
template <class Term>
double slice_sum(std::size_t begin, std::size_t end, Term term) {
  std::array<double, kLaneSums> lanes{};
  std::size_t i = begin;
  for (; i + kLaneSums <= end; i += kLaneSums) {
    for (int lane = 0; lane < kLaneSums; ++lane)
      lanes[static_cast<std::size_t>(lane)] += term(i + static_cast<std::size_t>(lane));
  }
  double rest = 0;
  for (; i < end; ++i) rest += term(i);
  return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7])) + rest;
}

template <class Body>
void each_slice(std::size_t count, Body body) {
  const auto slice = [&](int index) {
    body(index, count * static_cast<std::size_t>(index) / kSlices, count * static_cast<std::size_t>(index + 1) / kSlices);
  };
  if (count < kSerial) {
    for (int index = 0; index < kSlices; ++index) slice(index);
  } else {
    parallel_for(kSlices, slice);
  }
}

// body gives the sum of one slice of 0..count.
template <class Body>
double sliced_sum(std::size_t count, Body body) {
  std::array<double, kSlices> sums{};
  each_slice(count,
             [&](int index, std::size_t begin, std::size_t end) { sums[static_cast<std::size_t>(index)] = body(begin, end); });
  double total = 0;
  for (double sum : sums) total += sum;
  return total;
}

double penalty_value(double l1, double l2, real w) {
  const double value = static_cast<double>(w);
  return l1 * std::fabs(value) + l2 * (value * value);
}

bool penalised(const Parameter& parameter) {
  return parameter.kernel && parameter.trainable && (parameter.l1 != 0 || parameter.l2 != 0);
}

}  // namespace

double penalty(std::span<Parameter* const> parameters) {
  double total = 0;
  for (const Parameter* parameter : parameters) {
    if (!penalised(*parameter)) continue;
    const real* w = parameter->value;
    const double l1 = parameter->l1, l2 = parameter->l2;
    total += sliced_sum(parameter->count(), [&](std::size_t begin, std::size_t end) {
      return slice_sum(begin, end, [&](std::size_t i) { return penalty_value(l1, l2, w[i]); });
    });
  }
  return total;
}

double add_penalties(std::span<Parameter* const> parameters) {
  for (const Parameter* parameter : parameters) {
    if (!penalised(*parameter)) continue;
    const real* w = parameter->value;
    real* dw = parameter->gradient;
    const real l1 = static_cast<real>(parameter->l1), twice_l2 = static_cast<real>(2 * parameter->l2);
    each_slice(parameter->count(), [&](int, std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        const real sign = static_cast<real>((w[i] > 0) - (w[i] < 0));
        dw[i] += l1 * sign + twice_l2 * w[i];
      }
    });
  }
  return penalty(parameters);
}

double gradient_norm(const real* gradients, std::span<const IndexRange> trainable) {
  double total = 0;
  for (const IndexRange& range : trainable) {
    const real* g = gradients + range.begin;
    total += sliced_sum(range.end - range.begin, [&](std::size_t begin, std::size_t end) {
      return slice_sum(begin, end, [&](std::size_t i) { return static_cast<double>(g[i]) * static_cast<double>(g[i]); });
    });
  }
  return std::sqrt(total);
}

void clip_gradients(real* gradients, std::span<const IndexRange> trainable, double norm, double clip_norm) {
  const double factor = clip_norm / (norm + 1e-6);
  if (!(factor < 1)) return;
  const real scale = static_cast<real>(factor);
  for (const IndexRange& range : trainable) {
    real* g = gradients + range.begin;
    each_slice(range.end - range.begin, [&](int, std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) g[i] *= scale;
    });
  }
}

}  // namespace trainground
