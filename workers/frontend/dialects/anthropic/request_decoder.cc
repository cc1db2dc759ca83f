#include "workers/frontend/dialects/anthropic/request_decoder.h"

#include <array>

#include "lib/wire/boost_json.h"
#include "workers/frontend/dialects/anthropic/request_messages.h"
#include "workers/frontend/dialects/anthropic/request_tools.h"
#include "workers/frontend/dialects/common/request/field_reader.h"
#include "workers/frontend/dialects/common/request/ignored_fields.h"
#include "workers/frontend/dialects/common/request/json_node.h"
#include "workers/frontend/dialects/common/request/shared_fields.h"

namespace patchbay::frontend::anthropic {
namespace {

constexpr StopRules kStops{.count_max = 64, .bytes_max = 256};
constexpr std::int64_t kMinBudget = 1024;

// One row per member of the body. README.md shows the same rows to people.
using Field = KnownField<DecodedRequest>;

Result<void> IgnoreField(const JsonNode& node, DecodedRequest& out) {
  NoteIgnored(out.ignored, node.Path());
  return {};
}

// Up to the end of what there is.
Result<void> ReadWholeCacheControl(const JsonNode& node, DecodedRequest& out) {
  return ReadCacheControl(node, out.whole_breakpoint.emplace());
}

Result<void> ReadTopK(const JsonNode& node, DecodedRequest& out) {
  ASSIGN_OR_RETURN(const std::int64_t count, node.Int());
  if (count < 1) return node.Wrong("expected a positive number");
  out.request.mutable_sampling()->set_top_k(count);
  out.wishes.push_back({"top_k", "top_k"});
  return {};
}

Result<void> ReadServiceTier(const JsonNode& node, DecodedRequest& out) {
  ASSIGN_OR_RETURN(const std::string_view tier, node.OneOf({"auto", "standard_only"}));
  if (out.request.tier() == inference::v1::TIER_PRIORITY) return {};  // `speed` asks for more
  out.request.set_tier(tier == "auto" ? inference::v1::TIER_AUTO : inference::v1::TIER_STANDARD);
  return {};
}

Result<void> ReadSpeed(const JsonNode& node, DecodedRequest& out) {
  ASSIGN_OR_RETURN(const std::string_view speed, node.OneOf({"standard", "fast"}));
  if (speed == "fast") out.request.set_tier(inference::v1::TIER_PRIORITY);
  return {};
}

Result<void> RefuseMcpServers(const JsonNode& node, DecodedRequest&) {
  RETURN_IF_ERROR(node.MustBeArray());
  if (node.size() == 0) return {};
  return node.Unsupported("MCP servers cannot be connected here; connect them in the client");
}

// The SDK's tool runner asks for it first, and goes on with whole histories when it reads this refusal
// (error_encoder.h: kThreadField).
Result<void> RefuseThread(const JsonNode& node, DecodedRequest&) {
  return node.Unsupported("conversations are not kept here; send the whole of it");
}

Result<void> RefuseCompaction(const JsonNode& node, DecodedRequest&) {
  return node.Unsupported("conversations are not compacted here; compact it in the client");
}

Result<void> ReadModel(const JsonNode& node, DecodedRequest& out) {
  ASSIGN_OR_RETURN(*out.request.mutable_model(), ReadModelName(node));
  return {};
}

Result<void> ReadStream(const JsonNode& node, DecodedRequest& out) {
  ASSIGN_OR_RETURN(out.stream, node.Bool());
  return {};
}

Result<void> ReadMaxTokens(const JsonNode& node, DecodedRequest& out) {
  ASSIGN_OR_RETURN(const std::int64_t count, node.Int());
  if (count < 1) return node.Wrong("expected a positive number of tokens");
  out.request.mutable_sampling()->set_max_output_tokens(count);
  out.wishes.push_back({"max_output_tokens", "max_tokens"});
  return {};
}

Result<void> ReadTemperature(const JsonNode& node, DecodedRequest& out) {
  ASSIGN_OR_RETURN(const double value, ReadNumber(node, 0, 1));  // where others go to 2
  out.request.mutable_sampling()->set_temperature(value);
  out.wishes.push_back({"temperature", "temperature"});
  return {};
}

Result<void> ReadTopP(const JsonNode& node, DecodedRequest& out) {
  RETURN_IF_ERROR(ReadKnob(node, kTopP, out.request));
  out.wishes.push_back({"top_p", "top_p"});
  return {};
}

Result<void> ReadStopSequences(const JsonNode& node, DecodedRequest& out) {
  return ReadStops(node, kStops, out.request);
}

// Claude Code writes a JSON object with a session_id, older builds "user_…_account_…_session_<uuid>", others anything.
std::string SessionOf(std::string_view user_id) {
  if (user_id.starts_with("{")) {
    const auto parsed = wire::ParseJson(user_id);
    if (parsed.ok() && !wire::FindString(*parsed, "session_id").empty()) {
      return std::string(wire::FindString(*parsed, "session_id"));
    }
  }
  constexpr std::string_view kSession = "_session_";
  const std::size_t at = user_id.rfind(kSession);
  if (at == std::string_view::npos || at + kSession.size() == user_id.size()) return std::string(user_id);
  return std::string(user_id.substr(at + kSession.size()));
}

Result<void> ReadMetadata(const JsonNode& node, DecodedRequest& out) {
  RETURN_IF_ERROR(node.MustBeObject());
  ASSIGN_OR_RETURN(const std::string_view user_id, node.OptionalString("user_id"));
  out.affinity = SessionOf(user_id);
  out.request.set_user_id(std::string(user_id));
  out.wishes.push_back({"user_id", "metadata.user_id"});
  NoteOthers(out.ignored, node, {"user_id"});
  return {};
}

Result<void> ReadThinking(const JsonNode& node, DecodedRequest& out) {
  RETURN_IF_ERROR(node.RequiredString("type"));
  ASSIGN_OR_RETURN(const std::string_view type,
                   node.Find("type")->OneOf({"enabled", "adaptive", "between_tools", "disabled"}));
  NoteOthers(out.ignored, node, {"type", "budget_tokens", "display"});
  auto& reasoning = *out.request.mutable_reasoning();
  // Thinking between tool calls only is nothing that providers know; Anthropic's models without it do not think at all.
  if (type == "between_tools") NoteIgnored(out.ignored, "thinking.between_tools");
  if (type == "disabled" || type == "between_tools") {
    if (reasoning.effort().empty()) reasoning.set_effort("none");
    return {};
  }
  out.reply.thinking = true;
  if (const auto display = node.Find("display")) {
    ASSIGN_OR_RETURN(const std::string_view word, display->OneOf({"summarized", "omitted", "updates"}));
    out.reply.omit_thinking = word == "omitted";
  }
  const auto budget = node.Find("budget_tokens");
  if (!budget) {
    if (type == "enabled") return node.Wrong("thinking of type 'enabled' needs budget_tokens");
    return {};
  }
  ASSIGN_OR_RETURN(const std::int64_t tokens, budget->Int());
  if (type == "enabled" && tokens < kMinBudget) return budget->Wrong("expected at least 1024 tokens");
  if (tokens < 0) return budget->Wrong("expected a number of tokens");
  reasoning.set_budget_tokens(tokens);
  return {};
}

Result<void> ReadOutputConfig(const JsonNode& node, DecodedRequest& out) {
  RETURN_IF_ERROR(node.MustBeObject());
  NoteOthers(out.ignored, node, {"effort", "format"});
  if (const auto effort = node.Find("effort")) {
    // Says more precisely what a thinking budget says, so it wins; the order of members must not matter.
    ASSIGN_OR_RETURN(const std::string_view word, ReadEffort(*effort));
    out.request.mutable_reasoning()->set_effort(std::string(word));
  }
  const auto format = node.Find("format");
  return format ? DecodeOutputFormat(*format, out) : Result<void>();
}

// Behind the last thing that is said.
inference::v1::CacheBreakpoint* LastBreakpoint(inference::v1::GenerateRequest& request) {
  auto& last = *request.mutable_items()->rbegin();
  if (!last.has_message()) return last.mutable_cache_breakpoint();
  return last.mutable_message()->mutable_parts()->rbegin()->mutable_cache_breakpoint();
}

// DecodeRequest reads these before the others.
Result<void> ReadBefore(const JsonNode&, DecodedRequest&) { return {}; }

constexpr std::array kFields = {
    Field{"betas", IgnoreField},
    Field{"billing_policy", IgnoreField},
    Field{"cache_control", ReadWholeCacheControl},
    Field{"compaction", RefuseCompaction},
    Field{"container", IgnoreField},
    Field{"context_management", IgnoreField},
    Field{"diagnostics", IgnoreField},
    Field{"fallback_credit_token", IgnoreField},
    Field{"fallbacks", IgnoreField},
    Field{"inference_geo", IgnoreField},
    Field{"max_tokens", ReadMaxTokens},
    Field{"mcp_servers", RefuseMcpServers},
    Field{"messages", DecodeMessages},
    Field{"metadata", ReadMetadata},
    Field{"model", ReadModel},
    Field{"output_config", ReadBefore},
    Field{"output_format", DecodeOutputFormat},
    Field{"safeguards", IgnoreField},
    Field{"service_tier", ReadServiceTier},
    Field{"speed", ReadSpeed},
    Field{"stop_sequences", ReadStopSequences},
    Field{"stream", ReadStream},
    Field{"system", ReadBefore},
    Field{"temperature", ReadTemperature},
    Field{"thinking", ReadThinking},
    Field{"thread", RefuseThread},
    Field{"tool_choice", DecodeToolChoice},
    Field{"tools", ReadBefore},
    Field{"top_k", ReadTopK},
    Field{"top_p", ReadTopP},
    Field{"user_profile_id", IgnoreField},
    Field{"workspace_id", IgnoreField},
};

}  // namespace

std::vector<std::string_view> KnownFields() { return NamesOf(kFields); }

Result<DecodedRequest> DecodeRequest(std::string_view body, Purpose purpose) {
  auto document = wire::JsonDocument::Parse(body);
  if (!document.ok()) return std::move(document).error().From(Origin::kClient);
  const JsonNode root(document->root());
  RETURN_IF_ERROR(root.MustBeObject());

  DecodedRequest out;
  // Before the messages, which follow or change them whatever the order of the members.
  if (const auto system = root.Find("system")) RETURN_IF_ERROR(DecodeSystem(*system, out));
  if (const auto tools = root.Find("tools")) RETURN_IF_ERROR(DecodeTools(*tools, out));
  // Effort in words wins over a budget, whichever comes first in the body.
  if (const auto config = root.Find("output_config")) RETURN_IF_ERROR(ReadOutputConfig(*config, out));
  RETURN_IF_ERROR(ReadFields(root, kFields, out, IgnoreField));
  if (out.request.model().empty()) return MissingField("model", "a model is required");
  if (out.request.items().empty()) return MissingField("messages", "there is no message to answer");
  RETURN_IF_ERROR(FinishTools(root, out));
  if (out.whole_breakpoint) *LastBreakpoint(out.request) = *out.whole_breakpoint;
  if (purpose == Purpose::kGenerate) {
    if (!out.request.sampling().has_max_output_tokens()) return MissingField("max_tokens", "max_tokens is required");
    RETURN_IF_ERROR(LookAtTheEnd(*root.Find("messages"), out));
  }
  if (out.reply.thinking) {
    out.request.mutable_reasoning()->set_include_encrypted(true);
    // What is shown is a summary; where nothing is shown nobody needs one.
    if (!out.reply.omit_thinking) out.request.mutable_reasoning()->set_summary("auto");
  }
  return out;
}

}  // namespace patchbay::frontend::anthropic
