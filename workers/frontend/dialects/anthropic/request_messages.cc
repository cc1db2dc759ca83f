#include "workers/frontend/dialects/anthropic/request_messages.h"

#include <algorithm>
#include <array>

#include "workers/frontend/dialects/anthropic/request_content.h"
#include "workers/frontend/dialects/anthropic/request_tools.h"
#include "workers/frontend/dialects/common/reply/reasoning_envelope.h"
#include "workers/frontend/dialects/common/request/ignored_fields.h"
#include "workers/frontend/dialects/common/request/shared_fields.h"
#include "workers/frontend/dialects/common/request/tool_history.h"

namespace patchbay::frontend::anthropic {
namespace {

// Claude Code's first system block. It differs in every request, so no prompt cache would ever be met with it.
constexpr std::string_view kBillingHeader = "x-anthropic-billing-header:";

// What Anthropic's own servers did in an earlier turn. It means nothing to another provider.
constexpr std::array<std::string_view, 11> kHistoryOnly = {"advisor_tool_result",
                                                           "web_search_tool_result",
                                                           "web_fetch_tool_result",
                                                           "code_execution_tool_result",
                                                           "bash_code_execution_tool_result",
                                                           "text_editor_code_execution_tool_result",
                                                           "tool_search_tool_result",
                                                           "container_upload",
                                                           "mcp_tool_use",
                                                           "mcp_tool_result",
                                                           "fallback"};

bool IsHistoryOnly(std::string_view type) {
  return std::find(kHistoryOnly.begin(), kHistoryOnly.end(), type) != kHistoryOnly.end();
}

void IgnoreBlock(std::string_view type, DecodedRequest& out) {
  NoteIgnored(out.ignored, "messages[].content[]." + std::string(type));
}

class MessageDecoder {
 public:
  // `last_user` is the position of the last message of the user's.
  MessageDecoder(std::size_t last_user, DecodedRequest& out)
      : last_user_(last_user), out_(out), items_(*out.request.mutable_items()), history_(items_, out.repaired) {}

  Result<void> Decode(const JsonNode& message, std::size_t position) {
    ASSIGN_OR_RETURN(const std::string_view role, message.RequiredString("role"));
    if (role != "user" && role != "assistant" && role != "system" && role != "developer") {
      return message.Find("role")->Wrong("expected 'user', 'assistant' or 'system'");
    }
    // Claude Code puts operator's words between the turns (beta mid-conversation-system).
    role_ = role == "user"        ? inference::v1::ROLE_USER
            : role == "assistant" ? inference::v1::ROLE_ASSISTANT
                                  : inference::v1::ROLE_DEVELOPER;
    position_ = position;
    bool configures = false, cleared = false;
    if (role_ == inference::v1::ROLE_DEVELOPER) {
      NoteOthers(out_.ignored, message, {"role", "content", "clear_at", "output_config"});
      ASSIGN_OR_RETURN(configures, DecodeOutputConfig(message));
      ASSIGN_OR_RETURN(cleared, IsCleared(message));
    } else {
      NoteOthers(out_.ignored, message, {"role", "content"});
    }
    const int before = items_.size();
    if (const auto content = message.Find("content")) {
      RETURN_IF_ERROR(DecodeMessageContent(*content));
    } else if (!configures) {
      return message.Wrong("a message needs content");
    }
    if (cleared) parts_.Clear();
    told_ |= configures || cleared;
    FlushMessage();
    if (items_.size() == before && !told_) out_.repaired.push_back("empty_message:" + std::to_string(position_));
    told_ = false;
    return {};
  }

  void Finish() { history_.Finish(); }

 private:
  Result<void> DecodeMessageContent(const JsonNode& content) {
    if (content.IsString()) {
      ASSIGN_OR_RETURN(const std::string_view text, content.String());
      if (!text.empty()) parts_.Add()->set_text(std::string(text));
      return {};
    }
    if (!content.IsArray()) return content.Wrong("expected a string or an array of blocks");
    return role_ == inference::v1::ROLE_USER ? DecodeUser(content) : DecodeBlocks(content);
  }

