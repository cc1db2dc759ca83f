#include "workers/frontend/dialects/openai_responses/relay/sealed_reasoning.h"

#include <boost/json.hpp>

#include "lib/wire/boost_json.h"
#include "lib/wire/json.h"
#include "lib/wire/json_text.h"

namespace patchbay::frontend {
namespace {

namespace json = boost::json;

bool DropFromCanonical(inference::v1::GenerateRequest& request) {
  google::protobuf::RepeatedPtrField<inference::v1::Item> kept;
  for (auto& item : *request.mutable_items()) {
    if (item.has_reasoning()) continue;
    item.clear_id();
    kept.Add()->Swap(&item);
  }
  const bool any = kept.size() < request.items_size();
  request.mutable_items()->Swap(&kept);
  return any;
}

bool DropFromResponses(RawRequest& request) {
  const auto input = wire::FindTopLevel(request.body, "input");
  if (!input.ok()) return false;
  auto items = wire::ParseJson(input->In(request.body));
  if (!items.ok() || !items->is_array()) return false;
  json::array kept;
  for (json::value& item : items->get_array()) {
    if (wire::FindString(item, "type") == "reasoning") continue;
    if (item.is_object() && wire::FindString(item, "type") != "compaction") item.get_object().erase("id");
    kept.push_back(std::move(item));
  }
  if (kept.size() == items->get_array().size()) return false;
  auto body = wire::SpliceTopLevel(std::move(request.body), "input", wire::JsonText(kept));
  if (!body.ok()) return false;  // cannot happen: the member was found
  request.body = std::move(*body);
  return true;
}

}  // namespace

bool DropSealedReasoning(std::variant<inference::v1::GenerateRequest, RawRequest>& payload) {
  if (auto* request = std::get_if<inference::v1::GenerateRequest>(&payload)) return DropFromCanonical(*request);
  return DropFromResponses(std::get<RawRequest>(payload));
}

}  // namespace patchbay::frontend
