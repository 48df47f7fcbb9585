// Every row of layer_cases.h: forward against plain loops in double, backward against finite differences of those loops, in the
// float build; against finite differences of the layer itself in the float64 twin. Then threads, small batches, frozen layers,
// and faults.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>

#include "layer_cases.h"
#include "parallel.h"

namespace trainground::layers_test {

using Numbers = std::vector<double>;

double plain_function(Activation function, double slope, double x) {
  switch (function) {
    case Activation::linear:
      return x;
    case Activation::relu:
      return std::max(0.0, x);
    case Activation::relu6:
      return std::min(6.0, std::max(0.0, x));
    case Activation::leakyRelu:
      return x > 0 ? x : slope * x;
    case Activation::elu:
      return x > 0 ? x : std::exp(x) - 1;
    case Activation::gelu:
      return x * 0.5 * (1 + std::erf(x / std::sqrt(2.0)));
    case Activation::silu:
      return x / (1 + std::exp(-x));
    case Activation::tanh:
      return std::tanh(x);
    case Activation::sigmoid:
      return 1 / (1 + std::exp(-x));
  }
  return 0;
}

void plain_unit(double* x, int count) {
  std::for_each(x, x + count, [n = std::sqrt(std::inner_product(x, x + count, x, 0.0))](double& v) { v /= n; });
}

// The layer's definition as loops over double. values: x, then the parameters.
Numbers plain_forward(const LayerRun& run, const std::vector<Numbers>& values) {
  const LayerOptions& o = run.row.options;
  const Shape in = run.row.input, out = run.layer->output_shape();
  const Numbers& x = values[0];
  const int samples = run.row.samples;
  Numbers y(run.y.size());
  const auto value = [&](int n, int i, int j, int c) {
    return x[((static_cast<std::size_t>(n) * in.height + i) * in.width + j) * in.channels + c];
  };
  // Walks the windows of a convolution or pooling: visit(output index, filter or channel, ky, kx, n, iy, ix).
  const auto windows = [&](int kernel, auto visit) {
    // "same" is Keras's: half of what ceil(side / strides) windows lack stands before.
    const auto before = [&](int side, int count, int given) {
      return o.padding.same ? std::max(0, (count - 1) * o.strides + kernel - side) / 2 : given;
    };
    const int top = before(in.height, out.height, o.padding.top), left = before(in.width, out.width, o.padding.left);
    std::size_t at = 0;
    for (int n = 0; n < samples; ++n)
      for (int oy = 0; oy < out.height; ++oy)
        for (int ox = 0; ox < out.width; ++ox)
          for (int f = 0; f < out.channels; ++f, ++at)
            for (int ky = 0; ky < kernel; ++ky)
              for (int kx = 0; kx < kernel; ++kx) {
                const int iy = oy * o.strides + ky - top, ix = ox * o.strides + kx - left;
                if (iy >= 0 && iy < in.height && ix >= 0 && ix < in.width) visit(at, f, ky, kx, n, iy, ix);
              }
  };
  const auto finish = [&](bool bias) {
    for (std::size_t i = 0; i < y.size(); ++i) {
      if (bias) y[i] += values[2][i % out.channels];
      y[i] = plain_function(o.activation, o.negative_slope, y[i]);
    }
  };
  switch (o.type) {
    case LayerType::dense:
      for (int n = 0; n < samples; ++n)
        for (int j = 0; j < o.units; ++j)
          for (int i = 0; i < in.size(); ++i)
            y[static_cast<std::size_t>(n) * o.units + j] +=
                x[static_cast<std::size_t>(n) * in.size() + i] * values[1][static_cast<std::size_t>(i) * o.units + j];
      finish(o.use_bias);
      break;
    case LayerType::conv2d:
      windows(o.kernel_size, [&](std::size_t at, int f, int ky, int kx, int n, int iy, int ix) {
        for (int c = 0; c < in.channels; ++c)
          y[at] += value(n, iy, ix, c) *
                   values[1][((static_cast<std::size_t>(ky) * o.kernel_size + kx) * in.channels + c) * o.filters + f];
      });
      finish(o.use_bias);
      break;
    case LayerType::depthwiseConv2d:
      windows(o.kernel_size, [&](std::size_t at, int f, int ky, int kx, int n, int iy, int ix) {
        y[at] += value(n, iy, ix, f) * values[1][(static_cast<std::size_t>(ky) * o.kernel_size + kx) * in.channels + f];
      });
      finish(o.use_bias);
      break;
    case LayerType::maxPool2d:
      std::fill(y.begin(), y.end(), -1e300);
      windows(o.pool_size,
              [&](std::size_t at, int f, int, int, int n, int iy, int ix) { y[at] = std::max(y[at], value(n, iy, ix, f)); });
      break;
    case LayerType::averagePool2d: {
      Numbers count(y.size());
      windows(o.pool_size,
              [&](std::size_t at, int f, int, int, int n, int iy, int ix) { y[at] += value(n, iy, ix, f), ++count[at]; });
      const double whole = o.pool_size * o.pool_size;
      for (std::size_t i = 0; i < y.size(); ++i) y[i] /= o.padding.same ? count[i] : whole;
      break;
    }
    case LayerType::globalAveragePool2d:
      for (std::size_t i = 0; i < x.size(); ++i)
        y[i / in.size() * in.channels + i % in.channels] += x[i] / (in.height * in.width);
      break;
    case LayerType::batchNormalization:
      for (int c = 0; c < in.channels; ++c) {
        double mean = values[3][c], variance = values[4][c];
        if (run.row.training && o.trainable) {
          mean = variance = 0;
          const double count = static_cast<double>(x.size()) / in.channels;
          for (std::size_t i = c; i < x.size(); i += in.channels) mean += x[i] / count;
          for (std::size_t i = c; i < x.size(); i += in.channels) variance += (x[i] - mean) * (x[i] - mean) / count;
        }
        for (std::size_t i = c; i < x.size(); i += in.channels) {
          y[i] = plain_function(o.activation, o.negative_slope,
                                values[1][c] * (x[i] - mean) / std::sqrt(variance + o.epsilon) + values[2][c]);
        }
      }
      break;
    case LayerType::activation:
      for (std::size_t i = 0; i < y.size(); ++i) y[i] = plain_function(o.activation, o.negative_slope, x[i]);
      break;
    case LayerType::flatten:
      y = x;
      break;
    case LayerType::dropout:
      for (std::size_t i = 0; i < y.size(); ++i) {
        const bool keep =
            !run.row.training || uniform(random_block(5, Stream::dropout, 3, 3, static_cast<std::uint32_t>(i / 4))[i % 4]) >=
                                     static_cast<float>(o.rate);
        y[i] = keep ? x[i] / (run.row.training ? 1 - o.rate : 1) : 0;
      }
      break;
    case LayerType::rescaling:
      for (std::size_t i = 0; i < y.size(); ++i) y[i] = x[i] * o.scale + o.offset;
      break;
    case LayerType::pyramidPooling:
      for (std::size_t i = 0; i < x.size(); ++i)
        y[i / in.size() * in.channels + i % in.channels] += x[i] / (in.height * in.width);
      for (double& mean : y) mean = mean > 0 ? std::pow(mean, 0.7) : 0;
      for (int n = 0; n < samples; ++n) plain_unit(&y[static_cast<std::size_t>(n) * in.channels], in.channels);
      break;
    case LayerType::centering:
      for (std::size_t i = 0; i < x.size(); ++i) y[i] = x[i] - values[1][i % in.channels];
      for (double* at = y.data(); at < y.data() + y.size(); at += in.channels)
        plain_unit(at, o.parts[0]), plain_unit(at + o.parts[0], o.parts[1]);
      for (std::size_t i = 0; i < y.size(); ++i) y[i] *= static_cast<int>(i % in.channels) < o.parts[0] + o.parts[1] ? 1 : 3;
      break;
    case LayerType::residual:
    case LayerType::backbone:
      break;
  }
  return y;
}

std::vector<Numbers> as_double(const LayerRun& run) {
  std::vector<Numbers> values{Numbers(run.x.begin(), run.x.end())};
  for (const Buffer<real>& v : run.values) values.emplace_back(v.begin(), v.end());
  return values;
}

double worst_of(const Numbers& expected, const Buffer<real>& given) {
  double worst = 0, size = 1e-3;
  for (double e : expected) size = std::max(size, std::fabs(e));
  for (std::size_t i = 0; i < expected.size(); ++i) worst = std::max(worst, std::fabs(expected[i] - given[i]) / size);
  return worst;
}

// d loss / d values by central differences, loss = sum dy y.
Numbers differences(std::size_t count, const std::function<double&(std::size_t)>& at, const std::function<double()>& loss) {
  Numbers gradient(count);
  for (std::size_t i = 0; i < count; ++i) {
    double& v = at(i);
    const double kept = v, step = 1e-5;
    v = kept + step;
    const double up = loss();
    v = kept - step;
    const double down = loss();
    v = kept;
    gradient[i] = (up - down) / (2 * step);
  }
  return gradient;
}

constexpr double kForward = sizeof(real) == 4 ? 2e-6 : 1e-13, kBackward = sizeof(real) == 4 ? 4e-6 : 1e-8;

// Winograd's tiles cost a digit in float32.
double slack(const LayerCase& row) { return row.name.find("Winograd") == std::string::npos ? 1 : 10; }

// The worst relative error of a row's gradients, over x and all trained parameters.
double gradient_error(LayerRun& run) {
  std::vector<Numbers> values = as_double(run);
  const auto loss = [&] {
    const Numbers y = plain_forward(run, values);
    double total = 0;
    for (std::size_t i = 0; i < y.size(); ++i) total += y[i] * run.dy[i];
    return total;
  };
  double worst = worst_of(differences(
                              run.x.size(), [&](std::size_t i) -> double& { return values[0][i]; }, loss),
                          run.dx);
  const std::vector<Parameter*> parameters = run.layer->parameters();
  for (std::size_t p = 0; p < parameters.size(); ++p) {
    if (!parameters[p]->learned || !parameters[p]->trainable) continue;
    worst =
        std::max(worst, worst_of(differences(
                                     parameters[p]->count(), [&](std::size_t i) -> double& { return values[p + 1][i]; }, loss),
                                 run.gradients[p]));
  }
  return worst;
}

class Layers : public testing::TestWithParam<LayerCase> {};

TEST_P(Layers, FollowPlainLoops) {
  LayerRun run(GetParam());
  const std::vector<Numbers> values = as_double(run);  // before moving statistics move
  run.forward();
  EXPECT_LT(worst_of(plain_forward(run, values), run.y), kForward * slack(GetParam()));
}

TEST_P(Layers, HaveTheGradientsOfFiniteDifferences) {
  LayerRun run(GetParam());
  run.forward();
  run.backward();
  EXPECT_LT(gradient_error(run), kBackward * slack(GetParam()));
}

TEST_P(Layers, GiveTheSameBitsForAnyNumberOfThreads) {
  LayerRun one(GetParam());
  one.forward();
  one.backward();
  for (int count : {2, 4}) {
    set_threads(count);
    LayerRun many(GetParam());
    many.forward();
    many.backward();
    set_threads(1);
    EXPECT_EQ(one.y, many.y);
    EXPECT_EQ(one.dx, many.dx);
    EXPECT_EQ(one.gradients, many.gradients);
    EXPECT_EQ(one.values, many.values);
  }
}

// The last batch of an epoch: fewer samples in the arrays of more.
TEST_P(Layers, TakeFewerSamplesThanPreparedFor) {
  LayerCase small = GetParam();
  LayerRun expected(small);
  expected.forward();
  expected.backward();
  LayerRun run(small);
  Pass larger = run.pass;
  larger.samples = small.samples + 4;
  run.layer->prepare(larger);
  Buffer<real> x(larger.samples * static_cast<std::size_t>(small.input.size()), real{9}),
      y(larger.samples * static_cast<std::size_t>(run.layer->output_shape().size()));
  const std::vector<Buffer<real>> kept = run.values;
  run.layer->forward(larger, x.data(), y.data());
  for (std::size_t p = 0; p < kept.size(); ++p) std::copy(kept[p].begin(), kept[p].end(), run.values[p].begin());
  run.forward();
  run.backward();
  EXPECT_EQ(expected.y, run.y);
  EXPECT_EQ(expected.dx, run.dx);
  EXPECT_EQ(expected.gradients, run.gradients);
}

TEST_P(Layers, SkipWhatNobodyNeeds) {
  LayerRun run(GetParam());
  run.forward();
  run.backward(false);  // no dx
  LayerRun whole(GetParam());
  whole.forward();
  whole.backward();
  EXPECT_EQ(run.gradients, whole.gradients);
  EXPECT_EQ(run.dx, Buffer<real>(run.dx.size()));

  LayerCase frozen = GetParam();
  frozen.options.trainable = false;
  LayerRun still(frozen);
  const std::vector<Buffer<real>> before = still.values;
  still.forward();
  still.backward();
  EXPECT_EQ(still.values, before) << "a frozen layer changes no bit";
  for (const Buffer<real>& gradient : still.gradients) EXPECT_EQ(gradient, Buffer<real>(gradient.size(), real{-77}));
}

TEST_P(Layers, DescribeTheirParameters) {
  LayerRun run(GetParam());
  for (const Parameter* parameter : run.layer->parameters()) {
    std::size_t torch = 1;
    for (int d : parameter->torch_shape) torch *= static_cast<std::size_t>(d);
    EXPECT_EQ(torch, parameter->count());
    std::vector<int> axes = parameter->order;
    std::sort(axes.begin(), axes.end());
    for (std::size_t i = 0; i < axes.size(); ++i) EXPECT_EQ(axes[i], static_cast<int>(i));
    EXPECT_TRUE(axes.empty() || axes.size() == parameter->shape.size());
    EXPECT_EQ(parameter->kernel, parameter->fan_in > 0);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Layers, testing::ValuesIn(layer_cases()), [](const auto& info) {
  std::string name;
  for (char c : info.param.name) name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
});

TEST(LayerFaults, AreSeen) {
  for (const LayerCase& row : layer_cases()) {
    LayerRun run(row);
    run.forward();
    run.backward();
    ASSERT_LT(gradient_error(run), kBackward * slack(row));
    real& wrong = *std::max_element(run.dx.begin(), run.dx.end());
    wrong *= real{1.001};
    EXPECT_GT(gradient_error(run), kBackward * slack(row)) << row.name;
  }
}

TEST(BatchNormStatistics, MoveAsInPyTorch) {
  for (const LayerCase& row : layer_cases()) {
    if (row.name != "batch norm") continue;
    LayerRun run(row);
    const std::vector<Numbers> before = as_double(run);
    run.forward();
    const int channels = row.input.channels;
    const double count = static_cast<double>(run.x.size()) / channels;
    for (int c = 0; c < channels; ++c) {
      double mean = 0, variance = 0;
      for (std::size_t i = c; i < run.x.size(); i += channels) mean += run.x[i] / count;
      for (std::size_t i = c; i < run.x.size(); i += channels) variance += (run.x[i] - mean) * (run.x[i] - mean) / (count - 1);
      EXPECT_NEAR(run.values[2][c], 0.9 * before[3][c] + 0.1 * mean, 1e-6);
      EXPECT_NEAR(run.values[3][c], 0.9 * before[4][c] + 0.1 * variance, 1e-6);
    }
  }
}

TEST(BatchNormStatistics, SurviveALargeMean) {
  LayerCase row{"far from zero", 4, {8, 8, 5}, {}};
  row.options.type = LayerType::batchNormalization;
  LayerRun run(row);
  for (real& v : run.x) v = v * real{0.01} + 100;
  const std::vector<Numbers> values = as_double(run);
  run.forward();
  EXPECT_LT(worst_of(plain_forward(run, values), run.y), sizeof(real) == 4 ? 1e-3 : 1e-9);  // x itself has steps of 8e-6 here
}

TEST(Initialization, HasTheVarianceAskedForAndDependsOnSeedAndNumber) {
  Parameter parameter;
  parameter.name = "weight";
  parameter.shape = {300, 200};
  parameter.fan_in = 300, parameter.fan_out = 200, parameter.kernel = true;
  Buffer<real> values(parameter.count()), again(parameter.count());
  parameter.value = values.data();
  const std::pair<Initializer, double> rows[] = {{Initializer::glorotUniform, 2.0 / 500},
                                                 {Initializer::glorotNormal, 2.0 / 500},
                                                 {Initializer::heUniform, 2.0 / 300},
                                                 {Initializer::heNormal, 2.0 / 300},
                                                 {Initializer::lecunNormal, 1.0 / 300},
                                                 {Initializer::smallUniform, 0.05 * 0.05 / 3},
                                                 {Initializer::zeros, 0}};
  for (const auto& [initializer, variance] : rows) {
    initialize(parameter, initializer, 1, 0);
    double mean = 0, square = 0;
    for (real v : values) mean += v, square += static_cast<double>(v) * v;
    EXPECT_NEAR(mean / values.size(), 0, 4 * std::sqrt(variance / values.size()));
    EXPECT_NEAR(square / values.size(), variance, 0.03 * variance);
  }
  initialize(parameter, Initializer::heNormal, 1, 0);
  parameter.value = again.data();
  initialize(parameter, Initializer::heNormal, 1, 0);
  EXPECT_EQ(values, again);
  initialize(parameter, Initializer::heNormal, 1, 1);
  EXPECT_NE(values, again);
  initialize(parameter, Initializer::heNormal, 2, 0);
  EXPECT_NE(values, again);
  parameter.kernel = false;
  initialize(parameter, Initializer::heNormal, 1, 0);
  EXPECT_EQ(again[7], 1);
  parameter.name = "bias";
  initialize(parameter, Initializer::heNormal, 1, 0);
  EXPECT_EQ(again[7], 0);
}

}  // namespace trainground::layers_test
