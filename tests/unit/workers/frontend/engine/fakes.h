// Fakes of what the engine talks to: accounts, upstream and the client.
#pragma once

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "lib/async/event.h"
#include "workers/frontend/dialects/openai_responses/relay/body_edits.h"
#include "workers/frontend/engine/engine.h"

namespace patchbay::frontend {

template <class Message>
Message FromText(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

inline accounts::v1::Granted Grant(const std::string& lease, const std::string& account = "acc") {
  accounts::v1::Granted granted;
  granted.set_request_id("req");
  granted.set_lease_id(lease);
  granted.set_account(account);
  granted.set_account_label("label of " + account);
  granted.set_provider("codex");
  granted.set_wire_model("wire-model");
  granted.set_dialect("codex");
  return granted;
}

// A client's bytes that go out as they are, with the terms in them.
class FakeClientBytes final : public ClientBytes {
 public:
  explicit FakeClientBytes(std::string body, std::string service_tier = {})
      : body_(std::move(body)), service_tier_(std::move(service_tier)) {}
  std::string_view dialect() const override { return "openai_responses"; }
  Result<RelayedRequest> Relayed(const GrantTerms& terms) const override {
    RelayedRequest relayed;
    std::string body = body_;
    if (!body.empty()) {
      ASSIGN_OR_RETURN(body, openai_responses::WithTerms(std::move(body), "client-model", terms));
    }
    relayed.body = std::make_shared<const std::string>(std::move(body));
    relayed.service_tier = terms.service_tier.empty() ? service_tier_ : terms.service_tier;
    if (terms.without_sealed_reasoning) relayed.repaired = {"sealed_reasoning"};
    return relayed;
  }
  Result<TranslatedRequest> Translated() const override {
    TranslatedRequest translated;
    translated.request.add_items()->mutable_message()->add_parts()->set_text("Hi");
    translated.ignored = {"lost_in_translation"};
    return translated;
  }
  std::int64_t EstimateInputTokens() const override { return 7; }
  std::int64_t EstimateOutputTokens(std::uint64_t answer_bytes) const override {
    return static_cast<std::int64_t>(answer_bytes);
  }

 private:
  const std::string body_, service_tier_;
};

// Answers in the order it was told, and remembers what it was asked.
class FakeLeaser final : public Leaser {
 public:
  void WillGrant(accounts::v1::Granted granted) { answers_.emplace_back(std::move(granted)); }
  void WillDeny(accounts::v1::Denied denied) { answers_.emplace_back(std::move(denied)); }
  void WillDeny(accounts::v1::DenyReason reason) {
    accounts::v1::Denied denied;
    denied.set_reason(reason);
    WillDeny(std::move(denied));
  }

  void Settle(accounts::v1::Settle settlement) override { settled.push_back(std::move(settlement)); }
  Awaitable<Result<LeaseAnswer>> Acquire(accounts::v1::Acquire request, std::chrono::milliseconds,
                                         Cancellation&) override {
    acquired.push_back(std::move(request));
    co_return Next();
  }
  Awaitable<Result<LeaseAnswer>> Retry(Lease lease, accounts::v1::Retry request, accounts::v1::Settle otherwise,
                                       std::chrono::milliseconds, Cancellation&) override {
    request.set_lease_id(lease.granted().lease_id());
    retried.push_back(std::move(request));
    Result<LeaseAnswer> answer = Next();
    if (answer.ok() && std::holds_alternative<Lease>(*answer)) {
      std::move(lease).Release();
    } else {
      std::move(lease).Settle(std::move(otherwise));
    }
    co_return answer;
  }

  std::vector<accounts::v1::Acquire> acquired;
  std::vector<accounts::v1::Retry> retried;
  std::vector<accounts::v1::Settle> settled;

 private:
  // As accounts knows it.
  static bool Takes(const std::string& provider, const std::string& client) {
    const bool asked_by_codex =
        client == "openai_responses" || client == "openai_search" || client == "openai_memories";
    return provider == client || (provider == "codex" && asked_by_codex);
  }
  Result<LeaseAnswer> Next() {
    if (answers_.empty()) return Error(ErrorCode::kUnavailable, "accounts is away");
    auto answer = std::move(answers_.front());
    answers_.pop_front();
    if (auto* granted = std::get_if<accounts::v1::Granted>(&answer)) {
      granted->set_relay(Takes(granted->dialect(), acquired.back().dialect()));
      return LeaseAnswer(Lease(*this, *granted));
    }
    return LeaseAnswer(std::get<accounts::v1::Denied>(answer));
  }
  std::deque<std::variant<accounts::v1::Granted, accounts::v1::Denied>> answers_;
};

// One call's script. What is after the script: the end of the stream, or silence until it is cancelled.
struct CallScript {
  std::vector<upstream::v1::CallReply> replies;
  bool then_silent = false;
};

inline upstream::v1::CallReply Reply(const std::string& text) { return FromText<upstream::v1::CallReply>(text); }

// What a call was sent, kept after the call is gone.
struct SentCall {
  std::vector<upstream::v1::CallRequest> sent;
  bool half_closed = false;
  bool cancelled = false;
};

class FakeUpstream final : public UpstreamCaller {
 public:
  explicit FakeUpstream(asio::io_context& io) : io_(io) {}
  void WillAnswer(std::vector<std::string> replies, bool then_silent = false) {
    CallScript script;
    for (const auto& reply : replies) script.replies.push_back(Reply(reply));
    script.then_silent = then_silent;
    scripts_.push_back(std::move(script));
  }

  Awaitable<std::unique_ptr<CallStream>> Open() override {
    CallScript script;
    if (!scripts_.empty()) {
      script = std::move(scripts_.front());
      scripts_.pop_front();
    }
    calls.push_back(std::make_shared<SentCall>());
    co_return std::make_unique<Call>(io_, std::move(script), calls.back());
  }

  std::vector<std::shared_ptr<SentCall>> calls;

 private:
  class Call final : public CallStream {
   public:
    Call(asio::io_context& io, CallScript script, std::shared_ptr<SentCall> record)
        : script_(std::move(script)),
          record_(std::move(record)),
          cancelled_(std::make_shared<async::Event>(io.get_executor())) {}
    Awaitable<bool> Send(const upstream::v1::CallRequest& message) override {
      record_->sent.push_back(message);
      co_return !record_->cancelled;
    }
    Awaitable<bool> CloseSend() override {
      record_->half_closed = true;
      co_return true;
    }
    Awaitable<bool> Receive(upstream::v1::CallReply& message) override {
      const auto record = record_;
      const auto cancelled = cancelled_;
      if (record->cancelled) co_return false;
      if (next_ < script_.replies.size()) {
        message = script_.replies[next_++];
        co_return true;
      }
      if (script_.then_silent) co_await cancelled->Wait();
      co_return false;
    }
    Awaitable<Result<void>> Finish() override { co_return Result<void>(); }
    void Cancel() override {
      record_->cancelled = true;
      cancelled_->Notify();
    }

   private:
    CallScript script_;
    std::shared_ptr<SentCall> record_;
    std::shared_ptr<async::Event> cancelled_;
    std::size_t next_ = 0;
  };

  asio::io_context& io_;
  std::deque<CallScript> scripts_;
};

// Writes down what it is told.
class RecordingSink final : public ReplySink {
 public:
  void BeginAttempt(const accounts::v1::Granted& granted, const CallRoute& route) override {
    log.push_back((route.relay ? "relay " : "begin ") + granted.lease_id());
    for (const std::string& what : route.ignored) log.push_back("ignored " + what);
    for (const std::string& what : route.repaired) log.push_back("repaired " + what);
    taken.clear();
  }
  void TakeHead(const upstream::v1::Head& head) override { log.push_back("head " + std::to_string(head.status())); }
  Losses losses() const override { return lost; }
  Result<void> TakeEvent(const inference::v1::GenerateEvent& event) override {
    if (event.has_text_delta() && event.text_delta().text() == refuse_text) {
      return Error(ErrorCode::kProtocol, "the encoder refuses it");
    }
    taken.append(event.has_text_delta() ? event.text_delta().text() : "");
    return {};
  }
  Result<bool> TakeBytes(std::string_view bytes) override {
    taken.append(bytes);
    return taken.find("output") != std::string::npos;
  }
  bool streams() const override { return streamed; }
  void Commit() override {
    log.push_back("commit");
    if (on_commit) on_commit();
  }
  Awaitable<bool> Flush() override {
    ++flushes;
    co_return !gone;
  }

  std::vector<std::string> log;
  std::string taken, refuse_text = "\1";
  Losses lost;
  int flushes = 0;
  bool gone = false, streamed = true;
  std::function<void()> on_commit;
};

}  // namespace patchbay::frontend
