// The lists of models over a real Unix socket, from an accounts worker that the test plays.
#include "workers/frontend/peers/model_watcher.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "lib/async/event.h"
#include "lib/rpc/server.h"
#include "lib/testing/rpc_fixture.h"
#include "patchbay/accounts/v1/models.grpc.pb.h"

namespace patchbay::frontend {
namespace {

using accounts::v1::ListModelsReply;
using accounts::v1::Models;
using ListWriter = rpc::ServerWriter<ListModelsReply>;

class ModelWatcherTest : public ::testing::Test, protected testing::RpcFixture {
 protected:
  ModelWatcherTest() : server_(reactor_) {
    server_.SetVerifier(&verifier_);
    server_.Register(service_);
    server_.Watch(service_, &Models::AsyncService::RequestWatchModels,
                  [this](rpc::CallInfo, accounts::v1::WatchModelsRequest, std::shared_ptr<ListWriter> writer) {
                    return Serve(std::move(writer));
                  });
    async::Spawn(io_, "models", Run(this));
  }
  void TearDown() override {
    RunToEnd([this]() -> Awaitable<void> {
      watcher_.Stop();
      co_await Until([this] { return over_; });
      co_await server_.Drain(std::chrono::milliseconds(0));
    });
  }
  void Listen() { PATCHBAY_CHECK(server_.Start({listener_.fd}).ok()); }

  // Tells the one model that there is, and again whenever it is another, until the stream is to end.
  Awaitable<Result<void>> Serve(std::shared_ptr<ListWriter> writer) {
    ++streams_;
    bool ends = false;
    writer->OnCancelled([this] { changed_.Notify(); });
    while (!ends && !writer->cancelled()) {
      ListModelsReply list;
      list.add_models()->set_id(model_);
      co_await writer->Send(list);
      co_await changed_.Wait();
      ends = std::exchange(ends_, false);
    }
    writer->OnCancelled(nullptr);
    co_return Result<void>();
  }
  static Awaitable<void> Run(ModelWatcherTest* self) {
    co_await self->watcher_.Run();
    self->over_ = true;
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
  std::string Known() const { return catalog_.now() == nullptr ? "" : catalog_.now()->models(0).id(); }

  rpc::Server server_;
  Models::AsyncService service_;
  async::Event changed_{io_.get_executor()};
  std::string model_ = "m-1";
  bool ends_ = false;
  int streams_ = 0;
  ModelCatalog catalog_{io_.get_executor(), [](std::string) -> Awaitable<Result<accounts::v1::ResolveModelReply>> {
                          co_return accounts::v1::ResolveModelReply();
                        }};
  ModelWatcher watcher_{reactor_, ChannelAs(rpc::Role::kFrontend), catalog_};
  bool over_ = false;
};

TEST_F(ModelWatcherTest, BringsTheListAndEveryChange) {
  Listen();
  RunToEnd([this]() -> Awaitable<void> {
    co_await Until([this] { return Known() == "m-1"; });
    model_ = "m-2";
    changed_.Notify();
    co_await Until([this] { return Known() == "m-2"; });
  });
  EXPECT_EQ(streams_, 1);
}

TEST_F(ModelWatcherTest, KeepsItsListWhileAccountsIsAwayAndAsksAgain) {
  Listen();
  RunToEnd([this]() -> Awaitable<void> {
    co_await Until([this] { return Known() == "m-1"; });
    model_ = "m-2";
    ends_ = true;
    changed_.Notify();
    co_await Until([this] { return streams_ == 2 && Known() == "m-2"; });
  });
}

TEST_F(ModelWatcherTest, CanBeStoppedWhileItConnects) {
  RunToEnd([this]() -> Awaitable<void> {
    asio::steady_timer pause(io_, std::chrono::milliseconds(20));  // the connection waits in the backlog
    co_await pause.async_wait(asio::use_awaitable);
    watcher_.Stop();
    Listen();
    co_await Until([this] { return over_; });
  });
}

}  // namespace
}  // namespace patchbay::frontend
