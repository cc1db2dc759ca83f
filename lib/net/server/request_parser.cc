#include "lib/net/server/request_parser.h"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <string>

#include "lib/base/text.h"
#include "lib/net/beast_chunks.h"
#include "lib/net/server/body_decoder.h"

namespace patchbay::net::server {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

constexpr std::size_t kMaxHeaderFields = 256;
// Empty lines that a client may send before a request line (RFC 9112 §2.2 asks for tolerance of one).
constexpr std::size_t kMaxLeadingLines = 4;
// A chunk's size line or the trailer section, which must be complete to be parsed.
constexpr std::size_t kMaxChunkHeaderBytes = 16 << 10;

constexpr std::string_view kEndOfHead = "\r\n\r\n";

Refusal Bad(std::string_view message) { return {400, message}; }

}  // namespace

class RequestParser::Impl final : public http::basic_parser<true> {
 public:
  Impl() {
    body_limit(boost::none);                       // the decoder bounds the body
    header_limit(static_cast<std::uint32_t>(-1));  // the connection bounds the head
  }

  HttpRequest* request = nullptr;  // while the head is parsed
  BodyDecoder* decoder = nullptr;  // while the body is parsed
  std::optional<Error> decoder_error;
  bool too_many_fields = false;
  bool head_done = false;
  int hosts = 0, lengths = 0, encodings = 0;
  bool chunked_only = true;
  bool expects_continue = false;
  bool keep_alive_after = false;

 private:
  // The storage was reserved for the whole head, so views into it stay good while it grows.
  std::string_view Keep(string_view text) {
    std::string& storage = request->storage;
    const std::size_t start = storage.size();
    storage.append(text.data(), text.size());
    return std::string_view(storage).substr(start);
  }

  void on_request_impl(http::verb, string_view method, string_view target, int version, error_code&) override {
    request->method = Keep(method);
    request->target = Keep(target);
    request->version = version;
  }
  void on_field_impl(http::field field, string_view name, string_view value, error_code& code) override {
    if (head_done) return;  // trailers say nothing that we want to know
    if (request->headers.size() >= kMaxHeaderFields) {
      too_many_fields = true;
      code = http::error::header_limit;
      return;
    }
    const HttpHeader header{.name = Keep(name), .value = Keep(value)};
    request->headers.push_back(header);
    switch (field) {
      case http::field::host: ++hosts; break;
      case http::field::content_length: ++lengths; break;
      case http::field::transfer_encoding:
        ++encodings;
        chunked_only = EqualsIgnoreCase(header.value, "chunked");
        break;
      case http::field::expect: expects_continue = EqualsIgnoreCase(header.value, "100-continue"); break;
      default: break;
    }
  }
  void on_header_impl(error_code&) override { head_done = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view body, error_code& code) override { return Take(body, code); }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code& code) override {
    return Take(body, code);
  }
  void on_finish_impl(error_code&) override {}
  void on_response_impl(int, string_view, int, error_code&) override {}

  std::size_t Take(string_view body, error_code& code) {
    if (decoder != nullptr && !body.empty()) {
      if (auto fed = decoder->Feed({body.data(), body.size()}); !fed.ok()) {
        decoder_error = std::move(fed).error();
        code = http::error::body_limit;
      }
    }
    return body.size();
  }
};

RequestParser::RequestParser() : impl_(std::make_unique<Impl>()) {}
RequestParser::~RequestParser() = default;

std::size_t RequestParser::HeadSize(std::string_view bytes, std::size_t& scanned) {
  std::size_t start = 0;
  while (start < 2 * kMaxLeadingLines && bytes.substr(start).starts_with("\r\n")) start += 2;
  const std::size_t end = bytes.find(kEndOfHead, std::max(start, scanned));
  if (end != std::string_view::npos) return end + kEndOfHead.size();
  // The end may have begun within the last three bytes.
  scanned = bytes.size() < kEndOfHead.size() ? 0 : bytes.size() - (kEndOfHead.size() - 1);
  return 0;
}

