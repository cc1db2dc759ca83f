// A Responses request body → what has to be known of it before anybody knows who will answer, and what must change in
// it for a provider that takes its bytes (client-protocols C.2, codex-wire §3).
//
// Nearly nothing changes for any provider of this dialect: answers come as streams, and what is kept here is put in.
// The Codex backend refuses much of what a plain SDK client sends: that is edited at the outermost level, member by
// member; ../README.md has the table. Items of `input` are looked into only for clients that are not the Codex CLI.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/result.h"
#include "lib/wire/json.h"
#include "workers/frontend/dialects/openai_responses/stored/stored_responses.h"

namespace patchbay::frontend::openai_responses {

struct ClientTraits {
  bool codex = false;           // the Codex CLI or one of its relatives (relay/codex_client.h)
  bool responses_lite = false;  // its own form with the instructions inside `input` (codex-wire §3.3)
  bool compacts = false;        // POST /responses/compact: `input` ends in the request to be compacted
  bool socket = false;          // a WebSocket's frame, which may say more (codex-wire §10.2)
  bool remembers = false;       // the answer is kept whatever the request says: a socket goes on from its last one
};

// Members of a body that are to be written anew.
struct MemberChanges {
  // JSON text, which several changes may share.
  using Text = std::shared_ptr<const std::string>;
  std::map<std::size_t, Text> replaced;  // by the member's place; null removes it
  std::vector<std::pair<std::string, std::string>> added;

  bool empty() const { return replaced.empty() && added.empty(); }
};

// Members of the Response object that the provider cannot know: name and JSON text.
using Echoes = std::vector<std::pair<std::string, std::string>>;

struct DecodedRequest {
  ClientTraits client;  // with what the body says of it too
  std::string body;     // the client's own
  std::vector<wire::Member> members;
  // For every provider of this dialect, and for the Codex backend instead.
  MemberChanges changes, codex_changes;
  std::string model;
  std::string effort;  // of reasoning; empty where it says none
  bool stream = false;
  bool needs_tools = false;
  std::string service_tier;        // in the client's words
  std::string codex_service_tier;  // as the backend is asked for it
  bool compacts = false;           // the provider is asked for a compaction instead of an answer
  std::string cache_key;
  std::string first_turn;
  // What the Codex backend makes of it.
  std::vector<std::string> ignored;
  std::vector<std::string> repaired;
  // From every provider, and from the Codex backend.
  Echoes echoes, codex_echoes;
  // Whether the answer is to be kept, and what was said up to it.
  bool keep = false;
  std::vector<ItemsJson> history;
  ItemsJson input;
  // Items that `input` refers to, by their ids.
  std::map<std::string, std::string> references;

  // The body with the changes in it.
  std::string With(const MemberChanges& these) const;
};

// `stored` may be null: then there is nothing to go on from.
Result<DecodedRequest> DecodeRequest(std::string body, const ClientTraits& client, ClientResponses* stored = nullptr);

// Every member that does not simply pass; any other does.
std::vector<std::string_view> KnownFields();

}  // namespace patchbay::frontend::openai_responses
