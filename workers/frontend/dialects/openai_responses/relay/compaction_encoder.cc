#include "workers/frontend/dialects/openai_responses/relay/compaction_encoder.h"

#include "lib/wire/boost_json.h"
#include "lib/wire/json_text.h"
#include "workers/frontend/dialects/openai_responses/relay/input_items.h"

namespace patchbay::frontend::openai_responses {

namespace json = boost::json;

Result<std::string> CompactionEncoder::Encode() const {
  ASSIGN_OR_RETURN(const std::string text, response_.Encode());
  ASSIGN_OR_RETURN(json::value response, wire::ParseJson(text));
  json::array output;
  if (const auto said = wire::ParseJson(JoinItems({*input_})); said.ok() && said->is_array()) {
    for (const json::value& item : said->get_array()) {
      if (wire::FindString(item, "role") == "user") output.push_back(item);
    }
  }
  std::size_t compactions = 0;
  if (const json::value* items = wire::FindMember(response, "output"); items != nullptr && items->is_array()) {
    for (const json::value& item : items->get_array()) {
      if (wire::FindString(item, "type") != "compaction") continue;
      ++compactions;
      output.push_back(item);
    }
  }
  if (compactions != 1) {
    return Error(ErrorCode::kProtocol, "the provider gave " + std::to_string(compactions) + " compaction items")
        .From(Origin::kUpstream);
  }
  json::object compaction{{"object", "response.compaction"}};
  for (const char* name : {"id", "created_at", "usage"}) {
    const json::value* member = wire::FindMember(response, name);
    compaction[name] = member == nullptr ? json::value() : *member;
  }
  compaction["output"] = std::move(output);
  return wire::JsonText(compaction);
}

}  // namespace patchbay::frontend::openai_responses
