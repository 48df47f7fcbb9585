// Why this answer: how the score of one class changes with each pixel.
//
// The gradient of a logit with respect to the inputs, in inference mode (Simonyan, Vedaldi and Zisserman, "Deep inside
// convolutional networks", 2013). Where it is large, a small change of that pixel moves the score most; its sign says which way.
#pragma once

#include <vector>

#include "trial.h"

namespace trainground {

// Of `output` (below the run's answer_size; where one output tells two classes apart, its logit is the score of class 1, and
// speaks against class 0) for each picture, per unit of the pixels before normalization: (N,H,W,C). With the weights of the
// moment; the run stays as it is, its gradients too.
std::vector<float> input_gradient(const Training& run, const Pixels& pictures, int samples, int output);

}  // namespace trainground
