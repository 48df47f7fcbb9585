// Networks that others have trained, as one word of the experiment: the layers that a backbone's name stands for.
//
// A backbone takes colour pictures in 0..1 and gives the last feature map, or an embedding of several (layers/pyramid_pooling.h,
// layers/centering.h); the scaling of its input is part of it, its classifier is not. Its weights come as any others do
// (`transfer.weights`), its tensors are called layers.<i>.layers.<j>...
#pragma once

#include <vector>

#include "experiment.h"

namespace trainground {

// Frozen as a whole where the backbone is not `trainable`.
std::vector<LayerOptions> backbone_layers(const LayerOptions& backbone);

}  // namespace trainground
