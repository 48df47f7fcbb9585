#include "depthwise_conv2d.h"

#include <algorithm>

#include "../depth_first.h"

namespace trainground {

DepthwiseConv2d::DepthwiseConv2d(Shape input, const LayerOptions& options, int)
    : shape_(ConvolutionShape::of(input, input.channels, options.kernel_size, options.strides, options.padding == Padding::same)),
      use_bias_(options.use_bias),
      activation_(options) {
  const int kernel = options.kernel_size, channels = input.channels;
  weight_.name = "weight";
  weight_.shape = {kernel, kernel, channels};
  weight_.order = {2, 0, 1};
  weight_.torch_shape = {channels, 1, kernel, kernel};
  weight_.fan_in = weight_.fan_out =
      kernel * kernel;  // what one output sees and one input reaches (PyTorch counts C times as many out)
  weight_.kernel = true;
  weight_.trainable = bias_.trainable = options.trainable;
  weight_.l1 = options.l1;
  weight_.l2 = options.l2;
  bias_.name = "bias";
  bias_.shape = bias_.torch_shape = {channels};
}

std::vector<Parameter*> DepthwiseConv2d::parameters() {
  if (use_bias_) return {&weight_, &bias_};
  return {&weight_};
}

void DepthwiseConv2d::prepare(int max_samples) {
  activation_.prepare(static_cast<std::size_t>(max_samples) * shape_.output.size());
}

std::size_t DepthwiseConv2d::scratch(const Pass& pass) const {
  return 2 * depthwise_scratch(shape_, pass.samples) + static_cast<std::size_t>(kSlices) * shape_.input.channels;
}

void DepthwiseConv2d::forward(const Pass& pass, const real* x, real* y) {
  depthwise(shape_, pass.samples, x, weight_.value, y, activation_.epilogue(use_bias_ ? bias_.value : nullptr),
            pass.workspace->take(depthwise_scratch(shape_, pass.samples)));
  activation_.forward(pass.samples, shape_.output.size(), y);
}

void DepthwiseConv2d::backward(const Pass& pass, const real* x, const real* y, real* dy, real* dx) {
  const int channels = shape_.input.channels;
  Workspace& workspace = *pass.workspace;
  const std::size_t memory = depthwise_scratch(shape_, pass.samples);
  activation_.backward(pass.samples, shape_.output.height * shape_.output.width, channels, y, dy,
                       use_bias_ && bias_.trainable ? bias_.gradient : nullptr,
                       workspace.take(static_cast<std::size_t>(kSlices) * channels));
  if (weight_.trainable) depthwise_weight_gradient(shape_, pass.samples, x, dy, weight_.gradient, workspace.take(memory));
  if (dx) depthwise_input_gradient(shape_, pass.samples, dy, weight_.value, dx, workspace.take(memory));
}

}  // namespace trainground
