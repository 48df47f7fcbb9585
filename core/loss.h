// The loss: value and gradient together, from logits x (N,K), as the mean over the batch.
//
// crossEntropy        L = -(1/N) sum_n sum_k t log softmax(x)_k            dL/dx = (softmax(x) sum_k t - t) / N
// binaryCrossEntropy  L = (1/NK) sum log(1 + e^x) - t x                    dL/dx = (sigmoid(x) - t) / NK
// meanSquaredError    L = (1/NK) sum (x - t)^2                             dL/dx = 2 (x - t) / NK
//
// PyTorch's mathematics (cross_entropy, binary_cross_entropy_with_logits, mse_loss). Targets t come as classes (N), which stand
// for one-hot rows, or for the number itself where K is 1; or as numbers (N,K). The cheat sheet gives the binary case only, from
// probabilities; logits do not overflow. Refused: class weights, ignored labels.
#pragma once

#include <cstdint>

#include "experiment.h"
#include "tensor.h"

namespace trainground {

// One of the two is null.
struct Targets {
  const std::int32_t* labels = nullptr;  // (N), each below K (K = 1: 0 or 1, or any number for meanSquaredError)
  const real* values = nullptr;          // (N,K)
};

struct LossResult {
  double value = 0;  // mean over the batch; the sum behind it runs in sample order, in double
  int correct = 0;   // samples whose prediction is right; 0 where "right" has no meaning
};

// Whether a share of right predictions means anything: not for numbers as targets of meanSquaredError.
inline bool has_accuracy(LossType type, bool classifies) { return type != LossType::meanSquaredError || classifies; }

// `gradient` (N,K) and `sample_losses` (N) may be null. `gradient` may be `logits` itself.
LossResult loss_and_gradient(LossType type, double label_smoothing, int samples, int outputs, const real* logits,
                             const Targets& targets, real* gradient, double* sample_losses = nullptr);

// How many numbers an answer of the network has: its outputs, but two where one output tells two classes apart
// (binaryCrossEntropy). `classes`: 0 for a regression.
inline int answer_size(int outputs, int classes) { return outputs == 1 && classes == 2 ? 2 : outputs; }

// What the network says of (N, outputs) logits: softmax, sigmoid, or the numbers themselves, (N, answer_size). One output is the
// probability p of class 1; class 0 then has 1 - p. The arrays may be the same where they are equally long.
void probabilities(LossType type, int samples, int outputs, int classes, const real* logits, real* result);

}  // namespace trainground
