#include "workers/upstream/dialects/codex/error_decoder.h"

#include <algorithm>
#include <string>

#include "lib/base/encoding.h"
#include "lib/base/text.h"
#include "lib/time/proto_time.h"
#include "lib/time/retry_after.h"
#include "lib/wire/json_reader.h"
#include "lib/wire/utf8.h"
#include "workers/upstream/dialects/common/error_reply.h"
#include "workers/upstream/dialects/common/openai_causes.h"
#include "workers/upstream/dialects/common/responses/item_decoder.h"
#include "workers/upstream/dialects/common/responses/item_encoder.h"
#include "workers/upstream/dialects/dialect.h"

namespace patchbay::upstream::codex {
namespace {

namespace inf = inference::v1;

inf::BodyKind KindOf(std::string_view body, std::string_view content_type) {
  const std::string_view start = TrimStart(body);
  if (start.empty()) return inf::BODY_KIND_EMPTY;
  if (start.front() == '{') return inf::BODY_KIND_JSON;
  const std::string head = LowerCase(start.substr(0, 256));
  if (head.starts_with("<!doctype html") || head.starts_with("<html") ||
      LowerCase(content_type).starts_with("text/html")) {
    return inf::BODY_KIND_HTML;
  }
  return inf::BODY_KIND_OTHER;
}

// Cloudflare's interstitial: announced by a header, or recognised by its title (codex-wire §8.2).
bool IsChallenge(const ResponseHead& head, inf::BodyKind kind, std::string_view body) {
  if (LowerCase(HeaderOr(head.headers, "cf-mitigated")) == "challenge") return true;
  if (kind != inf::BODY_KIND_HTML) return false;
  constexpr std::string_view kSigns[] = {"Just a moment", "Attention Required!", "Sorry, you have been blocked",
                                         "Unable to load site", "challenge-platform"};
  return std::any_of(std::begin(kSigns), std::end(kSigns),
                     [&](std::string_view sign) { return body.find(sign) != std::string_view::npos; });
}

// {"error":{…}}, {"error":"text"}, {"detail":"text"}, {"detail":{"code":…}} and a flat {"code":…}. Whether it is the
// first, which is how the Responses API tells an error to its clients; the others are the backend's own.
bool ReadJson(std::string_view body, WallTime now, inf::Failure& failure) {
  bool error_object = false;
  wire::JsonReader reader(body);
  const bool whole = reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key != "error" && key != "detail" && key != "message" && key != "code") return;
    const std::string_view raw = value.Raw();
    if (raw.starts_with('{')) {
      error_object = error_object || key == "error";
      responses::DecodeErrorObject(raw, now, failure);
      return;
    }
    // A bare string: read it through an object of its own, so that escapes are understood.
    const std::string wrapped = "{\"text\":" + std::string(raw) + "}";
    wire::JsonReader text(wrapped);
    text.ForEachMember([&](std::string_view, wire::JsonValue inner) {
      const std::string words(inner.Text());
      if (words.empty()) return;
      if (key == "code" || key == "error") failure.set_code(words);
      if (key != "code" && failure.message().empty()) failure.set_message(words);
    });
  });
  return whole && error_object;
}

// The reason for an auth failure, where the body does not have it (codex-wire §5).
void ReadDiagnosticHeaders(const Headers& headers, WallTime now, inf::Failure& failure) {
  if (failure.code().empty()) {
    const Result<std::string> json = Base64Decode(HeaderOr(headers, "x-error-json"));
    if (json.ok() && wire::IsValidUtf8(*json) && !json->empty()) ReadJson(*json, now, failure);
  }
  const std::string_view reason = HeaderOr(headers, "x-openai-authorization-error");
  if (failure.message().empty() && wire::IsValidUtf8(reason)) failure.set_message(std::string(reason));
}

std::string Utf8OrEmpty(std::string_view text) { return wire::IsValidUtf8(text) ? std::string(text) : std::string(); }

// Bodies without a message are looked at themselves, this far.
constexpr std::size_t kMaxBodyLookedAt = 4096;

// What is said in words alone (codex-wire §3.1, §8.1): the backend has no code for it.
inf::Cause CauseOfText(const inf::Failure& failure) {
  const int status = failure.http_status();
  const bool wordless = failure.message().empty() && failure.code().empty();
  const std::string text = LowerCase(wordless ? std::string_view(failure.body()).substr(0, kMaxBodyLookedAt)
                                              : std::string_view(failure.message()));
  const auto says = [&](std::string_view words) { return text.find(words) != std::string::npos; };
  if (status >= 400 && status <= 404 && says("model is not supported when using codex")) return inf::CAUSE_MODEL;
  if (status >= 401 && status <= 403 && says("deactivated")) return inf::CAUSE_DEACTIVATED;
  if (status == 400 && says("does not represent a valid image")) return inf::CAUSE_BAD_MEDIA;
  return inf::CAUSE_UNSPECIFIED;
}

}  // namespace

inf::Cause CauseOf(const inf::Failure& failure) {
  const inf::Cause cause = OpenAiCauseOf(failure);
  return cause != inf::CAUSE_UNSPECIFIED ? cause : CauseOfText(failure);
}

inf::Failure DecodeError(const ResponseHead& head, std::string_view body, WallTime now) {
  body = body.substr(0, kMaxErrorBodyBytes);
  const std::string_view content_type = HeaderOr(head.headers, "content-type");
  inf::Failure failure;
  failure.set_stage(inf::FAILURE_STAGE_STATUS);
  failure.set_http_status(head.status);
  failure.set_body_kind(KindOf(body, content_type));
  failure.set_body(std::string(body));
  failure.set_body_content_type(Utf8OrEmpty(content_type));
  failure.set_challenge(IsChallenge(head, failure.body_kind(), body));
  if (failure.body_kind() == inf::BODY_KIND_JSON && ReadJson(body, now, failure)) {
    failure.set_body_dialect(std::string(responses::kRawDialect));
  }
  ReadDiagnosticHeaders(head.headers, now, failure);

  if (const std::string* text = FindHeader(head.headers, "retry-after")) {
    if (const auto delay = ParseRetryAfter(*text, now); delay.ok()) SetDuration(*delay, failure.mutable_retry_after());
  }
  ReadRetryInWords(failure);
  if (!failure.challenge()) failure.set_cause(CauseOf(failure));
  failure.set_provider_request_id(
      Utf8OrEmpty(HeaderOr(head.headers, "x-request-id", HeaderOr(head.headers, "x-oai-request-id"))));
  return failure;
}

}  // namespace patchbay::upstream::codex
