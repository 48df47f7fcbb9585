// The table of contents: the headers of the core in reading order. A file includes only what stands above it here
// (tests/structure.test.js sees to that), so the core can be read from top to bottom. Not here: what only sources include.
#pragma once

// clang-format off
// Ground
#include "tensor.h"    // the number type, shapes, aligned storage, a parameter
#include "random.h"    // a number as a pure function of (seed, stream, index)
#include "parallel.h"     // work in slices, for any number of threads
#include "depth_first.h"  // loops over a batch that wait for each other, so that they meet in the cache
#include "workspace.h"  // memory that the layers of a network share
#include "power.h"     // powers and a cosine that are the same in every build

// Kernels
#include "kernels/vector.h"       // the one file that knows SIMD: 16 bytes of `real`
#include "kernels/elementwise.h"  // exp, log, tanh and others, with the same bits everywhere
#include "kernels/microkernel.h"  // the 4x8 tile under every product
#include "kernels/matmul.h"       // three products: AB, A'B, AB'
#include "kernels/pixel_input.h"  // what a convolution reads, as it is or normalized on its way
#include "kernels/convolution.h"  // forward, input gradient, weight gradient
#include "kernels/winograd.h"     // the same for 3x3 with fewer multiplications
#include "kernels/depthwise.h"    // the same, one filter per channel

// The experiment
#include "problem.h"          // one thing wrong with the user's input
#include "json.h"             // a JSON value as a tree
#include "number_text.h"      // numbers as text, and back
#include "json_text.h"        // JSON text to a tree, or one sentence
#include "experiment.h"       // the whole run as one plain struct
#include "words.h"            // the file's words for each enum
#include "options.h"          // the one table: name, default, range
#include "options_table.h"    // the same as text, for whoever shows or checks it
#include "backbone.h"         // the layers that a backbone's name stands for
#include "experiment_file.h"  // JSON in, the struct or all of its problems out

// Data
#include "sha256.h"        // the name of a file, a data set, a run
#include "safetensors.h"   // tensors in and out, strictly
#include "dataset.h"       // samples and labels, their formats, the seeded split
#include "augmentation.h"  // training pictures, changed on the fly
#include "batch.h"         // the order of an epoch; gathers pictures and labels

// Layers
#include "layers/layer.h"             // what every layer is: five verbs
#include "layers/initialization.h"    // Xavier, He, LeCun
#include "layers/activation.h"        // relu and its kin, alone or at the end of a layer with weights
#include "layers/weighted_layer.h"    // what dense and both convolutions share
#include "layers/dense.h"             // y = xW + b
#include "layers/conv2d.h"            // one filter bank over all channels
#include "layers/depthwise_conv2d.h"  // one filter per channel
#include "layers/pool2d.h"            // largest, mean, mean of the whole picture
#include "layers/batch_norm.h"        // the batch's statistics in training, moving ones in inference
#include "layers/rescaling.h"         // times a scale, plus an offset
#include "layers/unit_length.h"       // a vector to length one, and back
#include "layers/pyramid_pooling.h"   // means of several maps as one vector
#include "layers/centering.h"         // less what all training samples have in common
#include "layers/dropout.h"           // inverted; nothing in inference
#include "layers/flatten.h"           // (N,H,W,C) -> (N,HWC)

// The network
#include "sequence.h"  // layers in order and the arrays between them; the residual block
#include "network.h"   // a sequence and the arenas that hold every number it learns
#include "feature_cache.h"  // what the frozen part of a network makes of pictures, kept
#include "weights.h"   // as a safetensors file, with PyTorch's names and layouts

// One step
#include "loss.h"            // what training makes small: value and gradient together
#include "gradients.h"       // between backward and step: penalties, norm, clipping
#include "optimizer.h"       // how gradients change the weights
#include "schedule.h"        // the learning rate at each step
#include "early_stopping.h"  // go on, new best, or stop

// The run
#include "training.h"      // steps, epochs, validation, the end; pulled
#include "run_problems.h"  // what stands between an experiment and a run, and what should be known
#include "checkpoint.h"    // everything that the rest of a run depends on

// Good practice
#include "trial.h"                 // a copy of a run's network to try things on; the run is never touched
#include "gradient_check.h"        // backward against two losses per weight
#include "overfit_check.h"         // one batch by heart, or the likeliest cause
#include "learning_rate_finder.h"  // loss against the rate, and the rate to take

// Looking on
#include "slow_motion.h"        // one step with every number on its way
#include "activation_spread.h"  // how signals spread through the layers before training
#include "saliency.h"           // how a score changes with each pixel
// clang-format on
