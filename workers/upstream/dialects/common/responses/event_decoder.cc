#include "workers/upstream/dialects/common/responses/event_decoder.h"

#include <string>
#include <utility>

#include "lib/time/proto_time.h"
#include "lib/wire/json_reader.h"
#include "lib/wire/utf8.h"
#include "workers/upstream/dialects/common/error_reply.h"
#include "workers/upstream/dialects/common/responses/item_decoder.h"
#include "workers/upstream/dialects/common/responses/item_encoder.h"

namespace patchbay::upstream::responses {

namespace inf = inference::v1;

Result<void> EventDecoder::Decode(const wire::SseEvent& event, GenerateEvents& out) {
  if (phase_ == Phase::kEnded) return {};
  EventFields fields;
  wire::JsonReader reader(event.data);
  const bool ok = reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == "type")
      fields.type = value.Text();
    else if (key == "delta")
      fields.delta = value.Text();
    else if (key == "output_index")
      fields.output_index = value.Int(-1);
    else if (key == "content_index")
      fields.content_index = value.Int();
    else if (key == "summary_index")
      fields.summary_index = value.Int();
    else if (key == "item")
      fields.item = value.RawObject();
    else if (key == "response")
      fields.response = value.RawObject();
    else if (key == "error")
      fields.error = value.RawObject();
    else if (key == "annotation")
      fields.annotation = value.RawObject();
    else if (key == "logprobs")
      fields.logprobs = value.RawArray();
    else if (key == "code")
      fields.code = value.Text();
    else if (key == "message")
      fields.message = value.Text();
    else if (key == "param")
      fields.param = value.Text();
  });
  if (!ok) return {};
  if (fields.type.empty() && wire::IsValidUtf8(event.event)) fields.type = event.event;
  return Dispatch(fields, event.data, out);
}

Result<void> EventDecoder::DecodeDocument(std::string_view json, GenerateEvents& out) {
  if (phase_ != Phase::kIdle) return {};
  std::string_view object, status;
  EventFields fields;  // of an error, in either of its forms
  std::string_view output;
  wire::JsonReader reader(json);
  reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == "object")
      object = value.Text();
    else if (key == "status")
      status = value.Text();
    else if (key == "output")
      output = value.RawArray();
    else if (key == "error")
      fields.error = value.RawObject();
    else if (key == "code")
      fields.code = value.Text();
    else if (key == "message")
      fields.message = value.Text();
  });
  if (object != "response") {
    const bool tells = !fields.error.empty() || !fields.code.empty() || !fields.message.empty();
    if (tells) return TakeError(fields, out), Result<void>();
    return Error(ErrorCode::kProtocol, "the provider's reply is no Response").From(Origin::kUpstream);
  }
  if (status == "failed") return End(EventType::kFailed, json, out), Result<void>();
  if (status != "completed" && status != "incomplete") {
    return Error(ErrorCode::kProtocol, "the provider's Response has not ended").From(Origin::kUpstream);
  }
  Start(json, out);
  Result<void> told;
  std::int64_t index = 0;
  wire::JsonReader items(output);
  items.ForEachElement([&](wire::JsonValue element) {
    EventFields item;
    item.item = element.RawObject();
    item.output_index = index++;
    if (told.ok()) told = items_.Finish(item, out);
  });
  RETURN_IF_ERROR(std::move(told));
  End(status == "completed" ? EventType::kCompleted : EventType::kIncomplete, json, out);
  return {};
}

Result<void> EventDecoder::Dispatch(const EventFields& fields, std::string_view json, GenerateEvents& out) {
  const EventType type = EventTypeOf(fields.type, extras_.type_of);
  switch (type) {
    case EventType::kCreated: return Start(fields.response, out), Result<void>();
    case EventType::kItemAdded: return Start({}, out), items_.Begin(fields, out);
    case EventType::kItemDone: return Start({}, out), items_.Finish(fields, out);
    case EventType::kTextDelta:
    case EventType::kRefusalDelta:
    case EventType::kSummaryDelta:
    case EventType::kReasoningDelta:
    case EventType::kToolInputDelta: return Start({}, out), items_.Delta(type, fields, out);
    case EventType::kAnnotation: return items_.Annotate(fields, out);
    case EventType::kHostedProgress: return items_.Progress(fields, json, out);
    case EventType::kRateLimits: return TakeRateLimits(json, out), Result<void>();
    case EventType::kCompleted:
    case EventType::kIncomplete:
    case EventType::kFailed: return End(type, fields.response, out), Result<void>();
    case EventType::kError: return TakeError(fields, out), Result<void>();
    case EventType::kIgnored: return {};
    case EventType::kUnknown: break;
  }
  inf::Opaque& opaque = *AddOrHold(out).mutable_opaque();
  opaque.set_dialect(std::string(kRawDialect));
  opaque.set_type(std::string(fields.type));
  opaque.set_json(std::string(json));
  return {};
}

