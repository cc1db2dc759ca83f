#include "lib/net/server/body_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/lib/net/compressed.h"

namespace patchbay::net::server {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kBound = 1000;

// The whole body in pieces of so many bytes.
Result<std::string> Decode(std::string_view encoding, std::string_view bytes, std::size_t piece = 1'000'000) {
  ASSIGN_OR_RETURN(auto decoder, BodyDecoder::Create(encoding, kBound));
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    RETURN_IF_ERROR(decoder->Feed(bytes.substr(0, piece)));
  }
  RETURN_IF_ERROR(decoder->Finish());
  return std::move(*decoder).Take();
}

struct Encoding {
  std::string name;
  std::string (*encode)(std::string_view text);
};
const Encoding kEncodings[] = {
    {"", [](std::string_view text) { return std::string(text); }},
    {"identity", [](std::string_view text) { return std::string(text); }},
    {"gzip", Gzip},
    {"X-GZIP", Gzip},
    {"deflate", [](std::string_view text) { return Deflate(text, 15); }},
    {"Deflate", [](std::string_view text) { return Deflate(text, -15); }},  // as some send it
    {"zstd", [](std::string_view text) { return Zstd(text); }}};

TEST(BodyDecoder, GivesTheBodyHoweverItsBytesCome) {
  for (const Encoding& encoding : kEncodings) {
    for (const std::string& text :
         {std::string("{\"a\":[1,2,3]}"), std::string(kBound, 'x'), std::string("\0\xff", 2)}) {
      for (const std::size_t piece : {1u, 3u, 1'000'000u}) {
        const auto body = Decode(encoding.name, encoding.encode(text), piece);
        ASSERT_TRUE(body.ok()) << encoding.name << " " << piece << " " << body.error().message;
        EXPECT_EQ(*body, text) << encoding.name << " " << piece;
      }
    }
  }
}

TEST(BodyDecoder, GivesNothingForNothing) {
  for (const Encoding& encoding : kEncodings) {
    EXPECT_EQ(*Decode(encoding.name, ""), "") << encoding.name;
    EXPECT_EQ(*Decode(encoding.name, encoding.encode("")), "") << encoding.name;
  }
}

TEST(BodyDecoder, BoundsWhatComesOutNotWhatGoesIn) {
  for (const Encoding& encoding : kEncodings) {
    const auto body = Decode(encoding.name, encoding.encode(std::string(kBound + 1, 'x')));
    ASSERT_FALSE(body.ok()) << encoding.name;
    EXPECT_EQ(body.error().code, ErrorCode::kTooLarge) << encoding.name;
    EXPECT_EQ(body.error().origin, Origin::kClient);
    EXPECT_THAT(body.error().message, HasSubstr("1000 bytes"));
  }
}

TEST(BodyDecoder, RefusesACutBody) {
  for (const Encoding& encoding : kEncodings) {
    const std::string whole = encoding.encode("some text, long enough to be cut");
    if (whole.starts_with("some")) continue;  // a body without an encoding is as long as it is
    for (std::size_t size = 1; size < whole.size(); ++size) {
      const auto body = Decode(encoding.name, whole.substr(0, size));
      ASSERT_FALSE(body.ok()) << encoding.name << " " << size;
      EXPECT_EQ(body.error().code, ErrorCode::kInvalidArgument);
    }
  }
}

TEST(BodyDecoder, RefusesBytesThatAreNotWhatTheirNameSays) {
  for (const char* name : {"gzip", "deflate", "zstd"}) {
    const auto body = Decode(name, "{\"model\":\"m\"} and more of it");
    ASSERT_FALSE(body.ok()) << name;
    EXPECT_EQ(body.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(body.error().origin, Origin::kClient);
    EXPECT_THAT(body.error().message, HasSubstr("Content-Encoding"));
  }
}

TEST(BodyDecoder, TakesSeveralMembersButNothingElseBehindTheFirst) {
  EXPECT_EQ(*Decode("gzip", Gzip("one ") + Gzip("two"), 5), "one two");  // RFC 1952 §2.2
  EXPECT_EQ(*Decode("zstd", Zstd("one ") + Zstd("two"), 5), "one two");  // RFC 8878 §3
  EXPECT_FALSE(Decode("gzip", Gzip("one") + "two").ok());
  EXPECT_FALSE(Decode("deflate", Deflate("one", 15) + Deflate("two", 15)).ok());
  EXPECT_FALSE(Decode("zstd", Zstd("one") + "two").ok());
}

TEST(BodyDecoder, KnowsNoOtherEncodingAndNoCombination) {
  for (const char* name : {"br", "gzip, gzip", "identity, zstd", "compress", " gzip"}) {
    const auto decoder = BodyDecoder::Create(name, kBound);
    ASSERT_FALSE(decoder.ok()) << name;
    EXPECT_EQ(decoder.error().code, ErrorCode::kUnsupported);
    EXPECT_EQ(decoder.error().where, "content-encoding");
  }
}

}  // namespace
}  // namespace patchbay::net::server
