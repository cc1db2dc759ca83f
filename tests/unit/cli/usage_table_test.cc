#include "cli/usage_table.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

namespace patchbay::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr WallTime kNow{std::chrono::seconds(1'790'000'060)};

template <class Message>
Message Parsed(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

constexpr const char* kRow = R"(
  request_id: "r1" client_key_id: "key_1" model: "smart" provider: "openai" wire_model: "gpt-5.4" account: "acc_1"
  outcome: OUTCOME_SUCCEEDED usage { input_tokens: 1200 output_tokens: 7 } started_at { seconds: 1790000000 }
  total { nanos: 250000000 } attempts: 1 )";

accounts::v1::ListUsageReply Rows(const std::string& more = "") {
  return Parsed<accounts::v1::ListUsageReply>("rows { " + std::string(kRow) + more + " }");
}

std::string Rendered(const std::string& more) { return UsageRowTable(Rows(more), kNow).Render(false); }

TEST(UsageTable, SaysWhatARequestCost) {
  EXPECT_THAT(Rendered("cost_nano_dollars: 460000"), HasSubstr(" $0.000460 "));
  EXPECT_THAT(Rendered("cost_nano_dollars: 460000 subscription: true"), HasSubstr(" ($0.000460) "));
  EXPECT_THAT(Rendered(""), HasSubstr(" ? ")) << "not known is not nothing";
  EXPECT_THAT(Rendered("cost_nano_dollars: 0"), HasSubstr(" $0.00 "));
}

TEST(UsageTable, CallsAKeyByItsNameWhileItIsKnown) {
  EXPECT_THAT(Rendered(R"(client_key_label: "alice")"), HasSubstr(" alice (key_1) "));
  EXPECT_THAT(Rendered(""), HasSubstr(" key_1 "));
  EXPECT_THAT(UsageRowCsv(Rows(R"(client_key_label: "alice")")), HasSubstr(",r1,key_1,alice,smart,"));
  EXPECT_THAT(UsageRowCsv(Rows()), HasSubstr(",r1,key_1,,smart,"));
}

TEST(UsageTable, SaysWhereATierWasServedThatWasNotAskedFor) {
  EXPECT_THAT(Rendered(R"(service_tier: "flex" served_tier: "flex")"), HasSubstr("openai:gpt-5.4 flex  "));
  EXPECT_THAT(Rendered(R"(service_tier: "priority" served_tier: "standard")"),
              HasSubstr("openai:gpt-5.4 priority, served standard"));
  EXPECT_THAT(Rendered(R"(served_tier: "standard")"), HasSubstr("openai:gpt-5.4  "));
}

TEST(UsageTable, WritesDollarsAsPeopleReadThem) {
  EXPECT_EQ(HumanDollars(0), "$0.00");
  EXPECT_EQ(HumanDollars(460'000), "$0.000460");
  EXPECT_EQ(HumanDollars(12'345'678), "$0.0123");
  EXPECT_EQ(HumanDollars(12'345'678'901), "$12.35");
  EXPECT_EQ(ExactDollars(12'345'678'901), "12.345678901");
  EXPECT_EQ(ExactDollars(460'000), "0.000460000");
}

constexpr const char* kSums = R"(
  groups { of: "key_1" label: "alice" sum { requests: 3 abandoned: 1 estimated: 1 unpriced: 1
    usage { input_tokens: 1200 output_tokens: 9 } cost_nano_dollars: 1500000000 subscription_nano_dollars: 20000000
    total { seconds: 2 } first_output { nanos: 300000000 } } }
  groups { of: "" sum { requests: 1 } }
  sum { requests: 4 unpriced: 1 cost_nano_dollars: 1500000000 })";

TEST(UsageTable, AddsUpWithAllInTheLastLine) {
  const std::string text = UsageSumTable("key", Parsed<accounts::v1::GetUsageReply>(kSums)).Render(false);
  EXPECT_THAT(text, StartsWith("KEY "));
  EXPECT_THAT(text, HasSubstr("alice (key_1)"));
  EXPECT_THAT(text, HasSubstr("~9")) << "partly an estimate";
  EXPECT_THAT(text, HasSubstr("$1.50+?")) << "and what nobody knows besides";
  EXPECT_THAT(text, HasSubstr("$0.0200"));
  EXPECT_THAT(text, HasSubstr("\n-  "));
  EXPECT_THAT(text.substr(text.rfind("\nall") + 1), StartsWith("all "));
}

TEST(UsageTable, IsCsvThatSpreadsheetsRead) {
  const std::string csv = UsageSumCsv("key", Parsed<accounts::v1::GetUsageReply>(kSums));
  EXPECT_THAT(csv, StartsWith("key,label,requests,failed,abandoned,lost,estimated,unpriced,"));
  EXPECT_THAT(csv, HasSubstr("\r\nkey_1,alice,3,0,1,0,1,1,1200,0,0,9,0,1.500000000,0.020000000,300,2000\r\n"));
}

TEST(UsageTable, KeepsStrangersTextsFromBeingMoreThanText) {
  const std::string csv = UsageRowCsv(Rows(R"(failure: "a \"b\", c" served_model: "=cmd()|x" )"));
  EXPECT_THAT(csv, HasSubstr(",\"a \"\"b\"\", c\"\r\n"));
  EXPECT_THAT(csv, HasSubstr(",'=cmd()|x,"));
  EXPECT_THAT(csv, HasSubstr(",1200,0,0,7,0,false,,false,,250,1,"));
  EXPECT_THAT(csv, Not(HasSubstr("?"))) << "a cost that is not known is an empty field";
}

}  // namespace
}  // namespace patchbay::cli
