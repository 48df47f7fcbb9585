// What can be seen of a network at work, as the bindings pass it on: JSON, with bulk numbers apart.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "activation_spread.h"
#include "slow_motion.h"

namespace trainground {

// Arrays stand as {"numbers": [offset, length]} into `numbers`.
nlohmann::ordered_json tell(const SlowMotion& motion, const Training& run, std::vector<float>& numbers);
nlohmann::ordered_json tell(const std::vector<ActivationSpread>& spreads, const Experiment& experiment);

}  // namespace trainground
