#include "workers/upstream/dialects/common/error_reply.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "lib/base/text.h"
#include "lib/time/proto_time.h"
#include "lib/time/retry_after.h"
#include "lib/wire/json_reader.h"
#include "lib/wire/utf8.h"
#include "workers/upstream/dialects/dialect.h"

namespace patchbay::upstream {
namespace {

namespace inf = inference::v1;

inf::BodyKind KindOfBody(std::string_view body, std::string_view content_type) {
  const std::string_view start = TrimStart(body);
  if (start.empty()) return inf::BODY_KIND_EMPTY;
  if (start.front() == '{' || start.front() == '[') return inf::BODY_KIND_JSON;
  const std::string head = LowerCase(start.substr(0, 256));
  if (head.starts_with("<!doctype html") || head.starts_with("<html") ||
      LowerCase(content_type).starts_with("text/html")) {
    return inf::BODY_KIND_HTML;
  }
  return inf::BODY_KIND_OTHER;
}

// A page for people instead of an answer: announced by a header, or recognised by its title (codex-wire §8.2).
bool IsChallengePage(const ResponseHead& head, inf::BodyKind kind, std::string_view body) {
  if (LowerCase(HeaderOr(head.headers, "cf-mitigated")) == "challenge") return true;
  if (kind != inf::BODY_KIND_HTML) return false;
  constexpr std::string_view kSigns[] = {"Just a moment", "Attention Required!", "Sorry, you have been blocked",
                                         "challenge-platform"};
  return std::any_of(std::begin(kSigns), std::end(kSigns),
                     [&](std::string_view sign) { return body.find(sign) != std::string_view::npos; });
}

// A JSON string by itself, its escapes understood.
std::string Unquoted(std::string_view raw) {
  const std::string wrapped = "{\"text\":" + std::string(raw) + "}";
  std::string text;
  wire::JsonReader reader(wrapped);
  reader.ForEachMember([&](std::string_view, wire::JsonValue value) { text = value.Text(); });
  return text;
}

// FastAPI's: [{"loc":["body","messages"],"msg":"Field required"}], the first of them.
void ReadDetailList(std::string_view json, inf::Failure& failure) {
  wire::JsonReader reader(json);
  reader.ForEachElement([&](wire::JsonValue element) {
    wire::JsonReader detail(element.RawObject());
    detail.ForEachMember([&](std::string_view key, wire::JsonValue value) {
      if (key == "msg" && failure.message().empty()) failure.set_message(std::string(value.Text()));
    });
  });
}

// {"error":{…}}, {"error":"…"}, {"detail":…}, [{"error":{…}}] and a flat {"code":…,"message":…}.
void ReadErrorBody(std::string_view body, inf::Failure& failure) {
  if (TrimStart(body).starts_with('[')) {
    wire::JsonReader list(body);
    list.ForEachElement([&](wire::JsonValue element) {
      const std::string_view first = element.RawObject();
      if (failure.message().empty() && !first.empty()) ReadErrorBody(first, failure);
    });
    return;
  }
  wire::JsonReader reader(body);
  reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == "error") {
      ReadErrorValue(value.Raw(), failure);
    } else if (key == "detail") {
      const std::string_view raw = value.Raw();
      raw.starts_with('[') ? ReadDetailList(raw, failure) : ReadErrorValue(raw, failure);
    } else if (key == "message") {
      if (failure.message().empty()) failure.set_message(std::string(value.Text()));
    } else if (key == "type") {
      if (failure.type().empty()) failure.set_type(std::string(value.Text()));
    } else if (key == "code" && failure.code().empty()) {
      failure.set_code(std::string(value.Text()));
    }
  });
}

std::string Utf8Only(std::string_view text) { return wire::IsValidUtf8(text) ? std::string(text) : std::string(); }

}  // namespace

bool HasErrorObject(std::string_view body) {
  constexpr std::string_view kError = "\"error\"";
  if (body.size() > kMaxErrorBodyBytes) return false;
  body = TrimStart(body);
  const std::size_t at = body.starts_with('{') ? body.find(kError) : std::string_view::npos;
  if (at == std::string_view::npos) return false;
  const std::string_view colon = TrimStart(body.substr(at + kError.size()));
  return colon.starts_with(':') && TrimStart(colon.substr(1)).starts_with('{');
}

void ReadErrorValue(std::string_view json, inf::Failure& failure) {
  if (json.starts_with('"')) {
    if (failure.message().empty()) failure.set_message(Unquoted(json));
    return;
  }
  wire::JsonReader reader(json);
  reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == "code") {
      failure.set_code(std::string(value.Text()));
      const auto number = failure.code().empty() ? value.Number() : std::nullopt;
      const bool status = number && *number >= 400 && *number < 600;
      if (status && failure.http_status() == 0) failure.set_http_status(static_cast<int>(*number));
    } else if (key == "type") {
      failure.set_type(std::string(value.Text()));
    } else if (key == "message") {
      failure.set_message(std::string(value.Text()));
    } else if (key == "param") {
      failure.set_param(std::string(value.Text()));
    }
  });
}

void ReadRetryInWords(inf::Failure& failure) {
  if (failure.has_retry_after()) return;
  if (const auto delay = RetryAfterInWords(failure.message())) SetDuration(*delay, failure.mutable_retry_after());
}

inf::Failure ReadErrorReply(const ResponseHead& head, std::string_view body, WallTime now) {
  body = body.substr(0, kMaxErrorBodyBytes);
  const std::string_view content_type = HeaderOr(head.headers, "content-type");
  inf::Failure failure;
  failure.set_stage(inf::FAILURE_STAGE_STATUS);
  failure.set_http_status(head.status);
  failure.set_body_kind(KindOfBody(body, content_type));
  failure.set_body(std::string(body));
  failure.set_body_content_type(Utf8Only(content_type));
  failure.set_challenge(IsChallengePage(head, failure.body_kind(), body));
  if (failure.body_kind() == inf::BODY_KIND_JSON) ReadErrorBody(body, failure);
  if (const std::string* text = FindHeader(head.headers, "retry-after")) {
    if (const auto delay = ParseRetryAfter(*text, now); delay.ok()) SetDuration(*delay, failure.mutable_retry_after());
  }
  ReadRetryInWords(failure);
  failure.set_provider_request_id(Utf8Only(HeaderOr(head.headers, "x-request-id")));
  return failure;
}

}  // namespace patchbay::upstream
