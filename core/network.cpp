#include "network.h"

#include <algorithm>
#include <numeric>

#include "layers/initialization.h"

namespace trainground {
namespace {

// Of one layer: with four bytes for each, all the memory that WebAssembly has here.
constexpr std::int64_t kMostNumbers = (std::int64_t{1} << 29) - 1;

// Each tensor starts on a cache line; the gap holds zeros, which every optimizer leaves at zero.
std::size_t padded(std::size_t count) { return (count + 15) / 16 * 16; }

std::string in_words(Shape shape) {
  if (shape.height == 1 && shape.width == 1) return std::to_string(shape.channels) + " numbers";
  return std::to_string(shape.height) + "x" + std::to_string(shape.width) + "x" + std::to_string(shape.channels);
}

bool has_weights(LayerType type) {
  return type == LayerType::dense || type == LayerType::conv2d || type == LayerType::depthwiseConv2d ||
         type == LayerType::batchNormalization || type == LayerType::residual || type == LayerType::backbone;
}

std::int64_t volume(Shape shape) { return std::int64_t{shape.height} * shape.width * shape.channels; }

std::int64_t count_of(const std::vector<Parameter*>& parameters, bool learned) {
  std::int64_t sum = 0;
  for (const Parameter* parameter : parameters) {
    std::int64_t count = 1;  // size_t has 32 bits in WebAssembly
    for (const int side : parameter->shape) count *= side;
    if (parameter->learned == learned) sum += count;
  }
  return sum;
}

// Walks the list once; `shape` is the input before and the output after. False where a layer does not fit: what follows it is not
// judged.
bool check_layers(const std::vector<LayerOptions>& layers, const std::string& path, Shape& shape, NetworkPlan& plan) {
  Shape stored = shape;
  int number = 0;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const LayerOptions& layer = layers[i];
    const std::string here = path + "[" + std::to_string(i) + "]";
    const auto refuse = [&](const std::string& where, const std::string& expected, const std::string& given) {
      plan.problems.push_back({here + where, expected, given});
      return false;
    };
    const std::int64_t learned_before = plan.learned, moving_before = plan.moving;
    const bool flat = shape.height == 1 && shape.width == 1;
    switch (layer.type) {
      case LayerType::dense:
        if (!flat) return refuse("", "a flat input: put a flatten or globalAveragePool2d layer before it", in_words(shape));
        break;
      case LayerType::conv2d:
      case LayerType::depthwiseConv2d:
      case LayerType::maxPool2d:
      case LayerType::averagePool2d: {
        const bool pool = layer.type == LayerType::maxPool2d || layer.type == LayerType::averagePool2d;
        const int size = pool ? layer.pool_size : layer.kernel_size;
        if (flat && !(stored == shape))
          return refuse("", "an input that is still a picture, not behind flatten", in_words(shape));
        const Padding& around = layer.padding;
        if (const int most = std::max({around.top, around.bottom, around.left, around.right}); pool && most >= size)
          return refuse(".padding", "less than poolSize, which is " + std::to_string(size), std::to_string(most));
        const Shape seen{shape.height + around.top + around.bottom, shape.width + around.left + around.right, shape.channels};
        if (!around.same && (size > seen.height || size > seen.width))
          return refuse(pool ? ".poolSize" : ".kernelSize",
                        "at most the side of its input" + std::string(around == kValid ? "" : " with padding") + ", which is " +
                            in_words(seen),
                        std::to_string(size));
        break;
      }
      case LayerType::globalAveragePool2d:
        if (!(stored == shape)) return refuse("", "an input that is still a picture, not behind flatten", in_words(shape));
        break;
      case LayerType::residual: {
        Shape inner = shape;
        if (flat && !(stored == shape))
          return refuse("", "an input that is still a picture, not behind flatten", in_words(shape));
        if (!check_layers(layer.layers, here + ".layers", inner, plan)) return false;
        const int strides = (shape.height + inner.height - 1) / inner.height;
        if ((shape.height + strides - 1) / strides != inner.height || (shape.width + strides - 1) / strides != inner.width)
          return refuse(".layers",
                        "an output whose sides are those of the input (" + in_words(shape) + ") divided by a whole stride",
                        in_words(inner));
        break;
      }
      case LayerType::backbone:
        if (shape.channels != 3 || flat) return refuse("", "a picture in colour", in_words(shape));
        if (layer.output == BackboneOutput::embedding && layer.trainable)
          return refuse(".output", "featureMap, since an embedding does not learn: let transfer.freeze be \"all\"", "embedding");
        if (!check_layers(layer.layers, here + ".layers", shape, plan)) return false;
        stored = shape;
        continue;
      case LayerType::pyramidPooling:
      case LayerType::centering: {
        // What they make of the maps is as long as the parts say.
        const std::vector<int>& parts = layers.back().parts;
        shape = stored = {1, 1, std::accumulate(parts.begin(), parts.end(), 0)};
        continue;
      }
      case LayerType::batchNormalization:
        if (flat && layer.trainable && plan.flat_batch_norm.empty()) plan.flat_batch_norm = here;
        break;
      default:
        break;
    }
    if (std::unique_ptr<Layer> built = make_layer(layer, stored, number)) {
      const std::int64_t learned = count_of(built->parameters(), true), outputs = volume(built->output_shape());
      if (std::max(learned, outputs) > kMostNumbers)
        return refuse("", "of less than 2^29 weights, and as many outputs",
                      std::to_string(learned) + " weights and " + std::to_string(outputs) +
                          " outputs: " + std::to_string(std::max(learned, outputs) * 4) + " bytes");
      // A block has the weights of its own layers, which are counted already.
      plan.learned = learned_before + learned;
      plan.moving = moving_before + count_of(built->parameters(), false);
      for (const Parameter* parameter : built->parameters()) plan.learns |= parameter->learned && parameter->trainable;
      if (!plan.learns) plan.frozen = plan.learned;
      // Those that change each number by itself may be done by the layer before, and what can be made again need not be kept.
      if (layer.type != LayerType::activation && layer.type != LayerType::dropout && !built->makes_again())
        (plan.learns ? plan.outputs : plan.frozen_outputs) += outputs;
      if (learned + outputs > plan.most) plan.most = learned + outputs, plan.largest = here;
      // What works on each number by itself leaves a flat input flat.
      const bool stays_flat = flat && built->output_shape() == stored;
      stored = built->output_shape();
      if (!stays_flat) shape = stored;
    } else {
      shape = {1, 1, shape.size()};
    }
  }
  return true;
}

// Transfer learning's three regimes (CS230): `all` leaves the last dense layer to train, `most` also the last convolution's
// block, of a backbone its last one.
std::vector<LayerOptions> frozen(std::vector<LayerOptions> layers, Freeze freeze) {
  if (freeze == Freeze::none) return layers;
  std::size_t first_trained = 0;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const LayerType type = layers[i].type;
    const bool convolution = type == LayerType::conv2d || type == LayerType::depthwiseConv2d || type == LayerType::residual ||
                             type == LayerType::backbone;
    if (freeze == Freeze::all ? has_weights(type) && type != LayerType::batchNormalization : convolution) first_trained = i;
  }
  const auto freeze_layer = [](auto&& self, LayerOptions& layer) -> void {
    layer.trainable = false;
    for (LayerOptions& inner : layer.layers) self(self, inner);
  };
  for (std::size_t i = 0; i < first_trained; ++i) freeze_layer(freeze_layer, layers[i]);
  if (layers[first_trained].type == LayerType::backbone)
    layers[first_trained].layers = frozen(std::move(layers[first_trained].layers), freeze);
  return layers;
}

}  // namespace

