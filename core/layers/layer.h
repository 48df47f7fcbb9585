// What every layer is: an output shape, forward, backward, parameters, and a name. Whatever is not one of these lives elsewhere.
//
// A batch is (N,H,W,C). The network owns the arrays between layers and hands out pointers; a layer owns only what its own
// backward pass needs to remember, sized once in prepare().
#pragma once

#include <memory>
#include <vector>

#include "../workspace.h"

namespace trainground {

// Which steps' outputs are there when a pass is done.
enum class Outputs {
  all,
  needed,  // by a backward pass, which has those of batch norms made again; and the last two
  last,    // the others take turns in the workspace's arrays
};

// One run through the network.
struct Pass {
  int samples = 0;         // N of this batch, at most what prepare() was told
  bool training = false;   // training: batch statistics, dropout; else inference
  bool exact = false;      // convolutions without Winograd
  std::uint64_t seed = 0;  // dropout's numbers are a function of seed, step and the layer's index
  std::uint32_t step = 0;  // steps since the start of the run
  Workspace* workspace = nullptr;
  Outputs outputs = Outputs::all;  // where not all are, inference folds batch norms
  // Where each step of the sequence leaves the gradient of its output (N, output shape), if somebody looks on; a run has none.
  std::vector<Buffer<real>>* gradients = nullptr;
  // As long as this stays the same, so do the weights, and layers keep what they make of them; 0: nobody says so.
  std::uint32_t weights_version = 0;
  std::size_t depth = 0;  // of the sequence, in those around it

  std::size_t numbers(Shape shape) const { return static_cast<std::size_t>(samples) * shape.size(); }
};

class Layer {
 public:
  virtual ~Layer() = default;

  virtual const char* name() const = 0;  // the experiment file's word: "conv2d"
  virtual Shape output_shape() const = 0;

  // Every tensor that is saved, in PyTorch's order (weight, bias, running_mean, running_var). Stable for the layer's life.
  virtual std::vector<Parameter*> parameters() { return {}; }

  // Whether what a training pass makes of a sample depends on more than the sample: on random numbers, or on its batch. (That of
  // a layer that learns does in any case.)
  virtual bool varies() const { return false; }

  // Called once before the first pass and again when the batch grows: `most` has as many samples as a pass may have.
  virtual void prepare(const Pass& most) { (void)most; }

  // Tells the workspace which gradients the steps inside will take in a backward pass.
  virtual void plan_gradients(const Pass& most) const { (void)most; }

  // Numbers of scratch memory that a pass in either direction takes at most.
  virtual std::size_t scratch(const Pass& pass) const {
    (void)pass;
    return 0;
  }

  // x (N, input shape) -> y (N, output shape).
  virtual void forward(const Pass& pass, const real* x, real* y) = 0;

  // dy (N, output shape) -> the gradients of the trainable parameters, and dx (N, input shape) unless it is null (nobody below
  // needs it). x and y are those of the last forward pass; dy may be used as scratch, and where in_place() dx be the same array.
  virtual void backward(const Pass& pass, const real* x, const real* y, real* dy, real* dx) = 0;
  virtual bool in_place() const { return false; }
  // Whether backward() looks at x at all.
  virtual bool backward_reads_x() const { return true; }

  // Whether y follows from x by little work, and backward() does not ask for y: then nobody has to keep it.
  virtual bool makes_again() const { return false; }
  // The same y from the same x as in the last forward pass.
  virtual void forward_again(const Pass& pass, const real* x, real* y) { (void)pass, (void)x, (void)y; }
};

}  // namespace trainground
