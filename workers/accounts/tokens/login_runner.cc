#include "workers/accounts/tokens/login_runner.h"

#include <iterator>
#include <utility>

#include "lib/base/encoding.h"
#include "lib/base/random.h"
#include "lib/log/log.h"

namespace patchbay::accounts {
namespace {

// As the Codex CLI draws them (codex-wire §14.1).
constexpr std::size_t kVerifierBytes = 64;
constexpr std::size_t kStateBytes = 32;

LoginSecrets Draw() {
  return {LoginId(RandomId("lgn_", 80)), Secret(Base64UrlEncode(RandomBytes(kVerifierBytes))),
          Secret(Base64UrlEncode(RandomBytes(kStateBytes)))};
}

// The disk, and nothing about the account.
bool IsForNow(const Error& error) { return error.code == ErrorCode::kUnavailable; }

}  // namespace

void LoginRunner::Restore(const std::vector<StoredLogin>& stored) {
  std::vector<LoginRecord> records;
  for (const StoredLogin& login : stored) {
    if (auto record = ReadLoginRecord(login.record.Reveal())) {
      log::Info("login.restored", {{"login", record->id}, {"provider", record->provider}});
      records.push_back(std::move(*record));
    } else {
      log::Warn("login.unreadable", {{"login", login.id}});
      spawn_("login", Forget(login.id));
    }
  }
  logins_.Restore(std::move(records), Now());
}

Awaitable<Result<LoginId>> LoginRunner::Begin(LoginWish wish) {
  const bool by_device = wish.by_device;
  CO_ASSIGN_OR_RETURN(std::vector<LoginStep> steps, logins_.Begin(wish, Draw(), Now()));
  LoginStep own = std::move(steps.back());
  steps.pop_back();
  Start(std::move(steps));
  const LoginId login = own.login;
  log::Info("login.begun", {{"login", login}, {"provider", Find(login)->record.provider}, {"by_device", by_device}});
  if (own.write) {
    CO_RETURN_IF_ERROR(co_await Write(login, std::move(*own.write)));
    own.write.reset();
  }
  std::vector<LoginStep> rest;
  rest.push_back(std::move(own));
  Start(std::move(rest));
  const SteadyTime give_up_at = clock_.Steady() + kCodePatience;
  for (const LoginView* view = Find(login); view != nullptr && view->record.phase == LoginPhase::kBeginning;
       view = Find(login)) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(give_up_at - clock_.Steady());
    if (left.count() <= 0 || leaving_) break;
    co_await changed_.Wait(left);
  }
  co_return login;
}

Awaitable<Result<void>> LoginRunner::Complete(LoginId login, Secret answer, int port) {
  CO_ASSIGN_OR_RETURN(std::vector<LoginStep> steps, logins_.Complete(login, answer.Reveal(), port, Now()));
  changed_.Notify();
  for (LoginStep& step : steps) {
    if (!step.write) continue;
    CO_RETURN_IF_ERROR(co_await Write(login, std::move(*step.write)));
    step.write.reset();
  }
  Start(std::move(steps));
  co_return Result<void>();
}

Awaitable<void> LoginRunner::WaitForChange(LoginId login, std::int64_t seen, std::chrono::milliseconds longest) {
  const SteadyTime give_up_at = clock_.Steady() + longest;
  for (const LoginView* view = Find(login); view != nullptr && view->revision == seen; view = Find(login)) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(give_up_at - clock_.Steady());
    if (left.count() <= 0 || leaving_) co_return;
    co_await changed_.Wait(left);
  }
}

void LoginRunner::Leave() {
  leaving_ = true;
  changed_.Notify();
}

Awaitable<void> LoginRunner::Finish(std::chrono::milliseconds longest) {
  const SteadyTime give_up_at = clock_.Steady() + longest;
  while (doing_ > 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(give_up_at - clock_.Steady());
    if (left.count() <= 0) co_return;
    co_await changed_.Wait(left);
  }
}

