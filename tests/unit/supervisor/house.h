// A supervisor with real processes (the probe child), sockets and files. The test is the other end of the line to each
// worker: it says what they would report.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/async/spawn.h"
#include "lib/base/check.h"
#include "supervisor/supervisor.h"
#include "tests/unit/supervisor/probe.h"
#include "tests/unit/supervisor/scratch.h"

namespace patchbay::supervisor {

// The kernel's clock, which a test can put forward.
class ForwardClock final : public Clock {
 public:
  WallTime Now() const override { return clock_.Now() + ahead; }
  SteadyTime Steady() const override { return clock_.Steady() + ahead; }
  std::chrono::milliseconds ahead{0};

 private:
  SystemClock clock_;
};

class HouseTest : public ::testing::Test {
 protected:
  static WorkerSpec Worker(const std::string& name, bool overlap = true, const std::string& how = "wait") {
    WorkerSpec spec;
    spec.id = roster::ParseWorkerId(name);
    spec.name = name;
    spec.executable = ProbePath();
    spec.arguments = {how};
    spec.overlap = overlap;
    spec.core = true;
    spec.sections = {name};
    return spec;
  }

  void Configure(const std::string& yaml) { std::ofstream(config_file_) << yaml; }

  // A started supervisor of these workers, with the configuration in its file.
  void Begin(Manifest manifest) {
    PATCHBAY_CHECK(sockets_.OpenUnix("supervisor.sock", scratch_.path()).ok());
    PATCHBAY_CHECK(sockets_.OpenUnix("admin.sock", scratch_.path()).ok());
    Beginnings beginnings;
    beginnings.config_file = config_file_;
    beginnings.directories = {scratch_.path() / "state", scratch_.path()};
    auto loaded = config::LoadConfig(config_file_, {});
    PATCHBAY_CHECK(loaded.ok());
    beginnings.loaded = std::move(loaded).value();
    beginnings.manifest = std::move(manifest);
    house_.emplace(io_, clock_, logs_, sockets_, *issuer_, std::move(beginnings));
    house_->Start();
  }
  void Begin(std::vector<WorkerSpec> workers) {
    Begin(Manifest{.workers = std::move(workers), .addresses = {}, .unix_sockets = {}});
  }

  void TearDown() override {
    if (!house_) return;
    for (const auto& slot : house_->slots()) {
      for (const auto& process : slot->Processes()) process->Kill();
      slot->Drain(std::chrono::milliseconds(0));
    }
    EXPECT_TRUE(RunUntil([&] {
      for (const auto& slot : house_->slots()) {
        if (!slot->gone()) return false;
      }
      return true;
    }));
  }

  // Runs the event loop until it is true; the limit only keeps a broken test from hanging.
  bool RunUntil(const std::function<bool()>& done) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!done() && std::chrono::steady_clock::now() < limit) {
      if (io_.stopped()) io_.restart();
      io_.run_one_for(std::chrono::milliseconds(100));
    }
    return done();
  }

  // What a task gives, once it has ended.
  template <class T>
  using Later = std::shared_ptr<std::optional<Result<T>>>;
  template <class T>
  Later<T> Spawn(Awaitable<Result<T>> task) {
    auto later = std::make_shared<std::optional<Result<T>>>();
    async::Spawn(io_, "test", Keep(std::move(task), later));
    return later;
  }
  template <class T>
  static Awaitable<void> Keep(Awaitable<Result<T>> task, Later<T> later) {
    later->emplace(co_await std::move(task));
  }
  template <class T>
  Result<T> Await(const Later<T>& later) {
    if (!RunUntil([&] { return later->has_value(); })) return Error(ErrorCode::kInternal, "the task did not end");
    return std::move(**later);
  }

  Slot& SlotOf(const std::string& name) { return *house_->FindSlot(name); }
  // The process that comes next: the successor of one that serves.
  std::shared_ptr<Process> Newest(const std::string& name) {
    return SlotOf(name).successor() ? SlotOf(name).successor() : SlotOf(name).current();
  }
  // As the attach stream does it.
  void Attach(const std::shared_ptr<Process>& process) {
    process->has_attached = true;
    process->link = std::make_shared<Link>(io_.get_executor());
  }
  void SayReady(const std::string& name) { house_->OnReady(Newest(name)); }
  // The orders that wait for a worker, taken.
  std::vector<worker::v1::SupervisorOrder> Orders(const std::string& name) {
    std::vector<worker::v1::SupervisorOrder> orders;
    for (auto& order : std::exchange(SlotOf(name).current()->link->orders, {})) orders.push_back(std::move(order));
    return orders;
  }

  ScratchDirectory scratch_;
  std::filesystem::path config_file_ = [this] {
    const auto path = scratch_.path() / "patchbay.yaml";
    std::ofstream(path).flush();
    return path;
  }();
  asio::io_context io_{1};
  ForwardClock clock_;
  LogHub logs_{io_};
  SocketSet sockets_;
  std::unique_ptr<rpc::TokenIssuer> issuer_ = rpc::TokenIssuer::Create().value();
  std::optional<Supervisor> house_;
};

}  // namespace patchbay::supervisor
