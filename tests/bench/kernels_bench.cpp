// Speed of the kernels, natively. Each benchmark first compares its result with Eigen's (in double) and reports an error where
// they differ: a speed that is not right is not a speed.
#include <cmath>

#include "bench.h"
#include "kernels/depthwise.h"
#include "kernels/winograd.h"

using namespace trainground;

namespace {

void probe(benchmark::State& state) {
  const Buffer<real> a = numbers(4 * kChunkStride, 1), b = numbers(256 * kTileColumns, 2);
  Buffer<real> c(kTileRows * kTileColumns);
  strip_of_rows<kChunkStride>(1, 256, a.data(), b.data(), c.data(), kTileColumns, false);
  Matrix expected = Matrix::Zero(4, 8);
  for (int i = 0; i < 4; ++i) {
    for (int k = 0; k < 256; ++k) expected.row(i) += a[i * kChunkStride + k] * as_matrix(b, 256, 8).row(k);
  }
  if (!agrees(c, expected, 1e-5)) return state.SkipWithError("differs from Eigen");
  for (auto _ : state) {
    strip_of_rows<kChunkStride>(1, 256, a.data(), b.data(), c.data(), kTileColumns, false);
    benchmark::ClobberMemory();
  }
  set_rate(state, 2.0 * 4 * 8 * 256);
}
BENCHMARK(probe);

enum { AB, AtB, ABt };
void product(benchmark::State& state, int kind) {
  const int m = static_cast<int>(state.range(0)), n = static_cast<int>(state.range(1)), k = static_cast<int>(state.range(2));
  const Buffer<real> a = numbers(static_cast<std::size_t>(m) * k, 1), b = numbers(static_cast<std::size_t>(k) * n, 2);
  Buffer<real> c(static_cast<std::size_t>(m) * n), scratch(matmul_scratch(m, n, k));
  const auto run = [&] {
    if (kind == AB) matmul(m, n, k, a.data(), b.data(), c.data(), {}, scratch.data());
    if (kind == AtB) matmul_transposed_a(m, n, k, a.data(), b.data(), c.data(), scratch.data());
    if (kind == ABt) matmul_transposed_b(m, n, k, a.data(), b.data(), c.data(), scratch.data());
  };
  run();
  Matrix expected;
  if (kind == AB) expected = as_matrix(a, m, k) * as_matrix(b, k, n);
  if (kind == AtB) expected = as_matrix(a, k, m).transpose() * as_matrix(b, k, n);
  if (kind == ABt) expected = as_matrix(a, m, k) * as_matrix(b, n, k).transpose();
  if (!agrees(c, expected, 1e-5)) return state.SkipWithError("differs from Eigen");
  for (auto _ : state) {
    run();
    benchmark::ClobberMemory();
  }
  set_rate(state, 2.0 * m * n * k);
}
void sizes(benchmark::internal::Benchmark* b) {
  for (int size : {128, 256, 512, 1024}) b->Args({size, size, size});
  b->Args({128, 512, 784})->Args({64, 128, 12544})->Args({128, 10, 256})->Args({1, 128, 784})->Args({512, 512, 9});
  b->ArgNames({"m", "n", "k"})->Unit(benchmark::kMicrosecond);
}
BENCHMARK_CAPTURE(product, AB, AB)->Apply(sizes);
BENCHMARK_CAPTURE(product, AtB, AtB)->Apply(sizes);
BENCHMARK_CAPTURE(product, ABt, ABt)->Apply(sizes);

// Windows of all pictures as rows: what a convolution multiplies by its weights.
Matrix windows_of(const ConvolutionShape& s, int samples, const Buffer<real>& x) {
  Matrix rows = Matrix::Zero(samples * s.output.height * s.output.width, s.taps());
  int row = 0;
  for (int n = 0; n < samples; ++n) {
    for (int oy = 0; oy < s.output.height; ++oy) {
      for (int ox = 0; ox < s.output.width; ++ox, ++row) {
        for (int t = 0; t < s.taps(); ++t) {
          const int c = t % s.input.channels, kx = t / s.input.channels % s.kernel, ky = t / s.input.channels / s.kernel;
          const int y = oy * s.stride + ky - s.top, at = ox * s.stride + kx - s.left;
          if (y < 0 || y >= s.input.height || at < 0 || at >= s.input.width) continue;
          rows(row, t) = x[((static_cast<std::size_t>(n) * s.input.height + y) * s.input.width + at) * s.input.channels + c];
        }
      }
    }
  }
  return rows;
}

enum { Forward, WeightGradient, InputGradient };
void convolve(benchmark::State& state, int pass, bool winograd) {
  const auto arg = [&](int i) { return static_cast<int>(state.range(i)); };
  const int samples = arg(0), filters = arg(3);
  const ConvolutionShape s = ConvolutionShape::of({arg(1), arg(1), arg(2)}, filters, arg(4), arg(5), kSame);
  const Buffer<real> x = numbers(static_cast<std::size_t>(samples) * s.input.size(), 1);
  const Buffer<real> w = numbers(static_cast<std::size_t>(s.taps()) * filters, 2);
  const Buffer<real> dy = numbers(static_cast<std::size_t>(samples) * s.output.size(), 3);
  Buffer<real> y(dy.size()), dx(x.size()), dw(w.size());
  const ConvolutionScratch needed = (winograd ? winograd_scratch : convolution_scratch)(s, samples);
  Buffer<real> scratch(std::max(needed.data, needed.weights));
  const auto run = [&] {
    if (pass == Forward) {
      winograd ? winograd_convolution(s, samples, x.data(), w.data(), y.data(), {}, scratch.data())
               : convolution(s, samples, x.data(), w.data(), y.data(), {}, scratch.data());
    } else if (pass == WeightGradient) {
      winograd ? winograd_weight_gradient(s, samples, x.data(), dy.data(), dw.data(), scratch.data())
               : convolution_weight_gradient(s, samples, x.data(), dy.data(), dw.data(), scratch.data());
    } else {
      (winograd ? winograd_input_gradient : convolution_input_gradient)(s, samples, dy.data(), w.data(), dx.data(),
                                                                        scratch.data());
    }
  };
  run();
  const int rows = samples * s.output.height * s.output.width;
  const double tolerance = winograd ? 5e-5 : 1e-5;
  bool good;
  if (pass == Forward) {
    good = agrees(y, windows_of(s, samples, x) * as_matrix(w, s.taps(), filters), tolerance);
  } else if (pass == WeightGradient) {
    good = agrees(dw, windows_of(s, samples, x).transpose() * as_matrix(dy, rows, filters), tolerance);
  } else {
    // The input gradient is the transpose of the forward map: <dx, x> = <dy, conv(x)> for the x at hand.
    double left = 0;
    for (std::size_t i = 0; i < x.size(); ++i) left += static_cast<double>(dx[i]) * x[i];
    const double right =
        (windows_of(s, samples, x) * as_matrix(w, s.taps(), filters)).cwiseProduct(as_matrix(dy, rows, filters)).sum();
    double size = 0;
    for (std::size_t i = 0; i < x.size(); ++i) size += std::fabs(static_cast<double>(dx[i]) * x[i]);
    good = std::fabs(left - right) <= tolerance * size;
  }
  if (!good) return state.SkipWithError("differs from Eigen");
  for (auto _ : state) {
    run();
    benchmark::ClobberMemory();
  }
  set_rate(state, 2.0 * rows * s.taps() * filters);
}
void shapes(benchmark::internal::Benchmark* b) {
  b->Args({8, 28, 32, 64, 3, 1})->Args({32, 16, 64, 64, 3, 1})->Args({32, 8, 64, 128, 3, 1})->Args({8, 20, 13, 19, 3, 1});
  b->ArgNames({"N", "size", "C", "filters", "kernel", "stride"})->Unit(benchmark::kMicrosecond);
}
void direct_shapes(benchmark::internal::Benchmark* b) {
  shapes(b);
  b->Args({64, 28, 1, 32, 3, 1})->Args({32, 32, 3, 32, 3, 2})->Args({32, 16, 64, 64, 1, 1})->Args({64, 12, 6, 16, 5, 1});
}
BENCHMARK_CAPTURE(convolve, winograd_forward, Forward, true)->Apply(shapes);
BENCHMARK_CAPTURE(convolve, winograd_weight_gradient, WeightGradient, true)->Apply(shapes);
BENCHMARK_CAPTURE(convolve, winograd_input_gradient, InputGradient, true)->Apply(shapes);
BENCHMARK_CAPTURE(convolve, direct_forward, Forward, false)->Apply(direct_shapes);
BENCHMARK_CAPTURE(convolve, direct_weight_gradient, WeightGradient, false)->Apply(direct_shapes);
BENCHMARK_CAPTURE(convolve, direct_input_gradient, InputGradient, false)->Apply(direct_shapes);

void depthwise_pass(benchmark::State& state, int pass) {
  const int samples = static_cast<int>(state.range(0)), size = static_cast<int>(state.range(1)),
            channels = static_cast<int>(state.range(2));
  const ConvolutionShape s = ConvolutionShape::of({size, size, channels}, channels, 3, 1, kSame);
  const Buffer<real> x = numbers(static_cast<std::size_t>(samples) * s.input.size(), 1), w = numbers(9u * channels, 2);
  const Buffer<real> dy = numbers(x.size(), 3);
  Buffer<real> y(x.size()), dx(x.size()), dw(w.size()), scratch(depthwise_scratch(s, samples));
  const auto run = [&] {
    if (pass == Forward) depthwise(s, samples, x.data(), w.data(), y.data(), {}, scratch.data());
    if (pass == WeightGradient) depthwise_weight_gradient(s, samples, x.data(), dy.data(), dw.data(), scratch.data());
    if (pass == InputGradient) depthwise_input_gradient(s, samples, dy.data(), w.data(), dx.data(), scratch.data());
  };
  run();
  // Column t of the windows meets channel t % channels only.
  const auto filtered = [&](const Matrix& windows, bool turned) {
    Matrix sum = Matrix::Zero(windows.rows(), channels);
    const int taps = s.taps();
    for (int t = 0; t < taps; ++t) {
      const int tap = turned ? taps - channels - t / channels * channels + t % channels : t;
      sum.col(t % channels) += windows.col(t) * static_cast<double>(w[tap]);
    }
    return sum;
  };
  bool good = false;
  if (pass == Forward) good = agrees(y, filtered(windows_of(s, samples, x), false), 1e-5);
  if (pass == InputGradient) good = agrees(dx, filtered(windows_of(s, samples, dy), true), 1e-5);
  if (pass == WeightGradient) {
    const Matrix windows = windows_of(s, samples, x), gradient = as_matrix(dy, windows.rows(), channels);
    Matrix expected(9, channels);
    for (int t = 0; t < s.taps(); ++t) expected(t / channels, t % channels) = windows.col(t).dot(gradient.col(t % channels));
    good = agrees(dw, expected, 1e-5);
  }
  if (!good) return state.SkipWithError("differs from Eigen");
  for (auto _ : state) {
    run();
    benchmark::ClobberMemory();
  }
  set_rate(state, 18.0 * x.size());
}
void depthwise_shapes(benchmark::internal::Benchmark* b) {
  b->Args({8, 16, 32})->Args({8, 16, 64})->ArgNames({"N", "size", "C"})->Unit(benchmark::kMicrosecond);
}
BENCHMARK_CAPTURE(depthwise_pass, forward, Forward)->Apply(depthwise_shapes);
BENCHMARK_CAPTURE(depthwise_pass, weight_gradient, WeightGradient)->Apply(depthwise_shapes);
BENCHMARK_CAPTURE(depthwise_pass, input_gradient, InputGradient)->Apply(depthwise_shapes);

}  // namespace

BENCHMARK_MAIN();
