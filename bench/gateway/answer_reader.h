// Reads one streamed HTTP/1.1 answer after another from whatever pieces the socket gives, counts the deltas in its
// server-sent events, or lines of JSON, and checks them. Header-only: the load generator is its one user and wants it
// inlined.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::bench {

struct Expectation {
  std::string needle = "\"delta\":\"";  // what precedes a delta's text
  long long deltas = -1;                // per answer; -1: any number
  bool sequence = false;                // the texts count from 0
};

class AnswerReader {
 public:
  explicit AnswerReader(const Expectation& expectation) : expectation_(expectation) {}

  void Begin() {
    phase_ = Phase::kHead;
    input_.clear();
    line_.clear();
    status_ = 0;
    body_bytes_ = deltas_ = out_of_order_ = 0;
    remaining_ = 0;
    must_close_ = false;
    body_start_.clear();
    latencies_.clear();
    error_.clear();
  }

  // True when the answer is complete.
  bool Push(std::string_view bytes, std::int64_t now_us) {
    now_us_ = now_us;
    if (phase_ == Phase::kHead) {
      input_.append(bytes);
      const auto end = input_.find("\r\n\r\n");
      if (end == std::string::npos) return false;
      Head(std::string_view(input_).substr(0, end + 2));
      const std::string rest = input_.substr(end + 4);
      input_.clear();
      return Body(rest);
    }
    return Body(bytes);
  }

  int status() const { return status_; }
  long long deltas() const { return deltas_; }
  long long body_bytes() const { return body_bytes_; }
  bool must_close() const { return must_close_; }
  const std::string& error() const { return error_; }
  const std::string& body_start() const { return body_start_; }
  const std::vector<float>& event_latencies_us() const { return latencies_; }
  // Deltas that were expected and did not come, or came out of order.
  long long lost() const {
    const long long missing = expectation_.deltas < 0 ? 0 : expectation_.deltas - deltas_;
    return (missing < 0 ? -missing : missing) + out_of_order_;
  }

 private:
  enum class Phase { kHead, kLength, kChunkSize, kChunk, kChunkEnd, kTrailer, kDone };
  static constexpr std::size_t kStampDigits = 16;
  static constexpr std::size_t kBodyStartBytes = 200;

  void Head(std::string_view head) {
    std::from_chars(head.data() + 9, head.data() + 12, status_);
    phase_ = Phase::kLength;
    for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
      const auto end = head.find("\r\n", at);
      std::string name(head.substr(at, head.find(':', at) - at));
      for (char& c : name) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
      std::string_view value = head.substr(at + name.size() + 1, end - at - name.size() - 1);
      value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
      if (name == "content-length") std::from_chars(value.data(), value.data() + value.size(), remaining_);
      if (name == "transfer-encoding" && value == "chunked") phase_ = Phase::kChunkSize;
      if (name == "connection" && value == "close") must_close_ = true;
      at = end + 2;
    }
  }

  bool Body(std::string_view bytes) {
    for (;;) {
      switch (phase_) {
        case Phase::kHead: return false;
        case Phase::kDone: return true;
        case Phase::kLength:
        case Phase::kChunk: {
          const auto take = std::min<std::size_t>(bytes.size(), static_cast<std::size_t>(remaining_));
          Text(bytes.substr(0, take));
          bytes.remove_prefix(take);
          remaining_ -= static_cast<long long>(take);
          if (remaining_ > 0) return false;
          if (phase_ == Phase::kLength) {
            phase_ = Phase::kDone;
            return true;
          }
          phase_ = Phase::kChunkEnd;
          break;
        }
        case Phase::kChunkEnd:
        case Phase::kChunkSize:
        case Phase::kTrailer: {
          const auto end = bytes.find('\n');
          if (end == std::string_view::npos) {
            input_.append(bytes);
            return false;
          }
          input_.append(bytes.substr(0, end + 1));
          bytes.remove_prefix(end + 1);
          const bool blank = input_ == "\r\n";
          if (phase_ == Phase::kChunkEnd) {
            phase_ = Phase::kChunkSize;
          } else if (phase_ == Phase::kTrailer) {
            if (blank) phase_ = Phase::kDone;
          } else {
            remaining_ = 0;
            const auto parsed = std::from_chars(input_.data(), input_.data() + input_.size(), remaining_, 16);
            if (parsed.ec != std::errc()) {
              error_ = "a malformed chunk size";
              return true;
            }
            phase_ = remaining_ == 0 ? Phase::kTrailer : Phase::kChunk;
          }
          input_.clear();
          break;
        }
      }
    }
  }

  void Text(std::string_view bytes) {
    body_bytes_ += static_cast<long long>(bytes.size());
    if (body_start_.size() < kBodyStartBytes) body_start_.append(bytes.substr(0, kBodyStartBytes - body_start_.size()));
    while (!bytes.empty()) {
      const auto* end = static_cast<const char*>(std::memchr(bytes.data(), '\n', bytes.size()));
      if (end == nullptr) {
        line_.append(bytes);
        return;
      }
      const auto size = static_cast<std::size_t>(end - bytes.data());
      if (line_.empty()) {
        Line(bytes.substr(0, size));
      } else {
        line_.append(bytes.substr(0, size));
        Line(line_);
        line_.clear();
      }
      bytes.remove_prefix(size + 1);
    }
  }

  void Line(std::string_view line) {
    if (!line.starts_with("data:") && !line.starts_with('{')) return;
    const auto at = line.find(expectation_.needle);
    if (at == std::string_view::npos) return;
    const std::string_view text = line.substr(at + expectation_.needle.size());
    if (text.empty() || text.front() == '"') return;
    if (expectation_.sequence) {
      long long number = -1;
      std::from_chars(text.data(), text.data() + text.size(), number);
      if (number != deltas_) ++out_of_order_;
    }
    ++deltas_;
    Stamp(text);
  }

  // Sixteen digits in a row are a time in unix microseconds.
  void Stamp(std::string_view text) {
    std::size_t run = 0;
    for (std::size_t i = 0; i < text.size() && text[i] != '"'; ++i) {
      run = text[i] >= '0' && text[i] <= '9' ? run + 1 : 0;
      if (run < kStampDigits) continue;
      std::int64_t sent = 0;
      std::from_chars(text.data() + i + 1 - kStampDigits, text.data() + i + 1, sent);
      if (sent > 0) latencies_.push_back(static_cast<float>(now_us_ - sent));
      return;
    }
  }

  const Expectation& expectation_;
  Phase phase_ = Phase::kDone;
  std::string input_;  // the head, or a chunk-size line, until it is whole
  std::string line_;   // an unfinished line of the body
  int status_ = 0;
  long long body_bytes_ = 0;
  long long deltas_ = 0;
  long long out_of_order_ = 0;
  long long remaining_ = 0;
  bool must_close_ = false;
  std::string body_start_;
  std::vector<float> latencies_;
  std::string error_;
  std::int64_t now_us_ = 0;
};

}  // namespace patchbay::bench
