// The `messages` part of a Chat Completions request (client-protocols B.2).
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "workers/frontend/dialects/common/request/json_node.h"
#include "workers/frontend/dialects/common/request/tool_history.h"
#include "workers/frontend/dialects/openai_chat/request_content.h"
#include "workers/frontend/dialects/openai_chat/request_decoder.h"

namespace patchbay::frontend::openai_chat {

// Fills instructions and items. System and developer messages at the start become the instructions, later ones stay
// where they are. What of calls and results does not fit together is repaired (../common/request/tool_history.h).
class Conversation {
 public:
  explicit Conversation(DecodedRequest& out)
      : out_(out), items_(*out.request.mutable_items()), history_(items_, out.repaired) {}

  // The message at that place of its list.
  Result<void> AddMessage(const JsonNode& message, std::size_t position);
  // What a user says who says nothing else.
  void AddText(std::string_view text);
  void AddCall(inference::v1::ToolKind kind, std::string id, std::string_view name, std::string input);
  void AddResult(const std::string& call_id, Parts parts, bool is_error = false);
  void AddReasoning(inference::v1::Item reasoning) { *items_.Add() = std::move(reasoning); }
  // Once, at the end.
  void Finish();

 private:
  Result<void> DecodeOperator(const JsonNode& message);
  Result<void> DecodeUser(const JsonNode& message);
  Result<void> DecodeAssistant(const JsonNode& message);
  void DecodeReasoning(const JsonNode& message);
  Result<void> DecodeTool(const JsonNode& message);
  Result<void> DecodeFunction(const JsonNode& message);
  // The message's content, without the calls and results that Anthropic's form has among the parts: these are added.
  Result<void> DecodeParts(const JsonNode& message, Speaker speaker, Parts& parts);
  Result<void> DecodeToolUse(const JsonNode& part);
  Result<void> DecodeToolResult(const JsonNode& part);
  Result<void> DecodeCall(const JsonNode& call);
  Result<void> DecodeLegacyCall(const JsonNode& call);
  void Say(inference::v1::Role role, Parts& parts);
  void NoteEmpty();

  DecodedRequest& out_;
  ToolHistory::Items& items_;
  std::size_t position_ = 0;
  std::size_t told_ = 0;  // calls and results
  ToolHistory history_;
  std::map<std::string, std::string> legacy_calls_;  // function name → call id
};

Result<void> DecodeMessages(const JsonNode& messages, DecodedRequest& out);

}  // namespace patchbay::frontend::openai_chat
