#include "workers/ollama/dialect/manage.h"

#include <gtest/gtest.h>

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

TEST(DecodeCopy, WantsBothNames) {
  EXPECT_EQ(*DecodeCopy(R"({"source":"a","destination":"b"})"), "a");
  EXPECT_EQ(DecodeCopy(R"({"source":"a"})").error().message, "source and destination are required");
}

TEST(EncodeCloudStatus, SaysThatThereIsNone) {
  EXPECT_EQ(EncodeCloudStatus(), R"({"cloud":{"disabled":true,"source":"patchbay"}})");
}

}  // namespace
}  // namespace patchbay::ollama
