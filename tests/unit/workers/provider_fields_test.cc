// Fields that the READMEs of client dialects leave to the *provider*, tried on three of them: a host of Chat
// Completions that takes nearly all, to which each goes as it came; Codex, which takes none, and of which the client is
// told so by its own name of the field; and OpenAI's Responses API, which takes some.
#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "lib/wire/json.h"
#include "tests/unit/workers/frontend/dialects/readme_table.h"
#include "workers/frontend/dialects/registry.h"
#include "workers/upstream/dialects/codex/dialect.h"
#include "workers/upstream/dialects/openai_chat/dialect.h"
#include "workers/upstream/dialects/openai_responses/dialect.h"
#include "workers/upstream/dialects/translation.h"

namespace patchbay {
namespace {

using frontend::FieldRow;
using ::testing::Contains;

struct Asked {
  std::string dialect;
  FieldRow row;
};

// A request of the dialect that the row's field stands in.
const std::string& Baseline(const std::string& dialect) {
  static const std::map<std::string, std::string> kBaselines = {
      {"openai_chat", R"({"model":"m","messages":[{"role":"user","content":"x"}]})"},
      {"openai_completions", R"({"model":"m","prompt":"x"})"},
      {"anthropic", R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}]})"},
      {"gemini", R"({"contents":[{"parts":[{"text":"x"}]}]})"}};
  return kBaselines.at(dialect);
}

// Rows of the body itself, and of Gemini's generationConfig. What holds only where a schema cannot be kept has tests of
// its own, beside those who keep it.
std::vector<Asked> Rows() {
  std::vector<Asked> rows;
  for (const std::string dialect : {"openai_chat", "openai_completions", "anthropic", "gemini"}) {
    for (const FieldRow& row : frontend::ReadFieldTable("workers/frontend/dialects/" + dialect + "/README.md")) {
      if (row.handling != "provider" || row.field.find("Schema") != std::string::npos) continue;
      if (row.field.find("[]") != std::string::npos || row.field.ends_with(".strict")) continue;
      rows.push_back({dialect, row});
    }
  }
  return rows;
}

std::string NameOf(const ::testing::TestParamInfo<Asked>& info) {
  std::string name = info.param.dialect + "_" + info.param.row.field;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

class ProviderField : public ::testing::TestWithParam<Asked> {
 protected:
  frontend::DecodedCall Decode() const {
    const auto& [dialect, row] = GetParam();
    const std::size_t dot = row.field.find('.');
    frontend::DialectRequest request;
    request.body = dot == std::string::npos
                       ? *wire::SpliceTopLevel(Baseline(dialect), row.field, row.sample, wire::IfMissing::kInsert)
                       : *wire::SpliceTopLevel(Baseline(dialect), row.field.substr(0, dot),
                                               "{\"" + row.field.substr(dot + 1) + "\":" + row.sample + "}",
                                               wire::IfMissing::kInsert);
    request.argument = "m";
    request.suffix = ":generateContent";
    static const SystemClock kClock;
    static const frontend::Dialects kDialects(kClock);
    auto decoded = kDialects.Find(dialect)->Decode(std::move(request));
    EXPECT_TRUE(decoded.ok()) << decoded.error().message;
    return std::move(*decoded);
  }

  // What the client is told that was ignored.
  static std::vector<std::string> InItsWords(const frontend::DecodedCall& call,
                                             const std::vector<std::string>& ignored) {
    std::vector<std::string> fields;
    for (const std::string& name : ignored) {
      const auto& wishes = call.reply.wishes;
      const auto wish = std::find_if(wishes.begin(), wishes.end(), [&](const auto& w) { return w.canonical == name; });
      fields.push_back(wish == wishes.end() ? name : wish->field);
    }
    return fields;
  }
};

// What no host has a place for: several answers in one stream, and Google's own words.
bool IsNobodys(const std::string& field) {
  return field == "n" || field == "generationConfig.candidateCount" || field == "safetySettings";
}

TEST_P(ProviderField, GoesToAProviderThatTakesIt) {
  const auto host =
      upstream::openai_chat::MakeDialect({.effort_object = true, .more_sampling = true, .openai_fields = true});
  frontend::DecodedCall call = Decode();
  auto& request = *call.call.payload.canonical;
  request.set_model("m");
  const auto encoded = upstream::EncodeCall(*host, request, "");
  ASSERT_TRUE(encoded.ok()) << encoded.error().message;
  const std::string& field = GetParam().row.field;
  const std::vector<std::string> told = InItsWords(call, encoded->ignored);
  EXPECT_EQ(std::count(told.begin(), told.end(), field), IsNobodys(field) ? 1 : 0);
}

TEST_P(ProviderField, IsNamedAsItsClientCallsItByAProviderThatDoesNot) {
  frontend::DecodedCall call = Decode();
  auto& request = *call.call.payload.canonical;
  const auto encoded = upstream::EncodeCall(upstream::codex::CodexDialect(), request, "");
  ASSERT_TRUE(encoded.ok()) << encoded.error().message;
  EXPECT_THAT(InItsWords(call, encoded->ignored), Contains(GetParam().row.field));
}

// What the Responses API has under some name.
bool IsOfResponses(const std::string& field) {
  static const std::set<std::string> kFields = {"logprobs",
                                                "max_completion_tokens",
                                                "max_output_tokens",
                                                "max_tokens",
                                                "metadata",
                                                "safety_identifier",
                                                "temperature",
                                                "top_logprobs",
                                                "top_p",
                                                "user",
                                                "labels",
                                                "generationConfig.logprobs",
                                                "generationConfig.maxOutputTokens",
                                                "generationConfig.responseLogprobs",
                                                "generationConfig.temperature",
                                                "generationConfig.topP"};
  return kFields.contains(field);
}

TEST_P(ProviderField, IsSentOrNamedByTheResponsesApi) {
  frontend::DecodedCall call = Decode();
  auto& request = *call.call.payload.canonical;
  request.set_model("gpt-4.1");
  const auto encoded = upstream::EncodeCall(*upstream::openai_responses::MakeDialect({}), request, "");
  ASSERT_TRUE(encoded.ok()) << encoded.error().message;
  const std::string& field = GetParam().row.field;
  const std::vector<std::string> told = InItsWords(call, encoded->ignored);
  EXPECT_EQ(std::count(told.begin(), told.end(), field), IsOfResponses(field) ? 0 : 1);
}

INSTANTIATE_TEST_SUITE_P(EveryDialect, ProviderField, ::testing::ValuesIn(Rows()), NameOf);

}  // namespace
}  // namespace patchbay
