// How signals spread through the layers of a network: what an initialization is judged by, before any training.
//
// One pass over a batch in training mode, forward and backward. With a good initialization the deviation of the outputs, and that
// of the gradients, stays of one size from layer to layer (Glorot and Bengio, "Understanding the difficulty of training deep
// feedforward neural networks", AISTATS 2010, figures 6 and 7); with weights too small it dies away, too large it saturates.
#pragma once

#include <vector>

#include "trial.h"

namespace trainground {

struct ActivationSpread {
  int entry = -1;    // index in the experiment's list; -1: the inputs themselves
  bool sum = false;  // before that entry's own activation
  Shape shape;
  double mean = 0, deviation = 0;
  double zeros = 0;               // share of the numbers that are 0
  double dead = 0;                // share of the channels that are 0 everywhere, for every sample
  double gradient_deviation = 0;  // root of the mean square of dLoss/doutput; 0 below all that is trained
};

// On the first `samples` of each class in turn (fixed_batch), with the weights of the moment. The run stays as it is.
std::vector<ActivationSpread> activation_spread(const Training& run, int samples);

}  // namespace trainground
