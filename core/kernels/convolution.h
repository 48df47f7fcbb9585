// Convolution of (N,H,W,C) with one square filter bank (kh,kw,C,filters): forward, input gradient, weight gradient.
//
// Implicit matrix products on the 4x8 tile, whose rows are the same window of four pictures. The input gradient is a convolution
// of dy, one for each phase of the stride, so that no zero is multiplied. Sums over samples are partial sums in slice order.
#pragma once

#include <cstddef>

#include "matmul.h"
#include "pixel_input.h"

namespace trainground {

struct ConvolutionShape {
  Shape input;
  int filters = 0, kernel = 1, stride = 1;
  int top = 0, left = 0;  // rows and columns of zeros before the picture
  Shape output;

  static ConvolutionShape of(Shape input, int filters, int kernel, int stride, const Padding& padding);
  int taps() const { return kernel * kernel * input.channels; }
};

// Whether x may be normalized while it is read, by those that take PixelInput: where windows are pixels.
bool convolution_reads_pixels(const ConvolutionShape& shape);

// Numbers of scratch memory that a pass may use. They are its own until its loops are done (depth_first.h).
struct ConvolutionScratch {
  std::size_t data = 0;     // forward, input gradient
  std::size_t weights = 0;  // weight gradient
};
ConvolutionScratch convolution_scratch(const ConvolutionShape& shape, int samples);

// y (N, output) from x (N, input) and w (kh,kw,C,filters).
void convolution(const ConvolutionShape& shape, int samples, const PixelInput& x, const real* w, real* y,
                 const Epilogue& epilogue, real* scratch);
// The same in two steps, for weights that stay: w as its products read it, and y from that.
std::size_t packed_weights_size(const ConvolutionShape& shape);
void pack_weights(const ConvolutionShape& shape, const real* w, real* packed);
void convolution_by_packed(const ConvolutionShape& shape, int samples, const PixelInput& x, const real* packed, real* y,
                           const Epilogue& epilogue, real* scratch);
// dx (N, input) from dy (N, output).
void convolution_input_gradient(const ConvolutionShape& shape, int samples, const real* dy, const real* w, real* dx,
                                real* scratch);
// dw (kh,kw,C,filters) from x and dy.
void convolution_weight_gradient(const ConvolutionShape& shape, int samples, const PixelInput& x, const real* dy, real* dw,
                                 real* scratch);

// The defining loops, in double.
void plain_convolution(const ConvolutionShape& shape, int samples, const real* x, const real* w, const real* bias, real* y);
void plain_convolution_input_gradient(const ConvolutionShape& shape, int samples, const real* dy, const real* w, real* dx);
void plain_convolution_weight_gradient(const ConvolutionShape& shape, int samples, const real* x, const real* dy, real* dw);

}  // namespace trainground
