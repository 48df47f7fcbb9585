#include "answers.h"

#include "words.h"

namespace trainground {

Json to_json(const std::vector<Problem>& problems) {
  Json list = Json::array();
  for (const Problem& problem : problems)
    list.push_back(JsonObject().add("path", problem.path).add("expected", problem.expected).add("given", problem.given));
  return list;
}

Json to_json(Shape shape) { return Json::list(shape.height, shape.width, shape.channels); }

Json to_json(const Normalization& normalization) {
  if (normalization.empty()) return Json();
  return JsonObject().add("mean", Json(normalization.mean)).add("deviation", Json(normalization.deviation));
}

Json to_json(const FeatureCache& features) {
  if (features.none()) return Json();
  return JsonObject().add("numbers", features.size()).add("samples", features.capacity());
}

Json to_json(const std::vector<LayerReport>& reports) {
  Json layers = Json::array();
  for (const LayerReport& report : reports)
    layers.push_back(JsonObject()
                         .add("index", report.index)
                         .add("type", word(report.type))
                         .add("outputShape", to_json(report.output_shape))
                         .add("parameters", report.parameters)
                         .add("trainable", report.trainable));
  return layers;
}

}  // namespace trainground
