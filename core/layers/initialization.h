// How parameters begin: kernels at random, scaled so that the variance of signals neither grows nor shrinks from layer to layer.
//
// Xavier (Glorot and Bengio, 2010): Var w = 2/(fan_in + fan_out). He (He et al., 2015), for relu: 2/fan_in. LeCun (1998):
// 1/fan_in. Uniform is +-sqrt(3 Var), normal is not truncated (PyTorch's; Keras truncates). smallUniform is +-0.05 whatever the
// fan.
#pragma once

#include "../experiment.h"
#include "../tensor.h"

namespace trainground {

// Each value is a function of (seed, number, its place in the parameter): `number` counts the network's parameters. Whatever is
// no kernel begins at 0, but scales and moving variances at 1.
void initialize(Parameter& parameter, Initializer initializer, std::uint64_t seed, std::uint32_t number);

}  // namespace trainground
