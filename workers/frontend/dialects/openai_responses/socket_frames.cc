#include "workers/frontend/dialects/openai_responses/socket_frames.h"

#include "lib/wire/boost_json.h"
#include "lib/wire/json.h"
#include "lib/wire/json_writer.h"
#include "lib/wire/sse.h"
#include "workers/frontend/dialects/openai_responses/backends.h"
#include "workers/frontend/dialects/openai_responses/error_encoder.h"
#include "workers/frontend/dialects/openai_responses/relay/public_events.h"

namespace patchbay::frontend::openai_responses {
namespace {

constexpr std::string_view kCreate = R"("response.create")";
// Sent by some versions of the Codex CLI after a turn; servers ignore it (codex-wire §10.2).
constexpr std::string_view kProcessed = R"("response.processed")";

// The text of a JSON string without escapes worth knowing; ids have none.
std::string StringIn(std::string_view json) {
  const auto value = wire::ParseJson(json);
  return value.ok() && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::string ListFrame(std::string_view type, std::string_view member, const std::vector<std::string>& words) {
  std::string frame;
  if (words.empty()) return frame;
  wire::JsonWriter json(frame);
  json.BeginObject().Key("type").String(type).Key(member).BeginArray();
  for (const std::string& word : words) json.String(word);
  json.EndArray().EndObject();
  return frame;
}

Result<ClientFrame> ReadFrame(std::string& text) {
  if (auto valid = wire::ValidateJson(text); !valid.ok()) return std::move(valid).error().From(Origin::kClient);
  ClientFrame frame;
  const std::string type = MemberText(text, "type");
  if (type == kProcessed) {
    frame.wants_answer = false;
    return frame;
  }
  if (type != kCreate) {
    return Error(ErrorCode::kInvalidArgument, "a frame's type must be \"response.create\"")
        .From(Origin::kClient)
        .At("/type");
  }
  frame.previous_response_id = StringIn(MemberText(text, "previous_response_id"));
  return frame;
}

// What only a socket has a use for is taken out.
Result<std::string> WithoutFrameMembers(std::string& text, ClientFrame& frame) {
  ASSIGN_OR_RETURN(const auto members, wire::TopLevelMembers(text));
  std::string body;
  body.reserve(text.size() + wire::kJsonPadding);
  wire::JsonWriter json(body);
  json.BeginObject();
  for (const wire::Member& member : members) {
    const std::string_view value = member.value.In(text);
    if (member.key == "stream_id" && value != "null") {
      return Error(ErrorCode::kUnsupported, "lanes are not supported: one response at a time on a socket")
          .From(Origin::kClient)
          .At("/stream_id");
    }
    if (member.key == "generate") frame.generate = value != "false";
    if (member.key != "type" && member.key != "generate" && member.key != "stream_id") {
      json.Key(member.key).Raw(value);
    }
  }
  json.EndObject();
  return body;
}

}  // namespace

Result<ClientFrame> DecodeFrame(std::string text, const ClientTraits& client) {
  ASSIGN_OR_RETURN(ClientFrame frame, ReadFrame(text));
  if (!frame.wants_answer) return frame;
  ClientTraits traits = client;
  traits.socket = true;
  ASSIGN_OR_RETURN(frame.request, DecodeRequest(std::move(text), traits));
  return frame;
}

Result<ClientFrame> DecodeFrameForHttp(std::string text, const ClientTraits& client, ClientResponses& remembered) {
  ASSIGN_OR_RETURN(ClientFrame frame, ReadFrame(text));
  if (!frame.wants_answer) return frame;
  ASSIGN_OR_RETURN(std::string body, WithoutFrameMembers(text, frame));
  ClientTraits traits = client;
  traits.remembers = true;
  ASSIGN_OR_RETURN(frame.request, DecodeRequest(std::move(body), traits, &remembered));
  frame.request.stream = true;
  return frame;
}

std::string ErrorFrame(const Problem& problem) {
  Answer answer = EncodeError(problem);
  std::string frame;
  wire::JsonWriter json(frame);
  json.BeginObject().Key("type").String("error").Key("status").Int(answer.status);
  json.Key("error").Raw(MemberText(answer.body, "error"));
  json.Key("headers").BeginObject();
  for (const auto& [name, value] : answer.headers) {
    if (name != "content-type") json.Key(name).String(value);
  }
  json.EndObject().EndObject();
  return frame;
}

Problem PreviousResponseLost(std::string_view id) {
  Problem problem(Problem::Kind::kBadRequest, "Previous response with id '" + std::string(id) + "' not found.");
  problem.code = "previous_response_not_found";
  problem.param = "previous_response_id";
  return problem;
}

std::string IgnoredFrame(const std::vector<std::string>& fields) {
  return ListFrame("patchbay.ignored", "fields", fields);
}

std::string RepairedFrame(const std::vector<std::string>& repairs) {
  return ListFrame("patchbay.repaired", "repairs", repairs);
}

bool ShowQuota(const QuotaSight& sight, std::int64_t now, std::string& frame) {
  if (sight.passes || !MentionsQuotaEvent(frame)) return true;
  const std::string type(TypeOf({.event = {}, .data = frame}));
  if (!IsQuotaEvent(type)) return true;
  if (sight.quota == nullptr) return false;
  frame = QuotaEventJson(type, *sight.quota, now);
  return true;
}

bool IsForEverybody(std::string_view frame) { return IsPublicEvent(TypeOf({.event = {}, .data = frame})); }

Result<bool> FrameEncoder::Relay(std::string_view frame, std::vector<std::string>& out) {
  const wire::SseEvent event{.event = {}, .data = frame};
  ASSIGN_OR_RETURN(const StreamState::Kind kind, state_.See(event));
  const bool completed = kind == StreamState::Kind::kCompleted;
  ended_ = ended_ || completed || kind == StreamState::Kind::kFailed;
  const bool told_back = kind == StreamState::Kind::kLifecycle || kind == StreamState::Kind::kFailed;
  if (!native_ && !IsPublicEvent(state_.type())) return state_.carried_output();
  std::string response;  // stays empty where there is none
  if (!native_ && (completed || told_back)) response = MemberText(frame, "response");
  if (response.empty()) {
    out.emplace_back(frame);
    return state_.carried_output();
  }
  ASSIGN_OR_RETURN(response, additions_.Whole(state_, kind, std::move(response)));
  ASSIGN_OR_RETURN(std::string data, wire::SpliceTopLevel(std::string(frame), "response", response));
  out.push_back(std::move(data));
  return state_.carried_output();
}

}  // namespace patchbay::frontend::openai_responses
