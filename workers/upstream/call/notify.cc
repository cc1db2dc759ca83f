#include "workers/upstream/call/notify.h"

#include <algorithm>
#include <utility>

#include "lib/base/version.h"
#include "lib/log/log.h"
#include "lib/time/proto_time.h"
#include "lib/wire/url.h"
#include "workers/upstream/transport/http1/request_head.h"
#include "workers/upstream/transport/http1/round_trip.h"

namespace patchbay::upstream {
namespace {

constexpr std::chrono::milliseconds kNotifyTimeout{20'000};
// Of an answer that nobody reads.
constexpr std::size_t kNotifyReplyBytes = 64 * 1024;

// Whose road it is: no account has such a name.
std::string OwnerOf(const std::string& notification) { return "notification:" + notification; }

Result<HttpRequest> PostTo(std::string_view text, const v1::NotifyRequest& request) {
  const std::string_view place = text.substr(0, text.find('?'));
  auto url = wire::ParseHttpUrl(place);
  // Its own words would show the URL, which may hold a token.
  if (!url.ok()) return Error(ErrorCode::kInvalidArgument, "the webhook is no http or https URL");
  if (!url->tls && !request.allow_private()) {
    return Error(ErrorCode::kInvalidArgument, "the webhook is plain http, which needs allow_private: true");
  }
  HttpRequest post;
  post.to.authority = {url->tls, url->host, url->port};
  if (url->tls) {
    ASSIGN_OR_RETURN(post.to.tls, TlsContext::Create({}));
  }
  post.to.allow_private = request.allow_private();
  ASSIGN_OR_RETURN(post.to.road, Road::Of(OwnerOf(request.name()), {}));
  std::string target = url->path.empty() ? "/" : url->path;
  target += text.substr(place.size());
  const Headers headers = {
      {"content-type", "application/json"}, {"accept", "*/*"}, {"user-agent", "patchbay/" + std::string(kVersion)}};
  post.head = WriteHead("POST", target, post.to.authority, headers, request.body().size());
  post.body = request.body();
  return post;
}

}  // namespace

Awaitable<Result<v1::NotifyReply>> RunNotify(const CallContext& context, v1::NotifyRequest request) {
  CO_ASSIGN_OR_RETURN(HttpRequest post, PostTo(request.url(), request));
  const std::chrono::milliseconds wanted = ToMilliseconds(request.timeout());
  const auto timeout = wanted.count() <= 0 ? kNotifyTimeout : std::min(wanted, kNotifyTimeout);
  post.timeouts = {timeout, timeout, timeout, context.clock->Steady() + timeout};
  post.fresh_connection = true;  // events are rare, and a used connection may be dead by then
  RoundTrip trip(context.pool);
  ReadStatus status = ReadStatus::kFailed;
  if (co_await trip.Start(std::move(post))) {
    std::string piece;
    std::size_t bytes = 0;
    while ((status = co_await trip.Read(piece)) == ReadStatus::kData && bytes <= kNotifyReplyBytes) {
      bytes += piece.size();
    }
  }
  log::Info("notify.done",
            {{"notification", request.name()}, {"status", trip.head().status}, {"reason", trip.failure().message}});
  if (status == ReadStatus::kFailed && trip.head().status == 0) {
    const TransportFailure& failure = trip.failure();
    co_return Error(failure.timed_out ? ErrorCode::kDeadlineExceeded : ErrorCode::kUnavailable,
                    inference::v1::FailureStage_Name(failure.stage) + ": " + failure.message)
        .From(Origin::kUpstream);
  }
  v1::NotifyReply reply;
  reply.set_status(trip.head().status);
  co_return reply;
}

}  // namespace patchbay::upstream
