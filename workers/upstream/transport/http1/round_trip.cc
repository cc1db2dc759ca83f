#include "workers/upstream/transport/http1/round_trip.h"

#include <algorithm>
#include <utility>

#include "lib/base/text.h"

namespace patchbay::upstream {
namespace {

namespace inf = inference::v1;

// A head and a body up to this size leave in one write.
constexpr std::size_t kJoinBytes = std::size_t{64} << 10;
constexpr std::size_t kReadBytes = std::size_t{64} << 10;
constexpr std::size_t kWriteBytes = std::size_t{256} << 10;

SteadyTime Now() { return std::chrono::steady_clock::now(); }

// Everybody reads here: the process has one thread, and what was read is parsed before anything
// else runs, so a waiting stream needs no buffer of its own.
char* ReadBuffer() {
  static thread_local std::unique_ptr<char[]> buffer(new char[kReadBytes]);
  return buffer.get();
}

}  // namespace

RoundTrip::RoundTrip(std::shared_ptr<ConnectionPool> pool)
    : pool_(std::move(pool)), connector_(pool_), watchdog_(pool_->executor(), [this] { OnExpiry(); }) {}

RoundTrip::~RoundTrip() { GiveBack(); }

void RoundTrip::GiveBack() {
  watchdog_.Clear();
  lent_.reset();
  if (stream_ && parser_.reusable() && !cancelled_ && !timed_out_ && !spoiled_ && !request_.fresh_connection)
    pool_->Give(*key_, std::move(stream_), epoch_);
  stream_.reset();
}

void RoundTrip::Arm(std::chrono::milliseconds timeout) {
  watchdog_.Set(std::min(Now() + timeout, request_.timeouts.total));
}

void RoundTrip::LimitRest(std::chrono::milliseconds rest) {
  request_.timeouts.total = std::min(request_.timeouts.total, Now() + rest);
}

void RoundTrip::OnExpiry() {
  timed_out_ = true;
  if (stream_) stream_->Close();
}

void RoundTrip::Cancel() {
  cancelled_ = true;
  connector_.Cancel();
  if (stream_) stream_->Close();
}

// The first failure is the one that counts. Always false, so that callers can return it.
bool RoundTrip::Fail(Stage stage, std::string message) {
  watchdog_.Clear();
  if (stream_) stream_->Close();
  if (failure_.stage != inf::FAILURE_STAGE_UNSPECIFIED) return false;
  failure_.stage = stage;
  failure_.timed_out = timed_out_;
  failure_.cancelled = cancelled_;
  failure_.message = cancelled_ ? "cancelled" : timed_out_ ? "no progress in time" : std::move(message);
  return false;
}

Awaitable<bool> RoundTrip::Start(HttpRequest request) {
  request_ = std::move(request);
  key_.emplace(request_.to.authority, request_.to.road, ConnectionKey::Use::kRequests);
  lent_.emplace(*pool_);
  epoch_ = pool_->epoch();
  if (!request_.fresh_connection) stream_ = pool_->Take(*key_);
  reused_ = stream_ != nullptr;
  // The results have names on purpose: in a coroutine without variables of its own, GCC 12 lays the
  // frame out wrongly when co_await stands in an `if` condition.
  if (reused_) {
    const bool answered = co_await SendAndReadHead();
    if (answered) co_return true;
    if (!dead_connection_ || cancelled_ || timed_out_) co_return false;
    failure_ = {};
    reused_ = false;
  }
  const bool connected = co_await Connect();
  if (!connected) co_return false;
  const bool answered = co_await SendAndReadHead();
  co_return answered;
}

Awaitable<bool> RoundTrip::Connect() {
  watchdog_.Clear();  // the connector has its own
  stream_.reset();
  const SteadyTime deadline = std::min(Now() + request_.timeouts.connect, request_.timeouts.total);
  stream_ = co_await connector_.Connect(request_.to, *key_, deadline);
  if (!stream_) {
    failure_ = connector_.failure();
    co_return false;
  }
  connect_time_ = connector_.time();
  co_return true;
}

Awaitable<bool> RoundTrip::SendAndReadHead() {
  const SteadyTime begin = Now();
  dead_connection_ = false;
  IoResult sent;
  if (request_.body.size() <= kJoinBytes) {
    const std::string whole = request_.head + request_.body;
    Arm(request_.timeouts.first_byte);
    sent = co_await stream_->Write(whole);
  } else {
    Arm(request_.timeouts.first_byte);
    sent = co_await stream_->Write(request_.head);
    // A long body may take its time as long as it moves.
    const std::string_view body = request_.body;
    for (std::size_t at = 0; at < body.size() && sent.status == IoStatus::kOk; at += kWriteBytes) {
      Arm(request_.timeouts.first_byte);
      sent = co_await stream_->Write(body.substr(at, kWriteBytes));
    }
  }
  Arm(request_.timeouts.first_byte);
  const bool send_broke = sent.status != IoStatus::kOk;
  // Only a used connection can turn out to be dead, and then all of it is sent again.
  if (!reused_) ForgetRequest();
  if (send_broke && (cancelled_ || timed_out_)) co_return Fail(inf::FAILURE_STAGE_SEND, std::move(sent.message));
  // A server may answer before it has read everything, and hang up: its answer tells more than the
  // broken pipe does.
  while (!parser_.head_done()) {
    if (!co_await ReadPiece()) {
      if (send_broke) {
        failure_.stage = inf::FAILURE_STAGE_SEND;
        failure_.message = std::move(sent.message);
      }
      co_return false;
    }
  }
  first_byte_time_ = Now() - begin;
  spoiled_ = send_broke;
  LookAtEncoding();
  ForgetRequest();
  co_return true;
}

void RoundTrip::LookAtEncoding() {
  const std::string_view coding = HeaderOr(parser_.head().headers, "content-encoding");
  if (coding.empty() || EqualsIgnoreCase(coding, "identity")) return;
  auto decoder = wire::ContentDecoder::Create(coding);
  unreadable_ = !decoder.ok();
  if (decoder.ok()) decoder_ = std::move(decoder).value();
}

// Replaces the bytes of a socket read by what they say, which may be nothing yet. False: see failure().
bool RoundTrip::Decode(std::string& body) {
  std::string text;
  const Result<void> decoded = decoder_->Feed(body, text, kMaxDecodedPieceBytes);
  body = std::move(text);
  if (decoded.ok()) return true;
  spoiled_ = true;  // what follows on this connection is anybody's guess
  return Fail(inf::FAILURE_STAGE_STREAM, decoded.error().message);
}

// An answer may take minutes; the request is sent and need not wait for it.
void RoundTrip::ForgetRequest() {
  std::string().swap(request_.head);
  std::string().swap(request_.body);
}

// One socket read. Body bytes land in early_body_.
Awaitable<bool> RoundTrip::ReadPiece() {
  const IoResult read = co_await stream_->Read(ReadBuffer(), kReadBytes);
  const Stage stage = parser_.head_done() ? inf::FAILURE_STAGE_STREAM : inf::FAILURE_STAGE_FIRST_BYTE;
  Result<void> parsed;
  if (read.status == IoStatus::kOk) {
    saw_response_ = true;
    parsed = parser_.Feed({ReadBuffer(), read.bytes}, early_body_);
  } else if (read.status == IoStatus::kClosed && saw_response_) {
    parsed = parser_.FeedEnd();
  } else {
    dead_connection_ = read.status == IoStatus::kClosed;
    co_return Fail(stage, read.message);
  }
  if (!parsed.ok()) co_return Fail(stage, parsed.error().message);
  co_return true;
}

Awaitable<ReadStatus> RoundTrip::Read(std::string& body) {
  body.clear();
  while (body.empty()) {
    while (early_body_.empty()) {
      if (parser_.done()) co_return End();
      if (cancelled_ || failure_.stage != inf::FAILURE_STAGE_UNSPECIFIED) {
        Fail(inf::FAILURE_STAGE_STREAM, "cancelled");
        co_return ReadStatus::kFailed;
      }
      Arm(request_.timeouts.stall);
      const bool more = co_await ReadPiece();  // named, see Start
      if (!more) co_return ReadStatus::kFailed;
    }
    body.swap(early_body_);
    if (decoder_ && !Decode(body)) co_return ReadStatus::kFailed;
  }
  // While the piece is being passed on, only the total deadline runs.
  watchdog_.Set(request_.timeouts.total);
  co_return ReadStatus::kData;
}

ReadStatus RoundTrip::End() {
  if (decoder_) {
    if (failure_.stage != inf::FAILURE_STAGE_UNSPECIFIED) return ReadStatus::kFailed;
    if (const Result<void> whole = decoder_->Finish(); !whole.ok()) {
      spoiled_ = true;
      Fail(inf::FAILURE_STAGE_STREAM, whole.error().message);
      return ReadStatus::kFailed;
    }
  }
  GiveBack();
  return ReadStatus::kEnd;
}

}  // namespace patchbay::upstream
