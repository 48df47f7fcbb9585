// One row per layer and way of using it. Every test of layers walks this table, and so does the comparison with PyTorch: to add a
// layer or a path through one, add a row.
//
// LayerRun holds one layer with its parameters and arrays, filled with numbers that depend on the row alone.
#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "layers/batch_norm.h"
#include "layers/centering.h"
#include "layers/conv2d.h"
#include "layers/dense.h"
#include "layers/depthwise_conv2d.h"
#include "layers/dropout.h"
#include "layers/flatten.h"
#include "layers/initialization.h"
#include "layers/pool2d.h"
#include "layers/pyramid_pooling.h"
#include "layers/rescaling.h"
#include "random.h"

namespace trainground {

struct LayerCase {
  std::string name;
  int samples;
  Shape input;
  LayerOptions options;
  bool training = true;
  bool exact = false;
};

inline std::vector<LayerCase> layer_cases() {
  std::vector<LayerCase> cases;
  const auto add = [&](std::string name, int samples, Shape input, auto set) {
    LayerCase row{std::move(name), samples, input, {}};
    set(row);
    cases.push_back(std::move(row));
  };
  using Case = LayerCase&;
  const auto dense = [](LayerOptions& o, int units) { o.type = LayerType::dense, o.units = units; };
  const auto conv = [](LayerOptions& o, int filters, int kernel, int strides, Padding padding) {
    o.type = LayerType::conv2d, o.filters = filters, o.kernel_size = kernel, o.strides = strides, o.padding = padding;
  };
  const auto depthwise = [](LayerOptions& o, int kernel, int strides, Padding padding) {
    o.type = LayerType::depthwiseConv2d, o.kernel_size = kernel, o.strides = strides, o.padding = padding;
  };
  const auto pool = [](LayerOptions& o, LayerType type, int size, int strides, Padding padding) {
    o.type = type, o.pool_size = size, o.strides = strides, o.padding = padding;
  };

  add("dense", 7, {1, 1, 11}, [&](Case c) { dense(c.options, 5); });
  add("dense, one sample", 1, {1, 1, 37}, [&](Case c) { dense(c.options, 9); });
  add("dense behind a flatten", 5, {3, 2, 4}, [&](Case c) { dense(c.options, 3); });
  add("dense without bias", 8, {1, 1, 16}, [&](Case c) { dense(c.options, 8), c.options.use_bias = false; });
  add("dense, long sums", 4, {1, 1, 821}, [&](Case c) { dense(c.options, 3); });
  const std::pair<const char*, Activation> functions[] = {
      {"linear", Activation::linear},       {"relu", Activation::relu}, {"relu6", Activation::relu6},
      {"leakyRelu", Activation::leakyRelu}, {"elu", Activation::elu},   {"gelu", Activation::gelu},
      {"silu", Activation::silu},           {"tanh", Activation::tanh}, {"sigmoid", Activation::sigmoid}};
  for (const auto& [word, function] : functions) {
    add(std::string("activation ") + word, 3, {1, 5, 3}, [&, f = function](Case c) {
      c.options.type = LayerType::activation, c.options.activation = f, c.options.negative_slope = 0.2;
    });
    add(std::string("dense with ") + word, 3, {1, 1, 7},
        [&, f = function](Case c) { dense(c.options, 6), c.options.activation = f, c.options.negative_slope = 0.1; });
  }

  add("conv2d 3x3 valid", 2, {5, 6, 3}, [&](Case c) { conv(c.options, 5, 3, 1, kValid); });
  add("conv2d 3x3 same", 3, {5, 7, 2}, [&](Case c) { conv(c.options, 9, 3, 1, kSame); });
  add("conv2d 3x3 same with relu", 2, {6, 6, 4},
      [&](Case c) { conv(c.options, 8, 3, 1, kSame), c.options.activation = Activation::relu; });
  add("conv2d 3x3 same with gelu", 2, {4, 5, 3},
      [&](Case c) { conv(c.options, 4, 3, 1, kSame), c.options.activation = Activation::gelu; });
  add("conv2d 3x3 valid, many channels", 1, {6, 5, 17}, [&](Case c) { conv(c.options, 11, 3, 1, kValid); });
  add("conv2d 3x3 same, Winograd", 2, {8, 7, 8}, [&](Case c) { conv(c.options, 9, 3, 1, kSame); });
  add("conv2d 3x3 valid, Winograd with relu", 3, {6, 6, 11},
      [&](Case c) { conv(c.options, 8, 3, 1, kValid), c.options.activation = Activation::relu; });
  add("conv2d 3x3 same, exact", 2, {4, 4, 8}, [&](Case c) { conv(c.options, 8, 3, 1, kSame), c.exact = true; });
  add("conv2d 5x5 same, one channel", 1, {7, 9, 1}, [&](Case c) { conv(c.options, 6, 5, 1, kSame); });
  add("conv2d 4x4 same", 2, {5, 5, 2}, [&](Case c) { conv(c.options, 3, 4, 1, kSame); });
  add("conv2d 1x1", 7, {3, 3, 5}, [&](Case c) { conv(c.options, 7, 1, 1, kSame), c.options.use_bias = false; });
  add("conv2d 3x3 same, stride 2", 2, {7, 6, 3}, [&](Case c) { conv(c.options, 5, 3, 2, kSame); });
  add("conv2d 5x5 valid, stride 3", 1, {11, 9, 2}, [&](Case c) { conv(c.options, 3, 5, 3, kValid); });
  add("conv2d 1x1, stride 2", 2, {5, 4, 3}, [&](Case c) { conv(c.options, 4, 1, 2, kValid); });

  add("depthwise 3x3 same", 3, {5, 6, 5}, [&](Case c) { depthwise(c.options, 3, 1, kSame); });
  add("depthwise 3x3 same with relu6", 2, {4, 4, 8},
      [&](Case c) { depthwise(c.options, 3, 1, kSame), c.options.activation = Activation::relu6; });
  add("depthwise 3x3 same, one column", 2, {3, 1, 6}, [&](Case c) { depthwise(c.options, 3, 1, kSame); });
  add("depthwise 3x3 same, two columns", 2, {3, 2, 5}, [&](Case c) { depthwise(c.options, 3, 1, kSame); });
  add("depthwise 3x3 valid, one output", 2, {4, 3, 5}, [&](Case c) { depthwise(c.options, 3, 1, kValid); });
  add("depthwise 3x3 valid", 2, {5, 7, 6}, [&](Case c) { depthwise(c.options, 3, 1, kValid); });
  add("depthwise 3x3 same, stride 2, odd width", 2, {5, 5, 6}, [&](Case c) { depthwise(c.options, 3, 2, kSame); });
  add("depthwise 3x3 valid, stride 2", 2, {5, 6, 5}, [&](Case c) { depthwise(c.options, 3, 2, kValid); });
  add("depthwise 5x5 same, stride 3", 1, {8, 7, 5}, [&](Case c) { depthwise(c.options, 5, 3, kSame); });
  add("depthwise 5x5 valid", 1, {7, 6, 3}, [&](Case c) { depthwise(c.options, 5, 1, kValid); });
  add("depthwise 5x5 same, a line of channels", 1, {5, 9, 18}, [&](Case c) { depthwise(c.options, 5, 1, kSame); });
  add("depthwise 5x5 same, a line of channels, stride 2", 1, {5, 10, 16}, [&](Case c) { depthwise(c.options, 5, 2, kSame); });
  add("depthwise 3x3 same, stride 2", 2, {7, 6, 4},
      [&](Case c) { depthwise(c.options, 3, 2, kSame), c.options.use_bias = false; });

  add("max pool 2x2", 3, {6, 8, 5}, [&](Case c) { pool(c.options, LayerType::maxPool2d, 2, 2, kValid); });
  add("max pool 2x2, more than a word of channels", 2, {4, 6, 21},
      [&](Case c) { pool(c.options, LayerType::maxPool2d, 2, 2, kValid); });
  add("max pool 2x2, odd size", 2, {5, 7, 4}, [&](Case c) { pool(c.options, LayerType::maxPool2d, 2, 2, kValid); });
  add("max pool 3x3, stride 2, same", 2, {6, 5, 3}, [&](Case c) { pool(c.options, LayerType::maxPool2d, 3, 2, kSame); });
  add("average pool 2x2", 3, {6, 4, 5}, [&](Case c) { pool(c.options, LayerType::averagePool2d, 2, 2, kValid); });
  add("average pool 3x3, stride 1, same", 1, {4, 5, 4}, [&](Case c) { pool(c.options, LayerType::averagePool2d, 3, 1, kSame); });
  const Padding uneven{false, 2, 0, 1, 3};
  add("conv2d 3x3, padded unevenly, stride 2", 2, {6, 5, 3}, [&](Case c) { conv(c.options, 5, 3, 2, uneven); });
  add("conv2d 3x3, padded beyond its size, Winograd", 2, {4, 5, 8}, [&](Case c) { conv(c.options, 9, 3, 1, uneven); });
  add("conv2d 5x5 same, stride 2, even size", 2, {6, 8, 3}, [&](Case c) { conv(c.options, 4, 5, 2, kSame); });
  add("depthwise 3x3, padded unevenly", 2, {5, 4, 6}, [&](Case c) { depthwise(c.options, 3, 1, uneven); });
  add("depthwise 3x3, padded unevenly, stride 2", 2, {5, 4, 6}, [&](Case c) { depthwise(c.options, 3, 2, uneven); });
  add("depthwise 3x3 same, stride 2, even size", 2, {6, 8, 5}, [&](Case c) { depthwise(c.options, 3, 2, kSame); });
  add("max pool 4x4, stride 3, padded unevenly", 2, {5, 7, 5},
      [&](Case c) { pool(c.options, LayerType::maxPool2d, 4, 3, uneven); });
  add("average pool 4x4, stride 2, padded unevenly", 2, {6, 5, 5},
      [&](Case c) { pool(c.options, LayerType::averagePool2d, 4, 2, uneven); });
  add("average pool 3x3, stride 2, same", 2, {6, 7, 4}, [&](Case c) { pool(c.options, LayerType::averagePool2d, 3, 2, kSame); });

  add("global average pool", 5, {3, 4, 7}, [&](Case c) { c.options.type = LayerType::globalAveragePool2d; });

  const auto norm = [](Case c) { c.options.type = LayerType::batchNormalization; };
  add("batch norm", 3, {4, 5, 6}, [&](Case c) { norm(c); });
  add("batch norm of vectors", 9, {1, 1, 5}, [&](Case c) { norm(c); });
  add("batch norm with relu", 3, {4, 4, 3}, [&](Case c) { norm(c), c.options.activation = Activation::relu; });
  add("batch norm with relu6", 2, {5, 4, 4}, [&](Case c) { norm(c), c.options.activation = Activation::relu6; });
  add("batch norm with silu", 2, {3, 4, 4}, [&](Case c) { norm(c), c.options.activation = Activation::silu; });
  add("batch norm, frozen", 3, {4, 5, 6}, [&](Case c) { norm(c), c.options.trainable = false; });
  add("batch norm in inference", 3, {4, 5, 6}, [&](Case c) { norm(c), c.training = false; });
  add("rescaling", 3, {3, 5, 3},
      [&](Case c) { c.options.type = LayerType::rescaling, c.options.scale = 1.9, c.options.offset = -0.9; });
  add("pyramid pooling", 3, {3, 4, 7}, [&](Case c) { c.options.type = LayerType::pyramidPooling; });
  add("centering in inference", 4, {1, 1, 12}, [&](Case c) {
    c.options.type = LayerType::centering, c.options.parts = {5, 4, 3}, c.training = false;
  });
  add("flatten", 3, {2, 3, 4}, [&](Case c) { c.options.type = LayerType::flatten; });
  add("dropout", 3, {3, 5, 7}, [&](Case c) { c.options.type = LayerType::dropout, c.options.rate = 0.4; });
  add("dropout in inference", 3, {1, 1, 7},
      [&](Case c) { c.options.type = LayerType::dropout, c.options.rate = 0.4, c.training = false; });
  return cases;
}

inline std::unique_ptr<Layer> make_layer(const LayerCase& row) {
  const int index = 3;
  switch (row.options.type) {
    case LayerType::dense:
      return std::make_unique<Dense>(row.input, row.options, index);
    case LayerType::conv2d:
      return std::make_unique<Conv2d>(row.input, row.options, index);
    case LayerType::depthwiseConv2d:
      return std::make_unique<DepthwiseConv2d>(row.input, row.options, index);
    case LayerType::maxPool2d:
      return std::make_unique<MaxPool2d>(row.input, row.options, index);
    case LayerType::averagePool2d:
      return std::make_unique<AveragePool2d>(row.input, row.options, index);
    case LayerType::globalAveragePool2d:
      return std::make_unique<GlobalAveragePool2d>(row.input, row.options, index);
    case LayerType::batchNormalization:
      return std::make_unique<BatchNorm>(row.input, row.options, index);
    case LayerType::dropout:
      return std::make_unique<Dropout>(row.input, row.options, index);
    case LayerType::activation:
      return std::make_unique<ActivationLayer>(row.input, row.options, index);
    case LayerType::flatten:
      return std::make_unique<Flatten>(row.input);
    case LayerType::rescaling:
      return std::make_unique<Rescaling>(row.input, row.options);
    case LayerType::pyramidPooling:
      return std::make_unique<PyramidPooling>(row.input, std::vector<Shape>{});
    case LayerType::centering:
      return std::make_unique<Centering>(row.options.parts);
    case LayerType::residual:
    case LayerType::backbone:
      break;
  }
  return nullptr;
}

// Numbers between -1 and 1, the same on every machine.
inline Buffer<real> case_numbers(std::size_t count, std::uint32_t which) {
  Buffer<real> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = 2 * uniform(random_block(11, Stream::points, which, 0, static_cast<std::uint32_t>(i))[0]) - 1;
  }
  return values;
}

