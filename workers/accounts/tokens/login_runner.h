// Does what the logins under way (login/logins.h) want done: writes them down, asks their providers, adds their
// accounts.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "lib/async/broadcast.h"
#include "workers/accounts/books/account_book.h"
#include "workers/accounts/login/logins.h"
#include "workers/accounts/tokens/fetcher.h"

namespace patchbay::accounts {

class LoginRunner {
 public:
  using Spawn = std::function<void(std::string_view what, Awaitable<void>)>;

  // How long Begin waits for a device's code; it comes later, or not at all, when its provider is slow.
  static constexpr std::chrono::seconds kCodePatience{30};

  LoginRunner(asio::io_context& io, const Clock& clock, AccountBook& book, StorageThread& storage, Fetcher& fetcher,
              const Providers& providers, Spawn spawn)
      : clock_(clock),
        book_(book),
        storage_(storage),
        fetcher_(fetcher),
        logins_(providers),
        spawn_(std::move(spawn)),
        changed_(io) {}

  // What a crash left behind.
  void Restore(const std::vector<StoredLogin>& stored);

  // OK: the login is durable, and of a device the code is known, or it has failed. kUnavailable: it could not be
  // written.
  Awaitable<Result<LoginId>> Begin(LoginWish wish);
  // OK: the answer is durable, and what comes of it is on its way.
  Awaitable<Result<void>> Complete(LoginId login, Secret answer, int port);
  // Returns when the login's revision is not `seen`, when nobody knows it, or after `longest`.
  Awaitable<void> WaitForChange(LoginId login, std::int64_t seen, std::chrono::milliseconds longest);
  // From now on nobody is kept waiting: whoever asks again finds our successor.
  void Leave();
  // Returns when no provider is asked and nothing is being written, or after `longest`: a code that is shown twice is
  // refused, so one that is on its way is waited for.
  Awaitable<void> Finish(std::chrono::milliseconds longest);
  // Null for one that is not known, or no longer.
  const LoginView* Find(const LoginId& login) const { return logins_.Find(login); }
  // Does what is due. Call about once a second.
  void Tick();

 private:
  Moment Now() const { return {clock_.Now(), clock_.Steady()}; }
  void Start(std::vector<LoginStep> steps);
  // Does the step and what follows from it.
  Awaitable<void> Do(LoginStep step);
  Awaitable<Result<void>> Write(LoginId login, Secret record);
  Awaitable<std::vector<LoginStep>> Ask(LoginId login, LoginQuestion question);
  Awaitable<std::vector<LoginStep>> Keep(LoginId login, LoginTokens tokens);
  Awaitable<void> Forget(LoginId login);

  const Clock& clock_;
  AccountBook& book_;
  StorageThread& storage_;
  Fetcher& fetcher_;
  Logins logins_;
  Spawn spawn_;
  async::Broadcast changed_;
  int doing_ = 0;  // steps
  bool leaving_ = false;
};

}  // namespace patchbay::accounts
