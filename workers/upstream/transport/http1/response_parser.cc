#include "workers/upstream/transport/http1/response_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <optional>

#include "lib/base/text.h"
#include "lib/net/beast_chunks.h"

namespace patchbay::upstream {

namespace http = boost::beast::http;
using boost::beast::string_view;
using boost::system::error_code;

class ResponseParser::Impl final : public http::basic_parser<false> {
 public:
  explicit Impl(ResponseHead& head) : head_(head) {
    eager(true);
    header_limit(kMaxResponseHeadBytes);
    body_limit(boost::none);
  }
  std::string* body = nullptr;

 private:
  void on_request_impl(http::verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int code, string_view, int, error_code&) override {
    head_.status = code;
    head_.headers.clear();
  }
  void on_field_impl(http::field, string_view name, string_view value, error_code&) override {
    // Fields after the body are trailers, which nobody here reads.
    if (!header_done_)
      head_.headers.push_back({LowerCase({name.data(), name.size()}), std::string(value.data(), value.size())});
  }
  void on_header_impl(error_code&) override { header_done_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view bytes, error_code&) override {
    body->append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view bytes, error_code&) override {
    body->append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_finish_impl(error_code&) override {}

  ResponseHead& head_;
  bool header_done_ = false;
};

ResponseParser::ResponseParser() : impl_(std::make_unique<Impl>(head_)) {}
ResponseParser::~ResponseParser() = default;

bool ResponseParser::done() const { return head_done_ && impl_->is_done(); }
bool ResponseParser::reusable() const { return done() && !left_over_ && impl_->keep_alive(); }

Result<void> ResponseParser::Feed(std::string_view bytes, std::string& body) {
  // Mostly nothing is pending and the caller's bytes are parsed where they lie.
  const bool from_pending = !pending_.empty();
  if (from_pending) bytes = pending_.append(bytes);
  while (!bytes.empty()) {
    if (done()) {
      left_over_ = true;
      break;
    }
    if (head_done_ && impl_->chunked() && net::IsCutLastChunk(bytes)) break;
    impl_->body = &body;
    error_code error;
    const std::size_t used = impl_->put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
    bytes.remove_prefix(used);
    if (error && error != http::error::need_more) {
      return Error(error == http::error::header_limit ? ErrorCode::kTooLarge : ErrorCode::kProtocol,
                   "the response is not HTTP/1.1: " + error.message())
          .From(Origin::kUpstream);
    }
    if (impl_->is_header_done() && !head_done_) {
      if (head_.status >= 100 && head_.status < 200) {
        if (++informational_ > kMaxInformationalHeads) {
          return Error(ErrorCode::kProtocol, "too many 1xx responses").From(Origin::kUpstream);
        }
        impl_ = std::make_unique<Impl>(head_);
        continue;
      }
      head_done_ = true;
    }
    if (used == 0) break;
  }
  if (bytes.empty()) {
    pending_.clear();
  } else if (from_pending) {
    pending_.erase(0, pending_.size() - bytes.size());
  } else {
    pending_.assign(bytes);
  }
  if (pending_.size() > 2 * kMaxResponseHeadBytes) {
    return Error(ErrorCode::kTooLarge, "the response's head is endless").From(Origin::kUpstream);
  }
  return {};
}

Result<void> ResponseParser::FeedEnd() {
  error_code error;
  if (!head_done_)
    return Error(ErrorCode::kProtocol, "the connection ended before the response").From(Origin::kUpstream);
  impl_->put_eof(error);
  if (error || !impl_->is_done()) {
    return Error(ErrorCode::kProtocol, "the connection ended inside the response").From(Origin::kUpstream);
  }
  left_over_ = true;  // a connection that ended is none to use again
  return {};
}

}  // namespace patchbay::upstream