  // An effort from this turn on (beta per-turn-control): the last word counts, before that of the whole request.
  Result<bool> DecodeOutputConfig(const JsonNode& message) {
    const auto config = message.Find("output_config");
    if (!config) return false;
    RETURN_IF_ERROR(config->MustBeObject());
    NoteOthers(out_.ignored, *config, {"effort"});
    const auto effort = config->Find("effort");
    if (!effort) return false;
    ASSIGN_OR_RETURN(const std::string_view word, ReadEffort(*effort));
    out_.request.mutable_reasoning()->set_effort(std::string(word));
    return true;
  }

  // The text of such a message is for the turn that it stands in.
  Result<bool> IsCleared(const JsonNode& message) {
    const auto clear_at = message.Find("clear_at");
    if (!clear_at) return false;
    ASSIGN_OR_RETURN(const std::string_view when, clear_at->OneOf({"never", "next_user_message"}));
    return when == "next_user_message" && position_ < last_user_;
  }

  // Results come first, as the calls they answer came last.
  Result<void> DecodeUser(const JsonNode& content) {
    bool other_seen = false;
    for (std::size_t i = 0; i < content.size(); ++i) {
      const JsonNode block = content.At(i);
      ASSIGN_OR_RETURN(const std::string_view type, block.RequiredString("type"));
      if (type != "tool_result") {
        other_seen = true;
        continue;
      }
      if (other_seen) out_.repaired.push_back("result_after_text:" + std::to_string(position_));
      RETURN_IF_ERROR(DecodeResult(block));
    }
    return DecodeBlocks(content);
  }

  Result<void> DecodeBlocks(const JsonNode& content) {
    for (std::size_t i = 0; i < content.size(); ++i) {
      const JsonNode block = content.At(i);
      ASSIGN_OR_RETURN(const std::string_view type, block.RequiredString("type"));
      if (type == "tool_result" && role_ == inference::v1::ROLE_USER) continue;
      RETURN_IF_ERROR(DecodeBlock(block, type));
    }
    return {};
  }

  Result<void> DecodeBlock(const JsonNode& block, std::string_view type) {
    if (role_ == inference::v1::ROLE_DEVELOPER && (type == kToolAddition || type == kToolRemoval)) {
      told_ = true;
      return DecodeToolChange(block, type, out_);
    }
    if (type == "tool_search_tool_result" && FoundTools(block)) {
      told_ = true;
      return {};
    }
    if (IsHistoryOnly(type)) {
      told_ = true;
      IgnoreBlock(type, out_);
      return {};
    }
    if (role_ == inference::v1::ROLE_ASSISTANT) {
      if (type == "thinking") return DecodeThinking(block, "signature");
      if (type == "redacted_thinking") return DecodeThinking(block, "data");
      if (type == "tool_use") return DecodeCall(block);
      if (type == "server_tool_use") return DecodeServerCall(block);
      if (type == "compaction") return DecodeCompaction(block);
    }
    const bool takes_media = role_ == inference::v1::ROLE_USER;
    if (type != "text" && !takes_media) {
      return block.Find("type")->Wrong("a block of this type is not possible here");
    }
    return DecodeContentBlock(block, type, parts_, out_);
  }

  // {"content":{"tool_references":[{"tool_name"}]}}: what Anthropic's servers found in an earlier turn is loaded.
  bool FoundTools(const JsonNode& block) {
    const auto content = block.Find("content");
    const auto references = content ? content->Find("tool_references") : std::nullopt;
    bool found = false;
    for (std::size_t i = 0; references && i < references->size(); ++i) {
      const auto name = references->At(i).OptionalString("tool_name");
      if (name.ok()) found |= out_.tools.Refer(*name);
    }
    return found;
  }