NetworkPlan plan_network(Shape input, int outputs, const Experiment& experiment) {
  NetworkPlan plan;
  Shape shape = input;
  if (!check_layers(frozen(experiment.layers, experiment.freeze), "layers", shape, plan)) return plan;
  if (experiment.normalize && experiment.layers.front().type == LayerType::backbone)
    plan.problems.push_back({"dataset.normalize", "false, since a backbone scales its input itself", "true"});
  // One output is enough for two classes, if the loss is made for it.
  const bool binary = experiment.loss == LossType::binaryCrossEntropy && outputs == 2 && shape.size() == 1;
  if (shape.height != 1 || shape.width != 1)
    plan.problems.push_back({"layers", "a last layer that gives " + std::to_string(outputs) + " numbers", in_words(shape)});
  else if (shape.channels != outputs && !binary)
    plan.problems.push_back({"layers[" + std::to_string(experiment.layers.size() - 1) + "]",
                             std::to_string(outputs) + " outputs, as many as the data has", in_words(shape)});
  return plan;
}

Network::Network(Shape input, const Experiment& experiment, Folding folding) : exact_(experiment.exact) {
  int number = 0;
  layers_ = std::make_unique<Sequence>(input, frozen(experiment.layers, experiment.freeze), number, folding);
  parameters_ = layers_->parameters();

  std::size_t learned = 0, moving = 0;
  for (const Parameter* parameter : parameters_) (parameter->learned ? learned : moving) += padded(parameter->count());
  values_.resize(learned);
  statistics_.resize(moving);

  learned = moving = 0;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    Parameter& parameter = *parameters_[i];
    const std::size_t room = padded(parameter.count());
    if (parameter.learned) {
      parameter.value = values_.data() + learned;
      if (parameter.trainable) {
        if (trainable_.empty()) first_ = learned;
        const std::size_t begin = learned - first_;
        if (!trainable_.empty() && trainable_.back().end == begin)
          trainable_.back().end += room;
        else
          trainable_.push_back({begin, begin + room});
      }
      learned += room;
    } else {
      parameter.value = statistics_.data() + moving;
      moving += room;
    }
    initialize(parameter, parameter.initializer, experiment.seed, static_cast<std::uint32_t>(i));
  }
  gradients_.resize(trainable_.empty() ? 0 : trainable_.back().end);
  for (Parameter* parameter : parameters_)
    if (parameter->learned && parameter->trainable)
      parameter->gradient = gradients_.data() + (parameter->value - learning().data());
}

