#include "backbone.h"

namespace trainground {
namespace {

class Layers {
 public:
  explicit Layers(bool trainable) : trainable_(trainable) {}

  void rescale(double scale, double offset) {
    LayerOptions& layer = add(LayerType::rescaling);
    layer.scale = scale, layer.offset = offset;
  }
  // A convolution without a bias and its batch norm. filters 0: one filter for each channel.
  void convolve(int filters, int kernel, int strides) {
    LayerOptions& layer = add(filters > 0 ? LayerType::conv2d : LayerType::depthwiseConv2d);
    layer.filters = filters, layer.kernel_size = kernel, layer.strides = strides;
    layer.padding = kSame;
    layer.use_bias = false;
    layer.kernel_initializer = Initializer::heNormal;
    LayerOptions& norm = add(LayerType::batchNormalization);
    norm.momentum = 0.99, norm.epsilon = 1e-3;
  }
  void relu6(bool tap = false) {
    LayerOptions& layer = add(LayerType::activation);
    layer.activation = Activation::relu6;
    layer.tap = tap;
  }
  void embed(const std::vector<int>& parts) {
    add(LayerType::pyramidPooling);
    add(LayerType::centering).parts = parts;
  }
  void shortcut(std::vector<LayerOptions> around) { add(LayerType::residual).layers = std::move(around); }
  void append(const std::vector<LayerOptions>& more) { all_.insert(all_.end(), more.begin(), more.end()); }

  std::vector<LayerOptions> take() { return std::move(all_); }

 private:
  LayerOptions& add(LayerType type) {
    LayerOptions& layer = all_.emplace_back();
    layer.type = type;
    layer.trainable = trainable_;
    return layer;
  }

  bool trainable_;
  std::vector<LayerOptions> all_;
};

// An inverted residual (Sandler et al., "MobileNetV2", CVPR 2018) without its shortcut.
std::vector<LayerOptions> inverted_residual(bool trainable, int channels, int expansion, int kernel, int strides, int filters,
                                            bool tap) {
  Layers layers(trainable);
  if (expansion > 1) layers.convolve(channels * expansion, 1, 1), layers.relu6();
  layers.convolve(0, kernel, strides);
  layers.relu6(tap);
  layers.convolve(filters, 1, 1);
  return layers.take();
}

// Tan and Le, "EfficientNet", ICML 2019; Lite: without squeeze-and-excitation, relu6 instead of swish (Google, 2020).
std::vector<LayerOptions> efficientnet_lite0(bool trainable, bool embedding) {
  struct Stage {
    int repeats, kernel, strides, expansion, filters;  // strides: of its first block
  };
  constexpr Stage kStages[] = {{1, 3, 1, 1, 16},  {2, 3, 2, 6, 24},  {2, 5, 2, 6, 40}, {3, 3, 2, 6, 80},
                               {3, 5, 1, 6, 112}, {4, 5, 2, 6, 192}, {1, 3, 1, 6, 320}};
  Layers layers(trainable);
  layers.rescale(255.0 / 128, -127.0 / 128);
  int channels = 32;
  layers.convolve(channels, 3, 2);
  layers.relu6();
  std::vector<int> parts;
  for (const Stage& stage : kStages) {
    for (int i = 0; i < stage.repeats; ++i) {
      const int strides = i == 0 ? stage.strides : 1;
      const bool tap = embedding && i == 0 && stage.filters >= 112;
      if (tap) parts.push_back(channels * stage.expansion);
      auto block = inverted_residual(trainable, channels, stage.expansion, stage.kernel, strides, stage.filters, tap);
      if (strides == 1 && channels == stage.filters)
        layers.shortcut(std::move(block));
      else
        layers.append(block);
      channels = stage.filters;
    }
  }
  layers.convolve(1280, 1, 1);
  layers.relu6();
  parts.push_back(1280);
  if (embedding) layers.embed(parts);
  return layers.take();
}

}  // namespace

std::vector<LayerOptions> backbone_layers(const LayerOptions& backbone) {
  switch (backbone.backbone) {
    case BackboneName::efficientNetLite0:
      break;
  }
  return efficientnet_lite0(backbone.trainable, backbone.output == BackboneOutput::embedding);
}

}  // namespace trainground
