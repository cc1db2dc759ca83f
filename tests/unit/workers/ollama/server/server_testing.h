// A gateway that says what a test wants, and a request to the bridge.
#pragma once

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lib/testing/fake_time.h"
#include "lib/testing/run.h"
#include "tests/unit/workers/frontend/http/fake_exchange.h"
#include "workers/ollama/server/server.h"

namespace patchbay::ollama {

template <class Message>
struct FakeIncoming final : Incoming<Message> {
  Awaitable<bool> Receive(Message& message) override {
    if (cancelled || messages.empty()) co_return false;
    message = std::move(messages.front());
    messages.pop_front();
    ++received;
    co_return true;
  }
  Awaitable<Result<void>> Finish() override { co_return ended; }
  bool broke() const override { return died; }
  void Cancel() override { cancelled = true; }

  std::deque<Message> messages;
  Result<void> ended;
  bool cancelled = false;
  bool died = false;  // the gateway, at the end of the messages
  int received = 0;
};

struct FakeGateway final : Gateway {
  template <class Message>
  static Message Of(const std::string& text) {
    Message message;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message));
    return message;
  }
  // The next answer of that name says so.
  void Says(const std::string& model, const std::vector<std::string>& replies, Result<void> ended = {}) {
    auto incoming = std::make_shared<FakeIncoming<gateway::v1::GenerateReply>>();
    for (const auto& reply : replies) incoming->messages.push_back(Of<gateway::v1::GenerateReply>(reply));
    incoming->ended = std::move(ended);
    answers[model] = std::move(incoming);
  }

  Awaitable<Result<gateway::v1::ListModelsReply>> ListModels() override {
    if (away) co_return Error(ErrorCode::kUnavailable, "the gateway is away");
    co_return models;
  }
  Awaitable<Result<gateway::v1::EmbedReply>> Embed(const gateway::v1::EmbedCall& call,
                                                   std::shared_ptr<Departure> departure) override {
    embedded.push_back(call);
    departure->Ends([this] { embed_ended = true; });
    if (while_embedding) while_embedding();
    departure->Ends(nullptr);
    if (embed_error) co_return *embed_error;
    auto reply = Of<gateway::v1::EmbedReply>("embeddings { values: 0.5 } usage { input_tokens: 2 }");
    reply.set_recording(embed_recording);
    co_return reply;
  }
  Awaitable<Result<std::shared_ptr<Incoming<gateway::v1::GenerateReply>>>> Generate(
      const gateway::v1::GenerateCall& call) override {
    if (away) co_return Error(ErrorCode::kUnavailable, "the gateway is away");
    called.push_back(call);
    std::shared_ptr<Incoming<gateway::v1::GenerateReply>> answer;
    if (deaths > 0) {
      --deaths;
      auto broken = std::make_shared<FakeIncoming<gateway::v1::GenerateReply>>();
      broken->ended = Error(ErrorCode::kUnavailable, "Socket closed");
      broken->died = true;
      answer = broken;
      co_return answer;
    }
    const auto found = answers.find(call.request().model());
    if (found != answers.end()) {
      answer = found->second;
    } else {
      auto unknown = std::make_shared<FakeIncoming<gateway::v1::GenerateReply>>();
      unknown->ended = Error(ErrorCode::kNotFound, "no such model");
      answer = unknown;
    }
    co_return answer;
  }
  Awaitable<Result<std::shared_ptr<Incoming<gateway::v1::HttpPiece>>>> Relay(const gateway::v1::HttpHead& head,
                                                                             std::string body) override {
    relayed_head = head;
    relayed_body = std::move(body);
    if (away) co_return Error(ErrorCode::kUnavailable, "the gateway is away");
    std::shared_ptr<Incoming<gateway::v1::HttpPiece>> answer = pieces;
    co_return answer;
  }

  Awaitable<Result<void>> TellClient(const gateway::v1::Recording& side) override {
    told.push_back(side);
    co_return Result<void>();
  }

  gateway::v1::ListModelsReply models = Of<gateway::v1::ListModelsReply>("models { id: 'm' context_window: 9 }");
  std::map<std::string, std::shared_ptr<FakeIncoming<gateway::v1::GenerateReply>>> answers;
  std::vector<gateway::v1::GenerateCall> called;
  std::vector<gateway::v1::EmbedCall> embedded;
  std::optional<Error> embed_error;
  std::function<void()> while_embedding;
  bool embed_ended = false;
  int deaths = 0;               // so many calls end with the gateway's process, before their first message
  std::string embed_recording;  // empty: nobody records
  std::vector<gateway::v1::Recording> told;
  std::shared_ptr<FakeIncoming<gateway::v1::HttpPiece>> pieces =
      std::make_shared<FakeIncoming<gateway::v1::HttpPiece>>();
  gateway::v1::HttpHead relayed_head;
  std::string relayed_body;
  bool away = false;
};

class BridgeTest : public ::testing::Test {
 protected:
  using Headers = std::map<std::string, std::string>;

  std::shared_ptr<frontend::FakeExchange> Ask(const std::string& method, const std::string& path,
                                              const std::string& body = "", Headers headers = {},
                                              const std::string& leave_after = "\1") {
    auto exchange = std::make_shared<frontend::FakeExchange>(method, path, std::move(headers), body);
    exchange->leave_after = leave_after;
    testing::RunToEnd(io_, server_.Handle(exchange));
    return exchange;
  }
  static Guard LoopbackGuard() {
    net::ListenAddress address;
    address.host = "127.0.0.1";
    address.port = 11434;
    return Guard({address}, "box", {});
  }

  asio::io_context io_;
  testing::FakeTime time_;
  FakeGateway gateway_;
  Server server_{time_, gateway_, LoopbackGuard(), {.version = "1.2.3"}};
};

}  // namespace patchbay::ollama
