// Speed of what is no product: batch normalization, pooling, dropout, the loss, Adam, augmentation. Each is first compared with
// the formula in Eigen's arrays or in a plain loop, in double.
#include <Eigen/QR>
#include <cmath>
#include <numeric>

#include "augmentation.h"
#include "bench.h"
#include "loss.h"
#include "network.h"
#include "optimizer.h"

using namespace trainground;

namespace {

using Array = Eigen::Array<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// One layer over a batch, with room for both directions.
struct Bench {
  Bench(Shape shape, int count, const LayerOptions& layer) : samples(count), network(shape, of(layer)) {
    network.prepare(samples);
    x = numbers(static_cast<std::size_t>(samples) * shape.size(), 1);
    dy = numbers(static_cast<std::size_t>(samples) * network.outputs(), 2);
    dx.resize(x.size());
    forward();
    backward();
  }
  static Experiment of(const LayerOptions& layer) {
    Experiment experiment;
    experiment.layers = {layer};
    return experiment;
  }
  Pass pass() const { return {samples, true, false, 1, 1, nullptr}; }
  void forward() { y = network.forward(pass(), x.data()); }
  void backward() {
    // A layer may use dy as scratch: none of these does.
    network.backward(pass(), x.data(), dy.data(), dx.data());
  }

  int samples;
  Network network;
  Buffer<real> x, dy, dx;
  const real* y = nullptr;
};

// Times one direction; `operations` per number of x.
void time_layer(benchmark::State& state, Bench& bench, bool forward, double operations) {
  for (auto _ : state) {
    forward ? bench.forward() : bench.backward();
    benchmark::ClobberMemory();
  }
  set_rate(state, operations * static_cast<double>(bench.x.size()));
}

void batch_norm(benchmark::State& state, bool forward) {
  const int channels = static_cast<int>(state.range(2)), side = static_cast<int>(state.range(1));
  LayerOptions options;
  options.type = LayerType::batchNormalization;
  options.activation = Activation::relu;
  Bench bench({side, side, channels}, static_cast<int>(state.range(0)), options);
  const Eigen::Index rows = static_cast<Eigen::Index>(bench.x.size()) / channels;
  const Array x = as_matrix(bench.x, rows, channels).array(), dy = as_matrix(bench.dy, rows, channels).array();
  const Array distance = x.rowwise() - x.colwise().mean();
  const Eigen::Array<double, 1, Eigen::Dynamic> inverse = (distance.square().colwise().mean() + options.epsilon).rsqrt();
  const Array z = distance.rowwise() * inverse;
  const Array g = (z > 0).select(dy, 0);
  const Array around = g.rowwise() - g.colwise().mean();
  const Array dx = (around - z.rowwise() * (g * z).colwise().mean()).rowwise() * inverse;
  if (!agrees(as_matrix(bench.y, rows, channels), z.max(0).matrix(), 1e-5)) return state.SkipWithError("wrong forward");
  if (!agrees(bench.dx, dx.matrix(), 1e-4)) return state.SkipWithError("wrong backward");
  time_layer(state, bench, forward, forward ? 8 : 15);
}
void pictures(benchmark::internal::Benchmark* b) {
  b->Args({32, 32, 32})->Args({32, 16, 64})->ArgNames({"N", "size", "C"})->Unit(benchmark::kMicrosecond);
}
BENCHMARK_CAPTURE(batch_norm, forward, true)->Apply(pictures);
BENCHMARK_CAPTURE(batch_norm, backward, false)->Apply(pictures);

void max_pool(benchmark::State& state, bool forward) {
  const int channels = static_cast<int>(state.range(2)), side = static_cast<int>(state.range(1)), half = side / 2;
  LayerOptions options;
  options.type = LayerType::maxPool2d;
  options.strides = 2;
  Bench bench({side, side, channels}, static_cast<int>(state.range(0)), options);
  Buffer<real> dx(bench.x.size());
  for (std::size_t i = 0; i < bench.dy.size(); ++i) {
    const std::size_t c = i % channels, column = i / channels % half, row = i / channels / half;  // rows of all pictures
    const std::size_t corner = (2 * row * side + 2 * column) * channels + c;
    std::size_t best = corner;
    for (std::size_t at : {corner + channels, corner + side * channels, corner + (side + 1) * channels})
      if (bench.x[at] > bench.x[best]) best = at;
    if (bench.y[i] != bench.x[best]) return state.SkipWithError("wrong forward");
    dx[best] = bench.dy[i];
  }
  if (dx != bench.dx) return state.SkipWithError("wrong backward");
  time_layer(state, bench, forward, forward ? 0.75 : 0.25);
}
void pooled_pictures(benchmark::internal::Benchmark* b) {
  pictures(b);
  b->Args({64, 24, 6});
}
BENCHMARK_CAPTURE(max_pool, forward, true)->Apply(pooled_pictures);
BENCHMARK_CAPTURE(max_pool, backward, false)->Apply(pooled_pictures);

void dropout(benchmark::State& state, bool forward) {
  LayerOptions options;
  options.type = LayerType::dropout;
  options.rate = 0.25;
  Bench bench({1, 1, static_cast<int>(state.range(1))}, static_cast<int>(state.range(0)), options);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < bench.x.size(); ++i) {
    const real scale = bench.y[i] == 0 ? 0 : real{1} / real{0.75};
    kept += scale > 0;
    if (bench.y[i] != bench.x[i] * scale || bench.dx[i] != bench.dy[i] * scale) return state.SkipWithError("wrong numbers");
  }
  if (std::fabs(static_cast<double>(kept) / static_cast<double>(bench.x.size()) - 0.75) > 0.02)
    return state.SkipWithError("wrong share");
  time_layer(state, bench, forward, 1);
}
void vectors(benchmark::internal::Benchmark* b) { b->Args({128, 512})->ArgNames({"N", "D"})->Unit(benchmark::kMicrosecond); }
BENCHMARK_CAPTURE(dropout, forward, true)->Apply(vectors);
BENCHMARK_CAPTURE(dropout, backward, false)->Apply(vectors);

