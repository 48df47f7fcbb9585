// Windows of a picture become one number for each channel: the largest, or the mean; or the mean of the whole picture.
//
// The largest hands its gradient to one winner, the first in reading order, never one of the padding; which one is remembered as
// a byte. A mean divides by what of the window is inside where padding is "same" (Keras's rule), by the whole window where it is
// given in numbers (PyTorch's default, count_include_pad=True).
#pragma once

#include "../experiment.h"
#include "../kernels/convolution.h"
#include "../kernels/vector.h"
#include "layer.h"

namespace trainground {

class MaxPool2d : public Layer {
 public:
  MaxPool2d(Shape input, const LayerOptions& options, int index);
  const char* name() const override { return "maxPool2d"; }
  Shape output_shape() const override { return shape_.output; }
  void prepare(const Pass& most) override;
  void forward(const Pass& pass, const real* x, real* y) override;
  void backward(const Pass& pass, const real* x, const real* y, real* dy, real* dx) override;
  bool backward_reads_x() const override { return false; }

 private:
  ConvolutionShape shape_;
  std::ptrdiff_t words() const;
  bool tiles() const;  // whether each number of the picture is in one window

  std::vector<std::ptrdiff_t> offset_;  // of each place in a window from its corner
  // (N, height, width, words()): places row * pool size + column within the window, a byte each. Byte j of word 4 i + lane is
  // that of channel 16 i + 4 j + lane: four vectors of places are joined into one without any moving of lanes.
  Buffer<integer> winner_;
};

class AveragePool2d : public Layer {
 public:
  AveragePool2d(Shape input, const LayerOptions& options, int index);
  const char* name() const override { return "averagePool2d"; }
  Shape output_shape() const override { return shape_.output; }
  void forward(const Pass& pass, const real* x, real* y) override;
  void backward(const Pass& pass, const real* x, const real* y, real* dy, real* dx) override;
  bool backward_reads_x() const override { return false; }

 private:
  real share(Range rows, Range columns) const;  // of each number in the mean of a window

  ConvolutionShape shape_;
  bool counts_padding_;
};

class GlobalAveragePool2d : public Layer {
 public:
  GlobalAveragePool2d(Shape input, const LayerOptions& options, int index);
  const char* name() const override { return "globalAveragePool2d"; }
  Shape output_shape() const override { return {1, 1, input_.channels}; }
  void forward(const Pass& pass, const real* x, real* y) override;
  void backward(const Pass& pass, const real* x, const real* y, real* dy, real* dx) override;
  bool backward_reads_x() const override { return false; }

 private:
  Shape input_;
};

}  // namespace trainground
