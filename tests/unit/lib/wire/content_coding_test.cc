#include "lib/wire/content_coding.h"

#include <gtest/gtest.h>

#include "tests/sim/compress.h"

namespace patchbay::wire {
namespace {

constexpr std::size_t kBound = 1 << 20;

class ContentCoding : public ::testing::TestWithParam<const char*> {
 protected:
  std::unique_ptr<ContentDecoder> Decoder() { return *ContentDecoder::Create(GetParam()); }
};

TEST_P(ContentCoding, IsDecodedHoweverTheBytesCome) {
  const std::string body = sim::Compressed(GetParam(), "event: a\ndata: {\"x\":\"caf\xc3\xa9\"}\n\n");
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, body.size()}) {
    const auto decoder = Decoder();
    std::string out;
    for (std::size_t at = 0; at < body.size(); at += piece) {
      ASSERT_TRUE(decoder->Feed(std::string_view(body).substr(at, piece), out, kBound).ok()) << piece;
    }
    EXPECT_TRUE(decoder->Finish().ok());
    EXPECT_EQ(out, "event: a\ndata: {\"x\":\"caf\xc3\xa9\"}\n\n");
  }
}

TEST_P(ContentCoding, GivesEachFlushedPieceAtOnce) {
  const auto compressor = sim::Compressor::Create(GetParam());
  const auto decoder = Decoder();
  for (const std::string piece : {"data: 1\n\n", "data: 2\n\n", ""}) {
    std::string out;
    ASSERT_TRUE(decoder->Feed(compressor->Add(piece, piece.empty()), out, kBound).ok());
    EXPECT_EQ(out, piece);
  }
  EXPECT_TRUE(decoder->Finish().ok());
}

TEST_P(ContentCoding, IsRefusedWhenItIsCutOrNoneOrABomb) {
  std::string body = sim::Compressed(GetParam(), std::string(100'000, 'x')), out;
  EXPECT_EQ(Decoder()->Feed(body, out, 99'999).error().code, ErrorCode::kTooLarge);
  EXPECT_LE(out.size(), 99'999u);
  out.clear();
  EXPECT_EQ(Decoder()->Feed("not compressed at all", out, kBound).error().code, ErrorCode::kInvalidArgument);
  body.pop_back();
  const auto decoder = Decoder();
  ASSERT_TRUE(decoder->Feed(body, out, kBound).ok());
  EXPECT_EQ(decoder->Finish().error().code, ErrorCode::kInvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(All, ContentCoding, ::testing::Values("gzip", "zstd"));

TEST(ContentCodingNames, AreThoseThatAreKnown) {
  for (const char* name : {"gzip", "X-GZIP", "deflate", "zstd"}) EXPECT_TRUE(ContentDecoder::Create(name).ok()) << name;
  for (const char* name : {"br", "", "identity", "gzip, zstd"}) {
    EXPECT_EQ(ContentDecoder::Create(name).error().code, ErrorCode::kUnsupported) << name;
  }
}

}  // namespace
}  // namespace patchbay::wire
