// What was taken of a weights file, and what not, as JavaScript sees it: reports as JSON.
#pragma once

#include <cstdint>
#include <span>

#include "json.h"
#include "training.h"
#include "weights.h"

namespace trainground {

Json to_json(const std::vector<TensorPlace>& places);

// Takes what fits from a safetensors file into the run's network: {problems, taken, kept, unused}.
Json transfer_into(Training& run, std::span<const std::uint8_t> file);

}  // namespace trainground
