// Networks that others have trained, as one word of the experiment: the layers that a backbone's name stands for.
//
// A backbone takes colour pictures in 0..1 and gives the last feature map; the scaling of its input is part of it, its classifier
// is not. Its weights come as any others do (`transfer.weights`), its tensors are called layers.<i>.layers.<j>...
#pragma once

#include <vector>

#include "experiment.h"

namespace trainground {

// Frozen as a whole where it is not `trainable`.
std::vector<LayerOptions> backbone_layers(BackboneName name, bool trainable);

}  // namespace trainground