std::optional<Refusal> RequestParser::ParseHead(std::string_view head, HttpRequest& request) {
  while (head.starts_with("\r\n")) head.remove_prefix(2);
  if (head.empty()) return Bad("there is no request line");
  request.storage.reserve(head.size());
  request.headers.reserve(16);
  impl_->request = &request;
  error_code code;
  const std::size_t used = impl_->put(boost::asio::const_buffer(head.data(), head.size()), code);
  impl_->request = nullptr;
  if (impl_->too_many_fields) return Refusal{431, "the request has too many header fields"};
  if (code == http::error::bad_version) return Refusal{505, "the protocol version is not HTTP/1.0 or HTTP/1.1"};
  if (code == http::error::bad_content_length || code == http::error::multiple_content_length) {
    return Bad("the Content-Length header is malformed");
  }
  if (code == http::error::bad_transfer_encoding) return Bad("the Transfer-Encoding header is malformed or repeated");
  if (code || used != head.size() || !impl_->head_done) return Bad("the request head is malformed");

  // Two ways to read where a body ends are two requests to two readers (RFC 9112 §6.1, §6.3): refuse them all.
  if (impl_->encodings > 0 && impl_->lengths > 0) return Bad("Content-Length and Transfer-Encoding exclude each other");
  if (impl_->lengths > 1) return Bad("the Content-Length header is repeated");
  if (impl_->encodings > 0 && request.version < 11) return Bad("HTTP/1.0 has no Transfer-Encoding");
  if (impl_->encodings > 1 || (impl_->encodings == 1 && !impl_->chunked_only)) {
    return Refusal{501, "the only Transfer-Encoding understood here is chunked"};
  }
  if (impl_->hosts > 1 || (impl_->hosts == 0 && request.version >= 11))
    return Bad("the request needs exactly one Host header");

  std::string_view target = request.target;
  if (!target.starts_with('/')) {  // absolute form: http://host/path (RFC 9112 §3.2.2)
    const std::size_t scheme = target.find("://");
    if (scheme != std::string_view::npos) {
      const std::size_t slash = target.find_first_of("/?", scheme + 3);
      target = slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
    }
  }
  const std::size_t question = target.find('?');
  request.path = target.substr(0, question);
  if (request.path.empty()) request.path = "/";
  if (question != std::string_view::npos) request.query = target.substr(question + 1);

  impl_->keep_alive_after = impl_->keep_alive();
  impl_->expects_continue = impl_->expects_continue && request.version >= 11;
  impl_->eager(true);
  return std::nullopt;
}

Result<std::size_t> RequestParser::ParseBody(std::string_view bytes, BodyDecoder& decoder) {
  impl_->decoder = &decoder;
  auto parsed = SkipBody(bytes);
  impl_->decoder = nullptr;
  if (impl_->decoder_error) return *impl_->decoder_error;
  return parsed;
}

Result<std::size_t> RequestParser::SkipBody(std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size() && !impl_->is_done()) {
    if (impl_->chunked() && IsCutLastChunk(bytes.substr(used))) break;
    error_code code;
    const std::size_t step = impl_->put(boost::asio::const_buffer(bytes.data() + used, bytes.size() - used), code);
    used += step;
    if (code == http::error::need_more) break;
    if (code) return Error(ErrorCode::kInvalidArgument, "the chunked request body is malformed").From(Origin::kClient);
    if (step == 0) break;
  }
  if (!impl_->is_done() && bytes.size() - used > kMaxChunkHeaderBytes) {
    return Error(ErrorCode::kInvalidArgument, "a chunk header or the trailers of the request body are too long")
        .From(Origin::kClient);
  }
  return used;
}

bool RequestParser::body_done() const { return impl_->is_done(); }
bool RequestParser::keep_alive() const { return impl_->keep_alive_after; }
bool RequestParser::expects_continue() const { return impl_->expects_continue; }

std::optional<std::uint64_t> RequestParser::content_length() const {
  const auto length = impl_->content_length();
  return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
}

std::optional<std::uint64_t> RequestParser::remaining() const {
  if (impl_->is_done()) return 0;
  const auto remaining = impl_->content_length_remaining();
  return remaining ? std::optional<std::uint64_t>(*remaining) : std::nullopt;
}

}  // namespace patchbay::net::server
