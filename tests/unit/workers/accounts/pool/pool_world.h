// A pool, a clock that we turn, and what the pool said: the world of the pool's tests.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "lib/testing/configured.h"
#include "workers/accounts/pool/pool.h"

namespace patchbay::accounts {

using namespace std::chrono_literals;

// The pool's settings with the defaults, for a test to change what it is about. Accounts are not looked at for being
// stale: that is for tests of it.
inline PoolSettings DefaultSettings() {
  PoolSettings settings = PoolSettingsOf(patchbay::testing::Configured<config::v1::Accounts>());
  settings.stale_after = 0ms;
  settings.traced = false;  // of what a choice is made only those want to hear that are about it
  return settings;
}
inline PoolSettings TracedSettings() {
  PoolSettings settings = DefaultSettings();
  settings.traced = true;
  return settings;
}

struct World {
  explicit World(PoolSettings settings = DefaultSettings())
      : pool([this] { return LeaseId("L" + std::to_string(next_lease++)); }) {
    Take(pool.Configure(settings, now));
    pool.Redeclare(frontend, 1, {}, now);
  }

  AccountId Add(const std::string& name, bool refresh_token = true) {
    AccountFacts facts;
    facts.id = AccountId(name);
    facts.label = name;
    facts.provider = "codex";
    facts.order = next_order++;
    facts.has_access_token = true;
    facts.has_refresh_token = refresh_token;
    facts.token_expires_at = now.wall + 240h;
    facts.credential_version = 1;
    Take(pool.Put(facts, now));
    return facts.id;
  }
  // The new token of a refresh that worked.
  void Refreshed(const AccountId& account) {
    AccountFacts facts = pool.Find(account)->facts;
    ++facts.credential_version;
    Take(pool.Put(facts, now));
    Take(pool.RefreshSucceeded(account, now));
  }

  void Acquire(const std::string& request, const std::string& key = "", const std::string& affinity = "",
               std::optional<std::chrono::milliseconds> wait = std::nullopt, const std::string& model = "gpt-5.5") {
    AcquireArgs args;
    args.frontend = frontend;
    args.epoch = epoch;
    args.request = RequestId(request);
    args.provider = "codex";
    args.wire_model = model;
    args.affinity_key = affinity;
    args.client_key = ClientKeyId(key);
    args.max_wait = wait;
    Take(pool.Acquire(args, now));
  }
  void Retry(const Granted& grant, FailureFacts failure, QuotaFacts quota = {}) {
    RetryArgs args;
    args.frontend = frontend;
    args.epoch = epoch;
    args.request = grant.request;
    args.lease = grant.lease;
    args.failure = std::move(failure);
    args.quota = std::move(quota);
    Take(pool.Retry(args, now));
  }
  void Settle(const Granted& grant, bool succeeded = true, std::optional<FailureFacts> failure = std::nullopt) {
    SettleArgs args;
    args.lease = grant.lease;
    args.succeeded = succeeded;
    args.failure = std::move(failure);
    Take(pool.Settle(args, now));
  }
  void Pass(std::chrono::milliseconds time) {
    now.wall += time;
    now.steady += time;
    Take(pool.Tick(now));
  }
  void Take(PoolEvents events) {
    for (PoolEvent& event : events) said.push_back(std::move(event));
  }

  // What was said since the last call of Last or All for that kind.
  template <class T>
  std::vector<T> All() {
    std::vector<T> out;
    std::erase_if(said, [&](PoolEvent& event) {
      if (T* wanted = std::get_if<T>(&event)) {
        out.push_back(std::move(*wanted));
        return true;
      }
      return false;
    });
    return out;
  }
  template <class T>
  std::optional<T> One() {
    auto all = All<T>();
    EXPECT_LE(all.size(), 1u);
    return all.empty() ? std::nullopt : std::optional<T>(std::move(all.front()));
  }
  Granted MustGrant(const std::string& request, const std::string& key = "", const std::string& affinity = "") {
    Acquire(request, key, affinity);
    const auto granted = One<Granted>();
    EXPECT_TRUE(granted.has_value()) << request;
    return granted.value_or(Granted{});
  }
  // What a request would meet now.
  PoolExplanation Explain(const std::string& affinity = "", const std::string& provider = "codex",
                          const std::string& model = "gpt-5.5") const {
    AcquireArgs args;
    args.provider = provider;
    args.wire_model = model;
    args.affinity_key = affinity;
    return pool.Explain(args, now);
  }
  AccountState StateOf(const AccountId& account) const { return pool.Find(account)->mark.state; }

  Moment now{WallTime(std::chrono::seconds(1'790'000'000)), SteadyTime(1000h)};
  FrontendId frontend{"frontend#1"};
  std::uint64_t epoch = 1;
  int next_lease = 1;
  std::int64_t next_order = 1;
  AccountPool pool;
  std::vector<PoolEvent> said;
};

inline FailureFacts Status(int status, std::string code = "", Body body = Body::kJson) {
  FailureFacts failure;
  failure.stage = Stage::kStatus;
  failure.http_status = status;
  failure.code = std::move(code);
  failure.body = body;
  return failure;
}

inline FailureFacts Status(int status, Cause cause) {
  FailureFacts failure = Status(status);
  failure.cause = cause;
  return failure;
}

inline FailureFacts Stopped(Stage stage) {
  FailureFacts failure;
  failure.stage = stage;
  return failure;
}

}  // namespace patchbay::accounts
