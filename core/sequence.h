// Layers in order and the arrays between them.
//
// An `activation` behind a layer that can apply it itself is folded into that layer, and `flatten` is a change of name: neither
// makes a pass over memory of its own; a backbone is the steps that its name stands for.
#pragma once

#include <memory>
#include <vector>

#include "experiment.h"
#include "layers/layer.h"
#include "tensor.h"

namespace trainground {

struct PixelInput;
class BatchNorm;
class PyramidPooling;
class WeightedLayer;

// What one entry of `layers` turned out to be, for reports and for looking inside.
struct LayerReport {
  int index = 0;  // its place in the experiment's list
  LayerType type = LayerType::dense;
  Shape output_shape;
  std::size_t parameters = 0;  // learned numbers
  bool trainable = true;
};

// The layer that an entry describes; null for `flatten`, which is only a change of name. `input` is the shape as it stands in
// memory: that of the picture, even behind a flatten.
std::unique_ptr<Layer> make_layer(const LayerOptions& options, Shape input, int& number);

// The layers of a residual block or a backbone; those of a frozen one are frozen.
std::vector<LayerOptions> inner_layers(const LayerOptions& block);

// off: every activation is a step of its own, so that the sums before it can be seen. The numbers are the same, the way is
// longer.
enum class Folding { on, off };

class Sequence {
 public:
  // `number` counts layers through all nesting, so that two dropouts never share random numbers.
  Sequence(Shape input, const std::vector<LayerOptions>& options, int& number, Folding folding = Folding::on);

  Shape input_shape() const { return input_; }
  Shape output_shape() const { return output_; }
  std::vector<Parameter*> parameters() { return parameters({0, steps()}); }
  std::vector<Parameter*> parameters(Range range);  // of some of the steps
  const std::vector<LayerReport>& reports() const { return reports_; }

  void prepare(const Pass& most) { prepare(most, {0, steps()}); }
  std::size_t scratch(const Pass& pass) const { return scratch(pass, {0, steps()}); }  // as of a layer
  // x (N, input) -> (N, output); the result stays valid until the next forward pass.
  const real* forward(const Pass& pass, const real* x) { return forward(pass, x, {0, steps()}); }
  void plan_gradients(const Pass& most, int first) const;  // as of a layer, down to step `first`
  // dy (N, output), used as scratch -> gradients, and dx unless null.
  void backward(const Pass& pass, const real* x, real* dy, real* dx) { backward(pass, x, dy, dx, 0); }

  // The steps before the first one that learns or varies: what they put out depends on the input alone, all the run long. None
  // where there is no kernel among them.
  Range frozen_steps() const { return {0, frozen_}; }
  // The same for some of the steps: x is the input of the first one.
  void prepare(const Pass& most, Range range);
  std::size_t scratch(const Pass& pass, Range range) const;
  const real* forward(const Pass& pass, const real* x, Range range);
  void backward(const Pass& pass, const real* x, real* dy, real* dx, int first);
  bool varies() const;  // as of a layer
  // What entry `index` of the list put out in the last forward pass; the input where nothing has run yet.
  const real* output_of(int index, const real* x) const;
  bool is_frozen(int index) const { return step_of_entry_[static_cast<std::size_t>(index)] < frozen_; }

  // What runs, in order: an entry that was split (Folding::off) has two steps, its sums and its output; flatten has none.
  int steps() const { return static_cast<int>(steps_.size()); }
  int entry_of(int step) const { return steps_[static_cast<std::size_t>(step)].entry; }
  bool is_sum(int step) const { return steps_[static_cast<std::size_t>(step)].is_sum; }
  int last_map() const { return last_map_; }  // the step that the pyramid takes its input from; -1: there is no pyramid
  Shape shape_of(int step) const { return steps_[static_cast<std::size_t>(step)].layer->output_shape(); }
  const real* step_output(int step) const { return steps_[static_cast<std::size_t>(step)].y.data(); }

 private:
  struct Step {
    std::unique_ptr<Layer> layer;
    int entry = 0;        // its place in the experiment's list
    bool is_sum = false;  // the step behind it is its entry's activation
    Buffer<real> y{};
    bool learns = false;        // it, or a layer below it, has something to train
    BatchNorm* norm = nullptr;  // the layer, if it is one
    WeightedLayer* weighted = nullptr;
    bool makes_again = false;    // its output can be had again from its input
    bool is_read = false;        // a norm whose output the next layer makes as it reads it: it is nowhere as a whole
    bool unread = false;         // the next layer's backward pass does not look at its output
    bool passing = false;        // its output is not kept; a backward pass that looks at it has it made again
    BatchNorm* folds = nullptr;  // the batch norm behind it, if it can do that one's work too
  };
  struct Construction;
  void append(const std::vector<LayerOptions>& options, std::size_t i, const std::string& path, Construction& at);
  // (N, output of a step), taken when it is first needed.
  real* output(Step& step, int samples);
  bool is_map(int step) const;
  // The workspace's array in which a pass leaves a step's output until it is read; -1: it has one of its own.
  int shared_output(const Pass& pass, int step, bool is_last, int turn) const;
  real* output(const Pass& pass, int step, int shared);
  // What a step puts out, for the backward pass; x is the input of step `first`.
  PixelInput seen_output(const Pass& pass, int step, const real* x, int first);
  bool goes_to_reader(const Pass& pass, int step) const;
  void show_maps();

  Shape input_, output_;
  int frozen_ = 0;                     // steps
  std::vector<int> maps_;              // the steps that the pyramid looks at, if there is one
  PyramidPooling* pyramid_ = nullptr;  // one of the steps
  int last_map_ = -1;
  std::vector<Step> steps_;
  std::vector<LayerReport> reports_;
  std::vector<int> step_of_entry_;  // -1: the input itself
};

}  // namespace trainground
