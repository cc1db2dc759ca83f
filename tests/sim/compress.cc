#include "tests/sim/compress.h"

#include <zlib.h>
#include <zstd.h>

#include <array>

namespace patchbay::sim {
namespace {

class Gzip final : public Compressor {
 public:
  Gzip() { deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY); }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;
  ~Gzip() override { deflateEnd(&stream_); }

  std::string Add(std::string_view piece, bool last) override {
    std::array<char, 16 * 1024> block;
    std::string out;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));  // zlib does not write there
    stream_.avail_in = static_cast<uInt>(piece.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(block.data());
      stream_.avail_out = static_cast<uInt>(block.size());
      deflate(&stream_, last ? Z_FINISH : Z_SYNC_FLUSH);
      out.append(block.data(), block.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
    return out;
  }

 private:
  z_stream stream_{};
};

class Zstd final : public Compressor {
 public:
  std::string Add(std::string_view piece, bool last) override {
    std::string block(ZSTD_CStreamOutSize(), '\0');
    std::string out;
    ZSTD_inBuffer input{piece.data(), piece.size(), 0};
    std::size_t left = 1;
    while (left != 0) {
      ZSTD_outBuffer output{block.data(), block.size(), 0};
      left = ZSTD_compressStream2(stream_.get(), &output, &input, last ? ZSTD_e_end : ZSTD_e_flush);
      if (ZSTD_isError(left)) return {};
      out.append(block, 0, output.pos);
    }
    return out;
  }

 private:
  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  std::unique_ptr<ZSTD_CCtx, Free> stream_{ZSTD_createCCtx()};
};

}  // namespace

std::unique_ptr<Compressor> Compressor::Create(std::string_view coding) {
  if (coding == "gzip") return std::make_unique<Gzip>();
  if (coding == "zstd") return std::make_unique<Zstd>();
  return nullptr;
}

std::string Compressed(std::string_view coding, std::string_view body) {
  return Compressor::Create(coding)->Add(body, true);
}

}  // namespace patchbay::sim
