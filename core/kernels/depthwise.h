// Depthwise convolution: one square filter for each channel of (N,H,W,C), weights (kh,kw,C).
//
// Channels are the lanes, so nothing is gathered. Shapes are ConvolutionShape with filters = channels; padding as there.
#pragma once

#include "convolution.h"

namespace trainground {

// Numbers of scratch memory that any of the three passes may use.
std::size_t depthwise_scratch(const ConvolutionShape& shape, int samples);

void depthwise(const ConvolutionShape& shape, int samples, const PixelInput& x, const real* w, real* y, const Epilogue& epilogue,
               real* scratch);
void depthwise_input_gradient(const ConvolutionShape& shape, int samples, const real* dy, const real* w, real* dx, real* scratch);
void depthwise_weight_gradient(const ConvolutionShape& shape, int samples, const PixelInput& x, const real* dy, real* dw,
                               real* scratch);

}  // namespace trainground
