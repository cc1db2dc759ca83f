#include "workers/frontend/dialects/openai_responses/backends.h"

#include <gtest/gtest.h>

namespace patchbay::frontend::openai_responses {
namespace {

HeaderLookup Only(std::string_view wanted, std::string_view value) {
  return [wanted, value](std::string_view name) { return name == wanted ? value : std::string_view(); };
}

TEST(Backends, AreFoundByWhatAGrantSays) {
  ASSERT_NE(FindBackend("codex"), nullptr);
  EXPECT_EQ(FindBackend("codex")->provider_dialect, "codex");
  EXPECT_EQ(FindBackend("openai_responses"), nullptr) << "takes the dialect as it is";
  EXPECT_EQ(FindBackend(""), nullptr);
}

TEST(Backends, TellWhoseClientAHeadAndABodyAreOf) {
  EXPECT_TRUE(TraitsOf(Only("originator", "codex_exec")).native);
  EXPECT_FALSE(TraitsOf(Only("originator", "curl")).native);
  ClientTraits client;
  LookAtMetadata(R"({"a":"b"})", client);
  EXPECT_FALSE(client.native);
  LookAtMetadata(R"({"ws_request_header_x_openai_internal_codex_responses_lite":"true"})", client);
  EXPECT_TRUE(client.native);
  EXPECT_TRUE(client.responses_lite);
}

TEST(Backends, SeeOfTheHeadersOnlyTheirOwn) {
  EXPECT_EQ(HeadersForBackends(Only("x-codex-window-id", "w")), (HeaderList{{"x-codex-window-id", "w"}}));
  EXPECT_EQ(HeadersForBackends(Only("authorization", "Bearer k")), HeaderList());
}

}  // namespace
}  // namespace patchbay::frontend::openai_responses
