#include "workers/upstream/dialects/common/fit_request.h"

#include <gmock/gmock.h>

#include "tests/unit/workers/upstream/dialects/common/fitting.h"

namespace patchbay::upstream {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(FitRequest, LeavesEverythingToAProviderThatTakesEverything) {
  const auto before = Parsed<inference::v1::GenerateRequest>(R"pb(
    tools { function { name: "what.ever" parameters_json: "{\"type\":\"array\"}" strict: true } }
    items { tool_call { call_id: "c" name: "what.ever" } }
    items {
      tool_result {
        call_id: "c"
        parts { file { url: "data:application/pdf;base64,AAAA" } }
      }
    }
    sampling { stop: "END" }
    output_format { kind: KIND_JSON_OBJECT }
    cache { prompt_cache_key: "a key that is longer than others take it, which is sixty-four bytes" }
  )pb");
  auto request = before;
  const auto fitted = FitRequest(request, {});
  ASSERT_TRUE(fitted.ok());
  EXPECT_EQ(InOneLine(request), InOneLine(before));
  EXPECT_EQ(fitted->plan, nullptr) << "nothing stands between the decoder and its events";
  EXPECT_THAT(fitted->notes.repaired, IsEmpty());
}

TEST(FitRequest, RemembersWhatTheAnswerHasToBeGivenBack) {
  auto request = Parsed<inference::v1::GenerateRequest>(R"pb(
    tools { function { name: "what.ever" } }
    sampling { stop: "END" stop: "STOP" }
  )pb");
  const auto fitted = FitRequest(request, {.tool_names = {.alphabet = Alphabet::kWord}, .stops_max = 1});
  ASSERT_TRUE(fitted.ok());
  ASSERT_NE(fitted->plan, nullptr);
  EXPECT_EQ(fitted->plan->tool_names.size(), 1u);
  EXPECT_THAT(fitted->plan->stops, ElementsAre("END", "STOP"));
  EXPECT_EQ(request.sampling().stop_size(), 0);
}

TEST(FitRequest, LeavesAsManyStopsToTheProviderAsItKnows) {
  auto request = Parsed<inference::v1::GenerateRequest>(R"pb(sampling { stop: "END" })pb");
  EXPECT_EQ(FitRequest(request, {.stops_max = 1})->plan, nullptr);
  EXPECT_EQ(request.sampling().stop_size(), 1);
}

TEST(FitRequest, SpeaksOfJsonWhereNobodyDid) {
  const RequestLimits limits{.json_word = JsonWord::kAnywhere};
  auto request = Parsed<inference::v1::GenerateRequest>(R"pb(
    instructions: "Be brief."
    output_format { kind: KIND_JSON_OBJECT }
  )pb");
  EXPECT_THAT(FitRequest(request, limits)->notes.repaired, ElementsAre("answer_in_json"));
  EXPECT_EQ(request.instructions(), "Be brief.\n\nAnswer in JSON.");
  EXPECT_THAT(FitRequest(request, limits)->notes.repaired, IsEmpty());
  auto said = Parsed<inference::v1::GenerateRequest>(R"pb(
    output_format { kind: KIND_JSON_OBJECT }
    items { message { parts { text: "As Json, please" } } }
  )pb");
  EXPECT_THAT(FitRequest(said, limits)->notes.repaired, IsEmpty());
  auto other = Parsed<inference::v1::GenerateRequest>("output_format { kind: KIND_TEXT }");
  EXPECT_THAT(FitRequest(other, limits)->notes.repaired, IsEmpty());
}

TEST(FitRequest, SpeaksOfJsonInAMessageWhereInstructionsDoNotCount) {
  const RequestLimits limits{.json_word = JsonWord::kInMessages};
  auto request = Parsed<inference::v1::GenerateRequest>(R"pb(
    instructions: "Answer in JSON."
    output_format { kind: KIND_JSON_OBJECT }
    items {
      message {
        role: ROLE_USER
        parts { text: "One" }
      }
    }
    items {
      message {
        role: ROLE_USER
        parts { text: "Two" }
      }
    }
  )pb");
  EXPECT_THAT(FitRequest(request, limits)->notes.repaired, ElementsAre("answer_in_json"));
  EXPECT_EQ(request.instructions(), "Answer in JSON.");
  ASSERT_EQ(request.items_size(), 3);
  EXPECT_EQ(request.items(0).message().role(), inference::v1::ROLE_DEVELOPER);
  EXPECT_EQ(request.items(1).message().parts(0).text(), "One");
  EXPECT_EQ(request.items(2).message().parts(0).text(), "Two");
  EXPECT_THAT(FitRequest(request, limits)->notes.repaired, IsEmpty());
}

TEST(FitRequest, CutsNamesOfPeopleThatAreTooLong) {
  const RequestLimits limits{.user_ids = {.bytes_max = 24}};
  auto request = Parsed<inference::v1::GenerateRequest>(R"pb(
    user_id: "somebody@example.com, at home"
    safety_identifier: "s"
  )pb");
  EXPECT_THAT(FitRequest(request, limits)->notes.repaired, IsEmpty());
  EXPECT_EQ(request.user_id().substr(0, 8), "somebod_");
  EXPECT_EQ(request.user_id().size(), 24u);
  EXPECT_EQ(request.safety_identifier(), "s");
}

TEST(FitRequest, NamesFilesThatAreSentAlong) {
  auto request = Parsed<inference::v1::GenerateRequest>(R"pb(
    items {
      message {
        parts { file { url: "data:application/pdf;base64,AAAA" } }
        parts { file { url: "data:text/csv,a" filename: "mine.csv" } }
        parts { file { url: "https://x/y" } }
        parts { file { url: "data:;base64,AAAA" } }
      }
    }
    items { tool_result { parts { file { url: "data:text/csv,a" } } } }
  )pb");
  ASSERT_TRUE(FitRequest(request, {.files_have_names = true}).ok());
  std::vector<std::string> names;
  for (const auto& part : request.items(0).message().parts()) names.push_back(part.file().filename());
  EXPECT_THAT(names, ElementsAre("file.pdf", "mine.csv", "", "file"));
  EXPECT_EQ(request.items(1).tool_result().parts(0).file().filename(), "file.csv");
}

TEST(FitRequest, LeavesOutACacheKeyThatIsTooLong) {
  auto request = Parsed<inference::v1::GenerateRequest>(R"pb(cache { prompt_cache_key: "12345" session_id: "s" })pb");
  ASSERT_TRUE(FitRequest(request, {.cache_key_bytes_max = 5}).ok());
  EXPECT_EQ(request.cache().prompt_cache_key(), "12345");
  ASSERT_TRUE(FitRequest(request, {.cache_key_bytes_max = 4}).ok());
  EXPECT_EQ(request.cache().prompt_cache_key(), "");
  EXPECT_EQ(request.cache().session_id(), "s");
}

}  // namespace
}  // namespace patchbay::upstream
