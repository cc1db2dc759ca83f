// The load generator of `./dev bench`: keeps N connections busy with one request, reads the streamed answers, and
// prints what it saw as one JSON object. One thread and epoll, so that it costs little beside what it measures (client
// and servers share the machine's cores).
//
//   patchbay-bench-load --port 8080 --path /v1/chat/completions --body-file b.json --header 'Authorization: Bearer …'
//       --connections 64 --seconds 5 [--requests N] [--needle '"content":"'] [--expect 40] [--sequence]
//
// A delta is a `data:` line, or a line of JSON, that holds the needle followed by text. With --expect every answer must
// have that many deltas; with --sequence their texts must start with "0 ", "1 ", "2 " … Sixteen digits in a delta are
// taken for the time, in unix microseconds, at which the simulated provider sent it.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "bench/gateway/answer_reader.h"

namespace patchbay::bench {
namespace {

constexpr std::size_t kReadBytes = 256 * 1024;
constexpr int kEventsMax = 512;
constexpr int kStallSeconds = 30;

struct Options {
  std::string host = "127.0.0.1";
  int port = 0;
  std::string path = "/";
  std::string body;
  std::vector<std::string> headers;
  int connections = 1;
  double seconds = 5;
  double warmup = 0;
  long long requests = -1;  // -1: as many as fit into the time
  Expectation expectation;
};

double Now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

std::int64_t UnixMicroseconds() {
  using namespace std::chrono;
  return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

struct Totals {
  long long requests = 0;
  long long failures = 0;
  long long deltas = 0;
  long long lost = 0;
  long long reconnects = 0;
  long long bytes = 0;
  std::vector<float> first_byte_us;
  std::vector<float> whole_us;
  std::vector<float> event_us;
  std::string first_failure;
};

float Percentile(std::vector<float>& values, double share) {
  if (values.empty()) return 0;
  const auto at = std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
  return values[at];
}

// One connection: sends the request, reads the answer, and again.
class Connection {
 public:
  Connection(const Options& options, const std::string& request, int epoll, Totals& totals)
      : options_(options), request_(request), epoll_(epoll), totals_(totals), reader_(options.expectation) {}
  ~Connection() { Close(); }

  bool Open() {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(options_.port));
    ::inet_pton(AF_INET, options_.host.c_str(), &address.sin_addr);
    if (fd_ < 0 || ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
      Note(std::string("connect: ") + std::strerror(errno));
      Close();
      return false;
    }
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = this;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd_, &event);
    return true;
  }