void LoginRunner::Tick() {
  std::vector<LoginStep> due = logins_.Tick(Now());
  if (due.empty()) return;
  changed_.Notify();
  Start(std::move(due));
}

void LoginRunner::Start(std::vector<LoginStep> steps) {
  for (LoginStep& step : steps) {
    if (!step.write && !step.ask && !step.keep && !step.forget) continue;
    ++doing_;
    spawn_("login", Do(std::move(step)));
  }
}

Awaitable<void> LoginRunner::Do(LoginStep step) {
  const LoginId login = step.login;
  std::vector<LoginStep> next;
  if (step.write) {
    const Result<void> written = co_await Write(login, std::move(*step.write));
    // Offered again by a later step, with what was to follow.
    if (!written.ok()) step = LoginStep();
  }
  if (step.ask) next = co_await Ask(login, std::move(*step.ask));
  if (step.keep) next = co_await Keep(login, std::move(*step.keep));
  if (step.forget) {
    if (const LoginView* view = Find(login)) log::Warn("login.failed", {{"login", login}, {"problem", view->problem}});
    co_await Forget(login);
  }
  Start(std::move(next));
  --doing_;
  changed_.Notify();
}

Awaitable<Result<void>> LoginRunner::Write(LoginId login, Secret record) {
  StoredLogin stored{login, std::move(record)};
  StorageThread::Write write = [stored = std::move(stored)](Store& store) -> Result<bool> {
    RETURN_IF_ERROR(store.PutLogin(stored));
    return true;
  };
  const auto written = co_await storage_.Run<bool>(std::move(write));
  if (written.ok()) co_return Result<void>();
  log::Warn("login.not_written", {{"login", login}, {"error", written.error().message}});
  logins_.Unwritten(login, Now());
  changed_.Notify();
  co_return written.error();
}

Awaitable<std::vector<LoginStep>> LoginRunner::Ask(LoginId login, LoginQuestion question) {
  // A road of its own: nobody may take two people who log in here for one.
  LoginRoad road{question.provider, "", login.str()};
  const auto answer = co_await fetcher_.Post(question.endpoint, std::move(road), std::move(question.request));
  if (!answer.ok()) {
    log::Warn("login.unanswered", {{"login", login}, {"error", answer.error().message}});
    co_return logins_.Unanswered(login, answer.error().message, Now());
  }
  co_return logins_.Answered(login, answer->status, answer->body.Reveal(), Now());
}

Awaitable<std::vector<LoginStep>> LoginRunner::Keep(LoginId login, LoginTokens tokens) {
  NewAccount account;
  account.provider = std::move(tokens.provider);
  account.label = std::move(tokens.label);
  account.tokens = {std::move(tokens.access), std::move(tokens.refresh), std::move(tokens.id)};
  account.issued = true;
  account.replaces = std::move(tokens.account);
  account.expires_in = tokens.expires_in;
  std::vector<NewAccount> accounts;
  accounts.push_back(std::move(account));
  // One durable step: a crash leaves the login or its account, never both and never neither.
  std::function<Result<void>(Store&)> end = [login](Store& store) { return store.RemoveLogin(login); };
  const std::vector<Result<Added>> results = co_await book_.Add(std::move(accounts), std::move(end));
  const Result<Added>& added = results.front();
  if (!added.ok()) co_return logins_.NotKept(login, IsForNow(added.error()), added.error().message, Now());
  log::Info("login.done", {{"login", login}, {"account", added->account}, {"created", added->created}});
  logins_.Kept(login, added->account, added->created, Now());
  co_return std::vector<LoginStep>();
}

Awaitable<void> LoginRunner::Forget(LoginId login) {
  StorageThread::Write write = [login](Store& store) -> Result<bool> {
    RETURN_IF_ERROR(store.RemoveLogin(login));
    return true;
  };
  // What stays there is found at the next start, and ends by its own time.
  (void)co_await storage_.Run<bool>(std::move(write));
}

}  // namespace patchbay::accounts