Parameter* Network::find(const std::string& name) const {
  const auto place = std::find_if(parameters_.begin(), parameters_.end(), [&](const Parameter* p) { return p->name == name; });
  return place == parameters_.end() ? nullptr : *place;
}

std::size_t Network::learned_count() const {
  std::size_t count = 0;
  for (const Parameter* parameter : parameters_) count += parameter->learned ? parameter->count() : 0;
  return count;
}

void Network::prepare(int max_samples) { prepare(max_samples, {0, layers_->steps()}); }

void Network::prepare(int max_samples, Range steps) {
  Pass most;
  most.samples = max_samples;
  most.exact = exact_;
  most.workspace = &workspace_;
  layers_->prepare(most, steps);
  workspace_.take(layers_->scratch(most, steps));
}

const real* Network::forward(Pass pass, const real* x) {
  pass.workspace = &workspace_;
  return logits_ = layers_->forward(pass, x);
}

const real* Network::forward(Pass pass, const real* x, Range steps) {
  pass.workspace = &workspace_;
  const real* y = layers_->forward(pass, x, steps);
  if (steps.end == layers_->steps()) logits_ = y;
  return y;
}

void Network::backward(Pass pass, const real* x, real* dlogits, real* dx) {
  pass.workspace = &workspace_;
  layers_->backward(pass, x, dlogits, dx);
}

void Network::backward_to(int first, Pass pass, const real* x, real* dlogits) {
  pass.workspace = &workspace_;
  layers_->backward(pass, x, dlogits, nullptr, first);
}

}  // namespace trainground
