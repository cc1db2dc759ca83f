// Which conversation a request belongs to, so that its turns go to the same account and meet a warm
// prompt cache (architecture §5). Pure.
#pragma once

#include <string>
#include <string_view>

#include "workers/frontend/call/call.h"

namespace patchbay::frontend {

struct Affinity {
  // Same conversation, same key; different client keys never share one.
  std::string key;
  // The key in the form of a UUID: the session id shown to providers that want one.
  std::string session_id;
  // Where it came from: a header's name, "prompt_cache_key" or "first_turn"; for the log.
  std::string source;
};

// What names a conversation, and the header in which it stood; both empty when no header does.
struct SessionHint {
  std::string_view source;
  std::string_view value;
};

// The first that is there: what a header of the client's names, the body's own conversation key, else a hash of model,
// instructions and first user turn.
Affinity AffinityOf(SessionHint session, std::string_view model, const AffinityFacts& facts,
                    std::string_view client_key_id);

// Shows the session to the provider, whose dialect makes a cache key of it where the client gave none that the provider
// takes.
void ShowSession(const Affinity& affinity, inference::v1::GenerateRequest& request);

}  // namespace patchbay::frontend
