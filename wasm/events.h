// What happened in a run, as events.js takes it.
#pragma once

#include "json.h"
#include "training.h"

namespace trainground {

Json step_event(const Training& run);
Json epoch_event(const Training& run);
Json end_event(const Training& run);

}  // namespace trainground
