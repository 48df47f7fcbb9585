// What was taken of a weights file, and what not, as JavaScript sees it: reports as JSON.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>

#include "training.h"
#include "weights.h"

namespace trainground {

nlohmann::ordered_json to_json(const std::vector<TensorPlace>& places);

// Takes what fits from a safetensors file into the run's network: {problems, taken, kept, unused}.
nlohmann::ordered_json transfer_into(Training& run, std::span<const std::uint8_t> file);

}  // namespace trainground
