// What can be seen of a network at work, as the bindings pass it on: JSON, with bulk numbers apart.
#pragma once

#include <vector>

#include "activation_spread.h"
#include "json.h"
#include "slow_motion.h"

namespace trainground {

// Arrays stand as {"numbers": [offset, length]} into `numbers`.
Json tell(const SlowMotion& motion, const Training& run, std::vector<float>& numbers);
Json tell(const std::vector<ActivationSpread>& spreads, const Experiment& experiment);

// What each entry of the network puts out for these pictures, (N, shape); of an embedding also its last `map`.
Json activations(Training& run, const Pixels& pictures, int samples, std::vector<float>& numbers);

}  // namespace trainground
