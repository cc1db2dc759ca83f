#include "workers/accounts/tokens/shared_logins.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <filesystem>
#include <utility>

#include "lib/log/log.h"
#include "workers/accounts/providers/registry.h"

namespace patchbay::accounts {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLockLook{100};
// A text that cannot be read is read again: the other program writes into the file in place (codex-wire §15).
constexpr int kReadsMax = 5;
constexpr milliseconds kReadAgain{200};

Awaitable<void> RunHere(std::function<void()> work) {
  work();
  co_return;
}

Tokens TokensIn(FileLogin login) { return {std::move(login.access), std::move(login.refresh), std::move(login.id)}; }

Error Of(const std::string& path, const Error& error) { return Error(error.code, path + ": " + error.message); }

bool IsSame(const Secret& one, const Secret& other) { return ConstantTimeEqual(one.Reveal(), other.Reveal()); }

}  // namespace

template <class T>
Awaitable<Result<T>> SharedLogins::Blocking(std::function<Result<T>()> work) {
  auto result = std::make_shared<std::optional<Result<T>>>();
  std::function<void()> run = [result, work = std::move(work)] { result->emplace(work()); };
  ++doing_;
  co_await asio::co_spawn(threads_, RunHere(std::move(run)), asio::use_awaitable);
  --doing_;
  co_return std::move(**result);
}

const LoginFile* SharedLogins::FormatOf(const StoredAccount& account) const {
  const Login* login = LoginOf(providers_.Find(account.provider));
  return login == nullptr ? nullptr : login->file;
}

Awaitable<Result<NewAccount>> SharedLogins::Read(std::string path) {
  if (!std::filesystem::path(path).is_absolute())
    co_return Error(ErrorCode::kInvalidArgument, "name the file from the root on: " + path);
  std::function<Result<FileContent>()> read = [path]() -> Result<FileContent> {
    ASSIGN_OR_RETURN(FileContent content, ReadSharedFile(path));
    RETURN_IF_ERROR(MayReplaceSharedFile(path));
    return content;
  };
  CO_ASSIGN_OR_RETURN(const FileContent content, co_await Blocking<FileContent>(std::move(read)));
  Error why(ErrorCode::kFailedPrecondition, "no provider of the configuration keeps its login in a file");
  for (const auto& [id, provider] : providers_.all()) {
    const Login* login = LoginOf(&provider);
    if (login == nullptr || login->file == nullptr) continue;
    auto theirs = login->file->read(content.text.Reveal());
    if (!theirs.ok()) {
      why = Of(path, theirs.error());
      continue;
    }
    NewAccount account;
    account.provider = id;
    account.provider_account_id = theirs->provider_account_id;
    account.tokens = TokensIn(std::move(*theirs));
    account.login_file = path;
    co_return account;
  }
  co_return why;
}

Awaitable<Result<FileLock>> SharedLogins::Lock(std::string path) {
  const SteadyTime give_up_at = clock_.Steady() + kLockPatience;
  asio::steady_timer pause(io_);
  for (;;) {
    std::function<Result<FileLock>()> lock = [path] { return LockSharedFile(path); };
    auto locked = co_await Blocking<FileLock>(std::move(lock));
    if (locked.ok() || locked.error().code != ErrorCode::kUnavailable || clock_.Steady() >= give_up_at)
      co_return locked;
    pause.expires_after(kLockLook);
    co_await pause.async_wait(asio::use_awaitable);
  }
}

Awaitable<Result<FileContent>> SharedLogins::ReadWhole(std::string path, const LoginFile* format) {
  asio::steady_timer pause(io_);
  for (int reads = 1;; ++reads) {
    std::function<Result<FileContent>()> read = [path] { return ReadSharedFile(path); };
    CO_ASSIGN_OR_RETURN(FileContent content, co_await Blocking<FileContent>(std::move(read)));
    const auto theirs = format->read(content.text.Reveal());
    if (theirs.ok()) co_return content;
    if (reads == kReadsMax) co_return Of(path, theirs.error());
    pause.expires_after(kReadAgain);
    co_await pause.async_wait(asio::use_awaitable);
  }
}

