#include "conv2d.h"

#include <algorithm>

#include "../depth_first.h"

namespace trainground {

Conv2d::Conv2d(Shape input, const LayerOptions& options, int)
    : shape_(
          ConvolutionShape::of(input, options.filters, options.kernel_size, options.strides, options.padding == Padding::same)),
      winograd_(winograd_suits(shape_)),
      use_bias_(options.use_bias),
      activation_(options) {
  const int kernel = options.kernel_size, filters = options.filters;
  weight_.name = "weight";
  weight_.shape = {kernel, kernel, input.channels, filters};
  weight_.order = {3, 2, 0, 1};
  weight_.torch_shape = {filters, input.channels, kernel, kernel};
  weight_.fan_in = kernel * kernel * input.channels;
  weight_.fan_out = kernel * kernel * filters;
  weight_.kernel = true;
  weight_.trainable = bias_.trainable = options.trainable;
  weight_.l1 = options.l1;
  weight_.l2 = options.l2;
  bias_.name = "bias";
  bias_.shape = bias_.torch_shape = {filters};
}

std::vector<Parameter*> Conv2d::parameters() {
  if (use_bias_) return {&weight_, &bias_};
  return {&weight_};
}

void Conv2d::prepare(int max_samples) { activation_.prepare(static_cast<std::size_t>(max_samples) * shape_.output.size()); }

std::size_t Conv2d::scratch(const Pass& pass) const {
  const ConvolutionScratch most = passes_scratch(pass);
  return most.data + most.weights + static_cast<std::size_t>(kSlices) * shape_.filters;
}

ConvolutionScratch Conv2d::passes_scratch(const Pass& pass) const {
  return (by_winograd(pass) ? winograd_scratch : convolution_scratch)(shape_, pass.samples);
}

void Conv2d::forward(const Pass& pass, const real* x, real* y) {
  const Epilogue epilogue = activation_.epilogue(use_bias_ ? bias_.value : nullptr);
  (by_winograd(pass) ? winograd_convolution : convolution)(shape_, pass.samples, x, weight_.value, y, epilogue,
                                                           pass.workspace->take(passes_scratch(pass).data));
  activation_.forward(pass.samples, shape_.output.size(), y);
}

void Conv2d::backward(const Pass& pass, const real* x, const real* y, real* dy, real* dx) {
  Workspace& workspace = *pass.workspace;
  const ConvolutionScratch memory = passes_scratch(pass);
  activation_.backward(pass.samples, shape_.output.height * shape_.output.width, shape_.filters, y, dy,
                       use_bias_ && bias_.trainable ? bias_.gradient : nullptr,
                       workspace.take(static_cast<std::size_t>(kSlices) * shape_.filters));
  if (weight_.trainable) {
    (by_winograd(pass) ? winograd_weight_gradient : convolution_weight_gradient)(shape_, pass.samples, x, dy, weight_.gradient,
                                                                                 workspace.take(memory.weights));
  }
  if (dx)
    (by_winograd(pass) ? winograd_input_gradient : convolution_input_gradient)(shape_, pass.samples, dy, weight_.value, dx,
                                                                               workspace.take(memory.data));
}

}  // namespace trainground
