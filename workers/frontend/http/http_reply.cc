#include "workers/frontend/http/http_reply.h"

#include <algorithm>
#include <array>

#include "lib/async/spawn.h"

namespace patchbay::frontend {
namespace {

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : ", ").append(word);
  return text;
}

constexpr const char* kIgnoredHeader = "x-patchbay-ignored";
constexpr const char* kModelHeader = "x-patchbay-model";

// What a head of ours says by itself; the provider's word about it is about its own message.
bool IsOurs(std::string_view name) {
  constexpr std::array<std::string_view, 6> kNames = {"cache-control", "connection",        "content-length",
                                                      "content-type",  "transfer-encoding", "x-accel-buffering"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

// The model that serves a name that is not its own, and what the name asked for: "gpt-5.6-sol; effort=high".
std::string ServedModel(const accounts::v1::Granted& granted) {
  std::string text = granted.wire_model();
  if (!granted.reasoning_effort().empty()) text += "; effort=" + granted.reasoning_effort();
  if (!granted.service_tier().empty()) text += "; tier=" + granted.service_tier();
  return text;
}

// A header's value may hold visible ASCII only (RFC 9110 §5.5); names of fields come from clients.
std::string HeaderSafe(std::string text) {
  constexpr std::size_t kMaxBytes = 2048;
  if (text.size() > kMaxBytes) text.resize(kMaxBytes);
  for (char& c : text) {
    if (c < 0x20 || c > 0x7E) c = '?';
  }
  return text;
}

}  // namespace

HttpReply::HttpReply(asio::any_io_executor executor, async::TimeSource& time,
                     std::shared_ptr<net::HttpExchange> exchange, std::string model, ReplyPlan plan, HeaderList headers,
                     std::chrono::milliseconds heartbeat)
    : executor_(executor),
      time_(time),
      exchange_(std::move(exchange)),
      model_(std::move(model)),
      plan_(std::move(plan)),
      headers_(std::move(headers)),
      heartbeat_(heartbeat),
      work_(executor),
      room_(executor),
      pump_done_(executor) {}

void HttpReply::BeginAttempt(const accounts::v1::Granted& granted) {
  encoder_ = plan_.new_encoder();
  pending_.clear();
  provider_headers_.clear();
  if (std::string served = ServedModel(granted); served != model_) {
    provider_headers_.emplace_back(kModelHeader, std::move(served));
  }
  ignored_by_provider_.clear();
}

void HttpReply::TakeHead(const upstream::v1::Head& head) {
  for (const auto& header : head.headers()) {
    if (header.name() == kIgnoredHeader) {
      TakeIgnored(header.value());
    } else if (header.name() == "x-request-id") {
      provider_headers_.emplace_back("x-provider-request-id", header.value());
    } else if (!IsOurs(header.name())) {
      provider_headers_.emplace_back(header.name(), header.value());
    }
  }
}

// What upstream left out, by the canonical names; the client knows some of it by other names.
void HttpReply::TakeIgnored(std::string_view names) {
  while (!names.empty()) {
    const std::size_t comma = std::min(names.find(','), names.size());
    std::string_view name = names.substr(0, comma);
    names.remove_prefix(std::min(comma + 1, names.size()));
    while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
    if (name.empty()) continue;
    const auto& wishes = plan_.wishes;
    const auto wish = std::find_if(wishes.begin(), wishes.end(), [&](const auto& w) { return w.canonical == name; });
    ignored_by_provider_.emplace_back(wish == wishes.end() ? std::string(name) : wish->field);
  }
}

Result<void> HttpReply::TakeEvent(const inference::v1::GenerateEvent& event) {
  return encoder_->Event(event, pending_);
}

Result<bool> HttpReply::TakeBytes(std::string_view bytes) { return encoder_->Bytes(bytes, pending_); }

void HttpReply::Commit() {
  streaming_ = true;
  last_write_ = time_.Steady();
  async::Spawn(executor_, "reply pump", Pump(shared_from_this()));  // awaited through pump_done_
  ArmHeartbeat();
}

Awaitable<bool> HttpReply::Flush() {
  if (!streaming_) co_return !gone_;
  if (!pending_.empty()) work_.Notify();
  while (pending_.size() > kMaxPendingBytes && !gone_) {
    room_awaited_ = true;
    co_await room_.Wait();
  }
  co_return !gone_;
}

Awaitable<void> HttpReply::Pump(std::shared_ptr<HttpReply> self) {
  HttpReply& reply = *self;
  reply.gone_ = !co_await reply.exchange_->StartStream(200, reply.HeadHeaders(reply.plan_.stream_content_type));
  // Committed by silence: the head goes out alone.
  if (!reply.gone_ && reply.pending_.empty()) reply.gone_ = !co_await reply.exchange_->Write({});
  while (!reply.gone_ && !reply.closing_) {
    if (reply.pending_.empty()) {
      co_await reply.work_.Wait();
      continue;
    }
    reply.bytes_ += reply.pending_.size();
    reply.last_write_ = reply.time_.Steady();
    reply.gone_ = !co_await reply.exchange_->Write(std::exchange(reply.pending_, {}));
    if (std::exchange(reply.room_awaited_, false)) reply.room_.Notify();
  }
  if (std::exchange(reply.room_awaited_, false)) reply.room_.Notify();
  reply.pump_done_.Notify();
}

void HttpReply::ArmHeartbeat() {
  if (heartbeat_.count() <= 0) return;
  // From the last write on, so that no silence is longer than one period.
  heartbeat_timer_ = time_.At(last_write_ + heartbeat_, [this] { Heartbeat(); });
}

void HttpReply::Heartbeat() {
  if (closing_ || gone_) return;
  const SteadyTime now = time_.Steady();
  if (now - last_write_ >= heartbeat_) {
    // Comments stand between events, never inside one: the encoders only ever give whole events. Bytes that are
    // still pending mean that the client does not read: no heartbeat would reach it.
    if (pending_.empty()) pending_.append(encoder_->Heartbeat());
    last_write_ = now;
    work_.Notify();
  }
  ArmHeartbeat();
}

HeaderList HttpReply::HeadHeaders(std::string_view content_type) const {
  HeaderList headers = headers_;
  headers.emplace_back("content-type", content_type);
  if (plan_.stream) {
    headers.emplace_back("cache-control", "no-cache");
    headers.emplace_back("x-accel-buffering", "no");  // nginx in front must not collect the stream
  }
  std::vector<std::string> ignored = plan_.ignored;
  ignored.insert(ignored.end(), ignored_by_provider_.begin(), ignored_by_provider_.end());
  if (!ignored.empty()) headers.emplace_back(kIgnoredHeader, HeaderSafe(Joined(ignored)));
  std::vector<std::string> repaired = plan_.repaired;
  repaired.insert(repaired.end(), repaired_.begin(), repaired_.end());
  if (!repaired.empty()) headers.emplace_back("x-patchbay-repaired", HeaderSafe(Joined(repaired)));
  for (const auto& [name, value] : provider_headers_) headers.emplace_back(name, HeaderSafe(value));
  return headers;
}

Awaitable<void> HttpReply::Close() {
  closing_ = true;
  heartbeat_timer_.reset();
  work_.Notify();
  co_await pump_done_.Wait();
  if (gone_) co_return;
  bytes_ += pending_.size();
  co_await exchange_->FinishStream(std::exchange(pending_, {}));
}

Awaitable<Result<void>> HttpReply::Complete() {
  if (streaming_) {
    if (const auto ended = encoder_->End(pending_); !ended.ok()) encoder_->Break(ProblemOf(ended.error()), pending_);
    co_await Close();
    co_return Result<void>();
  }
  // Nothing has left yet: a whole answer, or a stream that was over before its first byte could leave.
  std::string body = std::exchange(pending_, {});
  CO_RETURN_IF_ERROR(encoder_->End(body));
  bytes_ += body.size();
  if (!plan_.stream) {
    co_await exchange_->Respond(200, HeadHeaders("application/json"), std::move(body));
    co_return Result<void>();
  }
  const bool started = co_await exchange_->StartStream(200, HeadHeaders(plan_.stream_content_type));
  if (started) co_await exchange_->FinishStream(std::move(body));
  co_return Result<void>();
}

Awaitable<bool> HttpReply::Break(Problem problem) {
  if (!streaming_) co_return false;
  encoder_->Break(problem, pending_);
  co_await Close();
  co_return true;
}

Awaitable<void> HttpReply::Abandon() {
  gone_ = true;
  if (!streaming_) co_return;
  exchange_->Abort();
  co_await Close();
}

}  // namespace patchbay::frontend
