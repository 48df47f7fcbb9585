#include "weighted_layer.h"

namespace trainground {

WeightedLayer::WeightedLayer(const LayerOptions& options) : use_bias_(options.use_bias), activation_(options) {
  weight_.name = "weight";
  weight_.kernel = true;
  weight_.trainable = bias_.trainable = options.trainable;
  weight_.l1 = options.l1;
  weight_.l2 = options.l2;
  bias_.name = "bias";
}

std::vector<Parameter*> WeightedLayer::parameters() {
  if (use_bias_) return {&weight_, &bias_};
  return {&weight_};
}

void WeightedLayer::prepare(const Pass& most) {
  activation_.prepare(static_cast<std::size_t>(most.samples) * output_shape().size());
}

void WeightedLayer::forward_as(const Pass& pass, const PixelInput& x, const real* weight, const real* bias,
                               FusedActivation& activation, real* y) {
  multiply(pass, x, weight, y, activation.epilogue(bias));
  activation.forward(pass.samples, output_shape().size(), y);
}

void WeightedLayer::backward_through_activation(const Pass& pass, const real* y, real* dy) {
  const Shape output = output_shape();
  activation_.backward(pass.samples, output.height * output.width, output.channels, y, dy,
                       use_bias_ && bias_.trainable ? bias_.gradient : nullptr,
                       pass.workspace->take(static_cast<std::size_t>(kSlices) * output.channels));
}

}  // namespace trainground