Result<SharedLogins::Match> SharedLogins::Compare(const StoredAccount& account, const FileLogin& theirs) const {
  const Login* login = LoginOf(providers_.Find(account.provider));
  const auto their_claims = login->read_claims(theirs.access.Reveal());
  const auto our_claims = login->read_claims(account.tokens.access.Reveal());
  std::string id = theirs.provider_account_id;
  if (id.empty() && their_claims.ok()) id = their_claims->provider_account_id;
  const bool other_user = their_claims.ok() && !their_claims->user_id.empty() && !account.user_id.empty() &&
                          their_claims->user_id != account.user_id;
  if ((!id.empty() && !account.provider_account_id.empty() && id != account.provider_account_id) || other_user)
    return Error(ErrorCode::kFailedPrecondition, "it holds another account's login");
  if (IsSame(theirs.access, account.tokens.access) && IsSame(theirs.refresh, account.tokens.refresh))
    return Match::kSame;
  const bool dated = their_claims.ok() && our_claims.ok() && their_claims->issued_at && our_claims->issued_at;
  if (dated && *their_claims->issued_at < *our_claims->issued_at) return Match::kOursIsNewer;
  return Match::kTheirsIsNewer;
}

Awaitable<void> SharedLogins::Take(AccountId account, FileLogin theirs) {
  log::Info("login_file.taken", {{"account", account}});
  const Result<void> taken = co_await book_.TakeLogin(account, TokensIn(std::move(theirs)));
  // In use all the same; the file has it.
  if (!taken.ok()) log::Warn("token.not_durable", {{"account", account}, {"error", taken.error().message}});
}

Awaitable<Result<std::optional<SharedLogins::Held>>> SharedLogins::Hold(AccountId account) {
  const StoredAccount* stored = book_.Find(account);
  if (stored == nullptr) co_return Error(ErrorCode::kNotFound, "the account was removed meanwhile");
  const std::string path = stored->login_file;
  const LoginFile* format = FormatOf(*stored);
  if (format == nullptr) co_return Error(ErrorCode::kFailedPrecondition, "its provider keeps no login in a file");
  CO_ASSIGN_OR_RETURN(FileLock lock, co_await Lock(path));
  CO_ASSIGN_OR_RETURN(FileContent content, co_await ReadWhole(path, format));
  CO_ASSIGN_OR_RETURN(FileLogin theirs, format->read(content.text.Reveal()));
  stored = book_.Find(account);
  if (stored == nullptr) co_return Error(ErrorCode::kNotFound, "the account was removed meanwhile");
  const Result<Match> match = Compare(*stored, theirs);
  if (!match.ok()) co_return Of(path, match.error());
  if (*match == Match::kTheirsIsNewer) {
    co_await Take(account, std::move(theirs));
    co_return std::optional<Held>();
  }
  Held held{std::move(lock), std::move(content)};
  co_return std::optional<Held>(std::move(held));
}

Awaitable<bool> SharedLogins::TakeIfChanged(AccountId account, Held& held) {
  const StoredAccount* stored = book_.Find(account);
  const LoginFile* format = stored == nullptr ? nullptr : FormatOf(*stored);
  if (format == nullptr) co_return false;
  const std::string path = stored->login_file;
  auto now = co_await ReadWhole(path, format);
  // Gone, or no login any more: whatever is there, it is not a newer one.
  if (!now.ok() || IsSame(now->text, held.seen.text)) co_return false;
  auto theirs = format->read(now->text.Reveal());
  stored = book_.Find(account);
  if (!theirs.ok() || stored == nullptr) co_return false;
  const auto match = Compare(*stored, *theirs);
  if (!match.ok() || *match != Match::kTheirsIsNewer) co_return false;
  co_await Take(account, std::move(*theirs));
  co_return true;
}

Awaitable<Result<bool>> SharedLogins::Put(AccountId account, Held& held, Tokens tokens) {
  const bool outrun = co_await TakeIfChanged(account, held);
  if (outrun) co_return false;
  const StoredAccount* stored = book_.Find(account);
  const LoginFile* format = stored == nullptr ? nullptr : FormatOf(*stored);
  if (format == nullptr) co_return true;
  const FileLogin ours{std::move(tokens.access), std::move(tokens.refresh), std::move(tokens.id), ""};
  CO_ASSIGN_OR_RETURN(std::string text, format->write(held.seen.text.Reveal(), ours, clock_.Now()));
  std::function<Result<FileStamp>()> replace = [path = stored->login_file,
                                                fresh = Secret(std::move(text))]() -> Result<FileStamp> {
    RETURN_IF_ERROR(ReplaceSharedFile(path, fresh));
    return LookAtFile(path);
  };
  Watched& watched = watched_[account];
  watched.seen.reset();  // until it is known that the file has them
  CO_ASSIGN_OR_RETURN(const FileStamp stamp, co_await Blocking<FileStamp>(std::move(replace)));
  watched_[account].seen = stamp;
  co_return true;
}

