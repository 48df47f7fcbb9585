// What happens to gradients between backward and the optimizer's step: penalties, the global norm, clipping.
//
// Penalty: l1 sum |w| + l2 sum w^2 over the kernels that are trained; its gradient l1 sign(w) + 2 l2 w (Keras's l2: PyTorch's
// weight_decay is twice it). The cheat sheet's elastic net is the same with l1 = lambda (1-alpha), l2 = lambda alpha.
// Sums run over fixed slices, added in slice order: equal bits for any number of threads.
#pragma once

#include <cstddef>
#include <span>

#include "tensor.h"

namespace trainground {

// Adds the penalties' gradients to those of backward; gives their value, which belongs to the loss.
double add_penalties(std::span<Parameter* const> parameters);

// The value alone.
double penalty(std::span<Parameter* const> parameters);

// Euclidean norm over all ranges. Not finite exactly if a gradient is not (in the float build).
double gradient_norm(const real* gradients, std::span<const IndexRange> trainable);

// PyTorch's clip_grad_norm_: all gradients times clip_norm / (norm + 1e-6) where that is below 1.
void clip_gradients(real* gradients, std::span<const IndexRange> trainable, double norm, double clip_norm);

}  // namespace trainground
