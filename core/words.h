// The words of the experiment file for each enum of experiment.h, in the enum's order.
#pragma once

#include "experiment.h"

namespace trainground {

// Where a set comes from; whoever opens files goes by it, the core does not.
enum class Data { builtIn, images, idx, csv, safetensors, points };
inline constexpr const char* kDatasets[] = {"builtIn", "images", "idx", "csv", "safetensors", "points"};
inline constexpr const char* kFits[] = {"crop", "pad", "stretch"};
inline constexpr const char* kShapes[] = {"moons", "circles", "xor", "gaussians", "spiral"};

inline constexpr const char* kSplits[] = {"random", "fileOrder", "group"};

inline constexpr const char* kAugmentations[] = {"flip",  "rotation", "randomCrop", "colorShift",
                                                 "noise", "cutout",   "contrast",   "shift"};
inline constexpr const char* kLayers[] = {"dense",
                                          "conv2d",
                                          "depthwiseConv2d",
                                          "maxPool2d",
                                          "averagePool2d",
                                          "globalAveragePool2d",
                                          "batchNormalization",
                                          "dropout",
                                          "activation",
                                          "flatten",
                                          "residual",
                                          "rescaling",
                                          "backbone"};
inline constexpr const char* kBackbones[] = {"efficientnet-lite0"};
inline constexpr const char* kBackboneOutputs[] = {"featureMap", "embedding"};
inline constexpr const char* kActivations[] = {"linear", "relu", "relu6", "leakyRelu", "elu", "gelu", "silu", "tanh", "sigmoid"};
inline constexpr const char* kPaddings[] = {"valid", "same"};  // Padding::same is false, true
inline constexpr const char* kInitializers[] = {"glorotUniform", "glorotNormal", "heUniform",   "heNormal",
                                                "lecunNormal",   "zeros",        "smallUniform"};
inline constexpr const char* kFreezes[] = {"none", "most", "all"};
inline constexpr const char* kLosses[] = {"crossEntropy", "binaryCrossEntropy", "meanSquaredError"};
inline constexpr const char* kOptimizers[] = {"sgd", "momentum", "rmsprop", "adam", "adamw", "adagrad", "adadelta"};
inline constexpr const char* kSchedules[] = {"constant", "step", "exponential", "cosine", "reduceOnPlateau"};
inline constexpr const char* kMonitors[] = {"validationLoss", "validationAccuracy"};

inline const char* word(LayerType type) { return kLayers[static_cast<int>(type)]; }
inline const char* word(OptimizerType type) { return kOptimizers[static_cast<int>(type)]; }
inline const char* word(LossType type) { return kLosses[static_cast<int>(type)]; }

}  // namespace trainground
