// The streams of client keys and of models over a real Unix socket, from an accounts worker that the test plays.
#include "workers/frontend/peers/watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <string>
#include <utility>

#include "lib/async/event.h"
#include "lib/base/sha256.h"
#include "lib/rpc/server.h"
#include "lib/testing/rpc_fixture.h"
#include "patchbay/accounts/v1/client_keys.grpc.pb.h"
#include "patchbay/accounts/v1/models.grpc.pb.h"

namespace patchbay::frontend {
namespace {

using accounts::v1::ClientKeys;
using accounts::v1::ClientKeyUpdate;
using accounts::v1::Models;
using KeyWriter = rpc::ServerWriter<ClientKeyUpdate>;
using ListWriter = rpc::ServerWriter<accounts::v1::ListModelsReply>;

// An accounts worker that may begin to listen late, and whoever watches it.
template <class Watched>
class WatcherTest : public ::testing::Test, protected testing::RpcFixture {
 protected:
  WatcherTest() : server_(reactor_) { server_.SetVerifier(&verifier_); }
  // Calls end before what serves them goes.
  void TearDown() override {
    RunToEnd([this] { return server_.Drain(std::chrono::milliseconds(0)); });
  }
  void Listen() { PATCHBAY_CHECK(server_.Start({listener_.fd}).ok()); }
  std::shared_ptr<grpc::Channel> Accounts() { return ChannelAs(rpc::Role::kFrontend); }
  virtual Watched& watcher() = 0;

  Awaitable<void> Until(std::function<bool()> done) {
    asio::steady_timer pause(io_);
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!done() && std::chrono::steady_clock::now() < limit) {
      pause.expires_after(std::chrono::milliseconds(1));
      co_await pause.async_wait(asio::use_awaitable);
    }
    EXPECT_TRUE(done());
  }
  void Watch() { async::Spawn(io_, "watch", Run(this)); }
  // Watches while `story` lasts.
  template <class Story>
  void WhileWatching(Story story) {
    Listen();
    Watch();
    RunToEnd([&]() -> Awaitable<void> {
      co_await story();
      watcher().Stop();
      co_await Until([this] { return over_; });
    });
  }
  void StopWhileItConnects() {
    Watch();
    RunToEnd([this]() -> Awaitable<void> {
      asio::steady_timer pause(io_, std::chrono::milliseconds(20));  // the connection waits in the backlog
      co_await pause.async_wait(asio::use_awaitable);
      watcher().Stop();
      Listen();
      co_await Until([this] { return over_; });
    });
  }
  static Awaitable<void> Run(WatcherTest* self) {
    co_await self->watcher().Run();
    self->over_ = true;
  }

  rpc::Server server_;
  async::Event changed_{io_.get_executor()};
  int streams_ = 0;
  bool over_ = false;
};

class KeyWatcherTest : public WatcherTest<KeyWatcher> {
 protected:
  KeyWatcherTest() {
    server_.Register(service_);
    server_.Watch(service_, &ClientKeys::AsyncService::RequestWatch,
                  [this](rpc::CallInfo, accounts::v1::WatchClientKeysRequest, std::shared_ptr<KeyWriter> writer) {
                    return Serve(std::move(writer));
                  });
  }
  KeyWatcher& watcher() override { return watcher_; }

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
    update.mutable_upsert()->add_secrets()->set_sha256(Sha256(key));
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
  Awaitable<bool> Knows(std::string key) {
    std::vector<std::string> shown = {std::move(key)};
    const auto found = co_await auth_.Check(std::move(shown));
    co_return found.ok();
  }

  ClientKeys::AsyncService service_;
  std::vector<std::pair<std::string, std::string>> keys_ = {{"ck_1", "one"}, {"ck_2", "two"}};
  std::deque<ClientKeyUpdate> more_;
  bool refuses_ = false;
  int ended_ = 0, cancelled_ = 0;
  SystemClock clock_;
  ClientAuth auth_{io_.get_executor(), clock_};
  KeyWatcher watcher_{reactor_, Accounts(), auth_};
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

TEST_F(KeyWatcherTest, CanBeStoppedWhileItConnects) { StopWhileItConnects(); }

TEST_F(KeyWatcherTest, OpensNoneOnceItIsStopped) {
  watcher_.Stop();
  WhileWatching([]() -> Awaitable<void> { co_return; });
  EXPECT_EQ(streams_, 0);
}

class ModelWatcherTest : public WatcherTest<ModelWatcher> {
 protected:
  ModelWatcherTest() {
    server_.Register(service_);
    server_.Watch(service_, &Models::AsyncService::RequestWatchModels,
                  [this](rpc::CallInfo, accounts::v1::WatchModelsRequest, std::shared_ptr<ListWriter> writer) {
                    return Serve(std::move(writer));
                  });
  }
  ModelWatcher& watcher() override { return watcher_; }

  // Tells the one model that there is, and again whenever it is another, until the stream is to end.
  Awaitable<Result<void>> Serve(std::shared_ptr<ListWriter> writer) {
    ++streams_;
    bool ends = false;
    writer->OnCancelled([this] { changed_.Notify(); });
    while (!ends && !writer->cancelled()) {
      accounts::v1::ListModelsReply list;
      list.add_models()->set_id(model_);
      co_await writer->Send(list);
      co_await changed_.Wait();
      ends = std::exchange(ends_, false);
    }
    writer->OnCancelled(nullptr);
    co_return Result<void>();
  }
  std::string Known() const { return catalog_.now() == nullptr ? "" : catalog_.now()->models(0).id(); }

  Models::AsyncService service_;
  std::string model_ = "m-1";
  bool ends_ = false;
  ModelCatalog catalog_{io_.get_executor(), [](std::string) -> Awaitable<Result<accounts::v1::ResolveModelReply>> {
                          co_return accounts::v1::ResolveModelReply();
                        }};
  ModelWatcher watcher_{reactor_, Accounts(), catalog_};
};

TEST_F(ModelWatcherTest, BringsTheListAndEveryChange) {
  WhileWatching([this]() -> Awaitable<void> {
    co_await Until([this] { return Known() == "m-1"; });
    model_ = "m-2";
    changed_.Notify();
    co_await Until([this] { return Known() == "m-2"; });
    EXPECT_EQ(catalog_.now()->models_size(), 1) << "each message is the whole list";
  });
  EXPECT_EQ(streams_, 1);
}

TEST_F(ModelWatcherTest, KeepsItsListWhileAccountsIsAwayAndAsksAgain) {
  WhileWatching([this]() -> Awaitable<void> {
    co_await Until([this] { return Known() == "m-1"; });
    model_ = "m-2";
    ends_ = true;
    changed_.Notify();
    co_await Until([this] { return streams_ == 2 && Known() == "m-2"; });
  });
}

TEST_F(ModelWatcherTest, CanBeStoppedWhileItConnects) { StopWhileItConnects(); }

}  // namespace
}  // namespace patchbay::frontend
