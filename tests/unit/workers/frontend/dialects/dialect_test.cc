#include "workers/frontend/dialects/dialect.h"

#include <gmock/gmock.h>

#include <array>

#include "tests/unit/workers/frontend/dialects/models_testing.h"

namespace patchbay::frontend {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// One that has nothing of its own.
class Bare final : public Dialect {
 public:
  std::string_view name() const override { return "bare"; }
  std::span<const RouteRow> routes() const override { return {}; }
  Result<DecodedCall> Decode(DialectRequest) const override { return DecodedCall(); }
  Answer EncodeError(const Problem& problem) const override {
    return {.status = 418, .headers = {}, .body = problem.message};
  }
};

TEST(Dialect, TellsOfModelsAsOpenAiDoesUnlessItHasAShapeOfItsOwn) {
  const auto models = testing_models::Models();
  EXPECT_THAT(Bare().EncodeModels({}, models)->body, StartsWith(R"({"object":"list","data":[{"id":"gpt-5.5")"));
  EXPECT_THAT(Bare().EncodeModel(models.models(0)).body, StartsWith(R"({"id":"gpt-5.5","object":"model")"));
}

TEST(Dialect, AnswersInItsOwnWordsWhatItDoesNotServe) {
  EXPECT_EQ(Bare().AnswerLocally({}).status, 418);
  EXPECT_EQ(Bare().CountTokens({}).error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(Bare().EncodeErrorOf("", "", Problem(Problem::Kind::kNotFound, "not here")).body, HasSubstr("not here"));
}

TEST(FirstThatIsThere, GoesByTheOrderOfTheNames) {
  constexpr std::array<std::string_view, 3> kNames = {"a", "b", "c"};
  const HeaderLookup header = [](std::string_view name) { return name == "a" ? std::string_view() : name; };
  EXPECT_EQ(FirstThatIsThere(kNames, header), "b");
  EXPECT_EQ(FirstThatIsThere(std::span(kNames).first(1), header), "");
}

}  // namespace
}  // namespace patchbay::frontend