struct LayerRun {
  explicit LayerRun(const LayerCase& from) : row(from), layer(make_layer(from)) {
    std::uint32_t number = 0;
    for (Parameter* parameter : layer->parameters()) {
      values.push_back(case_numbers(parameter->count(), 10 + number++));
      if (parameter->name == "running_var")
        for (real& v : values.back()) v = v * v + real{0.5};
      parameter->value = values.back().data();
      gradients.emplace_back(parameter->count(), real{-77});  // whatever stands there is overwritten, or stays where frozen
      parameter->gradient = parameter->learned ? gradients.back().data() : nullptr;
    }
    pass.samples = row.samples;
    pass.training = row.training;
    pass.exact = row.exact;
    pass.seed = 5;
    pass.step = 3;
    pass.workspace = &workspace;
    x = case_numbers(static_cast<std::size_t>(row.samples) * row.input.size(), 1);
    for (real& v : x) v *= 3;  // beyond the kinks on both sides
    dx.resize(x.size());
    y.resize(static_cast<std::size_t>(row.samples) * layer->output_shape().size());
    dy = case_numbers(y.size(), 2);
    layer->prepare(pass);
  }
  LayerRun(const LayerRun&) = delete;

  void forward() { layer->forward(pass, x.data(), y.data()); }
  void backward(bool input = true) {
    Buffer<real> scratch = dy;
    layer->backward(pass, x.data(), y.data(), scratch.data(), input ? dx.data() : nullptr);
  }

  LayerCase row;
  std::unique_ptr<Layer> layer;
  std::vector<Buffer<real>> values, gradients;
  Workspace workspace;
  Pass pass;
  Buffer<real> x, y, dy, dx;
};

}  // namespace trainground
