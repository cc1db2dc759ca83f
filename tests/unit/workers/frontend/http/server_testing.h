// The HTTP face with fakes on every side.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lib/base/sha256.h"
#include "lib/testing/configured.h"
#include "tests/unit/workers/frontend/engine/engine_testing.h"
#include "tests/unit/workers/frontend/http/fake_exchange.h"
#include "workers/frontend/http/server.h"

namespace patchbay::frontend {

inline constexpr const char* kKey = "pbk_secret";
inline constexpr const char* kServedChat =
    R"({"model":"gpt-5.5","stream":true,"max_tokens":5,"store":true,"messages":[{"role":"user","content":"Hi"}]})";

class ServerTest : public ::testing::Test {
 protected:
  ServerTest() {
    accounts::v1::ClientKeyUpdate update;
    update.mutable_upsert()->set_id("ck_1");
    update.mutable_upsert()->add_secrets()->set_sha256(Sha256(kKey));
    auth_.BeginSet();
    auth_.Apply(update);
    update.set_synced(true);
    auth_.Apply(update);
    EXPECT_TRUE(listeners_.Apply(settings_.listeners).ok());
    models_.Put(list_);
  }

  std::shared_ptr<FakeExchange> Serve(std::string method, std::string path,
                                      std::map<std::string, std::string> headers = {}, std::string body = "",
                                      std::string leave_after = "\1") {
    headers.try_emplace("Host", "127.0.0.1:8080");
    headers.try_emplace("Authorization", std::string("Bearer ") + kKey);
    auto exchange =
        std::make_shared<FakeExchange>(std::move(method), std::move(path), std::move(headers), std::move(body));
    exchange->leave_after = std::move(leave_after);
    exchange->CameBy(listener_, secure_);
    asio::co_spawn(io_, server_.Handle(exchange), [](std::exception_ptr error) { ASSERT_FALSE(error); });
    io_.restart();
    io_.poll();
    // When nothing but time can go on any more, it passes.
    for (int period = 0; period < 3 && !exchange->finished && !exchange->aborted; ++period) {
      clock_.Advance(passing_);
      io_.restart();
      io_.poll();
    }
    return exchange;
  }
  std::shared_ptr<FakeExchange> Chat(std::string leave_after = "\1") {
    return Serve("POST", "/v1/chat/completions", {}, kServedChat, std::move(leave_after));
  }

  asio::io_context io_;
  testing::FakeTime clock_;
  FakeLeaser leaser_;
  FakeUpstream upstream_{io_};
  Engine engine_{clock_, leaser_, upstream_};
  ClientAuth auth_{io_.get_executor(), clock_};
  accounts::v1::ListModelsReply list_ = FromText<accounts::v1::ListModelsReply>(
      R"(models { id: "gpt-5.5" provider: "codex" owner: "openai" created_at { seconds: 5 } })");
  ModelCatalog models_{io_.get_executor(), [](std::string name) -> Awaitable<Result<accounts::v1::ResolveModelReply>> {
                         accounts::v1::ResolveModelReply reply;
                         reply.set_found(name == "claude-x");
                         reply.set_provider("codex");
                         reply.set_wire_model("gpt-5.5");
                         co_return reply;
                       }};
  ClientQuotas quotas_;
  upstream::v1::CallersUsageRequest asked_;
  std::vector<std::string> reasons_;
  std::chrono::milliseconds passing_{0};
  std::size_t listener_ = 0;  // which requests come by
  bool secure_ = false;
  // The first listener, and one that asks for no key.
  static Settings TwoListeners() {
    Settings settings = SettingsFrom(testing::Configured());
    ListenerSettings open;
    open.name = "http-open";
    open.require_key = false;
    settings.listeners.push_back(open);
    settings.listeners[0].allowed_origins = {"https://app.example"};
    return settings;
  }
  const Settings settings_ = TwoListeners();
  Listeners listeners_{{{"http", {{"192.0.2.1", 8080, {}}}}, {"http-open", {{"127.0.0.1", 8081, {}}}}}};
  Dialects dialects_{clock_};
  Server server_{
      io_.get_executor(),
      {.time = clock_,
       .dialects = dialects_,
       .engine = engine_,
       .auth = auth_,
       .models = models_,
       .listeners = listeners_,
       .quotas = quotas_,
       .callers_usage =
           [this](upstream::v1::CallersUsageRequest request) -> Awaitable<Result<upstream::v1::CallersUsageReply>> {
         asked_ = std::move(request);
         upstream::v1::CallersUsageReply reply;
         reply.set_status(200);
         reply.set_content_type("application/json");
         reply.set_body(R"({"plan_type":"team"})");
         co_return reply;
       }},
      [this]() -> Awaitable<std::vector<std::string>> { co_return reasons_; },
      settings_};
};

}  // namespace patchbay::frontend
