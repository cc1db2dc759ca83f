// patchbay login, patchbay logout.

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "cli/account_table.h"
#include "cli/accounts_import.h"
#include "cli/callback_listener.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/gateway.h"
#include "cli/login_file.h"
#include "lib/base/text.h"

extern char** environ;

namespace patchbay::cli {
namespace {

using accounts::v1::AccountAdmin;
using accounts::v1::Login;

constexpr std::chrono::milliseconds kLook{200};    // whether the login is over, while a person may type
constexpr std::chrono::milliseconds kPause{500};   // before a worker that restarts is asked again
constexpr std::chrono::seconds kBackPatience{30};  // for it to be back
constexpr std::size_t kMaxLineBytes = 16 * 1024;

struct LoginArguments {
  std::string provider;
  std::string label;
  std::string account;
  bool device = false;
  bool no_browser = false;
  std::optional<std::string> import;  // empty: where the Codex CLI keeps it
  bool shared = false;
};

// accounts restarts, or the whole gateway does: both know the login afterwards.
bool MayComeBack(const Error& error) {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kDeadlineExceeded;
}

Result<void> Complete(Gateway& gateway, const std::string& login, const std::string& answer, int port) {
  accounts::v1::CompleteLoginRequest request;
  request.set_login(login);
  request.set_answer(answer);
  request.set_redirect_port(port);
  // The code is good for one use, and the person has it once: a worker that is being restarted is waited for. Taking
  // the same answer twice is taking it once.
  const auto give_up_at = std::chrono::steady_clock::now() + kBackPatience;
  for (;;) {
    auto reply = Call(gateway.accounts(), &AccountAdmin::Stub::CompleteLogin, request);
    if (reply.ok()) return {};
    if (!MayComeBack(reply.error()) || std::chrono::steady_clock::now() >= give_up_at) return std::move(reply).error();
    std::this_thread::sleep_for(kPause);
  }
}

// Lines that a person types while the login goes on elsewhere. Ends when it is told to, or with standard input.
class Typed {
 public:
  using Take = std::function<void(const std::string& line)>;
  explicit Typed(Take take) : thread_([this, take = std::move(take)] { Read(take); }) {}
  ~Typed() {
    stop_ = true;
    thread_.join();
  }
  Typed(const Typed&) = delete;
  Typed& operator=(const Typed&) = delete;

