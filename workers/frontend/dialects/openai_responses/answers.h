// The answers to one Responses request, whichever way they come.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "workers/frontend/call/reply_plan.h"
#include "workers/frontend/dialects/openai_responses/relay/client_bytes.h"

namespace patchbay::frontend::openai_responses {

struct Answers {
  std::shared_ptr<const ResponsesBytes> request;
  std::shared_ptr<ClientResponses> shelf;  // where they are kept, if they are; null for nowhere
  std::string unique;                      // the random part of their ids
  std::int64_t asked_at = 0;               // in seconds since the epoch

  // An encoder for one attempt.
  std::unique_ptr<TranslatedReply> Translated() const;
  std::unique_ptr<RelayedReply> Relayed(const CallRoute& route) const;
};

}  // namespace patchbay::frontend::openai_responses