  // Requests are small beside the socket's send buffer; what does not fit at once is written blocking.
  void Send() {
    reader_.Begin();
    busy_ = true;
    first_byte_seen_ = false;
    started_ = Now();
    last_byte_ = started_;
    std::string_view rest = request_;
    while (!rest.empty()) {
      const ssize_t sent = ::send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        if (sent < 0 && errno == EINTR) continue;
        return Fail("send failed");
      }
      rest.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  // Returns true when an answer was completed, well or not.
  bool Readable(char* buffer, bool measured) {
    const ssize_t got = ::recv(fd_, buffer, kReadBytes, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (got <= 0) {
      if (!busy_) {  // the server closed an idle connection: not an error, but worth a number
        Reopen();
        return false;
      }
      Fail(got == 0 ? "the server closed the connection inside an answer" : std::strerror(errno));
      return true;
    }
    last_byte_ = Now();
    totals_.bytes += got;
    const bool done = reader_.Push(std::string_view(buffer, static_cast<std::size_t>(got)), UnixMicroseconds());
    if (!reader_.error().empty()) {
      Fail(reader_.error());
      return true;
    }
    if (!first_byte_seen_ && reader_.body_bytes() > 0) {
      first_byte_seen_ = true;
      if (measured) totals_.first_byte_us.push_back(static_cast<float>((last_byte_ - started_) * 1e6));
    }
    if (!done) return false;
    busy_ = false;
    totals_.deltas += reader_.deltas();
    totals_.lost += reader_.lost();
    if (measured) {
      ++totals_.requests;
      totals_.whole_us.push_back(static_cast<float>((last_byte_ - started_) * 1e6));
      const auto& latencies = reader_.event_latencies_us();
      totals_.event_us.insert(totals_.event_us.end(), latencies.begin(), latencies.end());
    }
    if (reader_.status() != 200)
      Note("status " + std::to_string(reader_.status()) + ": " + reader_.body_start()), ++totals_.failures;
    if (reader_.must_close()) Reopen();
    return true;
  }

  bool busy() const { return busy_; }
  bool open() const { return fd_ >= 0; }
  bool Stalled(double now) const { return busy_ && now - last_byte_ > kStallSeconds; }
  void Fail(std::string why) {
    Note(std::move(why));
    ++totals_.failures;
    totals_.lost += reader_.lost();
    busy_ = false;
    Reopen();
  }

 private:
  void Note(std::string why) {
    if (totals_.first_failure.empty()) totals_.first_failure = std::move(why);
  }
  void Reopen() {
    ++totals_.reconnects;
    Close();
    Open();
  }
  void Close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

  const Options& options_;
  const std::string& request_;
  const int epoll_;
  Totals& totals_;
  AnswerReader reader_;
  int fd_ = -1;
  bool busy_ = false;
  bool first_byte_seen_ = false;
  double started_ = 0;
  double last_byte_ = 0;
};

std::string RequestBytes(const Options& options) {
  std::string request =
      "POST " + options.path + " HTTP/1.1\r\nHost: " + options.host + ":" + std::to_string(options.port) +
      "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(options.body.size()) + "\r\n";
  for (const std::string& header : options.headers) request += header + "\r\n";
  return request + "\r\n" + options.body;
}

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text.substr(0, 300)) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return quoted + '"';
}

void Print(Totals& totals, double seconds) {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const double cpu = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                     static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  std::printf(
      "{\"requests\":%lld,\"seconds\":%.3f,\"rps\":%.1f,\"failures\":%lld,\"lost\":%lld,\"deltas\":%lld,\"reconnects\":"
      "%lld,"
      "\"bytes\":%lld,\"ttfb_p50_us\":%.1f,\"ttfb_p99_us\":%.1f,\"whole_p50_us\":%.1f,\"whole_p99_us\":%.1f,"
      "\"event_p50_us\":%.1f,\"event_p99_us\":%.1f,\"events_timed\":%zu,\"cpu_seconds\":%.3f,\"first_failure\":%s}\n",
      totals.requests, seconds, static_cast<double>(totals.requests) / seconds, totals.failures, totals.lost,
      totals.deltas, totals.reconnects, totals.bytes, Percentile(totals.first_byte_us, 0.5),
      Percentile(totals.first_byte_us, 0.99), Percentile(totals.whole_us, 0.5), Percentile(totals.whole_us, 0.99),
      Percentile(totals.event_us, 0.5), Percentile(totals.event_us, 0.99), totals.event_us.size(), cpu,
      Quoted(totals.first_failure).c_str());
}

int Run(const Options& options) {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);

  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  Totals totals;
  const std::string request = RequestBytes(options);
  std::vector<std::unique_ptr<Connection>> connections;
  for (int i = 0; i < options.connections; ++i) {
    connections.push_back(std::make_unique<Connection>(options, request, epoll, totals));
    if (!connections.back()->Open()) break;
  }
  const double begun = Now();
  const double measured_from = begun + options.warmup;
  const double until = measured_from + options.seconds;
  long long sent = 0;
  const auto may_send = [&] { return options.requests < 0 ? Now() < until : sent < options.requests; };
  for (auto& connection : connections) {
    if (!connection->open() || !may_send()) break;
    ++sent;
    connection->Send();
  }
  std::vector<char> buffer(kReadBytes);
  std::vector<epoll_event> events(kEventsMax);
  double ended = Now();
  double checked = ended;
  for (;;) {
    const bool any_busy = std::any_of(connections.begin(), connections.end(), [](const auto& c) { return c->busy(); });
    if (!any_busy) break;
    const int ready = ::epoll_wait(epoll, events.data(), kEventsMax, 1000);
    const bool measured = Now() >= measured_from;
    for (int i = 0; i < ready; ++i) {
      auto& connection = *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (!connection.Readable(buffer.data(), measured)) continue;
      ended = Now();
      if (!connection.open() || !may_send()) continue;
      ++sent;
      connection.Send();
    }
    if (const double now = Now(); now - checked > 1) {
      checked = now;
      for (auto& connection : connections) {
        if (connection->Stalled(now)) connection->Fail("an answer stalled");
      }
    }
  }
  Print(totals, std::max(ended - measured_from, 1e-6));
  return totals.failures == 0 && totals.lost == 0 ? 0 : 1;
}

bool Parse(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--sequence") {
      options.expectation.sequence = true;
      continue;
    }
    if (++i >= argc) return false;
    const char* value = argv[i];
    if (name == "--host")
      options.host = value;
    else if (name == "--port")
      options.port = std::atoi(value);
    else if (name == "--path")
      options.path = value;
    else if (name == "--header")
      options.headers.emplace_back(value);
    else if (name == "--connections")
      options.connections = std::atoi(value);
    else if (name == "--seconds")
      options.seconds = std::atof(value);
    else if (name == "--warmup")
      options.warmup = std::atof(value);
    else if (name == "--requests")
      options.requests = std::atoll(value);
    else if (name == "--needle")
      options.expectation.needle = value;
    else if (name == "--expect")
      options.expectation.deltas = std::atoll(value);
    else if (name == "--body-file") {
      std::ifstream file(value, std::ios::binary);
      if (!file) return false;
      options.body = (std::ostringstream() << file.rdbuf()).str();
    } else {
      return false;
    }
  }
  return options.port > 0 && options.connections > 0;
}

}  // namespace
}  // namespace patchbay::bench

int main(int argc, char** argv) {
  patchbay::bench::Options options;
  if (!patchbay::bench::Parse(argc, argv, options)) {
    std::fputs(
        "usage: patchbay-bench-load --port N --path P [--body-file F] [--header H]… --connections N --seconds S\n"
        "       [--warmup S] [--requests N] [--needle TEXT] [--expect N] [--sequence] [--host IP]\n",
        stderr);
    return 64;
  }
  return patchbay::bench::Run(options);
}