  // Reasoning that this gateway put into a signature, or that nobody signed: then it is text, for whoever wants it
  // back. What somebody else signed can be verified by nobody that we could ask.
  Result<void> DecodeThinking(const JsonNode& block, std::string_view member) {
    NoteOthers(out_.ignored, block, {"type", "thinking", member});
    ASSIGN_OR_RETURN(const std::string_view sealed, block.OptionalString(member));
    ASSIGN_OR_RETURN(const std::string_view text, block.OptionalString("thinking"));
    told_ = true;
    auto items = UnwrapReasoning(sealed);
    if (!items.ok() && sealed.empty() && !text.empty()) {
      FlushMessage();
      items_.Add()->mutable_reasoning()->set_text(std::string(text));
      out_.wishes.push_back({"reasoning_text", block.Find("thinking")->Path()});
      return {};
    }
    if (!items.ok()) {
      IgnoreBlock(member == "data" ? "redacted_thinking" : "thinking", out_);
      return {};
    }
    auto& reasoning = *items->front().mutable_reasoning();
    if (!text.empty() && reasoning.signature().empty()) reasoning.add_summary(std::string(text));
    if (!reasoning.signature().empty()) reasoning.set_text(std::string(text));  // what is signed
    FlushMessage();
    for (auto& item : *items) *items_.Add() = std::move(item);
    return {};
  }

  Result<void> DecodeCall(const JsonNode& block) {
    NoteOthers(out_.ignored, block, {"type", "id", "name", "input", "caller", "cache_control"});
    ASSIGN_OR_RETURN(const std::string_view id, block.RequiredString("id"));
    ASSIGN_OR_RETURN(const std::string_view name, block.RequiredString("name"));
    inference::v1::ToolCall call;
    call.set_kind(inference::v1::TOOL_KIND_FUNCTION);
    call.set_call_id(std::string(id));
    call.set_name(std::string(name));
    call.set_input("{}");
    if (const auto input = block.Find("input")) {
      RETURN_IF_ERROR(input->MustBeObject());
      call.set_input(input->Text());
    }
    FlushMessage();
    history_.AddCall(std::move(call));
    return CacheUpToHere(block, *items_.rbegin());
  }

  // {"cache_control":{"type":"ephemeral"}} on a call or a result.
  Result<void> CacheUpToHere(const JsonNode& block, inference::v1::Item& item) {
    const auto control = block.Find("cache_control");
    return control ? ReadCacheControl(*control, *item.mutable_cache_breakpoint()) : Result<void>();
  }

  Result<void> DecodeCompaction(const JsonNode& block) {
    NoteOthers(out_.ignored, block, {"type", "content", "cache_control"});
    ASSIGN_OR_RETURN(const std::string_view summary, block.OptionalString("content"));
    if (summary.empty()) {
      told_ = true;
      IgnoreBlock("compaction", out_);
    } else {
      parts_.Add()->set_text(std::string(summary));
    }
    return {};
  }

  // A search that the provider ran; what it found was in the answer that followed.
  Result<void> DecodeServerCall(const JsonNode& block) {
    NoteOthers(out_.ignored, block, {"type", "id", "name", "input", "caller", "cache_control"});
    ASSIGN_OR_RETURN(const std::string_view name, block.RequiredString("name"));
    told_ = true;
    const auto input = block.Find("input");
    std::string_view query;
    if (input) {
      ASSIGN_OR_RETURN(query, input->OptionalString("query"));
    }
    if (name != "web_search" || query.empty()) {
      IgnoreBlock("server_tool_use", out_);
      return {};
    }
    FlushMessage();
    auto& tool = *items_.Add()->mutable_hosted_tool();
    tool.set_status("completed");
    tool.mutable_web_search()->add_queries(std::string(query));
    return {};
  }

