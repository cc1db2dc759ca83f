// One HTTP/1.1 request and its response, over a pooled connection. A body that was compressed on its way is read as
// what it says.
//
//   RoundTrip trip(pool);
//   if (co_await trip.Start(std::move(request))) {
//     use(trip.head());
//     while (co_await trip.Read(body) == ReadStatus::kData) …
//   }
//
// Redirects are not followed: a credential goes nowhere but where it was meant to. The connection
// goes back to the pool when the response was read to its end, and is closed otherwise.
// Single-threaded. The object must outlive its coroutines: keep it in the caller's frame.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/async/watchdog.h"
#include "lib/wire/content_coding.h"
#include "patchbay/inference/v1/failure.pb.h"
#include "workers/upstream/transport/connector.h"
#include "workers/upstream/transport/http1/response_parser.h"
#include "workers/upstream/transport/http_types.h"
#include "workers/upstream/transport/pool.h"
#include "workers/upstream/transport/road.h"

namespace patchbay::upstream {

// What one socket read of a compressed body may become: no honest piece is larger.
inline constexpr std::size_t kMaxDecodedPieceBytes = std::size_t{32} << 20;

// From the section `upstream` of the configuration, which has the defaults.
struct Timeouts {
  std::chrono::milliseconds connect{0};     // name, TCP and TLS together
  std::chrono::milliseconds first_byte{0};  // without progress, until the head is whole
  std::chrono::milliseconds stall{0};       // longest silence inside the body
  SteadyTime total = SteadyTime::max();
};

struct HttpRequest {
  Destination to;
  std::string head;  // from the request line to the empty line
  std::string body;
  Timeouts timeouts;
  // Never on a used connection. For requests that must not be sent twice: a server may close an idle
  // connection while our request is on its way, and we could not tell whether it was read.
  bool fresh_connection = false;
};

enum class ReadStatus { kData, kEnd, kFailed };

class RoundTrip {
 public:
  explicit RoundTrip(std::shared_ptr<ConnectionPool> pool);
  ~RoundTrip();
  RoundTrip(const RoundTrip&) = delete;
  RoundTrip& operator=(const RoundTrip&) = delete;

  // Sends the request and reads the head. A used connection that turns out dead before the first
  // byte of a response is replaced once, unseen. False: see failure().
  Awaitable<bool> Start(HttpRequest request);
  // The body bytes of one socket read, in `body` (replaced). kEnd: the response is whole.
  Awaitable<ReadStatus> Read(std::string& body);
  // The body has an encoding that we cannot read: Read gives it as it came.
  bool unreadable() const { return unreadable_; }
  // Whether Read would answer at once.
  bool has_unread() const { return !early_body_.empty() || parser_.done(); }
  // Nothing of the answer is waited for beyond this time from now.
  void LimitRest(std::chrono::milliseconds rest);
  // Closes the socket now; whatever waits returns false.
  void Cancel();

  const ResponseHead& head() const { return parser_.head(); }
  const TransportFailure& failure() const { return failure_; }
  bool connection_reused() const { return reused_; }
  std::chrono::nanoseconds connect_time() const { return connect_time_; }
  std::chrono::nanoseconds first_byte_time() const { return first_byte_time_; }

 private:
  using Stage = inference::v1::FailureStage;

  Awaitable<bool> Connect();
  Awaitable<bool> SendAndReadHead();
  void ForgetRequest();
  void LookAtEncoding();
  bool Decode(std::string& body);
  ReadStatus End();             // of the body
  Awaitable<bool> ReadPiece();  // one socket read into the parser
  bool Fail(Stage stage, std::string message);
  void Arm(std::chrono::milliseconds timeout);
  void OnExpiry();
  void GiveBack();

  std::shared_ptr<ConnectionPool> pool_;
  Connector connector_;
  async::Watchdog watchdog_;
  HttpRequest request_;
  std::optional<ConnectionKey> key_;  // once started
  std::unique_ptr<Stream> stream_;
  std::optional<ConnectionPool::Lent> lent_;
  std::uint64_t epoch_ = 0;  // the pool's, when this began
  ResponseParser parser_;
  std::string early_body_;                         // came with the head
  std::unique_ptr<wire::ContentDecoder> decoder_;  // of a body that is encoded
  bool unreadable_ = false;
  TransportFailure failure_;
  bool reused_ = false;
  bool saw_response_ = false;
  bool timed_out_ = false;
  bool cancelled_ = false;
  bool dead_connection_ = false;  // closed by the server before any byte of a response
  bool spoiled_ = false;          // the request was not sent whole, so nothing may follow it
  std::chrono::nanoseconds connect_time_{0};
  std::chrono::nanoseconds first_byte_time_{0};
};

}  // namespace patchbay::upstream
