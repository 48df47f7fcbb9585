// The whole run as one plain struct, in the order of the data's path.
//
// It holds what an experiment file says (experiment_file.h reads and judges it, options.h is the table of names, defaults and
// ranges); everything below trusts it.
#pragma once

#include <cstdint>
#include <vector>

#include "problem.h"
#include "tensor.h"

namespace trainground {

enum class Activation { linear, relu, relu6, leakyRelu, elu, gelu, silu, tanh, sigmoid };
enum class LayerType {
  dense,
  conv2d,
  depthwiseConv2d,
  maxPool2d,
  averagePool2d,
  globalAveragePool2d,
  batchNormalization,
  dropout,
  activation,
  flatten,
  residual,
  rescaling,
  backbone,
  // Only within a backbone, so they have no word in the experiment file.
  pyramidPooling,
  centering
};
enum class BackboneName { efficientNetLite0 };
enum class BackboneOutput { featureMap, embedding };
enum class Initializer { glorotUniform, glorotNormal, heUniform, heNormal, lecunNormal, zeros, smallUniform };
enum class LossType { crossEntropy, binaryCrossEntropy, meanSquaredError };
enum class OptimizerType { sgd, momentum, rmsprop, adam, adamw, adagrad, adadelta };
enum class ScheduleType { constant, step, exponential, cosine, reduceOnPlateau };
enum class Monitor { validationLoss, validationAccuracy };
enum class AugmentationType { flip, rotation, randomCrop, colorShift, noise, cutout, contrast, shift };
enum class Freeze { none, most, all };
enum class SplitBy { random, fileOrder, group, data };  // data: group where the data has groups, else random

struct LayerOptions {
  LayerType type = LayerType::dense;
  int units = 0, filters = 0, kernel_size = 0;
  int strides = 1;  // pooling: pool_size where the file gives none
  int pool_size = 2;
  Padding padding;
  Activation activation = Activation::linear;  // of a layer with weights, or the function of an activation layer
  double negative_slope = 0.01;                // leakyRelu
  bool use_bias = true;
  Initializer kernel_initializer = Initializer::glorotUniform;
  bool trainable = true;
  double l1 = 0, l2 = 0;                  // the layer's own; the experiment's where the file gives none
  double momentum = 0.9, epsilon = 1e-5;  // batch normalization: momentum is the fraction kept
  double rate = 0;                        // dropout: the share dropped
  double scale = 1, offset = 0;           // rescaling
  BackboneName backbone = BackboneName::efficientNetLite0;
  BackboneOutput output = BackboneOutput::featureMap;
  bool tap = false;                  // activation: the pyramid further on looks at what comes out
  std::vector<int> parts;            // centering: numbers of each part of a vector
  std::vector<LayerOptions> layers;  // residual; of a backbone those that its name stands for
};

// One transform; which numbers count depends on the type. Every range is symmetric unless two ends are given.
struct AugmentationOptions {
  AugmentationType type = AugmentationType::flip;
  double probability = 1;
  double horizontal = 0, vertical = 0;             // flip: probabilities
  double degrees = 0;                              // rotation: -degrees..degrees
  double scale_min = 0.8, scale_max = 1;           // randomCrop: side of the crop as a share of the picture's
  double brightness = 0, saturation = 0, hue = 0;  // colorShift: +-brightness (of 0..1), +-saturation (share), +-hue (degrees)
  double stddev = 0;                               // noise: of pixels in 0..1
  double size = 0;                                 // cutout: side of the square as a share of the picture's
  double contrast_min = 1, contrast_max = 1;       // contrast: factor about the picture's mean
  double pixels = 0;                               // shift: -pixels..pixels each way
};

struct OptimizerOptions {
  OptimizerType type = OptimizerType::adam;
  double learning_rate = 0.001;
  double momentum = 0.9;
  bool nesterov = false;
  double rho = 0.9;
  double beta1 = 0.9, beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0;
  double clip_norm = 0;  // 0: off
};

struct ScheduleOptions {
  ScheduleType type = ScheduleType::constant;
  int warmup_epochs = 0;
  int step_epochs = 10;  // step: every so many epochs
  double factor = 0.1;   // step, exponential, reduceOnPlateau: times this
  double minimum = 0;    // cosine, reduceOnPlateau: never below
  int patience = 3;      // reduceOnPlateau
  double min_delta = 0;
};

struct EarlyStoppingOptions {
  bool enabled = false;
  Monitor monitor = Monitor::validationLoss;
  int patience = 0;
  double min_delta = 0;
  int start_from_epoch = 0;
  bool restore_best_weights = false;
};

// Which part of the set cross-validation holds back, of how many; count 0: none, the share of validationSplit is. Not of the
// file.
struct Fold {
  int index = 0, count = 0;
};

struct Experiment {
  std::uint64_t seed = 1;
  bool normalize = false;        // inputs standardised per channel with the training part's mean and deviation
  bool normalize_label = false;  // the same for a regression's targets
  double validation_split = 0.2;
  SplitBy split_by = SplitBy::data;
  Fold fold;
  int samples_per_class = 0;  // of the training part; 0: all
  bool shuffle = true;
  std::vector<AugmentationOptions> augmentation;
  int augmentation_views = 0;  // of each sample, which take turns; 0: a new one every epoch
  std::vector<LayerOptions> layers;
  Freeze freeze = Freeze::none;  // transfer; its weights are read by whoever opens files
  LossType loss = LossType::crossEntropy;
  double label_smoothing = 0;
  double l1 = 0, l2 = 0;
  OptimizerOptions optimizer;
  ScheduleOptions schedule;
  int batch_size = 32;
  int epochs = 20;
  bool exact = false;
  EarlyStoppingOptions early_stopping;
};

}  // namespace trainground