  Result<void> DecodeResult(const JsonNode& block) {
    NoteOthers(out_.ignored, block, {"type", "tool_use_id", "content", "is_error", "cache_control"});
    ASSIGN_OR_RETURN(const std::string_view id, block.RequiredString("tool_use_id"));
    bool is_error = false;
    if (const auto flag = block.Find("is_error")) {
      ASSIGN_OR_RETURN(is_error, flag->Bool());
    }
    ToolHistory::Parts parts;
    if (const auto content = block.Find("content")) RETURN_IF_ERROR(DecodeContent(*content, parts, out_));
    const int before = items_.size();
    history_.AddResult(std::string(id), std::move(parts), is_error);
    told_ = true;
    return items_.size() > before ? CacheUpToHere(block, *items_.rbegin()) : Result<void>();
  }

  void FlushMessage() {
    if (parts_.empty()) return;
    if (role_ == inference::v1::ROLE_DEVELOPER && items_.empty()) {
      auto& instructions = *out_.request.mutable_instructions();
      for (const auto& part : parts_) instructions.append(instructions.empty() ? "" : "\n\n").append(part.text());
      told_ = true;
    } else {
      auto& message = *items_.Add()->mutable_message();
      message.set_role(role_);
      message.mutable_parts()->Swap(&parts_);
    }
    parts_.Clear();
  }

  const std::size_t last_user_;
  DecodedRequest& out_;
  ToolHistory::Items& items_;
  ToolHistory history_;
  inference::v1::Role role_ = inference::v1::ROLE_USER;
  std::size_t position_ = 0;
  ToolHistory::Parts parts_;  // of the message being put together
  bool told_ = false;         // the message had something, though it made no item
};

}  // namespace

Result<std::string_view> ReadEffort(const JsonNode& effort) {
  return effort.OneOf({"none", "minimal", "low", "medium", "high", "xhigh", "max", "ultra"});
}

Result<void> DecodeSystem(const JsonNode& system, DecodedRequest& out) {
  std::string& instructions = *out.request.mutable_instructions();
  if (system.IsString()) {
    ASSIGN_OR_RETURN(const std::string_view text, system.String());
    instructions = text;
    return {};
  }
  if (!system.IsArray()) return system.Wrong("expected a string or an array of text blocks");
  for (std::size_t i = 0; i < system.size(); ++i) {
    const JsonNode block = system.At(i);
    RETURN_IF_ERROR(block.RequiredString("type"));
    RETURN_IF_ERROR(block.Find("type")->OneOf({"text"}));
    ASSIGN_OR_RETURN(const std::string_view text, block.RequiredString("text"));
    NoteOthers(out.ignored, block, {"type", "text", "cache_control"});
    if (text.starts_with(kBillingHeader)) {
      NoteIgnored(out.ignored, "system[].x-anthropic-billing-header");
      continue;
    }
    if (const auto control = block.Find("cache_control")) {
      RETURN_IF_ERROR(ReadCacheControl(*control, *out.request.mutable_instructions_breakpoint()));
    }
    if (text.empty()) continue;
    instructions.append(instructions.empty() ? "" : "\n\n").append(text);
  }
  return {};
}

Result<void> DecodeMessages(const JsonNode& messages, DecodedRequest& out) {
  RETURN_IF_ERROR(messages.MustBeArray());
  std::size_t last_user = 0;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const auto role = messages.At(i).OptionalString("role");
    if (role.ok() && *role == "user") last_user = i;
  }
  MessageDecoder decoder(last_user, out);
  for (std::size_t i = 0; i < messages.size(); ++i) RETURN_IF_ERROR(decoder.Decode(messages.At(i), i));
  decoder.Finish();
  return {};
}

Result<void> LookAtTheEnd(const JsonNode& messages, DecodedRequest& out) {
  const JsonNode last = messages.At(messages.size() - 1);
  ASSIGN_OR_RETURN(const std::string_view role, last.RequiredString("role"));
  if (role != "assistant") return {};
  const auto& item = *out.request.items().rbegin();
  if (item.message().role() != inference::v1::ROLE_ASSISTANT) {
    return last.Unsupported("the conversation must end with a user message, or with text that the answer goes on from");
  }
  out.request.set_continues_last_item(true);
  return {};
}

}  // namespace patchbay::frontend::anthropic
