#include "workers/ollama/dialect/manage.h"

#include <gtest/gtest.h>

#include <string>

#include "workers/ollama/dialect/asked.h"

namespace patchbay::ollama {
namespace {

TEST(EncodePull, EndsWellForAModelThatIsHere) {
  EXPECT_EQ(EncodePull(true), "{\"status\":\"pulling manifest\"}\n{\"status\":\"success\"}\n");
  EXPECT_EQ(EncodePull(false),
            "{\"status\":\"pulling manifest\"}\n{\"error\":\"pull model manifest: file does not exist\"}\n");
}

TEST(DecodeModel, TakesTheElderName) {
  EXPECT_EQ(DecodeModel(R"({"name":"m","stream":false})")->model, "m");
  EXPECT_FALSE(DecodeModel(R"({"name":"m","stream":false})")->stream);
  EXPECT_EQ(DecodeModel(R"({"model":""})").error().message, "model is required");
}

TEST(DecodeModel, BoundsTheName) {
  const auto asking = [](std::size_t bytes) { return R"({"model":")" + std::string(bytes, 'm') + R"("})"; };
  EXPECT_TRUE(DecodeModel(asking(kModelNameBytesMax)).ok());
  const auto longer = DecodeModel(asking(kModelNameBytesMax + 1));
  ASSERT_FALSE(longer.ok());
  EXPECT_EQ(longer.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(longer.error().message, "invalid model name");
  EXPECT_EQ(DecodeCopy(R"({"source":")" + std::string(kModelNameBytesMax + 1, 'm') + R"(","destination":"b"})")
                .error()
                .message,
            "invalid model name");
}

TEST(DecodeCopy, WantsBothNames) {
  EXPECT_EQ(*DecodeCopy(R"({"source":"a","destination":"b"})"), "a");
  EXPECT_EQ(DecodeCopy(R"({"source":"a"})").error().message, "source and destination are required");
}

TEST(EncodeCloudStatus, SaysThatThereIsNone) {
  EXPECT_EQ(EncodeCloudStatus(), R"({"cloud":{"disabled":true,"source":"patchbay"}})");
}

}  // namespace
}  // namespace patchbay::ollama
