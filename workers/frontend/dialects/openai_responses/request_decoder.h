// A Responses request body → the bytes that go to the provider (client-protocols C.2, codex-wire §3).
//
// The byte-transparent route: a body that the Codex backend takes as it is passes unchanged. What it
// would refuse from a plain SDK client is edited at the outermost level, member by member; README.md
// has the table. Items of `input` are looked into only for clients that are not the Codex CLI.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "lib/base/result.h"
#include "workers/frontend/dialects/openai_responses/stored/stored_responses.h"

namespace patchbay::frontend::openai_responses {

struct ClientTraits {
  bool codex = false;           // the Codex CLI or one of its relatives (relay/codex_client.h)
  bool responses_lite = false;  // its own form with the instructions inside `input` (codex-wire §3.3)
  bool compacts = false;        // POST /responses/compact: `input` ends in the request to be compacted
  bool socket = false;          // a WebSocket's frame, which may say more (codex-wire §10.2)
};

struct DecodedRequest {
  ClientTraits client;  // with what the body says of it too
  std::string body;
  std::string model;
  std::string effort;  // of reasoning; empty where it says none
  bool stream = false;
  bool needs_tools = false;
  std::string service_tier;  // as the backend is asked for it
  std::string cache_key;
  std::string first_turn;
  std::vector<std::string> ignored;
  std::vector<std::string> repaired;
  // Members of the Response object that the provider cannot know: name and JSON text.
  std::vector<std::pair<std::string, std::string>> echoes;
  // Whether the answer is to be kept, and what was said up to it.
  bool keep = false;
  std::vector<ItemsJson> history;
  ItemsJson input;
};

// `stored` may be null: then there is nothing to go on from.
Result<DecodedRequest> DecodeRequest(std::string body, const ClientTraits& client, ClientResponses* stored = nullptr);

// Every member that does not simply pass; any other does.
std::vector<std::string_view> KnownFields();

}  // namespace patchbay::frontend::openai_responses
