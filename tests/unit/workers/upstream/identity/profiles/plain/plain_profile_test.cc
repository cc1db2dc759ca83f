#include "workers/upstream/identity/profiles/plain/plain_profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/base/version.h"
#include "lib/catalog/words.h"
#include "workers/upstream/identity/profiles/registry.h"

namespace patchbay::upstream {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> PlainLines(const Headers& headers) {
  std::vector<std::string> lines;
  for (const Header& header : headers) lines.push_back(header.name + ": " + header.value);
  return lines;
}

const std::string kOurselves = "user-agent: patchbay/" + std::string(kVersion);

TEST(PlainHeaders, NameOurselvesAndTheKeyAndNothingOfTheClient) {
  const Headers of_the_client = {{"originator", "codex_cli_rs"}, {"session-id", "s1"}, {"user-agent", "x"}};
  CallIdentity call;
  call.session = "0198c0de-0000-7000-8000-000000000001";
  call.model = "gpt-5.5";
  call.forwarded = &of_the_client;
  call.traceparent = "00-abc";
  EXPECT_THAT(PlainLines(PlainProfile().Generate({"sk-1", "acc-1"}, call)),
              ElementsAre("accept: text/event-stream", "content-type: application/json", "authorization: Bearer sk-1",
                          kOurselves, "traceparent: 00-abc", "accept-encoding: zstd,gzip"));
  EXPECT_THAT(PlainLines(PlainProfile().Document({"sk-1"}, call)), Contains("accept: application/json"));
}

TEST(PlainHeaders, ShowAKeyWhereTheRowSays) {
  for (const char* header : {"x-api-key", "api-key", "x-goog-api-key"}) {
    const auto lines = PlainLines(PlainProfile().Generate({"sk-1", {}, false, header}, {}));
    EXPECT_THAT(lines, Contains(std::string(header) + ": sk-1"));
    EXPECT_THAT(lines, Not(Contains(HasSubstr("authorization"))));
  }
  for (const auto& account : {AccountIdentity{"sk-1", {}, false, "query"}, AccountIdentity{}}) {
    EXPECT_THAT(PlainLines(PlainProfile().Generate(account, {})), Not(Contains(HasSubstr("sk-1"))));
    EXPECT_THAT(PlainLines(PlainProfile().Generate(account, {})), Not(Contains(HasSubstr("authorization"))));
  }
}

TEST(PlainHeaders, OfASmallRequest) {
  const AccountIdentity account{"sk-1"};
  EXPECT_THAT(
      PlainLines(PlainProfile().Fetch(&account, Surface::kApi, "", "")),
      ElementsAre("accept: application/json", "authorization: Bearer sk-1", kOurselves, "accept-encoding: zstd,gzip"));
}

TEST(Profiles, AreThoseThatARowMayName) {
  for (const std::string_view name : catalog::Profiles()) EXPECT_NE(FindProfile(name), nullptr) << name;
  EXPECT_EQ(FindProfile("nobody"), nullptr);
}

}  // namespace
}  // namespace patchbay::upstream
