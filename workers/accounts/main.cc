// The accounts worker: owns the credentials and says who may call on which account. It has no network: what it
// must ask a provider, the upstream worker asks for it.
#include <cstdlib>

#include "lib/keyterms/user.h"
#include "lib/log/log.h"
#include "lib/rpc/server.h"
#include "lib/seal/seal.h"
#include "lib/worker/sandbox.h"
#include "lib/worker/worker.h"
#include "patchbay/worker/v1/supervision.pb.h"
#include "workers/accounts/core/core.h"
#include "workers/accounts/service/admin_service.h"
#include "workers/accounts/service/events.h"
#include "workers/accounts/service/leasing_service.h"
#include "workers/accounts/service/upstream_fetcher.h"
#include "workers/accounts/service/watch_services.h"
#include "workers/accounts/store/lost_database.h"
#include "workers/accounts/store/sqlite_store.h"

namespace patchbay::accounts {
namespace {

std::vector<LivingWorker> ToLiving(const worker::v1::Alive& alive) {
  std::vector<LivingWorker> living;
  for (const auto& one : alive.workers()) {
    living.push_back({one.name(), one.newest_generation(), {one.generations().begin(), one.generations().end()}});
  }
  return living;
}

std::vector<ConfiguredKey> KeysOf(const worker::Runtime& runtime) {
  std::vector<ConfiguredKey> keys;
  for (const worker::v1::ProviderKey& key : runtime.provider_keys()) {
    keys.push_back({key.provider(), key.reference(), Secret(key.key())});
  }
  for (const auto& [id, row] : runtime.config().providers()) {
    if (row.auth().mode() == "forward" && !row.base_url().empty())
      keys.push_back({id, std::string(kCallersLogins), Secret()});
  }
  return keys;
}

// Rows that cannot be are no configuration: the loader has refused them.
std::vector<ConfiguredUser> UsersOf(const worker::Runtime& runtime) {
  std::vector<ConfiguredUser> users;
  const auto& rows = runtime.config().accounts().users();
  for (const worker::v1::UserToken& token : runtime.user_tokens()) {
    const auto row = rows.find(token.name());
    if (row == rows.end()) continue;
    auto read = keyterms::TermsOf(row->second);
    if (!read.ok()) {
      log::Error("client_key.not_configured", {{"name", token.name()}, {"error", read.error().message}});
      continue;
    }
    users.push_back(
        {token.name(), token.sha256(), token.hint(), std::move(read->terms), read->quota_view, read->expires_at});
  }
  return users;
}

Result<void> Build(worker::Runtime& runtime) {
  RETURN_IF_ERROR(RefuseLostDatabase(runtime.state_dir()));
  ASSIGN_OR_RETURN(auto sealer, seal::Sealer::Open(runtime.state_dir()));
  ASSIGN_OR_RETURN(auto store, SqliteStore::Open(runtime.state_dir() / "accounts.db", std::move(sealer)));
  RETURN_IF_ERROR(NoteDatabase(runtime.state_dir()));
  auto& fetcher = runtime.Own(MakeUpstreamFetcher(runtime.reactor(), runtime.channel("upstream")));
  const auto spawn = [&runtime](std::string_view what, Awaitable<void> task) { runtime.Spawn(what, std::move(task)); };
  ASSIGN_OR_RETURN(auto made, Core::Create(runtime.io(), runtime.clock(), std::move(store), fetcher, spawn,
                                           runtime.config(), runtime.run()));
  auto& core = runtime.Own(std::move(made));
  auto& leasing = runtime.Own(std::make_unique<LeasingService>(runtime.io(), spawn, core, runtime.server()));
  auto& watches = runtime.Own(std::make_unique<WatchServices>(runtime.io(), core, runtime.server()));
  auto& admin = runtime.Own(std::make_unique<AdminService>(core, runtime.server()));

  core.OnEvent([&core, &runtime](const Happened& what) { runtime.Tell(ToEvent(what, core, runtime.clock().Now())); });
  runtime.Spawn("core", core.Run());
  core.Want(KeysOf(runtime));
  core.Want(UsersOf(runtime));
  runtime.OnConfiguration([&core, &runtime](const config::v1::Config& config) {
    core.Configure(config);
    core.Want(KeysOf(runtime));
    core.Want(UsersOf(runtime));
    return worker::Taken{};
  });
  runtime.OnAlive([&leasing](const worker::v1::Alive& alive) { leasing.EndDead(ToLiving(alive)); });
  runtime.OnStats([&core, &leasing]() -> std::map<std::string, std::int64_t> {
    const Core::Stats stats = core.stats();
    return {{"in_flight", static_cast<std::int64_t>(stats.leases_open)},
            {"served_total", stats.settled_total},
            {"accounts", static_cast<std::int64_t>(stats.accounts)},
            {"queued", static_cast<std::int64_t>(stats.queued)},
            {"queued_for_key", static_cast<std::int64_t>(stats.keys_waiting)},
            {"frontends", static_cast<std::int64_t>(leasing.frontends())},
            {"leases_granted_total", stats.granted_total},
            {"leases_denied_total", stats.denied_total},
            {"affinity_entries", static_cast<std::int64_t>(stats.affinity_entries)},
            {"refreshes_open", static_cast<std::int64_t>(stats.refreshes_open)},
            {"usage_checks_total", stats.usage_checks_total},
            {"quota_warnings_total", stats.quota_warnings_total},
            {"budget_warnings_total", stats.budget_warnings_total},
            {"writes_pending", static_cast<std::int64_t>(stats.writes_pending)}};
  });
  runtime.OnDrain([&admin, &watches, &leasing, &runtime]() -> Awaitable<void> {
    admin.Drain();
    watches.Drain();
    return leasing.Drain(runtime.orphaned());
  });
  return worker::ForbidInternetSockets();
}

}  // namespace
}  // namespace patchbay::accounts

int main(int argc, char** argv) {
  return patchbay::worker::Main(argc, argv, {.name = "accounts", .standalone = {}}, patchbay::accounts::Build);
}
