#include "residual.h"

#include <cassert>

#include "sequence.h"

namespace trainground {
namespace {

// body(i) for every number of a batch.
template <class Body>
void for_each_number(int samples, Shape shape, Body body) {
  const int row = shape.width * shape.channels;
  const auto each = [=](const Samples& part) {
    const Range rows = part.items(shape.height, 1);
    const std::ptrdiff_t end = std::ptrdiff_t{rows.end} * row;
    for (std::ptrdiff_t i = std::ptrdiff_t{rows.begin} * row; i < end; ++i) body(i);
  };
  for_samples(samples, shape.size(), each, {shape.height});
}

// The pass for a block's layers.
Pass inside(Pass pass) {
  ++pass.depth;
  pass.gradients = nullptr;  // the steps inside are nobody's
  return pass;
}

}  // namespace

Residual::Residual(Shape input, const LayerOptions& options, int& number)
    : input_(input), layers_(input, inner_layers(options), number) {
  for (const Parameter* parameter : layers_.parameters()) learns_ |= parameter->trainable;
  const Shape output = layers_.output_shape();
  if (output == input) return;
  LayerOptions projection;
  projection.type = LayerType::conv2d;
  projection.filters = output.channels;
  projection.kernel_size = 1;
  projection.strides = (input.height + output.height - 1) / output.height;
  projection.use_bias = false;
  projection.trainable = options.trainable;
  projection.l1 = options.l1;
  projection.l2 = options.l2;
  projection_ = make_layer(projection, input, number);
  assert(projection_->output_shape() == output);
  for (Parameter* parameter : projection_->parameters()) parameter->name = "projection." + parameter->name;
}

std::vector<Parameter*> Residual::parameters() {
  std::vector<Parameter*> all = layers_.parameters();
  if (projection_)
    for (Parameter* parameter : projection_->parameters()) all.push_back(parameter);
  return all;
}

void Residual::prepare(const Pass& most) {
  layers_.prepare(inside(most));
  if (projection_) projection_->prepare(most);
  if (projection_) grow(shortcut_, most.numbers(output_shape()));
  if (learns_) grow(shortcut_gradient_, most.numbers(input_));
}

void Residual::plan_gradients(const Pass& most) const { layers_.plan_gradients(inside(most), 0); }

std::size_t Residual::scratch(const Pass& pass) const {
  return std::max(layers_.scratch(pass), projection_ ? projection_->scratch(pass) : 0);
}

void Residual::forward(const Pass& pass, const real* x, real* y) {
  const real* main = layers_.forward(inside(pass), x);
  const real* shortcut = x;
  if (projection_) {
    projection_->forward(pass, x, shortcut_.data());
    shortcut = shortcut_.data();
  }
  for_each_number(pass.samples, output_shape(), [=](std::ptrdiff_t i) { y[i] = main[i] + shortcut[i]; });
}

// y = layers(x) + shortcut(x)  ->  dx = d layers + d shortcut. Either side may use dy as scratch, so the shortcut works on a
// copy.
void Residual::backward(const Pass& pass, const real* x, const real*, real* dy, real* dx) {
  if (dx) grow(shortcut_gradient_, pass.numbers(input_));
  real *const shortcut = shortcut_.data(), *const gradient = shortcut_gradient_.data();
  if (projection_) {
    for_each_number(pass.samples, output_shape(), [=](std::ptrdiff_t i) { shortcut[i] = dy[i]; });
    projection_->backward(pass, x, shortcut, shortcut, dx ? gradient : nullptr);
  } else if (dx) {
    for_each_number(pass.samples, input_, [=](std::ptrdiff_t i) { gradient[i] = dy[i]; });
  }
  layers_.backward(inside(pass), x, dy, dx);
  if (dx) for_each_number(pass.samples, input_, [=](std::ptrdiff_t i) { dx[i] += gradient[i]; });
}

}  // namespace trainground