void softmax_cross_entropy(benchmark::State& state) {
  const int samples = 128, classes = 10;
  const Buffer<real> logits = numbers(samples * classes, 1);
  std::vector<std::int32_t> labels(samples);
  std::iota(labels.begin(), labels.end(), 0);
  for (std::int32_t& label : labels) label %= classes;
  Buffer<real> gradient(logits.size());
  const auto run = [&] {
    return loss_and_gradient(LossType::crossEntropy, 0, samples, classes, logits.data(), {labels.data(), nullptr},
                             gradient.data());
  };
  const double value = run().value;
  Array expected = as_matrix(logits, samples, classes).array().exp();
  expected.colwise() /= expected.rowwise().sum().eval();
  double loss = 0;
  for (int n = 0; n < samples; ++n) {
    loss -= std::log(expected(n, labels[n])) / samples;
    expected(n, labels[n]) -= 1;
  }
  if (!agrees(gradient, (expected / samples).matrix(), 1e-5) || std::fabs(value - loss) > 1e-5)
    return state.SkipWithError("differs from Eigen");
  for (auto _ : state) {
    benchmark::DoNotOptimize(run());
    benchmark::ClobberMemory();
  }
  set_rate(state, 20.0 * samples * classes);
}
BENCHMARK(softmax_cross_entropy)->Unit(benchmark::kMicrosecond);

void adam(benchmark::State& state) {
  const std::size_t count = static_cast<std::size_t>(state.range(0));
  Buffer<real> values = numbers(count, 1);
  const Buffer<real> before = values, gradients = numbers(count, 2);
  const OptimizerOptions options;
  Optimizer optimizer(options, count);
  const IndexRange all[] = {{0, count}};
  const auto run = [&] { optimizer.step(values.data(), gradients.data(), all, 0.001); };
  run();
  run();
  for (std::size_t i = 0; i < count; ++i) {
    double w = before[i], m = 0, v = 0, g = gradients[i];
    for (int t = 1; t <= 2; ++t) {
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
      w -= 0.001 * (m / (1 - std::pow(0.9, t))) / (std::sqrt(v / (1 - std::pow(0.999, t))) + 1e-8);
    }
    if (std::fabs(values[i] - w) > 1e-6) return state.SkipWithError("differs from the formula");
  }
  for (auto _ : state) {
    run();
    benchmark::ClobberMemory();
  }
  set_rate(state, 14.0 * static_cast<double>(count));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(7 * sizeof(real) * count));
}
BENCHMARK(adam)->Arg(1 << 16)->Arg(1 << 19)->Unit(benchmark::kMicrosecond);

