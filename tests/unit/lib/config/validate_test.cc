#include <gmock/gmock.h>

#include "tests/unit/lib/config/config_testing.h"

namespace patchbay::config {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

TEST(ConfigValidation, HoldsNumbersToTheirBounds) {
  EXPECT_EQ(Problems("frontend: {count: 0}\n"), "FILE:1: frontend.count: 0 is below the least allowed, 1");
  EXPECT_EQ(Problems("frontend: {count: 65}\n"), "FILE:1: frontend.count: 65 is above the most allowed, 64");
  EXPECT_EQ(Problems("frontend: {limits: {body_bytes: 12}}\n"),
            "FILE:1: frontend.limits.body_bytes: 12 is below the least allowed, 1KiB");
  EXPECT_EQ(Problems("upstream: {stall_timeout: 0s}\n"), "FILE:1: upstream.stall_timeout: must be longer than zero");
}

TEST(ConfigValidation, KnowsAddressesToListenOn) {
  for (const auto* good : {"127.0.0.1:8080", "0.0.0.0:0", "[::1]:1", "[::]:65535", "localhost:80", ":8080", "*:8080"}) {
    EXPECT_EQ(Problems(std::string("frontend: {listen: \"") + good + "\"}\n"), "") << good;
  }
  for (const auto* bad : {"8080", "", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "::1:8080", "[::1]", "[127.0.0.1]:1",
                          "example.com:80", "127.0.0.1:65536", "1.2.3:4", "127.0.0.1:-1", "127.0.0.1: 80"}) {
    EXPECT_THAT(Problems(std::string("frontend: {listen: \"") + bad + "\"}\n"), HasSubstr("frontend.listen: ")) << bad;
  }
}

TEST(ConfigValidation, RefusesTwoListenersOnOneAddress) {
  EXPECT_EQ(Problems("frontend: {listen: \"127.0.0.1:11434\"}\n"),
            "built-in defaults: ollama.listen: is the same address as frontend.listen");
  EXPECT_EQ(Problems("frontend: {listen: \"127.0.0.1:11434\"}\nollama: {enabled: false}\n"), "");
  EXPECT_THAT(Problems("ollama: {listen: \"0.0.0.0:11434\"}\n"), HasSubstr("ollama.listen: would let everybody"));
  EXPECT_EQ(Problems("ollama: {listen: \"0.0.0.0:11434\", allow_remote: true}\n"), "");
  EXPECT_THAT(Problems("ollama: {token: secret-itself}\n"), HasSubstr("ollama.token: is neither ${VARIABLE} nor"));
  EXPECT_EQ(Problems("frontend: {listen: \"127.0.0.1:0\"}\nollama: {listen: \"127.0.0.1:0\"}\n"), "");
}

TEST(ConfigValidation, TakesTheGatewaysAddressForOneLikeTheOthers) {
  EXPECT_THAT(Problems("gateway: {listen: 'unix:/x'}\n"), HasSubstr("gateway.listen"));
  EXPECT_THAT(Problems("gateway: {listen: '127.0.0.1:8080'}\n"), HasSubstr("gateway.listen: is the same address as"));
  EXPECT_EQ(Problems("gateway: {listen: '127.0.0.1:7443'}\n"), "");
}

TEST(ConfigValidation, ChecksEachListenerAndItsTls) {
  const auto listener = [](const std::string& rest) {
    return Problems("frontend:\n  listeners:\n    lan: {" + rest + "}\n");
  };
  EXPECT_EQ(listener("listen: \"*:8443\""), "");
  EXPECT_EQ(listener("listen: \"unix:/run/a.sock\", mode: 0600, require_key: false"), "");
  EXPECT_EQ(listener("listen: \"127.0.0.1:1\", require_key: false"), "");
  EXPECT_THAT(
      listener("listen: \"*:1\", require_key: false"),
      HasSubstr("FILE:3: frontend.listeners.lan.require_key: would let everybody who reaches *:1 use the accounts"));
  EXPECT_THAT(Problems("frontend: {listen: \"0.0.0.0:1\", require_key: false}\n"), HasSubstr("frontend.require_key: "));
  EXPECT_THAT(listener("mode: 0660"), HasSubstr("frontend.listeners.lan.listen: '' is not an address"));
  EXPECT_THAT(listener("lisen: \"*:1\""), HasSubstr("did you mean 'listen'?"));
  EXPECT_THAT(listener("listen: \"unix:a.sock\""), HasSubstr("needs the whole path"));
  EXPECT_THAT(listener("listen: \"*:1\", mode: 660"), HasSubstr("'660' is not a file mode"));
  EXPECT_EQ(listener("listen: \"127.0.0.1:8080\""),
            "FILE:3: frontend.listeners.lan.listen: is the same address as frontend.listen");
  EXPECT_THAT(listener("listen: \"*:1\", tls: {certificate: /nowhere.pem}"),
              HasSubstr("frontend.listeners.lan.tls.certificate: there is no file '/nowhere.pem'"));
  EXPECT_THAT(listener("listen: \"*:1\", tls: {certificate: /dev/null}"),
              HasSubstr("frontend.listeners.lan.tls.certificate: needs a key too"));
  EXPECT_THAT(Problems("frontend: {tls: {min_version: 1.1}}\n"), HasSubstr("'1.1' is not one of 1.2, 1.3"));
  EXPECT_THAT(Problems("frontend: {tls: {client_ca: /nowhere}}\n"),
              HasSubstr("frontend.tls.client_ca: needs a certificate"));
  EXPECT_THAT(Problems("frontend: {listeners: {Lan: {listen: \"*:1\"}}}\n"), HasSubstr("a name has 1 to 32 of a-z"));
  EXPECT_THAT(listener("listen: \"*:1\", allowed_origins: [\"https://a/b\"]"), HasSubstr("is not an origin"));
}

TEST(ConfigValidation, ChecksVerdicts) {
  const auto row = [](const std::string& rest) {
    return Problems("accounts:\n  verdicts:\n    odd: {" + rest + "}\n");
  };
  EXPECT_EQ(row("status: 500-599, means: throttle"), "");
  EXPECT_EQ(row("status: 429, code: busy, says: Slow, means: exhaust, rest: 1h, strong: true, provider: codex"), "");
  EXPECT_THAT(row("provider: codex, means: stop"), HasSubstr("accounts.verdicts.odd: would match every error"));
  for (const std::string& status : {"99", "600", "500-", "-500", "599-500", "4xx"}) {
    EXPECT_THAT(row("status: \"" + status + "\", means: stop"), HasSubstr("is no status like 429")) << status;
  }
  EXPECT_THAT(row("status: 429"), HasSubstr("accounts.verdicts.odd.means"));
  EXPECT_THAT(row("status: 429, means: forget"), HasSubstr("is not one of stop, elsewhere, throttle"));
}

TEST(ConfigValidation, ChecksReserves) {
  const auto reserve = [](const std::string& rest) {
    return Problems("accounts:\n  reserves:\n    ci: {" + rest + "}\n");
  };
  EXPECT_EQ(reserve("keys: [nightly]"), "");
  EXPECT_EQ(reserve("keys: [nightly], window: 5h, percent: 20, tags: [shared], provider: codex"), "");
  EXPECT_THAT(reserve("percent: 20"), HasSubstr("FILE:3: accounts.reserves.ci: needs keys"));
  EXPECT_THAT(reserve("keys: [nightly], percent: 100"), HasSubstr("accounts.reserves.ci.percent"));
  EXPECT_THAT(reserve("keys: [nightly], window: 10ms"), HasSubstr("accounts.reserves.ci.window: is shorter"));
  EXPECT_THAT(Problems("accounts: {reserves: {Ci: {keys: [a]}}}\n"), HasSubstr("a name has 1 to 32 of a-z"));
  std::string many = "accounts:\n  reserves:\n";
  for (int i = 0; i < 33; ++i) many += "    r" + std::to_string(i) + ": {keys: [a]}\n";
  EXPECT_THAT(Problems(many), HasSubstr("accounts.reserves: holds more than 32"));
}

TEST(ConfigValidation, ChecksUsers) {
  const auto user = [](const std::string& rest) {
    return Problems("accounts:\n  users:\n    alice: {" + rest + "}\n");
  };
  EXPECT_EQ(user("token: \"${ALICE}\""), "");
  EXPECT_EQ(
      user(
          "token: /etc/patchbay/alice.key, models: [gpt-5.5, \"claude-*\"], budgets: [5 USD a day, 3M tokens a month], "
          "on_budget: fallback gpt-5.5-mini, sources: [10.0.0.0/8], tiers: [standard], expires: "
          "\"2027-01-01T00:00:00Z\""),
      "");
  EXPECT_THAT(user("concurrency: 1"), HasSubstr("FILE:3: accounts.users.alice: needs a token"));
  const std::string plain = user("token: 6f1c0b9ad2e847356f1c0b9a");
  EXPECT_THAT(plain, HasSubstr("accounts.users.alice.token: is neither ${VARIABLE} nor the absolute path of a file"));
  EXPECT_THAT(plain, Not(HasSubstr("6f1c0b9a"))) << "it may be the token itself";
  const std::string token = "token: \"${ALICE}\", ";
  EXPECT_THAT(user(token + "budgets: [a lot]"), HasSubstr("accounts.users.alice.budgets: 'a lot' is no budget"));
  EXPECT_THAT(user(token + "budgets: [1 USD a day, 2 USD a day]"), HasSubstr("budgets: two are of USD a day"));
  EXPECT_THAT(user(token + "on_budget: fall"), HasSubstr("accounts.users.alice.on_budget: 'fall' is neither"));
  EXPECT_THAT(user(token + "sources: [10.0.0.1/8]"), HasSubstr("has bits behind its prefix"));
  EXPECT_THAT(user(token + "dialects: [klingon]"), HasSubstr("'klingon' is none of openai_chat"));
  EXPECT_THAT(user(token + "expires: tomorrow"), HasSubstr("accounts.users.alice.expires: 'tomorrow' is no moment"));
  EXPECT_THAT(user(token + "quota_view: theirs"), HasSubstr("accounts.users.alice.quota_view"));
  EXPECT_THAT(user(token + "concurrency: -1"), HasSubstr("accounts.users.alice.concurrency"));
  EXPECT_THAT(Problems("accounts: {users: {Al: {token: /a}}}\n"), HasSubstr("a name has 1 to 32 of a-z"));
}

TEST(ConfigValidation, LetsNobodyUseTheAccountsFromAfarWithoutAKey) {
  EXPECT_EQ(Problems("ollama: {listen: \"[::1]:11434\"}\n"), "");
  EXPECT_THAT(Problems("ollama: {listen: \"0.0.0.0:11434\"}\n"), HasSubstr("ollama.listen: would let everybody"));
  EXPECT_EQ(Problems("ollama: {enabled: false, listen: \"0.0.0.0:11434\"}\n"), "");
}

TEST(ConfigValidation, ChecksProviders) {
  EXPECT_THAT(Problems("providers: {codex: {base_url: ftp://x}}\n"), HasSubstr("does not begin with https://"));
  EXPECT_THAT(Problems("providers: {codex: {base_url: \"https://x/y?z=1\"}}\n"),
              HasSubstr("is not a URL without query"));
  EXPECT_THAT(Problems("providers: {codex: {base_url: \"https://\"}}\n"), HasSubstr("is not a URL"));
  EXPECT_THAT(Problems("providers: {codex: {base_url: \"http://x.example\"}}\n"),
              HasSubstr("would send credentials unencrypted"));
  EXPECT_EQ(Problems("providers: {codex: {base_url: \"http://127.0.0.1:1\", allow_private: true}}\n"), "");
  EXPECT_THAT(Problems("providers: {codex: {ca_file: /nonexistent.pem}}\n"),
              HasSubstr("FILE:1: providers.codex.ca_file: there is no file"));
}

TEST(ConfigValidation, NeverRepeatsAPassword) {
  const auto problems = Problems("providers: {codex: {base_url: \"https://user:hunter2@x.example\"}}\n");
  EXPECT_THAT(problems, HasSubstr("holds no user name or password"));
  EXPECT_THAT(problems, Not(HasSubstr("hunter2")));
}

TEST(ConfigValidation, ChecksOrigins) {
  EXPECT_EQ(Problems("frontend: {allowed_origins: [\"https://app.example:8443\"]}\n"), "");
  EXPECT_EQ(Problems("frontend: {allowed_origins: [\"http://localhost:*\"]}\n"), "");
  EXPECT_THAT(Problems("frontend: {allowed_origins: [\"https://app.example/x\"]}\n"), HasSubstr("is not an origin"));
  EXPECT_THAT(Problems("frontend: {allowed_origins: [\"https://app.example:8x\"]}\n"),
              AnyOf(HasSubstr("has something behind its host"), HasSubstr("is not a URL")));  // as Boost takes it apart
  EXPECT_THAT(Problems("frontend: {allowed_origins: [\"*\"]}\n"), HasSubstr("does not begin with https://"));
}

TEST(ConfigValidation, ChecksExtraWorkers) {
  EXPECT_THAT(Problems("workers: {frontend: {command: /x}}\n"), HasSubstr("the name is one of patchbay's own"));
  EXPECT_THAT(Problems("workers: {frontend-2: {command: /x}}\n"), HasSubstr("the name is one of patchbay's own"));
  for (const char* name : {"accounts", "admin", "supervisor", "console", "operator", "patchbayd"}) {
    EXPECT_THAT(Problems(std::string("workers: {") + name + ": {command: /x}}\n"), HasSubstr("one of patchbay's own"));
  }
  for (const char* name : {"Upper", "with/slash", ""}) {
    EXPECT_THAT(Problems(std::string("workers: {\"") + name + "\": {command: /x}}\n"), HasSubstr("1 to 32 of a-z"))
        << name;
  }
  EXPECT_THAT(Problems("workers: {hello: {}}\n"), HasSubstr("workers.hello: needs a command"));
  EXPECT_THAT(Problems("workers: {hello: {command: /x, sections: [fronted]}}\n"),
              HasSubstr("did you mean 'frontend'?"));
  EXPECT_THAT(Problems("workers: {hello: {command: /x, peers: [root]}}\n"), HasSubstr("'root' is not one of"));
}

TEST(ConfigValidation, ChecksHowLongUsageIsKept) {
  const auto usage = [](const std::string& text) { return Problems("accounts: {usage: {" + text + "}}\n"); };
  EXPECT_EQ(usage("keep_requests: 1d, keep_hours: 366d, requests_max: 1000, usages_path: /var/lib/x/usages.json"), "");
  EXPECT_THAT(usage("keep_requests: 23h"),
              HasSubstr("FILE:1: accounts.usage.keep_requests: 23h is below the least allowed, 1d"));
  EXPECT_THAT(usage("keep_requests: 0"), HasSubstr("accounts.usage.keep_requests: must be longer than zero"));
  EXPECT_THAT(usage("requests_max: 999"), HasSubstr("is below the least allowed, 1000"));
  EXPECT_THAT(usage("usages_path: usages.json"), HasSubstr("accounts.usage.usages_path: is no whole path"));
}

TEST(ConfigValidation, ChecksNotifications) {
  const auto problems = [](const std::string& row) { return Problems("notifications: {ops: {" + row + "}}\n"); };
  EXPECT_EQ(problems("command: /bin/x, arguments: [-v], events: [banned, needs_login]"), "");
  EXPECT_EQ(problems("webhook: \"https://hooks.example.com/a/b?token=x\""), "");
  EXPECT_EQ(problems("webhook: \"${OPS_HOOK}\""), "");
  EXPECT_EQ(problems("webhook: /etc/patchbay/hook"), "");
  EXPECT_EQ(problems("webhook: \"http://127.0.0.1:9/\", allow_private: true"), "");
  EXPECT_THAT(problems(""), HasSubstr("notifications.ops: needs a command or a webhook"));
  EXPECT_THAT(problems("command: /bin/x, webhook: /etc/hook"), HasSubstr("one of the two"));
  EXPECT_THAT(problems("command: x"), HasSubstr("is no absolute path"));
  EXPECT_THAT(problems("webhook: /etc/hook, arguments: [a]"), HasSubstr("arguments: needs a command"));
  EXPECT_THAT(problems("webhook: \"http://example.com/\""), HasSubstr("plain http needs allow_private"));
  EXPECT_THAT(problems("webhook: ftp-secret"), AllOf(HasSubstr("is no http or https URL"), Not(HasSubstr("secret"))));
  EXPECT_THAT(problems("command: /bin/x, events: [baned]"),
              HasSubstr("there is no event 'baned'; did you mean 'banned'?"));
  EXPECT_THAT(Problems("notifications: {Ops: {command: /bin/x}}\n"), HasSubstr("1 to 32 of a-z"));
}

TEST(ConfigValidation, RefusesABackoffThatStartsAboveItsCeiling) {
  EXPECT_THAT(Problems("server: {backoff_initial: 1m}\n"), HasSubstr("is longer than server.backoff_max"));
}

}  // namespace
}  // namespace patchbay::config
