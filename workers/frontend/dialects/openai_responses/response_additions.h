// What this gateway adds to the provider's Response object: what only we know of the request, and the memory of it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/result.h"
#include "workers/frontend/dialects/openai_responses/relay/stream_state.h"
#include "workers/frontend/dialects/openai_responses/stored/stored_responses.h"

namespace patchbay::frontend::openai_responses {

struct ResponseAdditions {
  // Members to set in every Response object, as JSON text. Empty for a native client: it gets the provider's bytes.
  std::vector<std::pair<std::string, std::string>> echoes;
  // Where the answer is kept when it is whole, and what is known of it before; null: it is not kept.
  std::shared_ptr<ClientResponses> shelf;
  StoredResponse draft;

  // A Response object as the client gets it: with the items that were done if it is the last one, with what the
  // provider told of it before, and with the members above.
  Result<std::string> Whole(const StreamState& state, StreamState::Kind kind, std::string response) const;
  // `response` as the client sees it. Keeps nothing that has no id.
  void Keep(std::string_view response) const;
};

}  // namespace patchbay::frontend::openai_responses
