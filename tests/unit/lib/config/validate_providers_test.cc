#include <gmock/gmock.h>

#include "tests/unit/lib/config/config_testing.h"

namespace patchbay::config {
namespace {

using testing::HasSubstr;

constexpr const char* kOwn =
    " One of your own needs a base_url and a dialect, which is one of codex, openai_chat, openai_responses";

// What is wrong with a row of the operator's that is whole but for `more`.
std::string WithMine(const std::string& more) {
  return Problems(
      "log: {level: info}\nproviders:\n  mine:\n    base_url: https://mine.example/v1\n"
      "    dialect: openai_chat\n    " +
      more + "\n");
}

TEST(ProviderRows, OfNobodyAreRefusedWithTheNearestName) {
  EXPECT_EQ(Problems("log: {level: info}\nproviders:\n  codxe: {base_url: \"https://x\"}\n"),
            std::string("FILE:3: providers.codxe: there is no provider 'codxe'; did you mean 'codex'?") + kOwn);
  EXPECT_EQ(Problems("providers: {unheard-of: {}}\n"),
            std::string("FILE:1: providers.unheard-of: there is no provider 'unheard-of'.") + kOwn);
  EXPECT_EQ(Problems("", {{"PATCHBAY_PROVIDERS__OTHER__BASE_URL", "https://x"}}),
            std::string("PATCHBAY_PROVIDERS__OTHER__BASE_URL: providers.other: there is no provider 'other'.") + kOwn);
  EXPECT_THAT(Problems("providers: {\"a b\": {base_url: \"https://x\", dialect: codex}}\n"),
              HasSubstr("FILE:1: providers.a b: a name has 1 to 32 of a-z"));
}

TEST(ProviderRows, NameTheLineOfAWordThatNobodyUnderstands) {
  EXPECT_EQ(
      Problems("providers:\n  groq:\n    dialect: openai_caht\n"),
      "FILE:3: providers.groq.dialect: 'openai_caht' is not known: it is one of codex, openai_chat, openai_responses; "
      "did you mean 'openai_chat'?");
  EXPECT_EQ(WithMine("profile: browser"),
            "FILE:6: providers.mine.profile: 'browser' is not known: it is one of plain, codex");
  EXPECT_EQ(WithMine("models: {shape: opanai}"),
            "FILE:6: providers.mine.models.shape: 'opanai' is not known: it is "
            "one of openai, codex; did you mean 'openai'?");
  EXPECT_THAT(WithMine("usage: {path: /usage, shape: x}"), HasSubstr("FILE:6: providers.mine.usage.shape: 'x'"));
  EXPECT_EQ(WithMine("capabilities: [tools, hearing]"),
            "FILE:6: providers.mine.capabilities: 'hearing' is not known: it is one of tools, vision, json_schema");
  EXPECT_THAT(WithMine("quirks: [developer_rool]"), HasSubstr("did you mean 'developer_role'?"));
  EXPECT_EQ(Problems("providers: {codex: {quirks: [developer_role]}}\n"),
            "FILE:1: providers.codex.quirks: 'developer_role' is not known: its dialect has none");
}

TEST(ProviderRows, NameTheLineOfAWrongWayToProveWhoAsks) {
  EXPECT_EQ(WithMine("auth: {mode: keys}"),
            "FILE:6: providers.mine.auth.mode: 'keys' is not one of key, oauth, forward, none");
  EXPECT_EQ(WithMine("auth: {key_in: x-key}"),
            "FILE:6: providers.mine.auth.key_in: 'x-key' is not one of "
            "authorization, x-api-key, api-key, x-goog-api-key, query");
  EXPECT_EQ(WithMine("auth: {mode: oauth}"),
            "FILE:3: providers.mine.auth_base_url: is missing: auth.mode oauth renews its tokens there\n"
            "FILE:6: providers.mine.auth.oauth.token_path: '' is no path: it begins with / and has no blanks\n"
            "FILE:6: providers.mine.auth.oauth.client_id: is missing: auth.mode oauth needs it");
  EXPECT_EQ(
      WithMine("auth: {mode: oauth, oauth: {token_path: /t, client_id: c, shape: odd}}\n    auth_base_url: https://a"),
      "FILE:6: providers.mine.auth.oauth.shape: 'odd' is not known: it is one of standard, codex, copilot");
  EXPECT_EQ(WithMine("auth: {mode: none}\n    keys: [/k]"),
            "FILE:7: providers.mine.keys: are of no use: auth.mode is none, not key");
  EXPECT_THAT(WithMine("auth: {key_in: query, query_name: \"a&b\"}"), HasSubstr("'a&b' is no plain name"));
}

// A row whose login is whole but for `more`.
std::string WithLogin(const std::string& more) {
  return WithMine(
      "auth_base_url: https://login.example\n    auth: {mode: oauth, oauth: {token_path: /t, client_id: c, " + more +
      "}}");
}

TEST(ProviderRows, SayHowPeopleLogIn) {
  EXPECT_EQ(WithLogin("authorize_url: /a, redirect_ports: [1455, 1457]"), "");
  EXPECT_EQ(WithLogin("authorize_url: \"https://other.example/a\", redirect_ports: [1455], refresh_skew: 2m"), "");
  EXPECT_EQ(WithLogin("device_path: /d, device_page: \"https://x.example\", revoke_path: /r"), "");
  EXPECT_EQ(
      WithMine("auth_base_url: https://a\n    auth: {mode: oauth, oauth: {token_path: /t, client_id_reserved: true}}"),
      "")
      << "whoever logs in brings one";
}

TEST(ProviderRows, NameTheLineOfAWrongWayToLogIn) {
  EXPECT_EQ(WithLogin("authorize_url: /a"),
            "FILE:7: providers.mine.auth.oauth.redirect_ports: are missing: the browser comes back to one");
  EXPECT_THAT(WithLogin("authorize_url: /a, redirect_ports: [80]"), HasSubstr("80 is no port from 1024 to 65535"));
  EXPECT_THAT(WithLogin("authorize_url: /a, redirect_ports: [x]"), HasSubstr("expected a whole number, got 'x'"));
  EXPECT_THAT(WithLogin("authorize_url: a, redirect_ports: [1455]"), HasSubstr("'a' is no path"));
  EXPECT_THAT(WithLogin("authorize_url: \"http://a.example/a\", redirect_ports: [1455]"), HasSubstr("unencrypted"));
  EXPECT_THAT(WithLogin("authorize_url: /a, redirect_ports: [1455], redirect_host: \"a/b\""),
              HasSubstr("'a/b' is no name"));
  EXPECT_THAT(WithLogin("device_path: d"), HasSubstr("auth.oauth.device_path: 'd' is no path"));
  EXPECT_THAT(WithLogin("session_url: token"), HasSubstr("auth.oauth.session_url: 'token' is no path"));
  EXPECT_THAT(WithLogin("session_scheme: basic"), HasSubstr("'basic' is not one of Bearer, token"));
  EXPECT_THAT(WithLogin("exchange_body: xml"), HasSubstr("'xml' is not one of form, json"));
}

TEST(ProviderRows, AskALoginPageForAllThatALoginNeedsOnce) {
  const auto with = [](const std::string& parameters) {
    return WithLogin("authorize_url: /a, redirect_ports: [1455], authorize_parameters: [" + parameters + "]");
  };
  const std::string all = "response_type, client_id, redirect_uri, state, code_challenge, code_challenge_method";
  EXPECT_EQ(with(all + ", prompt=login"), "") << "there are no scopes to ask for";
  EXPECT_EQ(with(all + ", nonce"), "");
  EXPECT_THAT(with(all + ", nonce, nonce"), HasSubstr("have nonce more than once"));
  EXPECT_THAT(with(all + ", nonse"), HasSubstr("did you mean 'nonce'?"));
  EXPECT_THAT(with(all + ", promt"), HasSubstr("'promt' is not known"));
  EXPECT_THAT(with(all + ", state"), HasSubstr("have state more than once"));
  EXPECT_THAT(with(all + ", state=mine"), HasSubstr("have state more than once"));
  EXPECT_THAT(with("response_type, client_id, redirect_uri, code_challenge, code_challenge_method"),
              HasSubstr("lack state"));
}

TEST(ProviderRows, NameTheLineOfAWrongAddress) {
  EXPECT_EQ(Problems("providers:\n  groq:\n    base_url: groq.com\n"),
            "FILE:3: providers.groq.base_url: 'groq.com' does not begin with https:// or http://");
  EXPECT_EQ(Problems("providers:\n  groq:\n    base_url: \"\"\n"),
            "FILE:3: providers.groq.base_url: is missing: say where the provider is, like https://api.example.com/v1");
  EXPECT_EQ(
      Problems("providers:\n  custom: {quirks: []}\n"),
      "FILE:2: providers.custom.base_url: is missing: say where the provider is, like https://api.example.com/v1");
  EXPECT_EQ(Problems("providers: {custom: {base_url: \"https://x.example\"}}\n"), "");
  EXPECT_THAT(Problems("providers: {groq: {base_url: \"http://groq.example\"}}\n"),
              HasSubstr("providers.groq.base_url: would send credentials unencrypted"));
  EXPECT_THAT(WithMine("models: {path: models}"), HasSubstr("FILE:6: providers.mine.models.path: 'models' is no path"));
}

TEST(ProviderRows, CheckWhatTheySendAndWhatThingsCost) {
  EXPECT_EQ(WithMine("headers: {OpenAI-Project: p_1}"), "");
  EXPECT_THAT(WithMine("headers: {\"a:b\": c}"), HasSubstr("providers.mine.headers.a:b: is no name of a header"));
  EXPECT_THAT(WithMine("headers: {a: \"b\\nc: d\"}"), HasSubstr("providers.mine.headers.a: has no visible"));
  EXPECT_EQ(WithMine("prices: {m: {input: 1.25, output: 10, cases: {n: {tier: flex, input: 1, output: 5}}}}"), "");
  EXPECT_THAT(WithMine("prices: {m: {input: \"$1\", output: 1}}"),
              HasSubstr("FILE:6: providers.mine.prices.m: input: '$1' is no price"));
  EXPECT_THAT(WithMine("prices: {m: {cases: {n: {tier: cheap, input: 1, output: 5}}}}"),
              HasSubstr("providers.mine.prices.m.cases.n.tier: 'cheap' is not one of standard"));
  EXPECT_THAT(WithMine("priced_as: yours"), HasSubstr("providers.mine.priced_as: there is no provider 'yours'"));
}

TEST(ProviderRows, KnowDaysAsTheCalendarHasThem) {
  EXPECT_EQ(WithMine("models: {list: {m: {released: 2026-08-22}}}"), "");
  EXPECT_THAT(WithMine("models: {list: {m: {released: 2026-02-30}}}"),
              HasSubstr("providers.mine.models.list.m.released: '2026-02-30' is no day, like 2026-08-22"));
}

TEST(ProviderRows, HaveOneDefault) {
  EXPECT_EQ(WithMine("default_provider: true"),
            "FILE:2: providers: one of them must be the default_provider, not "
            "codex, mine; set it to false for the others");
  EXPECT_EQ(WithMine("default_provider: true\n  codex: {default_provider: false}"), "");
  EXPECT_THAT(Problems("providers: {codex: {default_provider: false}}\n"), HasSubstr("not none"));
}

}  // namespace
}  // namespace patchbay::config
