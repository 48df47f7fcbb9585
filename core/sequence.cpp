#include "sequence.h"

#include <algorithm>

#include "depth_first.h"
#include "layers/activation.h"
#include "layers/batch_norm.h"
#include "layers/centering.h"
#include "layers/conv2d.h"
#include "layers/dense.h"
#include "layers/depthwise_conv2d.h"
#include "layers/dropout.h"
#include "layers/pool2d.h"
#include "layers/pyramid_pooling.h"
#include "layers/rescaling.h"
#include "residual.h"

namespace trainground {
namespace {

// Whether its layer is a WeightedLayer.
bool is_weighted(const LayerOptions& options) {
  return options.type == LayerType::dense || options.type == LayerType::conv2d || options.type == LayerType::depthwiseConv2d;
}

bool applies_activation(const LayerOptions& options) {
  return options.activation == Activation::linear && (is_weighted(options) || options.type == LayerType::batchNormalization);
}

// Numbers of an output that is kept although it can be made again, where no layer makes it while it reads it: reading it takes no
// longer than making it.
constexpr std::size_t kKept = std::size_t{1} << 20;

// The workspace's array for outputs that pass on to the next step, and where all do, in turn.
int passing_array(const Pass& pass, int turn) { return 2 * static_cast<int>(pass.depth) + turn; }

// The end of the gradients' array for the next one; -1: the last is the caller's.
int next_end(int end) { return end == 1 ? 0 : 1; }

// One number for each feature of a flattened picture: PyTorch has them in (C,H,W) order, as it has a dense layer's columns there.
void arrange_features(Parameter& parameter, Shape picture) {
  parameter.shape = {picture.height, picture.width, picture.channels};
  parameter.order = {2, 0, 1};
  parameter.torch_shape = {picture.size()};
}

}  // namespace

std::vector<LayerOptions> inner_layers(const LayerOptions& block) {
  std::vector<LayerOptions> layers = block.layers;
  if (!block.trainable) {
    for (LayerOptions& layer : layers) layer.trainable = false;
  }
  return layers;
}

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
    case LayerType::rescaling:
      return std::make_unique<Rescaling>(input, options);
    case LayerType::centering:
      return std::make_unique<Centering>(options.parts);
    case LayerType::backbone:
    case LayerType::pyramidPooling:  // whose maps a sequence knows
    case LayerType::flatten:
      break;
  }
  return nullptr;
}

// Where the next layer is put.
struct Sequence::Construction {
  Shape stored;                   // of the numbers in memory: that of the picture, even behind a flatten
  WeightedLayer* sums = nullptr;  // the layer before, if it is one with weights and leaves its sums as they are
  bool fold;
  int& number;
};

Sequence::Sequence(Shape input, const std::vector<LayerOptions>& options, int& number, Folding folding)
    : input_(input), output_(input) {
  Construction at{input, nullptr, folding == Folding::on, number};
  for (std::size_t i = 0; i < options.size(); ++i) {
    const std::size_t before = steps_.size();
    append(options, i, "", at);
    LayerReport report{static_cast<int>(i), options[i].type, output_, 0, false};
    for (std::size_t s = before; s < steps_.size(); ++s) {
      steps_[s].entry = report.index;
      for (const Parameter* parameter : steps_[s].layer->parameters()) {
        if (!parameter->learned) continue;
        report.parameters += parameter->count();
        report.trainable |= parameter->trainable;
      }
    }
    reports_.push_back(report);
    step_of_entry_.push_back(static_cast<int>(steps_.size()) - 1);
  }
  bool learns = false, kernels = false, same = true;
  for (Step& step : steps_) {
    for (const Parameter* parameter : step.layer->parameters()) {
      learns |= parameter->learned && parameter->trainable;
      kernels |= parameter->kernel;
    }
    step.learns = learns;
    same = same && !learns && !step.layer->varies();
    if (same && kernels) frozen_ = static_cast<int>(&step - steps_.data()) + 1;
  }
  // What enters the last step describes a sample, and what is made again must find its input.
  for (int i = 0; i + 2 < steps(); ++i) {
    const Layer &layer = *steps_[i].layer, &next = *steps_[i + 1].layer;
    steps_[i].makes_again = layer.makes_again() && !next.makes_again() && !is_map(i);
    steps_[i].unread = !next.backward_reads_x();
    steps_[i].is_read = steps_[i].norm && steps_[i + 1].weighted && steps_[i + 1].weighted->reads_pixels();
  }
}

