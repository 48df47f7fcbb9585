// What the benchmarks of kernels and layers share: numbers, a comparison with Eigen's, and a rate that can be read.
//
// Rates of one run are to be read against the probe: the bare 4x8 tile in the first cache, since the machine's own speed drifts.
// It is run beside each benchmark, whose share of it stands behind its rate.
#pragma once

#include <benchmark/benchmark.h>

#include <Eigen/Core>
#include <algorithm>
#include <chrono>

#include "kernels/microkernel.h"

namespace trainground {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

inline Buffer<real> numbers(std::size_t count, unsigned seed) {
  Buffer<real> values(count);
  for (real& v : values) {
    seed = seed * 1664525u + 1013904223u;
    v = static_cast<real>(seed >> 8) / 8388608 - 1;
  }
  return values;
}

inline Matrix as_matrix(const real* values, Eigen::Index rows, Eigen::Index columns) {
  return Eigen::Map<const Eigen::Matrix<real, -1, -1, Eigen::RowMajor>>(values, rows, columns).cast<double>();
}
inline Matrix as_matrix(const Buffer<real>& values, Eigen::Index rows, Eigen::Index columns) {
  return as_matrix(values.data(), rows, columns);
}

// Largest difference over largest value.
inline bool agrees(const Matrix& found, const Matrix& expected, double tolerance) {
  return (found - expected).cwiseAbs().maxCoeff() <= tolerance * expected.cwiseAbs().maxCoeff();
}
inline bool agrees(const Buffer<real>& given, const Matrix& expected, double tolerance) {
  return agrees(as_matrix(given, expected.rows(), expected.cols()), expected, tolerance);
}

// The bare tile's rate at this moment, in 10^9 operations a second: the best of two milliseconds.
inline double probe_rate() {
  const Buffer<real> a = numbers(4 * kChunkStride, 1), b = numbers(256 * kTileColumns, 2);
  Buffer<real> c(kTileRows * kTileColumns);
  double best = 0;
  for (int sample = 0; sample < 40; ++sample) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 50; ++i) {
      strip_of_rows<kChunkStride>(1, 256, a.data(), b.data(), c.data(), kTileColumns, false);
      benchmark::ClobberMemory();
    }
    const std::chrono::duration<double, std::nano> passed = std::chrono::steady_clock::now() - begin;
    best = std::max(best, 50 * 2.0 * 4 * 8 * 256 / passed.count());
  }
  return best;
}

// `operations`: sums, products and comparisons of one iteration.
inline void set_rate(benchmark::State& state, double operations) {
  using benchmark::Counter;
  state.counters["GFLOP/s"] = Counter(operations * 1e-9, Counter::kIsIterationInvariantRate);
  state.counters["of probe"] = Counter(operations * 1e-9 / probe_rate(), Counter::kIsIterationInvariantRate);
}

}  // namespace trainground
