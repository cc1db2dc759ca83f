#include "lib/net/server/body_decoder.h"

#include "lib/base/text.h"

namespace patchbay::net::server {
namespace {

// In words for whoever sent the body.
Error OfRequest(const Error& error, std::size_t max_bytes) {
  if (error.code == ErrorCode::kTooLarge) return BodyTooLarge(max_bytes);
  return Error(error.code, "the request body is not what its Content-Encoding says").From(Origin::kClient);
}

}  // namespace

Error BodyTooLarge(std::size_t max_bytes) {
  return Error(ErrorCode::kTooLarge, "the request body is larger than " + std::to_string(max_bytes) + " bytes")
      .From(Origin::kClient);
}

Result<void> BodyDecoder::Feed(std::string_view bytes) {
  if (decoder_) {
    if (auto fed = decoder_->Feed(bytes, out_, max_bytes_); !fed.ok()) return OfRequest(fed.error(), max_bytes_);
    return {};
  }
  if (bytes.size() > max_bytes_ - out_.size()) return BodyTooLarge(max_bytes_);
  out_.append(bytes);
  return {};
}

Result<void> BodyDecoder::Finish() {
  if (!decoder_) return {};
  if (auto ended = decoder_->Finish(); !ended.ok()) return OfRequest(ended.error(), max_bytes_);
  return {};
}

Result<std::unique_ptr<BodyDecoder>> BodyDecoder::Create(std::string_view encoding, std::size_t max_bytes) {
  std::unique_ptr<wire::ContentDecoder> decoder;
  if (!encoding.empty() && !EqualsIgnoreCase(encoding, "identity")) {
    auto created = wire::ContentDecoder::Create(encoding);
    if (!created.ok()) {
      return Error(created.error().code, "the request's Content-Encoding is not gzip, deflate or zstd")
          .From(Origin::kClient)
          .At("content-encoding");
    }
    decoder = std::move(created).value();
  }
  return std::unique_ptr<BodyDecoder>(new BodyDecoder(std::move(decoder), max_bytes));
}

}  // namespace patchbay::net::server
