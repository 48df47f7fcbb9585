#include "sequence.h"

#include <algorithm>
#include <cassert>

#include "depth_first.h"
#include "layers/activation.h"
#include "layers/batch_norm.h"
#include "layers/conv2d.h"
#include "layers/dense.h"
#include "layers/depthwise_conv2d.h"
#include "layers/dropout.h"
#include "layers/pool2d.h"

namespace trainground {
namespace {

bool applies_activation(const LayerOptions& options) {
  switch (options.type) {
    case LayerType::dense:
    case LayerType::conv2d:
    case LayerType::depthwiseConv2d:
    case LayerType::batchNormalization:
      return options.activation == Activation::linear;
    default:
      return false;
  }
}

// body(i) for every number of a batch.
template <class Body>
void for_each_number(int samples, int size, Body body) {
  for_samples(samples, size, [=](const Samples& part) {
    const std::size_t end = static_cast<std::size_t>(part.end) * size;
    for (std::size_t i = static_cast<std::size_t>(part.begin) * size; i < end; ++i) body(i);
  });
}

// One number for each feature of a flattened picture: PyTorch has them in (C,H,W) order, as it has a dense layer's columns there.
void arrange_features(Parameter& parameter, Shape picture) {
  parameter.shape = {picture.height, picture.width, picture.channels};
  parameter.order = {2, 0, 1};
  parameter.torch_shape = {picture.size()};
}

// The layers of a residual block; a frozen block has nothing but frozen ones.
std::vector<LayerOptions> inner_layers(const LayerOptions& block) {
  std::vector<LayerOptions> layers = block.layers;
  if (!block.trainable) {
    for (LayerOptions& layer : layers) layer.trainable = false;
  }
  return layers;
}

}  // namespace

std::unique_ptr<Layer> make_layer(const LayerOptions& options, Shape input, int& number) {
  switch (options.type) {
    case LayerType::dense:
      return std::make_unique<Dense>(input, options, number++);
    case LayerType::conv2d:
      return std::make_unique<Conv2d>(input, options, number++);
    case LayerType::depthwiseConv2d:
      return std::make_unique<DepthwiseConv2d>(input, options, number++);
    case LayerType::maxPool2d:
      return std::make_unique<MaxPool2d>(input, options, number++);
    case LayerType::averagePool2d:
      return std::make_unique<AveragePool2d>(input, options, number++);
    case LayerType::globalAveragePool2d:
      return std::make_unique<GlobalAveragePool2d>(input, options, number++);
    case LayerType::batchNormalization:
      return std::make_unique<BatchNorm>(input, options, number++);
    case LayerType::dropout:
      return std::make_unique<Dropout>(input, options, number++);
    case LayerType::activation:
      return std::make_unique<ActivationLayer>(input, options, number++);
    case LayerType::residual:
      return std::make_unique<Residual>(input, options, number);
    case LayerType::flatten:
      break;
  }
  return nullptr;
}

Sequence::Sequence(Shape input, const std::vector<LayerOptions>& options, int& number, Folding folding)
    : input_(input), output_(input) {
  Shape stored = input;
  WeightedLayer* sums = nullptr;  // the layer before, if it is one with weights and leaves its sums as they are
  for (std::size_t i = 0; i < options.size(); ++i) {
    LayerOptions entry = options[i];
    const bool fold = folding == Folding::on;
    const bool foldable = entry.type == LayerType::activation && i > 0 && applies_activation(options[i - 1]);
    const bool folded = fold && foldable;
    int uncounted = 0;  // for what only the unfolded sequence has, so that dropout's numbers are the same in both
    if (!folded) {
      const bool split = !fold && entry.type != LayerType::activation && entry.activation != Activation::linear;
      if (split) entry.activation = Activation::linear;
      if (fold && i + 1 < options.size() && options[i + 1].type == LayerType::activation && applies_activation(entry)) {
        entry.activation = options[i + 1].activation;
        entry.negative_slope = options[i + 1].negative_slope;
      }
      const bool flattened = !(output_ == stored);
      const bool per_feature = flattened && entry.type == LayerType::batchNormalization;
      if (std::unique_ptr<Layer> layer = make_layer(entry, per_feature ? output_ : stored, foldable ? uncounted : number)) {
        if (per_feature) {
          for (Parameter* parameter : layer->parameters()) arrange_features(*parameter, stored);
        } else {
          if (!(layer->output_shape() == stored)) output_ = layer->output_shape();
          stored = layer->output_shape();
        }
        const std::string prefix = "layers." + std::to_string(i) + ".";
        for (Parameter* parameter : layer->parameters()) {
          parameter->name = prefix + parameter->name;
          if (entry.type != LayerType::residual) parameter->initializer = entry.kernel_initializer;
        }
        if (entry.type == LayerType::batchNormalization && !per_feature && sums) {
          steps_.back().folds = static_cast<BatchNorm*>(layer.get());
          steps_.back().folds->fold_into(*sums);
        }
        sums = entry.activation == Activation::linear && !split ? dynamic_cast<WeightedLayer*>(layer.get()) : nullptr;
        steps_.push_back({std::move(layer), static_cast<int>(i)});
        if (split) steps_.push_back({std::make_unique<ActivationLayer>(stored, options[i], uncounted), static_cast<int>(i)});
      } else {
        output_ = {1, 1, output_.size()};
      }
    }
    LayerReport report{static_cast<int>(i), entry.type, output_, 0, false};
    for (const Step& step : steps_) {
      if (step.entry != report.index) continue;
      for (const Parameter* parameter : step.layer->parameters()) {
        if (!parameter->learned) continue;
        report.parameters += parameter->count();
        report.trainable |= parameter->trainable;
      }
    }
    reports_.push_back(report);
    step_of_entry_.push_back(static_cast<int>(steps_.size()) - 1);
  }
  bool learns = false;
  for (Step& step : steps_) {
    for (const Parameter* parameter : step.layer->parameters()) learns |= parameter->learned && parameter->trainable;
    step.learns = learns;
  }
}

std::vector<Parameter*> Sequence::parameters() {
  std::vector<Parameter*> all;
  for (Step& step : steps_)
    for (Parameter* parameter : step.layer->parameters()) all.push_back(parameter);
  return all;
}

void Sequence::prepare(int max_samples) {
  std::size_t largest = 0;
  for (Step& step : steps_) {
    step.layer->prepare(max_samples);
    const std::size_t size = static_cast<std::size_t>(max_samples) * step.layer->output_shape().size();
    if (step.y.size() < size) step.y.resize(size);
    if (&step != &steps_.back()) largest = std::max(largest, size);
  }
  for (Buffer<real>& gradient : gradients_)
    if (gradient.size() < largest) gradient.resize(largest);
}

// A step and its two neighbours: their loops run together.
std::size_t Sequence::scratch(const Pass& pass) const {
  std::size_t most = 0, before = 0, between = 0;
  for (const Step& step : steps_) {
    const std::size_t own = step.layer->scratch(pass);
    most = std::max(most, before + between + own);
    before = between;
    between = own;
  }
  return most;
}

const real* Sequence::forward(const Pass& pass, const real* x) {
  const DepthFirst together;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (pass.answer_only && steps_[i].folds) {
      BatchNorm& norm = *steps_[i++].folds;
      norm.forward_folded(pass, x, steps_[i].y.data());
    } else {
      steps_[i].layer->forward(pass, x, steps_[i].y.data());
    }
    x = steps_[i].y.data();
  }
  return x;
}

