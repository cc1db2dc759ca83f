// README.md's tables of fields are true and whole.
#include "workers/ollama/dialect/fields.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <set>

#include "lib/wire/json.h"
#include "tests/unit/workers/frontend/dialects/readme_table.h"
#include "workers/ollama/dialect/chat_request.h"
#include "workers/ollama/dialect/generate_request.h"

namespace patchbay::ollama {
namespace {

using frontend::FieldRow;
using ::testing::Contains;
using ::testing::Not;

constexpr const char* kReadme = "workers/ollama/dialect/README.md";
constexpr const char* kChat = R"({"model":"m","messages":[{"role":"user","content":"x"}]})";
constexpr const char* kGenerate = R"({"model":"m","prompt":"x"})";

void Try(const FieldRow& row, std::string baseline, Result<Asked> (*decode)(std::string_view)) {
  SCOPED_TRACE(row.field);
  const auto before = decode(baseline);
  const auto after = decode(*wire::SpliceTopLevel(baseline, row.field, row.sample, wire::IfMissing::kInsert));
  if (row.handling == "rejected") {
    EXPECT_FALSE(after.ok());
    return;
  }
  ASSERT_TRUE(before.ok() && after.ok()) << after.error().message;
  const bool changed = !google::protobuf::util::MessageDifferencer::Equals(before->request, after->request);
  EXPECT_EQ(changed, row.handling == "forwarded");
  if (row.handling == "ignored") {
    EXPECT_THAT(after->ignored, Contains(row.field));
  } else {
    EXPECT_THAT(after->ignored, Not(Contains(row.field)));
  }
}

std::set<std::string> Known(const std::vector<FieldRow>& rows) {
  std::set<std::string> names;
  for (const FieldRow& row : rows) {
    if (row.handling != "ignored" || row.field == "template") names.insert(row.field);
  }
  return names;
}

std::set<std::string> Names(const std::vector<std::string_view>& fields) { return {fields.begin(), fields.end()}; }

TEST(OllamaReadme, SaysWhatBecomesOfEachFieldOfChat) {
  const auto rows = frontend::ReadFieldTable(kReadme, "| chat field |");
  for (const FieldRow& row : rows) {
    // The sample is what the baseline says of these.
    if (row.field != "messages") Try(row, kChat, DecodeChat);
  }
  EXPECT_EQ(Known(rows), Names(ChatFields()));
}

TEST(OllamaReadme, SaysWhatBecomesOfEachFieldOfGenerate) {
  const auto rows = frontend::ReadFieldTable(kReadme, "| generate field |");
  for (const FieldRow& row : rows) Try(row, kGenerate, DecodeGenerate);
  EXPECT_EQ(Known(rows), Names(GenerateFields()));
}

}  // namespace
}  // namespace patchbay::ollama
