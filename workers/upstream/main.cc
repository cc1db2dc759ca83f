// The upstream worker: the only process that dials out. It shows accounts' credentials to providers,
// speaks their dialects, and passes on what they answer.
#include <filesystem>
#include <memory>
#include <utility>

#include "lib/log/log.h"
#include "lib/rpc/reactor.h"
#include "lib/rpc/server.h"
#include "lib/seal/seal.h"
#include "lib/worker/sandbox.h"
#include "lib/worker/worker.h"
#include "workers/upstream/identity/cookies/cookie_store.h"
#include "workers/upstream/identity/cookies/cookies.h"
#include "workers/upstream/identity/credentials.h"
#include "workers/upstream/service.h"
#include "workers/upstream/transport/pool.h"

namespace patchbay::upstream {
namespace {

Result<std::unique_ptr<CookieStore>> OpenCookies(const std::filesystem::path& state_dir, CookieJar& jar) {
  std::error_code ignored;
  std::filesystem::create_directories(state_dir, ignored);
  ASSIGN_OR_RETURN(auto sealer, seal::Sealer::Open(state_dir));
  ASSIGN_OR_RETURN(auto store, CookieStore::Open(state_dir / "sessions.db", std::move(sealer)));
  RETURN_IF_ERROR(store->LoadInto(jar));
  return store;
}

// Cookies are a convenience: without their database the worker works, and says so. Null then.
CookieStore* KeepCookies(worker::Runtime& runtime, CookieJar& jar) {
  auto opened = OpenCookies(runtime.state_dir(), jar);
  if (!opened.ok()) {
    log::Warn("cookies.not_kept", {{"reason", opened.error().message}});
    return nullptr;
  }
  CookieStore& store = runtime.Own(std::move(opened).value());
  jar.SetOnChange(
      [&store](const std::string& account, const std::vector<Cookie>& cookies) { store.Save(account, cookies); });
  return &store;
}

Result<void> Build(worker::Runtime& runtime) {
  auto& executor = runtime.io();
  auto& jar = runtime.Own(std::make_unique<CookieJar>());
  CookieStore* const store = KeepCookies(runtime, jar);
  auto& credentials = runtime.Own(std::make_unique<CredentialCache>(executor.get_executor()));

  CallContext context;
  context.executor = executor.get_executor();
  context.clock = &runtime.clock();
  context.pool = ConnectionPool::Create(executor.get_executor());
  context.credentials = &credentials;
  context.cookies = &jar;
  auto& service = runtime.Own(std::make_unique<UpstreamService>(std::move(context)));
  RETURN_IF_ERROR(service.Configure(runtime.config()));
  service.Register(runtime.server());

  runtime.Spawn("credentials", WatchCredentials(runtime.reactor(), runtime.channel("accounts"), credentials));
  runtime.OnDrain([&service, store]() -> Awaitable<void> {
    co_await service.Drain();
    if (store != nullptr) store->Flush();
  });
  runtime.OnConfiguration([&service](const config::v1::Config& config) -> Result<worker::Taken> {
    RETURN_IF_ERROR(service.Configure(config));
    return worker::Taken{};
  });
  runtime.OnStats([&service] { return service.Counters(); });
  return worker::ForbidListening();
}

}  // namespace
}  // namespace patchbay::upstream

int main(int argc, char** argv) {
  return patchbay::worker::Main(argc, argv, {.name = "upstream", .standalone = {}}, patchbay::upstream::Build);
}