// Entry i of a list, whose names begin with `path`.
void Sequence::append(const std::vector<LayerOptions>& options, std::size_t i, const std::string& path, Construction& at) {
  LayerOptions entry = options[i];
  const std::string name = path + "layers." + std::to_string(i) + ".";
  if (entry.type == LayerType::backbone) {
    const std::vector<LayerOptions> inside = inner_layers(entry);
    for (std::size_t j = 0; j < inside.size(); ++j) append(inside, j, name, at);
    return;
  }
  const bool foldable = entry.type == LayerType::activation && i > 0 && applies_activation(options[i - 1]);
  if (at.fold && foldable) {
    if (entry.tap) maps_.push_back(steps() - 1);
    return;
  }
  if (entry.type == LayerType::pyramidPooling) {
    std::vector<Shape> shapes;
    for (const int step : maps_) shapes.push_back(shape_of(step));
    auto pyramid = std::make_unique<PyramidPooling>(at.stored, std::move(shapes));
    output_ = at.stored = pyramid->output_shape();
    at.sums = nullptr;
    pyramid_ = pyramid.get();
    last_map_ = steps() - 1;
    steps_.push_back({std::move(pyramid)});
    return;
  }
  int uncounted = 0;  // for what only the unfolded sequence has, so that dropout's numbers are the same in both
  const bool split = !at.fold && entry.type != LayerType::activation && entry.activation != Activation::linear;
  if (split) entry.activation = Activation::linear;
  if (at.fold && i + 1 < options.size() && options[i + 1].type == LayerType::activation && applies_activation(entry)) {
    entry.activation = options[i + 1].activation;
    entry.negative_slope = options[i + 1].negative_slope;
  }
  const bool flattened = !(output_ == at.stored);
  const bool per_feature = flattened && entry.type == LayerType::batchNormalization;
  std::unique_ptr<Layer> layer = make_layer(entry, per_feature ? output_ : at.stored, foldable ? uncounted : at.number);
  if (!layer) {
    output_ = {1, 1, output_.size()};
    return;
  }
  if (per_feature) {
    for (Parameter* parameter : layer->parameters()) arrange_features(*parameter, at.stored);
  } else {
    if (!(layer->output_shape() == at.stored)) output_ = layer->output_shape();
    at.stored = layer->output_shape();
  }
  for (Parameter* parameter : layer->parameters()) {
    parameter->name = name + parameter->name;
    if (entry.type != LayerType::residual) parameter->initializer = entry.kernel_initializer;
  }
  if (entry.type == LayerType::batchNormalization && !per_feature && at.sums) {
    steps_.back().folds = static_cast<BatchNorm*>(layer.get());
    steps_.back().folds->fold_into(*at.sums);
  }
  Step step{std::move(layer)};
  if (entry.type == LayerType::batchNormalization) step.norm = static_cast<BatchNorm*>(step.layer.get());
  if (is_weighted(entry)) step.weighted = static_cast<WeightedLayer*>(step.layer.get());
  at.sums = entry.activation == Activation::linear && !split ? step.weighted : nullptr;
  steps_.push_back(std::move(step));
  if (entry.tap) maps_.push_back(steps() - 1);
  if (!split) return;
  steps_.back().is_sum = true;
  steps_.push_back({std::make_unique<ActivationLayer>(at.stored, options[i], uncounted)});
}

