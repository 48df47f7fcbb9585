#include "conv2d.h"

namespace trainground {

Conv2d::Conv2d(Shape input, const LayerOptions& options, int)
    : WeightedLayer(options),
      shape_(ConvolutionShape::of(input, options.filters, options.kernel_size, options.strides, options.padding)),
      winograd_(winograd_suits(shape_)) {
  const int kernel = options.kernel_size, filters = options.filters;
  weight_.shape = {kernel, kernel, input.channels, filters};
  weight_.order = {3, 2, 0, 1};
  weight_.torch_shape = {filters, input.channels, kernel, kernel};
  weight_.fan_in = kernel * kernel * input.channels;
  weight_.fan_out = kernel * kernel * filters;
  bias_.shape = bias_.torch_shape = {filters};
}

void Conv2d::prepare(const Pass& most) {
  WeightedLayer::prepare(most);
  if (!by_winograd(most)) packed_.resize(packed_weights_size(shape_));
}

std::size_t Conv2d::scratch(const Pass& pass) const {
  const ConvolutionScratch most = passes_scratch(pass);
  return most.data + most.weights + static_cast<std::size_t>(kSlices) * shape_.filters;
}

ConvolutionScratch Conv2d::passes_scratch(const Pass& pass) const {
  return (by_winograd(pass) ? winograd_scratch : convolution_scratch)(shape_, pass.samples);
}

void Conv2d::multiply(const Pass& pass, const PixelInput& x, const real* weight, real* y, const Epilogue& epilogue) {
  real* const scratch = pass.workspace->take(passes_scratch(pass).data);
  if (by_winograd(pass)) return winograd_convolution(shape_, pass.samples, x.numbers, weight, y, epilogue, scratch);
  if (!pass.weights_version) return convolution(shape_, pass.samples, x, weight, y, epilogue, scratch);
  if (packed_version_ != pass.weights_version) {
    pack_weights(shape_, weight, packed_.data());
    packed_version_ = pass.weights_version;
  }
  convolution_by_packed(shape_, pass.samples, x, packed_.data(), y, epilogue, scratch);
}

void Conv2d::backward_from(const Pass& pass, const PixelInput& x, const real* y, real* dy, real* dx) {
  Workspace& workspace = *pass.workspace;
  const ConvolutionScratch memory = passes_scratch(pass);
  backward_through_activation(pass, y, dy);
  if (weight_.trainable) {
    real* const scratch = workspace.take(memory.weights);
    if (by_winograd(pass))
      winograd_weight_gradient(shape_, pass.samples, x.numbers, dy, weight_.gradient, scratch);
    else
      convolution_weight_gradient(shape_, pass.samples, x, dy, weight_.gradient, scratch);
  }
  if (dx)
    (by_winograd(pass) ? winograd_input_gradient : convolution_input_gradient)(shape_, pass.samples, dy, weight_.value, dx,
                                                                               workspace.take(memory.data));
}

}  // namespace trainground
