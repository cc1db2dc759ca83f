// The worker's parts, joined: what the pool says is carried to whom it concerns, and time is told to the pool.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "patchbay/config/v1/config.pb.h"
#include "workers/accounts/books/account_book.h"
#include "workers/accounts/books/client_key_book.h"
#include "workers/accounts/books/model_book.h"
#include "workers/accounts/pool/pool.h"
#include "workers/accounts/tokens/refresher.h"

namespace patchbay::accounts {

// The pool's settings in a configuration.
PoolSettings PoolSettingsOf(const config::v1::Accounts& config);

class Core {
 public:
  using Spawn = Refresher::Spawn;

  // Opens for business with what the store holds.
  static Result<std::unique_ptr<Core>> Create(asio::io_context& io, const Clock& clock, std::unique_ptr<Store> store,
                                              Fetcher& fetcher, Spawn spawn, const config::v1::Accounts& config);

  AccountPool& pool() { return pool_; }
  AccountBook& accounts() { return accounts_; }
  ClientKeyBook& keys() { return keys_; }
  Refresher& refresher() { return refresher_; }
  ModelBook& models() { return models_; }
  StorageThread& storage() { return storage_; }
  const Clock& clock() const { return clock_; }
  Moment Now() const { return {clock_.Now(), clock_.Steady()}; }
  asio::io_context& io() { return io_; }
  void Start(std::string_view what, Awaitable<void> task) { spawn_(what, std::move(task)); }

  void Configure(const config::v1::Accounts& config);
  void Configure(const config::v1::Models& config);
  // Where Granted and Denied go.
  void OnReply(std::function<void(const Granted&)> granted, std::function<void(const Denied&)> denied) {
    granted_ = std::move(granted);
    denied_ = std::move(denied);
  }
  // What to do about calls that will never be settled.
  void OnLapse(std::function<void(const LeaseLapsed&)> lapsed) { lapsed_ = std::move(lapsed); }
  // After every operation on the pool: carries its events.
  void Dispatch();
  // Ticks until the process ends.
  Awaitable<void> Run();

  std::int64_t granted_total() const { return granted_total_; }
  std::int64_t denied_total() const { return denied_total_; }

 private:
  Core(asio::io_context& io, const Clock& clock, std::unique_ptr<Store> store, Fetcher& fetcher, Spawn spawn);

  void Carry(const Granted& event);
  void Carry(const Denied& event);
  void Carry(const MarkChanged& event);
  void Carry(const QuotaChanged& event);
  void Carry(const Judged& event);
  void Carry(const AffinityMoved& event);
  void Carry(const LeaseLapsed& event);
  void Carry(const RefreshWanted& event);
  void Carry(const UsageWanted& event);
  Awaitable<void> CheckUsage(AccountId account);
  void KeepQuota();

  asio::io_context& io_;
  const Clock& clock_;
  Fetcher& fetcher_;
  Spawn spawn_;
  StorageThread storage_;
  AccountPool pool_;
  AccountBook accounts_;
  ModelBook models_;
  ClientKeyBook keys_;
  Refresher refresher_;
  asio::steady_timer tick_;
  std::function<void(const Granted&)> granted_;
  std::function<void(const Denied&)> denied_;
  std::function<void(const LeaseLapsed&)> lapsed_;
  std::set<AccountId> quota_changed_;
  bool dispatching_ = false;
  bool ticking_fast_ = false;
  std::int64_t granted_total_ = 0;
  std::int64_t denied_total_ = 0;
};

}  // namespace patchbay::accounts