bool Sequence::varies() const {
  return std::any_of(steps_.begin(), steps_.end(), [](const Step& step) { return step.layer->varies(); });
}

std::vector<Parameter*> Sequence::parameters(Range range) {
  std::vector<Parameter*> all;
  for (int i = range.begin; i < range.end; ++i)
    for (Parameter* parameter : steps_[static_cast<std::size_t>(i)].layer->parameters()) all.push_back(parameter);
  return all;
}

real* Sequence::output(Step& step, int samples) {
  grow(step.y, static_cast<std::size_t>(samples) * step.layer->output_shape().size());
  return step.y.data();
}

bool Sequence::is_map(int step) const { return std::find(maps_.begin(), maps_.end(), step) != maps_.end(); }

int Sequence::shared_output(const Pass& pass, int step, bool is_last, int turn) const {
  if (pass.outputs == Outputs::last && !is_last && !is_map(step)) return passing_array(pass, turn);
  if (pass.outputs == Outputs::needed && steps_[static_cast<std::size_t>(step)].passing) return passing_array(pass, 0);
  return -1;
}

real* Sequence::output(const Pass& pass, int step, int shared) {
  Step& one = steps_[static_cast<std::size_t>(step)];
  if (shared < 0) return output(one, pass.samples);
  return pass.workspace->share(static_cast<std::size_t>(shared), pass.numbers(one.layer->output_shape()));
}

bool Sequence::goes_to_reader(const Pass& pass, int step) const {
  const Step& one = steps_[static_cast<std::size_t>(step)];
  return pass.outputs == Outputs::needed && one.passing && one.is_read;
}

PixelInput Sequence::seen_output(const Pass& pass, int step, const real* x, int first) {
  Step& one = steps_[static_cast<std::size_t>(step)];
  const int shared = shared_output(pass, step, false, 0);
  if (shared < 0) return one.y.data();
  const real* const from = step > first ? steps_[static_cast<std::size_t>(step - 1)].y.data() : x;
  if (goes_to_reader(pass, step)) return one.norm->again_to_reader(from);
  real* const y = output(pass, step, shared);
  one.layer->forward_again(pass, from, y);
  return y;
}

void Sequence::prepare(const Pass& most, Range range) {
  for (int i = range.begin; i < range.end; ++i) {
    Step& step = steps_[static_cast<std::size_t>(i)];
    step.layer->prepare(most);
    // Those of the frozen part may be folded away, or take turns.
    if (!step.learns) continue;
    const std::size_t numbers = most.numbers(step.layer->output_shape());
    step.passing |= step.makes_again && (step.is_read || step.unread || numbers > kKept);
    if (!step.passing)
      output(step, most.samples);
    else if (!step.is_read)
      most.workspace->share(static_cast<std::size_t>(passing_array(most, 0)), numbers);
  }
  while (range.begin < range.end && !steps_[static_cast<std::size_t>(range.begin)].learns) ++range.begin;
  if (most.depth > 0 || range.begin == range.end) return;
  plan_gradients(most, range.begin);
  most.workspace->hold_planned();
}

void Sequence::plan_gradients(const Pass& most, int first) const {
  for (int i = steps() - 1, end = -1; i >= first; --i) {
    const Layer& layer = *steps_[static_cast<std::size_t>(i)].layer;
    if (i > first && !layer.in_place())
      most.workspace->plan_gradient(most.depth, end = next_end(end), most.numbers(shape_of(i - 1)));
    layer.plan_gradients(most);
  }
}

// A step and its two neighbours: their loops run together.
std::size_t Sequence::scratch(const Pass& pass, Range range) const {
  std::size_t most = 0, before = 0, between = 0;
  for (int i = range.begin; i < range.end; ++i) {
    const std::size_t own = steps_[static_cast<std::size_t>(i)].layer->scratch(pass);
    most = std::max(most, before + between + own);
    before = between;
    between = own;
  }
  return most;
}