void SharedLogins::Tick(const std::function<bool(const AccountId&)>& busy) {
  const SteadyTime now = clock_.Steady();
  for (const AccountId& account : book_.WithLoginFile()) {
    Watched& watched = watched_[account];
    if (watched.looking || busy(account) || now - watched.looked_at < kLookEvery) continue;
    watched.looking = true;
    watched.looked_at = now;
    spawn_("login_file.look", Look(account));
  }
  std::erase_if(watched_, [&](const auto& item) {
    const StoredAccount* stored = book_.Find(item.first);
    return !item.second.looking && (stored == nullptr || stored->login_file.empty());
  });
}

Awaitable<void> SharedLogins::Look(AccountId account) {
  const auto done = [&] { watched_[account].looking = false; };
  const StoredAccount* stored = book_.Find(account);
  const LoginFile* format = stored == nullptr ? nullptr : FormatOf(*stored);
  if (format == nullptr) co_return done();
  const std::string path = stored->login_file;
  // Nothing when it is as it was.
  using Changed = std::optional<FileContent>;
  std::function<Result<Changed>()> read = [path, seen = watched_[account].seen]() -> Result<Changed> {
    ASSIGN_OR_RETURN(const FileStamp stamp, LookAtFile(path));
    if (seen && *seen == stamp) return Changed();
    ASSIGN_OR_RETURN(FileContent content, ReadSharedFile(path));
    return Changed(std::move(content));
  };
  auto changed = co_await Blocking<Changed>(std::move(read));
  Watched& watched = watched_[account];
  if (!changed.ok()) {
    watched.seen.reset();
    HasProblem(account, changed.error().code == ErrorCode::kNotFound
                            ? path + " is gone: log in again with the program that keeps it"
                            : changed.error().message);
    co_return done();
  }
  stored = book_.Find(account);
  if (!*changed || stored == nullptr) {
    HasProblem(account, watched.problem);
    co_return done();
  }
  auto theirs = format->read((*changed)->text.Reveal());
  const auto match = theirs.ok() ? Compare(*stored, *theirs) : Result<Match>(theirs.error());
  if (!match.ok()) {
    watched.seen.reset();
    if (theirs.ok() || ++watched.unreadable >= kUnreadableLooks) HasProblem(account, Of(path, match.error()).message);
    co_return done();
  }
  watched.unreadable = 0;
  watched.seen = (*changed)->stamp;
  HasProblem(account, "");
  if (*match == Match::kTheirsIsNewer) co_await Take(account, std::move(*theirs));
  if (*match == Match::kOursIsNewer) {
    const Result<void> written = co_await WriteOurs(account);
    if (!written.ok()) HasProblem(account, written.error().message);
  }
  done();
}

Awaitable<Result<void>> SharedLogins::WriteOurs(AccountId account) {
  CO_ASSIGN_OR_RETURN(std::optional<Held> held, co_await Hold(account));
  const StoredAccount* stored = book_.Find(account);
  if (!held || stored == nullptr) co_return Result<void>();  // it was newer after all
  Tokens ours = stored->tokens;
  CO_RETURN_IF_ERROR(co_await Put(account, *held, std::move(ours)));
  log::Info("login_file.written", {{"account", account}});
  co_return Result<void>();
}

void SharedLogins::HasProblem(const AccountId& account, const std::string& problem) {
  Watched& watched = watched_[account];
  if (watched.problem != problem) {
    watched.problem = problem;
    if (problem.empty()) {
      log::Info("login_file.good", {{"account", account}});
    } else {
      log::Warn("login_file.problem", {{"account", account}, {"problem", problem}});
      const StoredAccount* stored = book_.Find(account);
      Happened event;
      event.kind = events::v1::EVENT_KIND_LOGIN_IN_DOUBT;
      event.account = account;
      event.provider = stored == nullptr ? std::string() : stored->provider;
      event.evidence = "its login is shared, and " + problem;
      PoolEvents events;
      events.push_back(std::move(event));
      carry_(std::move(events));
    }
  }
  const PoolAccount* pooled = pool_.Find(account);
  if (problem.empty() || pooled == nullptr || pooled->mark.state == AccountState::kExpired) return;
  if (!pooled->token_expired(clock_.Now())) return;
  carry_(pool_.RefreshRefused(account, "its login is shared, and " + problem, {clock_.Now(), clock_.Steady()}));
}

std::string SharedLogins::ProblemOf(const AccountId& account) const {
  const auto found = watched_.find(account);
  return found == watched_.end() ? std::string() : found->second.problem;
}

}  // namespace patchbay::accounts
