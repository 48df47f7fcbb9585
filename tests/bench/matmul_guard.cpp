// Has the compiler lost the matrix product's speed? One flag or one changed loop can halve it and nothing else would tell.
//
// Compares in one process, by the best of many short runs: the three products with the plain loop beside them, and with what
// vectors can do in registers; then shapes that must not fall off a cliff. Prints what it found; ends with 1 if something is too
// slow.
#include <algorithm>
#include <chrono>
#include <cstdio>

#include "kernels/matmul.h"
#include "kernels/microkernel.h"

using namespace trainground;

namespace {

// How often the plain loop's rate a product must reach. Found: 39 in wasm, 12 natively; processors that multiply and add with the
// same units reach half of it.
#ifdef __wasm__
constexpr double kTimesPlain = 13;
#else
constexpr double kTimesPlain = 4;
#endif

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// The best rate of `operations` per call, in 10^9 a second: calls in samples of at least 0.2 ms, for at least `time` seconds.
template <class Call>
double best_rate(double operations, double time, Call call) {
  const double end = seconds() + time;
  double best = 0;
  int samples = 0;
  do {
    const double start = seconds();
    int calls = 0;
    do {
      call();
      ++calls;
    } while (seconds() - start < 2e-4);
    best = std::max(best, operations * calls / (seconds() - start) * 1e-9);
    ++samples;
  } while (seconds() < end || samples < 20);
  return best;
}

Buffer<real> numbers(std::size_t count) {
  Buffer<real> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<real>(i % 7) - 3;
  return values;
}

// What this processor's vectors can do: six products and six sums that wait for nobody, all in registers.
[[gnu::noinline]] Vec independent_chains(int count, Vec one, Vec zero) {
  Vec a = one, b = one, c = one, d = one, e = one, f = one, g = one, h = one, i = one, j = one, k = one, l = one;
  TRAINGROUND_ROLLED
  for (; count > 0; --count) {
    a = a * one, b = b + zero, c = c * one, d = d + zero, e = e * one, f = f + zero;
    g = g * one, h = h + zero, i = i * one, j = j + zero, k = k * one, l = l + zero;
  }
  return ((a + b) + (c + d)) + ((e + f) + (g + h)) + ((i + j) + (k + l));
}

struct Rates {
  double ab, atb, abt;
};

Rates rates(int m, int n, int k, double time) {
  const Buffer<real> a = numbers(static_cast<std::size_t>(m) * k), b = numbers(static_cast<std::size_t>(k) * n);
  Buffer<real> c(static_cast<std::size_t>(m) * n), scratch(matmul_scratch(m, n, k));
  const double operations = 2.0 * m * n * k;
  return {best_rate(operations, time, [&] { matmul(m, n, k, a.data(), b.data(), c.data(), {}, scratch.data()); }),
          best_rate(operations, time, [&] { matmul_transposed_a(m, n, k, a.data(), b.data(), c.data(), scratch.data()); }),
          best_rate(operations, time, [&] { matmul_transposed_b(m, n, k, a.data(), b.data(), c.data(), scratch.data()); })};
}

}  // namespace

int main() {
  volatile real one = 1, zero = 0, sink = 0;
  const auto peak_rate = [&](double time) {
    return best_rate(12.0 * kLanes * 1000, time, [&] { sink = independent_chains(1000, splat(one), splat(zero))[0]; });
  };
  peak_rate(0.3);  // until the optimizing compiler of a wasm engine has had its turn
  rates(128, 128, 128, 0.1);
  const double peak = peak_rate(0.2);

  const int size = 128;
  const Buffer<real> left = numbers(size * size), right = numbers(size * size);
  Buffer<real> product(size * size);
  const double plain = best_rate(2.0 * size * size * size, 0.2,
                                 [&] { plain_matmul(size, size, size, left.data(), right.data(), product.data(), {}); });
  std::printf("vectors %.1f, plain loop %.2f GFLOP/s\n", peak, plain);

  struct Row {
    int m, n, k;
    double share;  // of what vectors can do
  };
  const Row rows[] = {{128, 128, 128, 0.5}, {256, 256, 256, 0.5}, {32, 96, 784, 0.48},
                      {128, 10, 256, 0.18}, {64, 128, 9, 0.15},   {1, 512, 784, 0.05}};
  bool good = true;
  for (const Row& row : rows) {
    double least = row.share * peak;
    if (row.m == 128 && row.n == 128) least = std::max(least, kTimesPlain * plain);
    // On a busy machine hardly a sample runs undisturbed: what is slow gets more chances.
    Rates best{};
    for (int chance = 0; chance < 8 && std::min({best.ab, best.atb, best.abt}) < least; ++chance) {
      const Rates found = rates(row.m, row.n, row.k, 0.1);
      best = {std::max(best.ab, found.ab), std::max(best.atb, found.atb), std::max(best.abt, found.abt)};
    }
    const bool enough = std::min({best.ab, best.atb, best.abt}) >= least;
    good = good && enough;
    std::printf("%4d %4d %4d: AB %.1f, A'B %.1f, AB' %.1f GFLOP/s, %s %.1f\n", row.m, row.n, row.k, best.ab, best.atb, best.abt,
                enough ? "at least" : "TOO SLOW, expected at least", least);
  }
  return good ? 0 : 1;
}