void Sequence::backward(const Pass& pass, const real* x, real* dy, real* dx) {
  const DepthFirst together;
  int held[2] = {};  // numbers of a sample that each array of gradients holds
  for (std::size_t i = steps_.size(); i-- > 0;) {
    const bool below = i > 0 ? steps_[i - 1].learns || dx : dx != nullptr;
    if (!steps_[i].learns && !below) return;
    real* next = !below ? nullptr : i > 0 ? gradients_[i % 2].data() : dx;
    if (below && i > 0) {
      // Samples that lie elsewhere than those before them would be written over what other samples still need.
      const int size = steps_[i - 1].layer->output_shape().size();
      if (held[i % 2] && held[i % 2] != size) finish_loops();
      held[i % 2] = size;
    }
    if (pass.gradients) {
      finish_loops();
      const std::size_t count = static_cast<std::size_t>(pass.samples) * steps_[i].layer->output_shape().size();
      (*pass.gradients)[i].assign(dy, dy + count);
    }
    steps_[i].layer->backward(pass, i > 0 ? steps_[i - 1].y.data() : x, steps_[i].y.data(), dy, next);
    dy = next;
  }
}

const real* Sequence::output_of(int index, const real* x) const {
  const int step = step_of_entry_[static_cast<std::size_t>(index)];
  return step < 0 ? x : steps_[static_cast<std::size_t>(step)].y.data();
}

Residual::Residual(Shape input, const LayerOptions& options, int& number)
    : input_(input), layers_(input, inner_layers(options), number) {
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

void Residual::prepare(int max_samples) {
  layers_.prepare(max_samples);
  if (projection_) projection_->prepare(max_samples);
  shortcut_.resize(std::max(shortcut_.size(), static_cast<std::size_t>(max_samples) * output_shape().size()));
  shortcut_gradient_.resize(std::max(shortcut_gradient_.size(), static_cast<std::size_t>(max_samples) * input_.size()));
}

std::size_t Residual::scratch(const Pass& pass) const {
  return std::max(layers_.scratch(pass), projection_ ? projection_->scratch(pass) : 0);
}

void Residual::forward(const Pass& pass, const real* x, real* y) {
  const real* main = layers_.forward(pass, x);
  const real* shortcut = x;
  if (projection_) {
    projection_->forward(pass, x, shortcut_.data());
    shortcut = shortcut_.data();
  }
  for_each_number(pass.samples, output_shape().size(), [=](std::size_t i) { y[i] = main[i] + shortcut[i]; });
}

// y = layers(x) + shortcut(x)  ->  dx = d layers + d shortcut. Either side may use dy as scratch, so the shortcut works on a
// copy.
void Residual::backward(const Pass& outer, const real* x, const real*, real* dy, real* dx) {
  Pass pass = outer;
  pass.gradients = nullptr;  // the steps inside are nobody's
  real *const shortcut = shortcut_.data(), *const gradient = shortcut_gradient_.data();
  if (projection_) {
    for_each_number(pass.samples, output_shape().size(), [=](std::size_t i) { shortcut[i] = dy[i]; });
    projection_->backward(pass, x, shortcut, shortcut, dx ? gradient : nullptr);
  } else if (dx) {
    for_each_number(pass.samples, input_.size(), [=](std::size_t i) { gradient[i] = dy[i]; });
  }
  layers_.backward(pass, x, dy, dx);
  if (dx) for_each_number(pass.samples, input_.size(), [=](std::size_t i) { dx[i] += gradient[i]; });
}

}  // namespace trainground
