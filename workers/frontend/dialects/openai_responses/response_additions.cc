#include "workers/frontend/dialects/openai_responses/response_additions.h"

#include "lib/wire/json.h"
#include "workers/frontend/dialects/openai_responses/relay/input_items.h"

namespace patchbay::frontend::openai_responses {

Result<std::string> ResponseAdditions::Whole(const StreamState& state, StreamState::Kind kind,
                                             std::string response) const {
  if (kind == StreamState::Kind::kCompleted) {
    ASSIGN_OR_RETURN(response, state.WithOutput(std::move(response)));
  }
  response = state.WithCreated(std::move(response));
  for (const auto& [name, value] : echoes) {
    ASSIGN_OR_RETURN(response, wire::SpliceTopLevel(std::move(response), name, value, wire::IfMissing::kInsert));
  }
  return response;
}

void ResponseAdditions::Keep(std::string_view response) const {
  if (!shelf) return;
  const std::string id = MemberText(response, "id");
  if (id.size() <= 2) return;
  StoredResponse kept = draft;
  kept.id = id.substr(1, id.size() - 2);
  kept.response = response;
  kept.output = std::make_shared<const std::string>(RepeatableItems(MemberText(response, "output")));
  shelf->Put(std::move(kept));
}

}  // namespace patchbay::frontend::openai_responses