void EventDecoder::Start(std::string_view response, GenerateEvents& out) {
  if (phase_ != Phase::kIdle) return;
  phase_ = Phase::kOpen;
  inf::Started& started = *out.Add()->mutable_started();
  wire::JsonReader reader(response);
  reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == "id") {
      started.set_response_id(std::string(value.Text()));
    } else if (key == "model") {
      started.set_model(std::string(value.Text()));
    } else if (key == "created_at") {
      if (const auto seconds = value.Number(); seconds && *seconds > 0)
        SetSeconds(*seconds, started.mutable_created_at());
    }
  });
  summary_.response_id = started.response_id();
  summary_.model = started.model();
  for (inf::GenerateEvent& event : held_) out.Add(std::move(event));
  held_.Clear();
}

// A place for an event that may come before the response is announced: it waits for Started. Of a
// flood of such events only the last is kept.
inf::GenerateEvent& EventDecoder::AddOrHold(GenerateEvents& out) {
  if (phase_ != Phase::kIdle) return *out.Add();
  if (held_.size() >= kMaxHeldEvents) held_.RemoveLast();
  return *held_.Add();
}

void EventDecoder::TakeRateLimits(std::string_view json, GenerateEvents& out) {
  inf::RateLimits limits;
  if (extras_.read_rate_limits == nullptr || !extras_.read_rate_limits(json, now_, limits)) return;
  summary_.rate_limits = limits;
  summary_.has_rate_limits = true;
  *AddOrHold(out).mutable_rate_limit_reported()->mutable_rate_limits() = std::move(limits);
}

void EventDecoder::TakeUsage(std::string_view usage, std::string_view tier, GenerateEvents& out) {
  if (usage.empty() || !DecodeUsage(usage, summary_.usage)) return;
  summary_.usage.set_tier(TierOf(tier));
  summary_.has_usage = true;
  *out.Add()->mutable_usage_reported()->mutable_usage() = summary_.usage;
}

// The public form is flat; some nest it (codex-wire §6).
void EventDecoder::TakeError(const EventFields& fields, GenerateEvents& out) {
  inf::Failure failure;
  failure.set_code(std::string(fields.code));
  failure.set_message(std::string(fields.message));
  failure.set_param(std::string(fields.param));
  if (!fields.error.empty()) DecodeErrorObject(fields.error, now_, failure);
  Fail(std::move(failure), out);
}

void EventDecoder::End(EventType type, std::string_view response, GenerateEvents& out) {
  std::string_view usage, error, incomplete, tier;
  wire::JsonReader reader(response);
  reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == "id" && summary_.response_id.empty())
      summary_.response_id = value.Text();
    else if (key == "usage")
      usage = value.RawObject();
    else if (key == "service_tier")
      tier = value.Text();
    else if (key == "error")
      error = value.RawObject();
    else if (key == "incomplete_details")
      incomplete = value.RawObject();
  });
  if (type == EventType::kFailed) {
    inf::Failure failure;
    if (!error.empty()) DecodeErrorObject(error, now_, failure);
    if (failure.message().empty()) failure.set_message("the provider ended the response as failed");
    if (phase_ == Phase::kOpen) TakeUsage(usage, tier, out);
    return Fail(std::move(failure), out);
  }
  Start(response, out);
  TakeUsage(usage, tier, out);
  inf::FinishReason reason = items_.called_tool() ? inf::FINISH_REASON_TOOL_CALLS : inf::FINISH_REASON_STOP;
  if (type == EventType::kIncomplete) {
    std::string_view why;
    wire::JsonReader details(incomplete);
    details.ForEachMember([&](std::string_view key, wire::JsonValue value) {
      if (key == "reason") why = value.Text();
    });
    // Whatever other reasons there may be one day, the answer was cut short.
    reason = why == "content_filter" ? inf::FINISH_REASON_CONTENT_FILTER : inf::FINISH_REASON_LENGTH;
  }
  phase_ = Phase::kEnded;
  summary_.ended = true;
  summary_.finish_reason = reason;
  out.Add()->mutable_finished()->set_reason(reason);
}

void EventDecoder::Fail(inf::Failure failure, GenerateEvents& out) {
  failure.set_stage(inf::FAILURE_STAGE_REPORTED);
  ReadRetryInWords(failure);
  failure.set_cause(extras_.cause_of(failure));
  phase_ = Phase::kEnded;
  summary_.ended = true;
  summary_.failed = true;
  summary_.failure = failure;
  *out.Add()->mutable_failed()->mutable_failure() = std::move(failure);
}

}  // namespace patchbay::upstream::responses
