#include "workers/frontend/http/quota_handler.h"

#include <chrono>
#include <utility>

#include "lib/time/proto_time.h"
#include "workers/frontend/http/respond.h"
#include "workers/frontend/quota/key_usage.h"

namespace patchbay::frontend {
namespace {

// Less than its clients wait.
constexpr std::chrono::milliseconds kAskTimeout{10'000};
constexpr std::string_view kNoCredits = R"({"credits":[],"available_count":0})";
constexpr std::string_view kNothingRedeemed = R"({"code":"no_credit","windows_reset":0})";

}  // namespace

std::int64_t QuotaHandler::NowInSeconds() const {
  return std::chrono::duration_cast<std::chrono::seconds>(time_.Now().time_since_epoch()).count();
}

Awaitable<void> QuotaHandler::Quota(Request& request) {
  const std::shared_ptr<const accounts::v1::PoolQuota> pool = quotas_.PoolOf({});
  const QuotaSight sight = quotas_.SightOf(request.key, {});
  const bool own_login = pool != nullptr && !pool->callers_account().empty() && sight.passes;
  if (own_login && !request.caller_login.access_token.empty() && ask_) {
    co_return co_await CallersQuota(request, *pool);
  }
  const QuotaQuestion question{.callers_token = request.caller_login.access_token.Reveal(),
                               .header = [&request](std::string_view name) { return request.Header(name); },
                               .client_key = request.key.id,
                               .now = NowInSeconds()};
  Answer answer = request.route.dialect->EncodeQuota(question, sight.quota.get());
  co_await Respond(request, std::move(answer));
}

Awaitable<void> QuotaHandler::CallersQuota(Request& request, const accounts::v1::PoolQuota& pool) {
  upstream::v1::CallersUsageRequest question;
  question.set_provider(pool.provider());
  question.set_account(pool.callers_account());
  Write(request.caller_login, *question.mutable_login());
  SetDuration(kAskTimeout, question.mutable_timeout());
  auto told = co_await ask_(std::move(question));
  if (!told.ok()) {
    Problem problem(Problem::Kind::kUnavailable, "the provider gave no answer about this login's quota");
    co_return co_await RespondProblem(request, std::move(problem));
  }
  // Its own words, to whom they are said.
  Answer answer = JsonAnswer(std::move(*told->mutable_body()), told->status());
  if (!told->content_type().empty()) answer.headers.front().second = told->content_type();
  co_await Respond(request, std::move(answer));
}

Awaitable<void> QuotaHandler::KeyUsage(Request& request) {
  const QuotaSight sight = quotas_.SightOf(request.key, {});
  Answer answer = JsonAnswer(KeyUsageJson(request.key, quotas_.ViewOf(request.key), sight.quota.get(), NowInSeconds()));
  co_await Respond(request, std::move(answer));
}

Awaitable<void> QuotaHandler::ResetCredits(Request& request) {
  Answer answer = JsonAnswer(std::string(kNoCredits));
  co_await Respond(request, std::move(answer));
}

Awaitable<void> QuotaHandler::Redeem(Request& request) {
  Answer answer = JsonAnswer(std::string(kNothingRedeemed));
  co_await Respond(request, std::move(answer));
}

}  // namespace patchbay::frontend
