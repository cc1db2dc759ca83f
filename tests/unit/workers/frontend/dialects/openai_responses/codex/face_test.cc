#include "workers/frontend/dialects/openai_responses/codex/face.h"

#include <gmock/gmock.h>

#include "tests/unit/workers/frontend/dialects/models_testing.h"

namespace patchbay::frontend::openai_responses::codex {
namespace {

using ::testing::StartsWith;
using testing_models::Models;

const Dialect& TheFace() {
  static const std::unique_ptr<Dialect> kFace = MakeFace();
  return *kFace;
}
bool Claims(std::string_view query) {
  return TheFace().Claims([](std::string_view) { return std::string_view(); }, query);
}

TEST(CodexFace, ClaimsWhoeverAsksForAListWithItsVersion) {
  EXPECT_TRUE(Claims("client_version=0.171.0"));
  EXPECT_FALSE(Claims(""));
  EXPECT_FALSE(Claims("client_version="));
}

TEST(CodexFace, AnswersThatOneWithTheCatalogAndOthersWithOpenAisList) {
  const auto list = [](std::string_view query) {
    return TheFace().EncodeModels({.query = query, .if_none_match = ""}, Models())->body;
  };
  EXPECT_THAT(list("client_version=1"), StartsWith(R"({"models":[)"));
  EXPECT_THAT(list(""), StartsWith(R"({"object":"list")"));
}

TEST(CodexFace, HasNoCalls) {
  for (const RouteRow& row : TheFace().routes()) EXPECT_NE(row.action, Action::kCall) << row.path;
  EXPECT_EQ(TheFace().Decode({}).error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(TheFace().EncodeError(Problem(Problem::Kind::kNotFound, "x")).status, 404);
}

}  // namespace
}  // namespace patchbay::frontend::openai_responses::codex
