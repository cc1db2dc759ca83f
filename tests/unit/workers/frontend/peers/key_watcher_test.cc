// The stream of client keys over a real Unix socket, from an accounts worker that the test plays.
#include "workers/frontend/peers/key_watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>

#include "lib/base/sha256.h"
#include "lib/rpc/server.h"
#include "lib/testing/rpc_fixture.h"
#include "patchbay/accounts/v1/client_keys.grpc.pb.h"

namespace patchbay::frontend {
namespace {

using accounts::v1::ClientKeys;
using accounts::v1::ClientKeyUpdate;
using KeyWriter = rpc::ServerWriter<ClientKeyUpdate>;

class KeyWatcherTest : public ::testing::Test, protected testing::RpcFixture {
 protected:
  KeyWatcherTest() : server_(reactor_) {
    server_.SetVerifier(&verifier_);
    server_.Register(service_);
    server_.Watch(service_, &ClientKeys::AsyncService::RequestWatch,
                  [this](rpc::CallInfo, accounts::v1::WatchClientKeysRequest, std::shared_ptr<KeyWriter> writer) {
                    return Serve(std::move(writer));
                  });
  }
  // Calls end before what serves them goes.
  void TearDown() override {
    RunToEnd([this] { return server_.Drain(std::chrono::milliseconds(0)); });
  }

  void Listen() { PATCHBAY_CHECK(server_.Start({listener_.fd}).ok()); }
  // Sends one set of keys and then each update of more_, until it is to end.
  Awaitable<Result<void>> Serve(std::shared_ptr<KeyWriter> writer) {
    ++streams_;
    if (refuses_) co_return Error(ErrorCode::kUnavailable, "draining");
    writer->OnCancelled([this] {
      ++cancelled_;
      changed_.Notify();
    });
    for (const auto& [id, key] : keys_) co_await writer->Send(Upsert(id, key));
    ClientKeyUpdate synced;
    synced.set_synced(true);
    co_await writer->Send(synced);
    const int stream = streams_;
    while (ended_ < stream && !writer->cancelled()) {
      while (!more_.empty()) {
        const ClientKeyUpdate update = std::move(more_.front());
        more_.pop_front();
        co_await writer->Send(update);
      }
      co_await changed_.Wait();
    }
    writer->OnCancelled(nullptr);
    co_return Result<void>();
  }
  static ClientKeyUpdate Upsert(const std::string& id, const std::string& key) {
    ClientKeyUpdate update;
    update.mutable_upsert()->set_id(id);
    update.mutable_upsert()->set_sha256(Sha256(key));
    return update;
  }
  void Tell(ClientKeyUpdate update) {
    more_.push_back(std::move(update));
    changed_.Notify();
  }
  void EndStream() {
    ended_ = streams_;
    changed_.Notify();
  }

  Awaitable<void> Until(std::function<bool()> done) {
    asio::steady_timer pause(io_);
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!done() && std::chrono::steady_clock::now() < limit) {
      pause.expires_after(std::chrono::milliseconds(1));
      co_await pause.async_wait(asio::use_awaitable);
    }
    EXPECT_TRUE(done());
  }
  // Watches while `story` lasts.
  template <class Story>
  void WhileWatching(Story story) {
    Listen();
    async::Spawn(io_, "keys", Run(this));
    RunToEnd([&]() -> Awaitable<void> {
      co_await story();
      watcher_.Stop();
      co_await Until([this] { return over_; });
    });
  }
  static Awaitable<void> Run(KeyWatcherTest* self) {
    co_await self->watcher_.Run();
    self->over_ = true;
  }
  Awaitable<bool> Knows(std::string key) {
    std::vector<std::string> shown = {std::move(key)};
    const auto found = co_await auth_.Check(std::move(shown));
    co_return found.ok();
  }

  rpc::Server server_;
  ClientKeys::AsyncService service_;
  std::vector<std::pair<std::string, std::string>> keys_ = {{"ck_1", "one"}, {"ck_2", "two"}};
  std::deque<ClientKeyUpdate> more_;
  async::Event changed_{io_.get_executor()};
  bool refuses_ = false;
  int streams_ = 0, ended_ = 0, cancelled_ = 0;
  ClientAuth auth_{io_.get_executor()};
  KeyWatcher watcher_{reactor_, ChannelAs(rpc::Role::kFrontend), auth_};
  bool over_ = false;
};

TEST_F(KeyWatcherTest, BringsTheKeysAndEveryChange) {
  WhileWatching([this]() -> Awaitable<void> {
    const bool one = co_await Knows("one");  // waits for the first set
    EXPECT_TRUE(one);
    EXPECT_TRUE(auth_.synced());
    EXPECT_EQ(auth_.size(), 2u);
    Tell(Upsert("ck_3", "three"));
    ClientKeyUpdate removed;
    removed.set_removed("ck_1");
    Tell(removed);
    co_await Until([this] { return more_.empty() && auth_.size() == 2; });
    const bool three = co_await Knows("three");
    EXPECT_TRUE(three);
    const bool still = co_await Knows("one");
    EXPECT_FALSE(still);
  });
}

TEST_F(KeyWatcherTest, ForgetsWhatWasRevokedWhileAccountsWasAway) {
  WhileWatching([this]() -> Awaitable<void> {
    co_await Until([this] { return auth_.synced(); });
    keys_ = {{"ck_2", "two"}, {"ck_4", "four"}};
    EndStream();
    co_await Until([this] { return streams_ == 2 && auth_.size() == 2; });
    const bool four = co_await Knows("four");
    EXPECT_TRUE(four);
    const bool one = co_await Knows("one");
    EXPECT_FALSE(one);
  });
}

TEST_F(KeyWatcherTest, KeepsItsSetAndTriesAgainWhileItIsRefused) {
  WhileWatching([this]() -> Awaitable<void> {
    co_await Until([this] { return auth_.synced(); });
    refuses_ = true;
    EndStream();
    co_await Until([this] { return streams_ >= 3; });
    const bool one = co_await Knows("one");
    EXPECT_TRUE(one);
    refuses_ = false;
    keys_.clear();
    co_await Until([this] { return auth_.size() == 0; });
  });
}

TEST_F(KeyWatcherTest, EndsItsStreamWhenItIsStopped) {
  WhileWatching([this]() -> Awaitable<void> { co_await Until([this] { return auth_.synced(); }); });
  RunToEnd([this] { return Until([this] { return cancelled_ == 1; }); });
  EXPECT_EQ(streams_, 1) << "and opens no other";
}

TEST_F(KeyWatcherTest, CanBeStoppedWhileItConnects) {
  async::Spawn(io_, "keys", Run(this));
  RunToEnd([this]() -> Awaitable<void> {
    asio::steady_timer pause(io_, std::chrono::milliseconds(20));  // the connection waits in the backlog
    co_await pause.async_wait(asio::use_awaitable);
    watcher_.Stop();
    Listen();
    co_await Until([this] { return over_; });
  });
}

TEST_F(KeyWatcherTest, OpensNoneOnceItIsStopped) {
  watcher_.Stop();
  WhileWatching([]() -> Awaitable<void> { co_return; });
  EXPECT_EQ(streams_, 0);
}

}  // namespace
}  // namespace patchbay::frontend
