#include "tests/sim/request_log.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "lib/base/encoding.h"
#include "lib/base/sha256.h"
#include "lib/base/text.h"
#include "tests/sim/json_text.h"

namespace patchbay::sim {
namespace {

constexpr std::size_t kHashCharsShown = 16;

std::size_t Weight(const LogEntry& entry) {
  return sizeof(LogEntry) + entry.headers.size() + entry.body.size() + entry.target.size();
}

// Tests compare who sent a token, not the token.
std::string Hashed(std::string_view secret) { return "sha256:" + HexEncode(Sha256(secret)).substr(0, kHashCharsShown); }

json::array HeadersToJson(std::string_view headers) {
  json::array list;
  while (!headers.empty()) {
    const std::string_view line = headers.substr(0, headers.find('\n'));
    headers.remove_prefix(std::min(line.size() + 1, headers.size()));
    const auto colon = line.find(": ");
    const std::string name(line.substr(0, colon));
    std::string_view value = line.substr(colon + 2);
    const bool secret = EqualsIgnoreCase(name, "authorization");
    if (secret && value.substr(0, 7) == "Bearer ") value.remove_prefix(7);
    list.push_back(json::array{json::string(name), json::string(secret ? Hashed(value) : std::string(value))});
  }
  return list;
}

// The body as JSON where it is JSON; else as text, or as base64 when it is not even text. Token requests hold secrets.
json::value BodyToJson(const LogEntry& entry) {
  if (entry.target.find("/oauth") != std::string::npos) return json::value(Hashed(entry.body));
  json::error_code error;
  json::parse_options options;
  options.max_depth = 256;
  json::value value = json::parse(entry.body, error, {}, options);
  if (!error) return value;
  json::value text = json::parse("\"\"");
  std::string quoted;
  AppendJsonString(quoted, entry.body);
  text = json::parse(quoted, error);
  return error ? json::value("base64:" + Base64Encode(entry.body)) : text;
}

}  // namespace

std::shared_ptr<LogEntry> RequestLog::Add(const Request& request, std::string_view body, bool tls) {
  auto entry = std::make_shared<LogEntry>();
  entry->seq = next_seq_++;
  entry->received_at = std::chrono::system_clock::now();
  entry->started = std::chrono::steady_clock::now();
  entry->method = request.method;
  entry->target = request.target;
  entry->tls = tls;
  std::size_t size = 0;
  for (const auto& [name, value] : request.headers) size += name.size() + value.size() + 3;
  entry->headers.reserve(size);
  for (const auto& [name, value] : request.headers) entry->headers.append(name).append(": ").append(value) += '\n';
  entry->body_bytes = body.size();
  entry->body = body.substr(0, kBodyBytesMax);
  entries_.push_back(entry);
  total_bytes_ += Weight(*entry);
  while (entries_.size() > entries_max_ || total_bytes_ > kTotalBytesMax) {
    total_bytes_ -= Weight(*entries_.front());
    entries_.pop_front();
  }
  return entry;
}

void RequestLog::Clear() {
  entries_.clear();
  total_bytes_ = 0;
}

std::string RequestLog::ToJson(std::uint64_t since, std::size_t limit) const {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  json::array list;
  std::uint64_t next_since = since;
  for (const auto& entry : entries_) {
    if (entry->seq <= since) continue;
    if (list.size() >= limit) break;
    next_since = entry->seq;
    json::object object{{"seq", entry->seq},
                        {"time_ms", duration_cast<milliseconds>(entry->received_at.time_since_epoch()).count()},
                        {"method", entry->method},
                        {"path", entry->target},
                        {"tls", entry->tls},
                        {"account_id", entry->account_id},
                        {"headers", HeadersToJson(entry->headers)},
                        {"body", BodyToJson(*entry)},
                        {"body_bytes", entry->body_bytes},
                        {"scenario", entry->scenario},
                        {"status", entry->status},
                        {"bytes_sent", entry->bytes_sent},
                        {"finished", entry->finished},
                        {"aborted", entry->aborted}};
    if (entry->aborted) {
      object["aborted_after_bytes"] = entry->bytes_sent;
      object["aborted_at_ms_since_request"] = entry->aborted_at_ms;
    }
    list.push_back(std::move(object));
  }
  return json::serialize(json::object{{"next_since", next_since}, {"entries", std::move(list)}});
}

}  // namespace patchbay::sim
