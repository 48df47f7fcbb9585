#include "transfer.h"

#include "answers.h"
#include "json_text.h"

namespace trainground {
namespace {

Json to_json(const TensorPlace& place) { return JsonObject().add("name", place.name).add("shape", place.shape); }

Json to_json(const std::vector<Transfer::Kept>& kept) {
  Json list = Json::array();
  for (const Transfer::Kept& each : kept) {
    Json row = to_json(static_cast<const TensorPlace&>(each));
    row["shapeInFile"] = each.stored ? Json(*each.stored) : Json();
    row["frozen"] = each.frozen;
    list.push_back(row);
  }
  return list;
}

}  // namespace

Json to_json(const std::vector<TensorPlace>& places) {
  Json list = Json::array();
  for (const TensorPlace& place : places) list.push_back(to_json(place));
  return list;
}

Json transfer_into(Training& run, std::span<const std::uint8_t> file) {
  const Transfer transfer = transfer_weights(file, run.network(), run.label());
  if (transfer.problems.empty()) run.weights_loaded();
  return JsonObject()
      .add("problems", to_json(transfer.problems))
      .add("taken", to_json(transfer.taken))
      .add("kept", to_json(transfer.kept))
      .add("unused", to_json(transfer.unused));
}

}  // namespace trainground
