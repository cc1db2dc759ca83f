// A Responses request body → what has to be known of it before anybody knows who will answer, and what must change in
// it for a provider that takes its bytes (client-protocols C.2, codex-wire §3).
//
// Nearly nothing changes for any provider of this dialect: answers come as streams, and what is kept here is put in.
// What a backend with rules of its own gets besides (../backend.h) is its room's business, once a grant says that it
// answers. Items of `input` are looked into only for clients that are nobody's own.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/result.h"
#include "lib/wire/json.h"
#include "workers/frontend/dialects/openai_responses/stored/stored_responses.h"

namespace patchbay::frontend::openai_responses {

struct ClientTraits {
  bool native = false;          // made for a backend that we know: it is passed untouched what that says, and back
  bool responses_lite = false;  // a form of its own, with the instructions inside `input` (codex-wire §3.3)
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

// What a provider gets otherwise than the client wrote it.
struct Edits {
  MemberChanges changes;
  std::string service_tier;                    // as it is asked for it
  std::vector<std::string> ignored, repaired;  // by that provider's limits
};

struct DecodedRequest {
  ClientTraits client;  // with what the body says of it too
  std::string body;     // the client's own
  std::vector<wire::Member> members;
  Edits edits;    // for a provider without rules of its own
  Echoes echoes;  // from it
  std::string model;
  std::string effort;                         // of reasoning; empty where it says none
  std::optional<std::int64_t> budget_tokens;  // the same in tokens, as some providers take it
  std::int64_t max_output_tokens = 0;         // 0 where it says none
  bool stream = false;
  bool needs_tools = false;
  bool compacts = false;  // the provider is asked for a compaction instead of an answer
  std::string cache_key;
  std::string first_turn;
  // Whether the answer is to be kept, and what was said up to it.
  bool keep = false;
  std::vector<ItemsJson> history;
  // The items of `input` as they may be said again, where that is kept or differs from what came; else null.
  ItemsJson input;
  bool input_edited = false;  // it differs, and `edits` leave it as it came
  std::vector<std::string> input_repairs;
  // Items that `input` refers to, by their ids.
  std::map<std::string, std::string> references;

  // What was said before, then these items, then what asks for a compaction.
  std::string WithHistory(std::string_view items) const;
  // The body with the changes in it.
  std::string With(const MemberChanges& these) const;
};

// `stored` may be null: then there is nothing to go on from.
Result<DecodedRequest> DecodeRequest(std::string body, const ClientTraits& client, ClientResponses* stored = nullptr);

// Every member that is looked at here; any other passes.
std::vector<std::string_view> KnownFields();

}  // namespace patchbay::frontend::openai_responses
