// All client sockets of a frontend between fakes, on time that only tests move.
#pragma once

#include <gtest/gtest.h>

#include "lib/testing/configured.h"
#include "lib/testing/fake_time.h"
#include "tests/unit/workers/frontend/http/fake_exchange.h"
#include "tests/unit/workers/frontend/responses_socket/fakes.h"
#include "workers/frontend/responses_socket/socket_server.h"

namespace patchbay::frontend {

inline constexpr const char* kCreate = R"({"type":"response.create","model":"wire-model","input":[]})";
inline constexpr const char* kContinue =
    R"({"type":"response.create","model":"wire-model","previous_response_id":"r","input":[]})";
inline constexpr const char* kAnswer =
    R"(frames { frames: '{"type":"response.output_text.delta","output_index":0,"delta":"x"}'
                frames: '{"type":"response.completed","response":{"id":"r","output":[]}}' })";

class SocketTest : public ::testing::Test {
 protected:
  // Every socket ends before what it works with does.
  ~SocketTest() override {
    for (const auto& client : clients_) client->socket->Leaves();
    Go();
  }

  // One client's socket.
  struct Client {
    std::shared_ptr<FakeExchange> exchange;
    std::shared_ptr<FakeWebSocket> socket;
    std::optional<SocketServer::Outcome> outcome;  // once the socket is over
  };

  std::shared_ptr<Client> Connect(const std::string& id = "req") {
    auto client = std::make_shared<Client>();
    client->exchange = std::make_shared<FakeExchange>(
        "GET", "/v1/responses", std::map<std::string, std::string>{{"originator", "codex_cli_rs"}}, "");
    client->exchange->socket = client->socket = std::make_shared<FakeWebSocket>(io_);
    clients_.push_back(client);
    SocketClient who{id, "192.0.2.7", ClientKey{"ck_1", "name"}, CallerLogin{}, "openai_responses", {}};
    who.key_now = key_now_;
    const auto serve = [this, client, who]() -> Awaitable<void> {
      client->outcome.emplace(co_await server_.Handle(client->exchange, who));
    };
    asio::co_spawn(io_, serve, [](std::exception_ptr error) { ASSERT_FALSE(error); });
    Go();
    return client;
  }
  void Go() {
    io_.restart();
    io_.poll();
  }
  void GrantOpening(const std::string& account = "acc") {
    accounts::v1::Granted granted = Grant("opening", account);
    granted.clear_wire_model();
    leaser_.WillGrant(std::move(granted));
  }

  asio::io_context io_;
  testing::FakeTime time_;
  FakeLeaser leaser_;
  FakeSocketCaller upstream_{io_};
  Settings settings_ = SettingsFrom(testing::Configured());
  FakeUpstream calls_{io_};  // over HTTP
  Engine engine_{time_, leaser_, calls_};
  ClientQuotas quotas_;
  SocketServer server_{io_, leaser_, upstream_, engine_, time_, quotas_, nullptr, settings_};
  std::vector<std::shared_ptr<Client>> clients_;
  std::function<ClientKey(const ClientKey&)> key_now_;
};

}  // namespace patchbay::frontend
