// What the simulated provider receives and what it decides to answer, free of sockets: `Provider` and `Control` turn
// a Request into a Plan, and `Server` plays the Plan on the wire.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay::sim {

struct Request {
  std::string_view method;
  std::string_view target;  // path and query as received
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  std::string body;

  // The first value of the header, or nothing. Names are compared without case.
  std::string_view Find(std::string_view name) const;
  std::string_view path() const { return target.substr(0, target.find('?')); }
  // The undecoded value of a query parameter; empty when it is absent.
  std::string_view Query(std::string_view name) const;
};

// A complete answer: what is not a stream.
struct Reply {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::string header_lines;  // beyond what the server adds itself, each "name: value\r\n"

  void AddHeader(std::string_view name, std::string_view value) {
    header_lines.append(name).append(": ").append(value).append("\r\n");
  }
};

// What happens when the wire has taken the bytes before `offset`.
enum class Act {
  kPause,  // wait, then go on
  kHold,   // wait until the control API releases `key`, then go on
  kStall,  // say nothing more and keep the connection
  kCut,    // close the connection without ending the body
  kReset,  // close it with a TCP reset
};

struct Mark {
  std::size_t offset = 0;
  Act act = Act::kPause;
  std::chrono::microseconds pause{};
  std::string key;
};

// The bytes of an event stream and what happens between them. Without marks it is one burst, one write.
struct Script {
  std::string bytes;
  std::vector<Mark> marks;          // in order of their offsets
  std::vector<std::size_t> stamps;  // offsets of sixteen digits that become the time of sending, in unix microseconds
  std::size_t split_bytes = 0;      // write this many bytes at a time; 0 means as they come
  std::chrono::microseconds split_pause{};
};

inline constexpr std::size_t kStampDigits = 16;

struct LogEntry;
struct SocketMemory;

// What happens instead of an answer.
enum class Mishap {
  kNone,
  kStall,  // the request is read and nothing is ever said
  kDrop,   // the connection is closed
  kReset,  // the connection is reset
};

struct Plan {
  Reply reply;  // for a stream: status, content type and headers
  bool streams = false;
  Script script;
  Mishap mishap = Mishap::kNone;
  std::chrono::milliseconds head_delay{};
  bool close = false;               // close the connection after the answer without having announced it
  std::shared_ptr<LogEntry> entry;  // null when the request is not logged

  // WebSocket. An upgrade is accepted by giving the connection a memory; the rest is about one turn.
  std::shared_ptr<SocketMemory> socket;
  std::string first_frame;  // before the stream's
  std::string frame;        // instead of a stream; empty with a message that wants no answer
  int close_code = 0;       // where the script is cut, or after `frame`, the socket is closed with this code
};

// "OK" for 200, …
std::string_view ReasonPhrase(unsigned status);

}  // namespace patchbay::sim
