#include "workers/frontend/http/router.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace patchbay::frontend {
namespace {

// A route with its dialect's name.
struct Found : Route {
  std::string_view dialect;
};

const Dialects& AllDialects() {
  static const SystemClock kClock;
  static const Dialects kDialects(kClock);
  return kDialects;
}

// `claimant` is a dialect's name; empty for none.
Found FindRoute(std::string_view method, std::string_view path, std::string_view claimant = "") {
  static const Router kRouter(AllDialects());
  Route route = kRouter.Find(method, path, AllDialects().Find(claimant));
  const std::string_view name = route.dialect->name();
  return Found{std::move(route), name};
}

// Router's constructor checks every row of every dialect; one that is wrong ends the process.
TEST(Router, TakesTheRowsOfAllDialects) { const Router router(AllDialects()); }

TEST(Router, AnswersGooglesClientsInTheirShapeButNotTheirChats) {
  EXPECT_EQ(FindRoute("GET", "/v1/models", "gemini").dialect, "gemini");
  EXPECT_EQ(FindRoute("GET", "/v1/nothing", "gemini").dialect, "gemini");
  EXPECT_EQ(FindRoute("GET", "/v1/chat/completions", "gemini").dialect, "gemini");
  EXPECT_EQ(FindRoute("POST", "/v1/chat/completions", "gemini").dialect, "openai_chat");
  EXPECT_EQ(FindRoute("POST", "/v1/messages", "gemini").dialect, "anthropic");
}

TEST(Router, SendsEveryPathToItsDialect) {
  EXPECT_EQ(FindRoute("POST", "/v1/chat/completions").dialect, "openai_chat");
  for (const char* path : {"/v1/responses", "/responses", "/backend-api/codex/responses"}) {
    const Found route = FindRoute("POST", path);
    EXPECT_EQ(route.action, Action::kCall) << path;
    EXPECT_EQ(route.dialect, "openai_responses") << path;
    EXPECT_TRUE(route.needs_key) << path;
  }
}

TEST(Router, OverlooksSlashesThatAreDoubledOrStandAtTheEnd) {
  for (const char* path :
       {"//v1/responses", "/v1//responses", "/v1/responses/", "//responses//", "/backend-api/codex//responses"}) {
    EXPECT_EQ(FindRoute("POST", path).dialect, "openai_responses") << path;
    EXPECT_EQ(FindRoute("POST", path).action, Action::kCall) << path;
  }
  EXPECT_EQ(FindRoute("GET", "//").action, Action::kRoot);
}

TEST(Router, FindsTheModelBetweenAPathAndItsVerb) {
  for (const char* version : {"/v1beta", "/v1"}) {
    for (const char* verb : {":generateContent", ":streamGenerateContent"}) {
      const Found route = FindRoute("POST", std::string(version) + "/models/gpt-5.5" + verb);
      EXPECT_EQ(route.action, Action::kCall) << version << verb;
      EXPECT_EQ(route.dialect, "gemini") << version << verb;
      EXPECT_EQ(route.argument, "gpt-5.5") << version << verb;
      EXPECT_EQ(route.suffix, verb) << version;
      EXPECT_TRUE(route.needs_key) << version << verb;
    }
  }
  EXPECT_EQ(FindRoute("POST", "/v1beta/models/a%2Fb%3AgenerateContent").argument, "a/b");
  EXPECT_EQ(FindRoute("POST", "/v1beta/models/:generateContent").action, Action::kMethodNotAllowed);
  EXPECT_EQ(FindRoute("POST", "/v1beta/models/x:countTokens").action, Action::kCountTokens);
  EXPECT_EQ(FindRoute("POST", "/v1/models/x:countTokens").dialect, "gemini");
  EXPECT_EQ(FindRoute("POST", "/v1beta/models/x:embedContent").dialect, "gemini");
  EXPECT_EQ(FindRoute("POST", "/v1/embeddings").dialect, "openai_embeddings");
  EXPECT_EQ(FindRoute("GET", "/v1beta/models").action, Action::kListModels);
  for (const char* version : {"/v1beta", "/v1"}) {
    const Found route = FindRoute("GET", std::string(version) + "/models/gpt-5.5:generateContent");
    EXPECT_EQ(route.action, Action::kMethodNotAllowed) << version;
    EXPECT_EQ(route.dialect, "gemini") << version;
    EXPECT_EQ(route.allow, "POST, OPTIONS") << version;
    EXPECT_EQ(FindRoute("GET", std::string(version) + "/models/openai:gpt-4o").argument, "openai:gpt-4o");
  }
  EXPECT_EQ(FindRoute("GET", "/v1beta/models/x").argument, "x");
  EXPECT_EQ(FindRoute("GET", "/v1beta/nothing").dialect, "gemini");
}

TEST(Router, KnowsAnthropicsPathsAndItsClients) {
  for (const char* path : {"/v1/messages", "/messages", "/v1/v1/messages"}) {
    EXPECT_EQ(FindRoute("POST", path).action, Action::kCall) << path;
    EXPECT_EQ(FindRoute("POST", path).dialect, "anthropic") << path;
    EXPECT_EQ(FindRoute("POST", std::string(path) + "/count_tokens").action, Action::kCountTokens) << path;
  }
  EXPECT_EQ(FindRoute("GET", "/v1/models", "anthropic").dialect, "anthropic");
  EXPECT_EQ(FindRoute("GET", "/v1/messages/batches", "anthropic").dialect, "anthropic");
  EXPECT_EQ(FindRoute("POST", "/v1/responses", "anthropic").dialect, "openai_responses");
  EXPECT_EQ(FindRoute("POST", "/v1/chat/completions", "anthropic").dialect, "openai_chat");
}

TEST(Router, FindsEveryPathWithoutItsVersionAndWithItTwice) {
  for (const std::string path :
       {"/chat/completions", "/completions", "/embeddings", "/images/generations", "/images/edits", "/responses",
        "/responses/compact", "/responses/input_tokens", "/messages", "/messages/count_tokens",
        "/models/gpt-5.5:generateContent", "/models/gpt-5.5:countTokens"}) {
    const Found usual = FindRoute("POST", "/v1" + path);
    ASSERT_NE(usual.action, Action::kNotFound) << path;
    for (const std::string base : {"", "/v1/v1", "/v1/v1/v1", "/v1beta/v1"}) {
      const Found route = FindRoute("POST", base + path);
      EXPECT_EQ(route.action, usual.action) << base << path;
      EXPECT_EQ(route.dialect, usual.dialect) << base << path;
      EXPECT_EQ(route.argument, usual.argument) << base << path;
      EXPECT_TRUE(route.needs_key) << base << path;
    }
  }
  for (const std::string base : {"", "/v1/v1"}) {
    EXPECT_EQ(FindRoute("GET", base + "/responses").action, Action::kSocket) << base;
    EXPECT_EQ(FindRoute("GET", base + "/models").action, Action::kListModels) << base;
    EXPECT_EQ(FindRoute("GET", base + "/models").dialect, "openai_chat") << base;
    EXPECT_EQ(FindRoute("GET", base + "/models", "anthropic").dialect, "anthropic") << base;
    EXPECT_EQ(FindRoute("GET", base + "/models", "gemini").dialect, "gemini") << base;
    EXPECT_EQ(FindRoute("GET", base + "/models/x").argument, "x") << base;
  }
  for (const char* base : {"/v1/v1beta", "/v1beta/v1beta"}) {
    const Found route = FindRoute("POST", std::string(base) + "/models/x:streamGenerateContent");
    EXPECT_EQ(route.dialect, "gemini") << base;
    EXPECT_EQ(route.argument, "x") << base;
  }
}

TEST(Router, TakesNothingElseForAVersionOrForAPathWithoutOne) {
  for (const char* path :
       {"/v2/chat/completions", "/v1/v2/messages", "/v1/v1", "/v1/v1/", "/v1x/messages", "/xmessages", "/messagesx",
        "/chat", "/images", "/v1beta/chat/completions", "/api/v1/messages"}) {
    EXPECT_EQ(FindRoute("POST", path).action, Action::kNotFound) << path;
  }
}

TEST(Router, KnowsTheResponsesApiUnderAllItsNames) {
  for (const std::string base :
       {"/v1/responses", "/responses", "/backend-api/responses", "/backend-api/codex/responses"}) {
    EXPECT_EQ(FindRoute("POST", base).dialect, "openai_responses") << base;
    EXPECT_EQ(FindRoute("POST", base + "/compact").dialect, "openai_responses_compact") << base;
    for (const char* method : {"GET", "DELETE"}) {
      const Found route = FindRoute(method, base + "/resp_1");
      EXPECT_EQ(route.action, Action::kStoredAnswer) << base;
      EXPECT_EQ(route.argument, "resp_1");
      EXPECT_EQ(route.suffix, "");
      EXPECT_TRUE(route.needs_key);
    }
    const Found items = FindRoute("GET", base + "/resp_1/input_items");
    EXPECT_EQ(items.argument, "resp_1");
    EXPECT_EQ(items.suffix, "/input_items");
    EXPECT_EQ(FindRoute("POST", base + "/resp_1/cancel").suffix, "/cancel");
    EXPECT_EQ(FindRoute("POST", base + "/resp_1").action, Action::kMethodNotAllowed);
    EXPECT_EQ(FindRoute("GET", base + "/resp_1/cancel").allow, "POST, OPTIONS");
  }
  EXPECT_EQ(FindRoute("POST", "/responsesx").action, Action::kNotFound);
  EXPECT_EQ(FindRoute("GET", "/backend-api/codex/responses2/x").action, Action::kNotFound);
}

TEST(Router, KnowsWhatElseCodexAsksUnderEveryBaseUrl) {
  for (const std::string base : {"/v1", "", "/backend-api", "/backend-api/codex"}) {
    const std::map<std::string, std::string> dialects = {{"/alpha/search", "openai_search"},
                                                         {"/memories/trace_summarize", "openai_memories"},
                                                         {"/images/generations", "openai_images_generations"},
                                                         {"/images/edits", "openai_images_edits"}};
    for (const auto& [path, dialect] : dialects) {
      const Found route = FindRoute("POST", base + path);
      EXPECT_EQ(route.action, Action::kCall) << base << path;
      EXPECT_EQ(route.dialect, dialect) << base << path;
      EXPECT_TRUE(route.needs_key);
      EXPECT_EQ(FindRoute("GET", base + path).action, Action::kMethodNotAllowed) << base << path;
    }
    EXPECT_EQ(FindRoute("POST", base + "/alpha/searching").action, Action::kNotFound) << base;
    EXPECT_EQ(FindRoute("POST", base + "/memories").action, Action::kNotFound) << base;
  }
}

TEST(Router, KnowsWhatALoginOfChatGptAsksBesides) {
  EXPECT_EQ(FindRoute("GET", "/backend-api/wham/accounts/check").action, Action::kWorkspaces);
  for (const char* path : {"/backend-api/wham/settings/user", "/backend-api/wham/security-setup"}) {
    EXPECT_EQ(FindRoute("GET", path).action, Action::kAccountSettings) << path;
  }
  EXPECT_EQ(FindRoute("POST", "/backend-api/codex/analytics-events/events").action, Action::kAccountSettings);
  EXPECT_EQ(FindRoute("GET", "/backend-api/wham/anything").action, Action::kNotFound);
}

TEST(Router, AsksForAKeyWhereverAnAccountOrItsModelsAreShown) {
  EXPECT_TRUE(FindRoute("GET", "/v1/models").needs_key);
  EXPECT_TRUE(FindRoute("GET", "/v1/models/x").needs_key);
  for (const char* path : {"/health", "/ready", "/"}) EXPECT_FALSE(FindRoute("GET", path).needs_key) << path;
}

TEST(Router, TakesModelNamesWithSlashesAndEscapes) {
  EXPECT_EQ(FindRoute("GET", "/v1/models/catalog").action, Action::kModelCatalog);
  EXPECT_EQ(FindRoute("GET", "/v1/models/openai/gpt-5.5/info").action, Action::kModelDetails);
  EXPECT_EQ(FindRoute("GET", "/v1/models/openai/gpt-5.5/info").argument, "openai/gpt-5.5");
  EXPECT_EQ(FindRoute("GET", "/v1/models/info").action, Action::kGetModel);
  EXPECT_EQ(FindRoute("GET", "/backend-api/codex/models").action, Action::kListModels);
  EXPECT_EQ(FindRoute("GET", "/v1/models/openai/gpt-5.5").argument, "openai/gpt-5.5");
  EXPECT_EQ(FindRoute("GET", "/v1/models/openai%2Fgpt%3a5").argument, "openai/gpt:5");
  EXPECT_EQ(FindRoute("GET", "/v1/models/bad%zz%2").argument, "bad%zz%2");
}

TEST(Router, ToleratesATrailingSlash) {
  EXPECT_EQ(FindRoute("POST", "/v1/responses/").action, Action::kCall);
  EXPECT_EQ(FindRoute("GET", "/v1/models/").action, Action::kListModels);
}

TEST(Router, SaysWhichMethodsAPathTakes) {
  const Found route = FindRoute("DELETE", "/v1/chat/completions");
  EXPECT_EQ(route.action, Action::kMethodNotAllowed);
  EXPECT_EQ(route.allow, "POST, OPTIONS");
  EXPECT_EQ(FindRoute("POST", "/health").allow, "GET, HEAD, OPTIONS");
  EXPECT_EQ(FindRoute("OPTIONS", "/v1/responses").action, Action::kOptions);
}

TEST(Router, TakesHeadWhereItTakesGet) {
  EXPECT_EQ(FindRoute("HEAD", "/v1/models").action, Action::kListModels);
  EXPECT_EQ(FindRoute("HEAD", "/v1/responses/resp_1").action, Action::kStoredAnswer);
  EXPECT_EQ(FindRoute("HEAD", "/").action, Action::kRoot);
  EXPECT_EQ(FindRoute("HEAD", "/api/hello").action, Action::kRoot);
  EXPECT_EQ(FindRoute("HEAD", "/v1/messages").action, Action::kMethodNotAllowed);
  EXPECT_EQ(FindRoute("HEAD", "/v1/responses").action, Action::kMethodNotAllowed);
  EXPECT_EQ(FindRoute("HEAD", "/v1/responses").allow, "POST, GET, OPTIONS");
}

TEST(Router, FindsNothingElsewhere) {
  for (const char* path : {"/v1/nothing", "/v1", "", "/v1/chat", "/V1/models"}) {
    EXPECT_EQ(FindRoute("GET", path).action, Action::kNotFound) << path;
  }
}

}  // namespace
}  // namespace patchbay::frontend
