// Structured values cross to JavaScript as JSON text: what several of them have in common.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "dataset.h"
#include "feature_cache.h"
#include "problem.h"
#include "sequence.h"
#include "tensor.h"

namespace trainground {

// What JSON cannot hold (NaN, infinity) becomes null.
std::string text(const nlohmann::ordered_json& json);
nlohmann::ordered_json to_json(const std::vector<Problem>& problems);
nlohmann::ordered_json to_json(Shape shape);
nlohmann::ordered_json to_json(const Normalization& normalization);  // null where there is none
nlohmann::ordered_json to_json(const FeatureCache& features);        // null where nothing is frozen
nlohmann::ordered_json to_json(const std::vector<LayerReport>& reports);

}  // namespace trainground