 private:
  void Read(const Take& take) {
    std::string text;
    while (!stop_) {
      pollfd input{STDIN_FILENO, POLLIN, 0};
      if (poll(&input, 1, static_cast<int>(kLook.count())) <= 0) continue;
      char buffer[4096];
      const ssize_t got = read(STDIN_FILENO, buffer, sizeof buffer);
      if (got <= 0) return;
      text.append(buffer, static_cast<std::size_t>(got));
      for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
        if (!IsBlank(text.substr(0, end))) take(text.substr(0, end));
        text.erase(0, end + 1);
      }
      if (text.size() > kMaxLineBytes) text.clear();
    }
  }
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

// Where a person sits at this machine: their browser, with nothing of ours on its hands.
void TryBrowser(const std::string& url) {
  if (std::getenv("DISPLAY") == nullptr && std::getenv("WAYLAND_DISPLAY") == nullptr) return;
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    posix_spawn_file_actions_addopen(&quiet, fd, "/dev/null", O_RDWR, 0);
  }
  std::string program = "xdg-open", argument = url;
  char* arguments[] = {program.data(), argument.data(), nullptr};
  pid_t pid = 0;
  // Without such a program the page stands in the terminal.
  (void)posix_spawnp(&pid, program.c_str(), &quiet, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&quiet);
}

// The login as it is once it is not as `seen`, or after a while. accounts may be restarted meanwhile.
Result<Login> Watch(Gateway& gateway, const Login& seen) {
  accounts::v1::WatchLoginRequest request;
  request.set_login(seen.id());
  request.set_seen(seen.revision());
  const auto give_up_at = std::chrono::steady_clock::now() + kBackPatience;
  for (;;) {
    auto reply = Call(gateway.accounts(), &AccountAdmin::Stub::WatchLogin, request, kLongCallTimeout);
    if (reply.ok()) return std::move(*reply->mutable_login());
    if (reply.error().code == ErrorCode::kNotFound) {
      // It ended while nobody looked: the worker that knew how was restarted.
      return Error(
          ErrorCode::kFailedPrecondition,
          "the gateway does not know this login any more: `patchbay accounts list` shows whether it was added");
    }
    if (!MayComeBack(reply.error()) || std::chrono::steady_clock::now() >= give_up_at) return std::move(reply).error();
    std::this_thread::sleep_for(kPause);
  }
}

Result<void> UntilItEnds(const Context& context, Gateway& gateway, Login login) {
  for (;;) {
    if (context.json) Print(ToJson(login, /*compact=*/true));
    std::fflush(stdout);
    if (login.state() == accounts::v1::LOGIN_STATE_FAILED) {
      return Error(ErrorCode::kFailedPrecondition, Printable(login.problem()));
    }
    if (login.state() == accounts::v1::LOGIN_STATE_DONE) break;
    const std::int64_t seen = login.revision();
    do {
      ASSIGN_OR_RETURN(login, Watch(gateway, login));
    } while (login.revision() == seen);
  }
  if (!context.json) {
    Print("logged in: " + std::string(login.created() ? "added " : "updated ") + Printable(Describe(login.account())) +
          "\n");
  }
  return {};
}

Result<void> ByBrowser(const Context& context, const LoginArguments& arguments, Gateway& gateway, Login login) {
  if (login.redirects().empty()) return Error(ErrorCode::kFailedPrecondition, "the provider's page leads nowhere");
  std::unique_ptr<CallbackListener> listener;
  accounts::v1::LoginRedirect way = login.redirects(0);
  for (const auto& redirect : login.redirects()) {
    const int port = redirect.port();
    auto opened = CallbackListener::Open(
        port, redirect.path(),
        [&gateway, id = login.id(), port](const std::string& query) { return Complete(gateway, id, query, port); });
    if (!opened.ok()) continue;
    listener = std::move(*opened);
    way = redirect;
    break;
  }
  if (!context.json) {
    Print("Open this page in a browser and log in:\n\n  " + way.authorize_url() + "\n\n");
    if (listener == nullptr)
      Print("The ports for the way back are in use, so the browser will end at a page that does not load.\n");
    Print(
        "Where the browser is on another machine, or its last page does not load: paste the address of that page "
        "here.\n");
  }
  if (!arguments.no_browser) TryBrowser(way.authorize_url());
  const Typed typed([&gateway, id = login.id(), port = way.port()](const std::string& line) {
    const Result<void> taken = Complete(gateway, id, line, port);
    if (!taken.ok()) std::fprintf(stderr, "patchbay: %s\n", Printable(taken.error().message).c_str());
  });
  return UntilItEnds(context, gateway, std::move(login));
}

Result<void> LogIn(const Context& context, const LoginArguments& arguments) {
  if (arguments.import) {
    if (arguments.device || !arguments.provider.empty() || !arguments.account.empty()) {
      return UsageError(
          "--import takes a login that another program has made; it goes with --label and --shared alone");
    }
    std::string file = *arguments.import;
    if (file.empty()) {
      ASSIGN_OR_RETURN(file, FindLoginFile());
    }
    return arguments.shared ? ShareLogin(context, file, arguments.label)
                            : ImportAccounts(context, file, arguments.label);
  }
  if (arguments.shared) return UsageError("--shared says how --import takes a login; give both");
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  accounts::v1::BeginLoginRequest request;
  request.set_provider(arguments.provider);
  request.set_label(arguments.label);
  request.set_account(arguments.account);
  request.set_device(arguments.device);
  ASSIGN_OR_RETURN(auto reply, Call(gateway.accounts(), &AccountAdmin::Stub::BeginLogin, request, kLongCallTimeout));
  Login& login = *reply.mutable_login();
  if (!context.json && !login.note().empty()) Print("Note: " + Printable(login.note()) + ".\n\n");
  if (!arguments.device) return ByBrowser(context, arguments, gateway, std::move(login));
  while (login.state() == accounts::v1::LOGIN_STATE_BEGINNING) {
    ASSIGN_OR_RETURN(login, Watch(gateway, login));
  }
  if (!context.json && login.state() == accounts::v1::LOGIN_STATE_WAITING) {
    Print("Open this page in any browser:\n\n  " + Printable(login.verification_url()) +
          "\n\nand enter this code:\n\n  " + Printable(login.user_code()) + "\n\n");
  }
  return UntilItEnds(context, gateway, std::move(login));
}

Result<void> LogOut(const Context& context, const std::string& account) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  accounts::v1::RemoveAccountRequest request;
  request.set_account(account);
  request.set_revoke(true);
  ASSIGN_OR_RETURN(const auto reply,
                   Call(gateway.accounts(), &AccountAdmin::Stub::RemoveAccount, request, kLongCallTimeout));
  if (context.json) {
    PrintJson(reply);
  } else if (!reply.shared_file().empty()) {
    Print("removed " + Printable(reply.ref()) + "; the login stays in " + Printable(reply.shared_file()) + "\n");
  } else if (reply.revoked()) {
    Print("removed " + Printable(reply.ref()) + "; the provider has ended the login\n");
  } else {
    Print("removed " + Printable(reply.ref()) +
          "; the provider did not say that it ended the login: do that at its own pages, if it matters\n");
  }
  return {};
}

}  // namespace

void AddLoginCommands(CLI::App& app, Context& context) {
  auto arguments = std::make_shared<LoginArguments>();
  auto* login = app.add_subcommand("login", "Log in with a provider, and add the account");
  login->add_option("provider", arguments->provider,
                    "Which provider (see `patchbay providers list`); the default one when not given");
  login->add_option("--label", arguments->label, "A name for people");
  login->add_option("--account", arguments->account,
                    "Log this account in again: its ref, its label, or a beginning of its ref");
  login->add_flag("--device", arguments->device, "By a code that you enter on another machine");
  login->add_flag("--no-browser", arguments->no_browser, "Only print the page; do not open it");
  auto import = std::make_shared<std::string>();
  auto* option = login->add_option("--import", *import,
                                   "Take the login of the Codex CLI from this file, or from where that keeps it");
  option->expected(0, 1);
  login->add_flag("--shared", arguments->shared,
                  "With --import: go on sharing that file, so that both programs keep one login");
  context.On(*login, [&context, arguments, import, option] {
    if (option->count() > 0) arguments->import = *import;
    return LogIn(context, *arguments);
  });

  auto account = std::make_shared<std::string>();
  auto* logout = app.add_subcommand("logout", "End a login with its provider, and remove the account; its usage stays");
  logout->add_option("account", *account, "Its ref, its label, or an unambiguous beginning of its ref")->required();
  context.On(*logout, [&context, account] { return LogOut(context, *account); });
}

}  // namespace patchbay::cli
