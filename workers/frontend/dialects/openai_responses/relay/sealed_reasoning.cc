#include "workers/frontend/dialects/openai_responses/relay/sealed_reasoning.h"

#include <boost/json.hpp>

#include "lib/wire/boost_json.h"
#include "lib/wire/json.h"
#include "lib/wire/json_text.h"
#include "workers/frontend/dialects/common/reply/reasoning_envelope.h"

namespace patchbay::frontend::openai_responses {

namespace json = boost::json;

bool DropReasoning(std::string& body, Reasoning which) {
  const auto input = wire::FindTopLevel(body, "input");
  if (!input.ok()) return false;
  auto items = wire::ParseJson(input->In(body));
  if (!items.ok() || !items->is_array()) return false;
  const auto is_dropped = [&](const json::value& item) {
    if (wire::FindString(item, "type") != "reasoning") return false;
    return which == Reasoning::kAny || wire::FindString(item, "encrypted_content").starts_with(kEnvelopeHead);
  };
  json::array kept;
  for (json::value& item : items->get_array()) {
    if (is_dropped(item)) continue;
    if (item.is_object() && wire::FindString(item, "type") != "compaction") item.get_object().erase("id");
    kept.push_back(std::move(item));
  }
  if (kept.size() == items->get_array().size()) return false;
  auto edited = wire::SpliceTopLevel(std::move(body), "input", wire::JsonText(kept));
  if (!edited.ok()) return false;  // cannot happen: the member was found
  body = std::move(*edited);
  return true;
}

}  // namespace patchbay::frontend::openai_responses
