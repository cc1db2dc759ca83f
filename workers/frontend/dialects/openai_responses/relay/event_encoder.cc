#include "workers/frontend/dialects/openai_responses/relay/event_encoder.h"

#include <algorithm>
#include <utility>

#include "lib/wire/json.h"
#include "lib/wire/json_writer.h"
#include "workers/frontend/dialects/openai_responses/backends.h"
#include "workers/frontend/dialects/openai_responses/error_encoder.h"
#include "workers/frontend/dialects/openai_responses/relay/public_events.h"

namespace patchbay::frontend::openai_responses {
namespace {

// Where the last whole event ends: after the last blank line.
std::size_t EndOfLastEvent(std::string_view bytes) {
  const std::size_t lf = bytes.rfind("\n\n");
  const std::size_t crlf = bytes.rfind("\r\n\r\n");
  const std::size_t after_lf = lf == std::string_view::npos ? 0 : lf + 2;
  const std::size_t after_crlf = crlf == std::string_view::npos ? 0 : crlf + 4;
  return std::max(after_lf, after_crlf);
}

// Behind its blank line; all of it where there is none.
std::size_t EndOfFirstEvent(std::string_view bytes) {
  const std::size_t lf = bytes.find("\n\n");
  const std::size_t crlf = bytes.find("\r\n\r\n");
  if (lf == std::string_view::npos && crlf == std::string_view::npos) return bytes.size();
  return lf < crlf ? lf + 2 : crlf + 4;
}

}  // namespace

Result<bool> EventEncoder::Relay(std::string_view bytes, std::string& out) {
  Result<void> seen;
  RETURN_IF_ERROR(parser_.Feed(bytes, [&](const wire::SseEvent& event) {
    if (seen.ok()) seen = SeeEvent(event, out);
  }));
  RETURN_IF_ERROR(std::move(seen));
  if (audience_.every_byte) RETURN_IF_ERROR(PassWholeEvents(bytes, out));
  return state_.carried_output();
}

Result<void> EventEncoder::SeeEvent(const wire::SseEvent& event, std::string& out) {
  if (ended_) return {};  // what follows an end is nobody's answer
  ASSIGN_OR_RETURN(const StreamState::Kind kind, state_.See(event));
  saw_quota_ =
      saw_quota_ || (!audience_.quota.passes && kind == StreamState::Kind::kForeign && IsQuotaEvent(state_.type()));
  switch (kind) {
    case StreamState::Kind::kCompleted:
      ended_ = true;
      if (audience_.every_byte && additions_.shelf) {
        ASSIGN_OR_RETURN(const std::string response, WholeResponse(event, kind));
        additions_.Keep(response);
      }
      break;
    case StreamState::Kind::kFailed: ended_ = true; break;
    // The Codex CLI overlooks `error` on HTTP (real-clients §2.3); everybody else ends there.
    case StreamState::Kind::kError: ended_ = !audience_.every_byte; break;
    case StreamState::Kind::kLifecycle:
    case StreamState::Kind::kBegan:
    case StreamState::Kind::kOutput:
    case StreamState::Kind::kItemDone:
    case StreamState::Kind::kForeign: break;
  }
  return audience_.every_byte ? Result<void>() : Pass(event, kind, out);
}

Result<std::string> EventEncoder::WholeResponse(const wire::SseEvent& event, StreamState::Kind kind) const {
  std::string response = MemberText(event.data, "response");
  if (response.empty()) return response;
  return additions_.Whole(state_, kind, std::move(response));
}

Result<void> EventEncoder::Pass(const wire::SseEvent& event, StreamState::Kind kind, std::string& out) {
  const bool hidden = audience_.public_only && !IsPublicEvent(state_.type());
  if (hidden || state_.type().empty()) return {};
  const bool completed = kind == StreamState::Kind::kCompleted;
  const bool lifecycle = kind == StreamState::Kind::kLifecycle || kind == StreamState::Kind::kFailed;
  if (!completed && !lifecycle) {
    wire::AppendSseEvent(out, state_.type(), event.data);
    return {};
  }
  ASSIGN_OR_RETURN(const std::string response, WholeResponse(event, kind));
  if (response.empty()) {
    wire::AppendSseEvent(out, state_.type(), event.data);
    return {};
  }
  ASSIGN_OR_RETURN(const std::string data, wire::SpliceTopLevel(std::string(event.data), "response", response));
  wire::AppendSseEvent(out, state_.type(), data);
  if (completed) additions_.Keep(response);
  return {};
}

Result<void> EventEncoder::PassWholeEvents(std::string_view bytes, std::string& out) {
  const bool saw_quota = std::exchange(saw_quota_, false);
  const auto pass = [&](std::string_view events) {
    saw_quota ? PassWithOurQuota(events, out) : (void)out.append(events);
  };
  // Almost always a read ends where an event ends, and nothing is carried.
  if (carry_.empty()) {
    const std::size_t end = EndOfLastEvent(bytes);
    pass(bytes.substr(0, end));
    carry_.append(bytes.substr(end));
    return {};
  }
  carry_.append(bytes);
  if (carry_.size() > StreamState::kMaxRememberedBytes)
    return Error(ErrorCode::kTooLarge, "an event is too large").From(Origin::kUpstream);
  const std::size_t end = EndOfLastEvent(carry_);
  pass(std::string_view(carry_).substr(0, end));
  carry_.erase(0, end);
  return {};
}

void EventEncoder::PassWithOurQuota(std::string_view events, std::string& out) const {
  while (!events.empty()) {
    const std::string_view event = events.substr(0, EndOfFirstEvent(events));
    events.remove_prefix(event.size());
    std::string type;
    wire::SseParser parser;
    const auto read = parser.Feed(event, [&](const wire::SseEvent& whole) { type = TypeOf(whole); });
    if (!read.ok() || !IsQuotaEvent(type)) {
      out.append(event);
    } else if (audience_.quota.quota != nullptr) {
      wire::AppendSseEvent(out, type, QuotaEventJson(type, *audience_.quota.quota, asked_at_));
    }
  }
}

void EventEncoder::EncodeBreak(const Problem& problem, std::string& out) {
  if (ended_) return;
  ended_ = true;
  std::string response = state_.created();
  if (response.empty()) {
    wire::JsonWriter json(response);
    json.BeginObject().Key("id").String(fallback_id_).Key("object").String("response").Key("created_at").Int(asked_at_);
    json.Key("status").String("failed").Key("error").Null().Key("incomplete_details").Null();
    json.Key("instructions").Null().Key("model").String(model_).Key("output").BeginArray().EndArray();
    json.Key("parallel_tool_calls").Bool(true).Key("metadata").BeginObject().EndObject();
    json.Key("tool_choice").String("auto").Key("tools").BeginArray().EndArray();
    json.Key("temperature").Null().Key("top_p").Null().Key("usage").Null().EndObject();
  }
  // The object was found whole in a valid event, so replacing its members cannot fail.
  const auto set = [&](std::string_view key, std::string_view value) {
    if (auto edited = wire::SpliceTopLevel(response, key, value, wire::IfMissing::kInsert); edited.ok())
      response = std::move(*edited);
  };
  set("status", R"("failed")");
  set("error", ResponseErrorJson(problem));
  set("output", state_.OutputArray());
  for (const auto& [name, value] : additions_.echoes) set(name, value);
  std::string data = R"({"type":"response.failed","sequence_number":)" + std::to_string(state_.events());
  data.append(R"(,"response":)").append(response).append("}");
  wire::AppendSseEvent(out, "response.failed", data);
}

}  // namespace patchbay::frontend::openai_responses