// A batch of 32 pictures 32x32x3. What a transform draws is its own affair, so each is checked by what it must do to any picture.
constexpr int kPictures = 32;
constexpr Shape kPicture{32, 32, 3};

void augmentation(benchmark::State& state, const AugmentationOptions& options, bool (*right)(const real*, const real*)) {
  Buffer<real> source(static_cast<std::size_t>(kPictures) * kPicture.size());
  for (std::size_t i = 0; i < source.size(); ++i) {  // a plane in each channel, of slopes a little different in each picture
    const int x = static_cast<int>(i / 3 % 32), y = static_cast<int>(i / 96 % 32), n = static_cast<int>(i / 3072);
    source[i] = static_cast<real>(0.1 + 0.01 * x + (0.005 + 0.0001 * n) * y + 0.05 * static_cast<double>(i % 3));
  }
  Buffer<real> batch = source;
  AugmentationScratch scratch(kPicture);
  const auto run = [&] {
    batch = source;
    for (std::uint32_t n = 0; n < kPictures; ++n)
      augment({&options, 1}, kPicture, {1, 1, n}, true, scratch, batch.data() + n * kPicture.size());
  };
  run();
  for (int n = 0; n < kPictures; ++n) {
    const std::ptrdiff_t at = std::ptrdiff_t{n} * kPicture.size();
    if (!right(source.data() + at, batch.data() + at)) return state.SkipWithError("wrong pixels");
  }
  for (auto _ : state) {
    run();
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * kPictures);
}

bool mirrored(const real* before, const real* after) {
  for (int i = 0; i < kPicture.size(); ++i)
    if (after[i] != before[i / 96 * 96 + (31 - i / 3 % 32) * 3 + i % 3]) return false;
  return true;
}

// A plane stays a plane when it is turned: the middle keeps its value, and the slope its length.
bool turned(const real* before, const real* after) {
  const auto plane = [](const real* picture) {
    Eigen::Matrix<double, 256, 3> places;  // the inner 16x16, which no edge pixel reaches
    Eigen::Matrix<double, 256, 1> values;
    for (int i = 0; i < 256; ++i) {
      const int x = 8 + i % 16, y = 8 + i / 16;
      places.row(i) << 1, x - 15.5, y - 15.5;
      values[i] = picture[(y * 32 + x) * 3];
    }
    const Eigen::Vector3d fit = places.colPivHouseholderQr().solve(values);
    return Eigen::Vector3d{fit[0], std::hypot(fit[1], fit[2]), (places * fit - values).cwiseAbs().maxCoeff()};
  };
  return (plane(before) - plane(after)).cwiseAbs().maxCoeff() < 1e-5;
}

bool stretched(const real* before, const real* after) {
  const double mean = std::accumulate(before, before + kPicture.size(), 0.0) / kPicture.size();
  for (int i = 0; i < kPicture.size(); ++i)
    if (std::fabs(after[i] - std::clamp(mean + 1.5 * (before[i] - mean), 0.0, 1.0)) > 1e-5) return false;
  return true;
}

const AugmentationOptions kFlip{.type = AugmentationType::flip, .horizontal = 1};
const AugmentationOptions kRotation{.type = AugmentationType::rotation, .degrees = 20};
const AugmentationOptions kContrast{.type = AugmentationType::contrast, .contrast_min = 1.5, .contrast_max = 1.5};
BENCHMARK_CAPTURE(augmentation, flip, kFlip, mirrored)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(augmentation, rotation, kRotation, turned)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(augmentation, contrast, kContrast, stretched)->Unit(benchmark::kMicrosecond);

}  // namespace
