#include "lib/wire/content_coding.h"

#include <zlib.h>
#include <zstd.h>

#include <array>

#include "lib/base/text.h"

namespace patchbay::wire {
namespace {

// RFC 8878 §3.1.1.1.2 and RFC 9659: a decoder need not accept windows above 8 MiB. This bounds its memory.
constexpr int kMaxZstdWindowLog = 23;

Error Broken(std::string_view coding) {
  return Error(ErrorCode::kInvalidArgument, "the body is not valid " + std::string(coding));
}

Result<void> Append(const char* data, std::size_t size, std::string& out, std::size_t max_bytes) {
  if (out.size() > max_bytes || size > max_bytes - out.size()) {
    return Error(ErrorCode::kTooLarge, "the body decodes to more than " + std::to_string(max_bytes) + " bytes");
  }
  out.append(data, size);
  return {};
}

// Decoders write here first: one for all, for each call leaves nothing behind in it.
std::array<char, 64 << 10>& Scratch() {
  static thread_local std::array<char, 64 << 10> scratch;
  return scratch;
}

class ZlibDecoder final : public ContentDecoder {
 public:
  explicit ZlibDecoder(bool gzip) : gzip_(gzip) {}
  ~ZlibDecoder() override {
    if (open_) inflateEnd(&stream_);
  }

  Result<void> Feed(std::string_view bytes, std::string& out, std::size_t max_bytes) override {
    if (!open_ && !bytes.empty()) {
      // "deflate" means the zlib format (RFC 9110 §8.4.1.2), but some clients send the bare one. The low four bits
      // of a zlib stream's first byte are 8, and of a bare one's practically never.
      const bool bare = !gzip_ && (static_cast<unsigned char>(bytes.front()) & 0x0F) != 8;
      constexpr int kWindow = 15, kGzip = 16;
      if (inflateInit2(&stream_, gzip_ ? kWindow + kGzip : bare ? -kWindow : kWindow) != Z_OK) return Broken(name());
      open_ = true;
    }
    auto& scratch = Scratch();
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib does not write there
    stream_.avail_in = static_cast<uInt>(bytes.size());
    bool more = true;
    while (more || stream_.avail_in > 0) {
      if (ended_) {
        if (stream_.avail_in == 0) return {};
        // A gzip body may be several members in a row (RFC 1952 §2.2).
        if (!gzip_ || inflateReset(&stream_) != Z_OK) return Broken(name());
        ended_ = false;
      }
      stream_.next_out = reinterpret_cast<Bytef*>(scratch.data());
      stream_.avail_out = static_cast<uInt>(scratch.size());
      const int code = inflate(&stream_, Z_NO_FLUSH);
      if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) return Broken(name());
      RETURN_IF_ERROR(Append(scratch.data(), scratch.size() - stream_.avail_out, out, max_bytes));
      more = stream_.avail_out == 0;
      ended_ = code == Z_STREAM_END;
    }
    return {};
  }
  Result<void> Finish() override {
    if (open_ && !ended_) return Broken(name());
    return {};
  }

 private:
  std::string_view name() const { return gzip_ ? "gzip" : "deflate"; }

  const bool gzip_;
  z_stream stream_{};
  bool open_ = false;
  bool ended_ = false;
};

class ZstdDecoder final : public ContentDecoder {
 public:
  ZstdDecoder() : stream_(ZSTD_createDStream()) {
    ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, kMaxZstdWindowLog);
  }

  Result<void> Feed(std::string_view bytes, std::string& out, std::size_t max_bytes) override {
    auto& scratch = Scratch();
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    bool more = true;
    while (in.pos < in.size || more) {
      ZSTD_outBuffer piece{scratch.data(), scratch.size(), 0};
      const std::size_t hint = ZSTD_decompressStream(stream_.get(), &piece, &in);
      if (ZSTD_isError(hint)) return Broken("zstd");
      RETURN_IF_ERROR(Append(scratch.data(), piece.pos, out, max_bytes));
      more = piece.pos == piece.size;
      frame_ended_ = hint == 0;
      if (frame_ended_ && in.pos == in.size) break;
    }
    return {};
  }
  Result<void> Finish() override {
    if (!frame_ended_) return Broken("zstd");
    return {};
  }

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };
  std::unique_ptr<ZSTD_DStream, Free> stream_;
  bool frame_ended_ = true;
};

}  // namespace

Result<std::unique_ptr<ContentDecoder>> ContentDecoder::Create(std::string_view coding) {
  std::unique_ptr<ContentDecoder> decoder;
  if (EqualsIgnoreCase(coding, "gzip") || EqualsIgnoreCase(coding, "x-gzip")) {
    decoder = std::make_unique<ZlibDecoder>(true);
  } else if (EqualsIgnoreCase(coding, "deflate")) {
    decoder = std::make_unique<ZlibDecoder>(false);
  } else if (EqualsIgnoreCase(coding, "zstd")) {
    decoder = std::make_unique<ZstdDecoder>();
  } else {
    return Error(ErrorCode::kUnsupported, "the Content-Encoding is not gzip, deflate or zstd");
  }
  return decoder;
}

}  // namespace patchbay::wire
