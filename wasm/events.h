// What happened in a run, as events.js takes it.
#pragma once

#include <nlohmann/json.hpp>

#include "training.h"

namespace trainground {

nlohmann::ordered_json step_event(const Training& run);
nlohmann::ordered_json epoch_event(const Training& run);
nlohmann::ordered_json end_event(const Training& run);

}  // namespace trainground
