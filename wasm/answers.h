// Structured values cross to JavaScript as JSON text: what several of them have in common.
#pragma once

#include <string>
#include <vector>

#include "dataset.h"
#include "feature_cache.h"
#include "json_text.h"
#include "problem.h"
#include "sequence.h"
#include "tensor.h"

namespace trainground {

Json to_json(const std::vector<Problem>& problems);
Json to_json(Shape shape);
Json to_json(const Normalization& normalization);  // null where there is none
Json to_json(const FeatureCache& features);        // null where nothing is frozen
Json to_json(const std::vector<LayerReport>& reports);

}  // namespace trainground