const real* Sequence::forward(const Pass& pass, const real* input, Range range) {
  const DepthFirst together;
  PixelInput x = input;
  int from = -1;  // the shared array in which x is
  for (int i = range.begin, turn = 0; i < range.end; ++i, turn ^= 1) {
    const Step& step = steps_[static_cast<std::size_t>(i)];
    if (step.layer.get() == pyramid_) show_maps();
    if (goes_to_reader(pass, i) && i + 1 < range.end) {
      x = step.norm->forward_to_reader(pass, x.numbers);
      continue;
    }
    const bool folds = !pass.training && pass.outputs != Outputs::all && step.folds;
    i += folds;
    // The sums' own array is there for what follows from them in the same loop.
    const bool over_sums = folds && pass.outputs == Outputs::needed && steps_[static_cast<std::size_t>(i)].passing;
    const int shared = over_sums ? -1 : shared_output(pass, i, i == range.end - 1, turn);
    real* const y = output(pass, over_sums ? i - 1 : i, shared);
    if (folds)
      step.folds->forward_folded(pass, x, y);
    else if (x.normalized)
      step.weighted->forward_from(pass, x, y);
    else
      step.layer->forward(pass, x.numbers, y);
    for (const int array : {from, shared})
      if (array >= 0) pass.workspace->in_use(static_cast<std::size_t>(array));
    x = y;
    from = shared;
  }
  return x.numbers;
}

void Sequence::show_maps() {
  for (std::size_t i = 0; i < maps_.size(); ++i) pyramid_->set_map(i, step_output(maps_[i]));
}

void Sequence::backward(const Pass& pass, const real* x, real* dy, real* dx, int first) {
  const DepthFirst together;
  if (pass.depth == 0) {  // more steps than a run has may be asked
    plan_gradients(pass, first);
    finish_loops();
    pass.workspace->hold_planned();
  }
  int end = -1;  // where dy is
  for (int i = steps(); i-- > first;) {
    Step& step = steps_[static_cast<std::size_t>(i)];
    const Step* under = i > first ? &steps_[static_cast<std::size_t>(i - 1)] : nullptr;
    const bool below = dx || (under && under->learns);
    if (!step.learns && !below) return;
    real* next = below && !under ? dx : nullptr;
    const bool turns = below && under && !step.layer->in_place();
    const int target = turns ? next_end(end) : end;
    if (below && under) next = turns ? pass.workspace->gradient(pass.depth, target, pass.numbers(shape_of(i - 1))) : dy;
    for (std::size_t map = 0; map < maps_.size(); ++map) {
      if (maps_[map] != i) continue;
      finish_loops();
      pyramid_->add_gradient(map, pass.samples, dy);
    }
    if (pass.gradients) {
      finish_loops();
      const std::size_t count = static_cast<std::size_t>(pass.samples) * step.layer->output_shape().size();
      (*pass.gradients)[static_cast<std::size_t>(i)].assign(dy, dy + count);
    }
    const bool reads = step.layer->backward_reads_x();
    const PixelInput input = !reads ? nullptr : under ? seen_output(pass, i - 1, x, first) : PixelInput(x);
    if (input.normalized)
      step.weighted->backward_from(pass, input, step.y.data(), dy, next);
    else
      step.layer->backward(pass, input.numbers, step.y.data(), dy, next);
    if (reads && under && shared_output(pass, i - 1, false, 0) >= 0 && !input.normalized)
      pass.workspace->in_use(static_cast<std::size_t>(passing_array(pass, 0)));
    for (const int used : {end, target})
      if (used >= 0) pass.workspace->gradient_in_use(pass.depth, used);
    end = target;
    dy = next;
  }
}

const real* Sequence::output_of(int index, const real* x) const {
  const int step = step_of_entry_[static_cast<std::size_t>(index)];
  return step < 0 ? x : steps_[static_cast<std::size_t>(step)].y.data();
}

}  // namespace trainground
