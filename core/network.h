// A whole network: a sequence of layers, and the arenas that hold every number it learns.
//
// Values stand in one contiguous array and gradients in another in the same order, so that an optimizer is one loop and a
// snapshot one copy. Moving statistics stand apart: they are saved, but no optimizer touches them.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "experiment.h"
#include "sequence.h"
#include "tensor.h"

namespace trainground {

// What a network would be, worked out before anything of it is allocated, in numbers that cannot overflow.
struct NetworkPlan {
  // What does not fit: a kernel larger than its picture, a dense layer on a picture that is not flat, a layer beyond all memory,
  // outputs that are not the classes. What follows counts only without them.
  std::vector<Problem> problems;
  std::int64_t learned = 0, moving = 0;  // numbers: weights, and statistics of batch norms
  std::int64_t frozen = 0;               // weights before the first that learns
  std::int64_t outputs = 0;              // numbers that its layers put out for a sample, at least
  std::int64_t frozen_outputs = 0;       // the same of those before the first that learns
  bool learns = false;                   // one of them does
  std::string largest;                   // the layer with most of all these
  std::int64_t most = 0;                 // of that layer
  // The first trained batch norm that sees one number of each channel in a sample, as behind a dense layer: a batch of one sample
  // leaves it nothing to compare. Empty: none.
  std::string flat_batch_norm;
};
NetworkPlan plan_network(Shape input, int outputs, const Experiment& experiment);

class Network {
 public:
  // The experiment's plan must have no problems. Kernels start as the experiment's initializers and seed say.
  Network(Shape input, const Experiment& experiment, Folding folding = Folding::on);

  Sequence& layers() { return *layers_; }
  const Sequence& layers() const { return *layers_; }
  Shape input_shape() const { return layers_->input_shape(); }
  int outputs() const { return layers_->output_shape().size(); }
  const std::vector<Parameter*>& parameters() const { return parameters_; }
  Parameter* find(const std::string& name) const;  // as saved: layers.<index>.weight; null where there is none

  std::size_t learned_count() const;  // numbers that could be trained, frozen ones included
  std::span<real> values() { return values_; }
  // From the first value that learns to the last; each has its gradient, and ranges count from there.
  std::span<real> learning() { return values().subspan(first_, gradients_.size()); }
  std::span<const real> learning() const { return values().subspan(first_, gradients_.size()); }
  std::span<real> gradients() { return gradients_; }
  std::span<real> statistics() { return statistics_; }
  std::span<const real> values() const { return values_; }
  std::span<const real> statistics() const { return statistics_; }
  std::span<const IndexRange> trainable() const { return trainable_; }

  // Takes all the memory of passes over so many samples; or of some of the steps.
  void prepare(int max_samples);
  void prepare(int max_samples, Range steps);
  const real* forward(Pass pass, const real* x);
  const real* logits() const { return logits_; }  // of the last forward pass
  // dlogits (N, outputs), used as scratch; fills the gradients of what is trainable. `dx` (N, input) where it is wanted.
  void backward(Pass pass, const real* x, real* dlogits, real* dx = nullptr);
  // Some of the steps: x is the input of the first, the answer the output of the last. Backward goes from the end to `first`.
  const real* forward(Pass pass, const real* x, Range steps);
  void backward_to(int first, Pass pass, const real* x, real* dlogits);

 private:
  std::unique_ptr<Sequence> layers_;
  std::vector<Parameter*> parameters_;
  Buffer<real> values_, gradients_, statistics_;
  std::vector<IndexRange> trainable_;
  std::size_t first_ = 0;  // of the values, the first that learns
  const real* logits_ = nullptr;
  Workspace workspace_;
  bool exact_;
};

}  // namespace trainground
