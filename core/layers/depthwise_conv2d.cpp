#include "depthwise_conv2d.h"

namespace trainground {

DepthwiseConv2d::DepthwiseConv2d(Shape input, const LayerOptions& options, int)
    : WeightedLayer(options),
      shape_(ConvolutionShape::of(input, input.channels, options.kernel_size, options.strides, options.padding)) {
  const int kernel = options.kernel_size, channels = input.channels;
  weight_.shape = {kernel, kernel, channels};
  weight_.order = {2, 0, 1};
  weight_.torch_shape = {channels, 1, kernel, kernel};
  weight_.fan_in = weight_.fan_out =
      kernel * kernel;  // what one output sees and one input reaches (PyTorch counts C times as many out)
  bias_.shape = bias_.torch_shape = {channels};
}

std::size_t DepthwiseConv2d::scratch(const Pass& pass) const {
  return 2 * depthwise_scratch(shape_, pass.samples) + static_cast<std::size_t>(kSlices) * shape_.input.channels;
}

void DepthwiseConv2d::multiply(const Pass& pass, const PixelInput& x, const real* weight, real* y, const Epilogue& epilogue) {
  depthwise(shape_, pass.samples, x, weight, y, epilogue, pass.workspace->take(depthwise_scratch(shape_, pass.samples)));
}

void DepthwiseConv2d::backward_from(const Pass& pass, const PixelInput& x, const real* y, real* dy, real* dx) {
  Workspace& workspace = *pass.workspace;
  const std::size_t memory = depthwise_scratch(shape_, pass.samples);
  backward_through_activation(pass, y, dy);
  if (weight_.trainable) depthwise_weight_gradient(shape_, pass.samples, x, dy, weight_.gradient, workspace.take(memory));
  if (dx) depthwise_input_gradient(shape_, pass.samples, dy, weight_.value, dx, workspace.take(memory));
}

}  // namespace trainground
