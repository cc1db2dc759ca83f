// Logins that accounts share with another program, which keeps them in a file: whoever renews one leaves it there, and
// the later login wins, whoever wrote it.
//
//   lock, read ─┬─▶ the file's is newer: the account takes it, and nobody is asked
//               ├─▶ the account's is newer (we were killed in between): written into the file
//               └─▶ the same: renewed ──▶ read again ─┬─▶ unchanged: ours into the file, then into the store
//                                                     └─▶ written by another meanwhile: the file wins
//
// A file that is gone, or holds something else, is no reason to renew on our own: the person may have logged out there.
// The access token is used as long as it is good, and then the account needs a login.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/async/asio.h"
#include "workers/accounts/books/account_book.h"
#include "workers/accounts/files/shared_file.h"
#include "workers/accounts/providers/login_file.h"

namespace patchbay::accounts {

class SharedLogins {
 public:
  using Spawn = std::function<void(std::string_view what, Awaitable<void>)>;

  static constexpr std::chrono::milliseconds kLookEvery{2'000};
  static constexpr std::chrono::milliseconds kLockPatience{10'000};
  // A file that cannot be read may be in the middle of being written: so many looks are forgiven.
  static constexpr int kUnreadableLooks = 3;

  // A file that nobody else of us touches, with what it held when that began.
  struct Held {
    FileLock lock;
    FileContent seen;
  };

  SharedLogins(asio::io_context& io, const Clock& clock, AccountBook& book, AccountPool& pool,
               const Providers& providers, Spawn spawn, CarryEvents carry)
      : io_(io),
        clock_(clock),
        book_(book),
        pool_(pool),
        providers_(providers),
        spawn_(std::move(spawn)),
        carry_(std::move(carry)) {}

  // An account of that file's login. kInvalidArgument, kNotFound, kPermissionDenied: why there can be none.
  Awaitable<Result<NewAccount>> Read(std::string path);

  // Before the account's login is renewed. Nothing: the file had a newer one, which is the account's now. An error says
  // what stands in the way; kUnavailable: for a moment.
  Awaitable<Result<std::optional<Held>>> Hold(AccountId account);
  // The tokens of a renewal, into the file. False: another program has written it meanwhile, and its login is the
  // account's now.
  Awaitable<Result<bool>> Put(AccountId account, Held& held, Tokens tokens);
  // True: the file is not as it was, and its login is the account's now.
  Awaitable<bool> TakeIfChanged(AccountId account, Held& held);

  // Looks at the files; not at those of accounts that are `busy`. Call about once a second.
  void Tick(const std::function<bool(const AccountId&)>& busy);
  // Why the account cannot be renewed by its file; empty when it can.
  std::string ProblemOf(const AccountId& account) const;
  // Something waits for a file.
  bool busy() const { return doing_ > 0; }

 private:
  enum class Match { kSame, kTheirsIsNewer, kOursIsNewer };
  struct Watched {
    SteadyTime looked_at{};
    bool looking = false;
    std::optional<FileStamp> seen;  // and understood
    int unreadable = 0;
    std::string problem;
  };

  const LoginFile* FormatOf(const StoredAccount& account) const;
  Result<Match> Compare(const StoredAccount& account, const FileLogin& theirs) const;
  Awaitable<Result<FileContent>> ReadWhole(std::string path, const LoginFile* format);
  Awaitable<Result<FileLock>> Lock(std::string path);
  Awaitable<void> Look(AccountId account);
  Awaitable<Result<void>> WriteOurs(AccountId account);
  Awaitable<void> Take(AccountId account, FileLogin theirs);
  void HasProblem(const AccountId& account, const std::string& problem);

  template <class T>
  Awaitable<Result<T>> Blocking(std::function<Result<T>()> work);

  asio::io_context& io_;
  const Clock& clock_;
  AccountBook& book_;
  AccountPool& pool_;
  const Providers& providers_;
  Spawn spawn_;
  CarryEvents carry_;
  std::map<AccountId, Watched> watched_;
  int doing_ = 0;
  // A file may lie on a disk that is far away: neither the loop nor the store waits for it.
  asio::thread_pool threads_{1};
};

}  // namespace patchbay::accounts
