// 3x3 convolution with stride 1 by fewer products (Lavin and Gray, "Fast algorithms for convolutional neural networks", 2016).
//
// Tiles of 4x4 outputs, F(4x4,3x3): V = B'dB of each 6x6 input window, U = G g G' of each filter, Y = A'[sum over channels of V
// U]A: 36 products instead of 144. The input gradient is the same with filters turned around; the weight gradient is the exact
// transpose. Float32 errors are about 2e-6 of the largest value (direct: 2e-7), the training of a network follows the direct one
// to 5 digits; an experiment that is `exact` does not come here.
#pragma once

#include "convolution.h"

namespace trainground {

// Whether it is worth while; else the direct path.
bool winograd_suits(const ConvolutionShape& shape);

ConvolutionScratch winograd_scratch(const ConvolutionShape& shape, int samples);

// As convolution.h has them.
void winograd_convolution(const ConvolutionShape& shape, int samples, const real* x, const real* w, real* y,
                          const Epilogue& epilogue, real* scratch);
void winograd_input_gradient(const ConvolutionShape& shape, int samples, const real* dy, const real* w, real* dx, real* scratch);
void winograd_weight_gradient(const ConvolutionShape& shape, int samples, const real* x, const real* dy, real* dw, real* scratch);

}  // namespace trainground
