// Transfer learning as JavaScript sees it: the report as JSON.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>

#include "training.h"

namespace trainground {

// Takes what fits from a safetensors file into the run's network: {problems, taken, kept, unused}.
nlohmann::ordered_json transfer_into(Training& run, std::span<const std::uint8_t> file);

}  // namespace trainground
