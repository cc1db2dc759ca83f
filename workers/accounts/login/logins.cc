#include "workers/accounts/login/logins.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "workers/accounts/login/answer.h"
#include "workers/accounts/login/requests.h"
#include "workers/accounts/providers/json_web_token.h"
#include "workers/accounts/providers/registry.h"

namespace patchbay::accounts {
namespace {

using std::chrono::seconds;

constexpr seconds kFirstPause{1};
// RFC 8628 §3.5: by how much an interval grows that was too short.
constexpr seconds kSlower{5};
constexpr seconds kLongestInterval{60};
constexpr std::size_t kMaxLabelText = 64;
constexpr const char* kAgain = "; log in again";

bool SameSecret(const Secret& a, const Secret& b) { return ConstantTimeEqual(a.Reveal(), b.Reveal()); }

// The id token is this login's: nobody has put another's in its place.
bool RepeatsNonce(const Secret& id_token, const Secret& verifier) {
  const auto claims = ReadTokenPayload(id_token.Reveal());
  return claims.ok() && ConstantTimeEqual(wire::TextOf(*claims, "nonce"), NonceOf(verifier));
}

}  // namespace

bool Logins::Ended(const Entry& entry) const {
  return entry.view.record.phase == LoginPhase::kDone || entry.view.record.phase == LoginPhase::kFailed;
}

Logins::Entry* Logins::Get(const LoginId& login) {
  const auto found = entries_.find(login);
  return found == entries_.end() || Ended(found->second) ? nullptr : &found->second;
}

const LoginView* Logins::Find(const LoginId& login) const {
  const auto found = entries_.find(login);
  return found == entries_.end() ? nullptr : &found->second.view;
}

std::size_t Logins::open() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(entries_, [this](const auto& item) { return !Ended(item.second); }));
}

void Logins::Changed(Entry& entry, LoginPhase phase) {
  entry.view.record.phase = phase;
  ++entry.view.revision;
}

void Logins::Later(Entry& entry, const Moment& now) {
  entry.asking = false;
  entry.next_try = now.steady + kFirstPause * (1 << std::min(entry.tries, 6));
}

void Logins::Restore(std::vector<LoginRecord> records, const Moment& now) {
  for (LoginRecord& record : records) {
    const LoginId id = record.id;
    Entry entry;
    // A calendar that jumped makes nobody wait for ever.
    const auto left =
        std::clamp(record.ends_at - now.wall, std::chrono::milliseconds(0), std::chrono::milliseconds(kPatience));
    entry.ends_at = now.steady + left;
    entry.next_try = now.steady;
    entry.unanswered = record.phase == LoginPhase::kExchanging;
    entry.written = true;
    entry.view.record = std::move(record);
    entry.view.revision = 1;
    entries_.insert_or_assign(id, std::move(entry));
  }
}

void Logins::MakeRoom(Steps& steps, const Moment& now) {
  if (open() < kOpenMax) return;
  Entry* oldest = nullptr;
  for (auto& [id, entry] : entries_) {
    const LoginPhase phase = entry.view.record.phase;
    const bool waits = phase == LoginPhase::kWaiting || phase == LoginPhase::kBeginning;
    if (waits && (oldest == nullptr || entry.ends_at < oldest->ends_at)) oldest = &entry;
  }
  if (oldest == nullptr) return;
  Steps failed = Fail(*oldest, std::string("too many other logins were begun after it") + kAgain, now);
  std::ranges::move(failed, std::back_inserter(steps));
}

Result<std::vector<LoginStep>> Logins::Begin(const LoginWish& wish, LoginSecrets secrets, const Moment& now) {
  ASSIGN_OR_RETURN(const Provider* provider, ProviderFor(providers_, wish));
  if (wish.label.size() > kMaxLabelText) {
    return Error(ErrorCode::kInvalidArgument, "a label has at most 64 bytes");
  }
  ForgetEnded(now);
  Steps steps;
  MakeRoom(steps, now);
  if (open() >= kOpenMax) return Error(ErrorCode::kResourceExhausted, "too many logins are being finished");

  const LoginId id = secrets.id;
  Entry& entry = entries_[id];
  entry.ends_at = now.steady + kPatience;
  LoginRecord& record = entry.view.record;
  record.id = id;
  record.provider = provider->id;
  record.label = wish.label;
  record.by_device = wish.by_device;
  record.account = wish.account;
  record.ends_at = now.wall + kPatience;
  Steps begun;
  if (wish.by_device) {
    Changed(entry, LoginPhase::kBeginning);
    begun = Ask(entry, /*write=*/false, now);
  } else {
    record.verifier = std::move(secrets.verifier);
    record.state = std::move(secrets.state);
    Changed(entry, LoginPhase::kWaiting);
    entry.written = true;
    LoginStep step;
    step.login = id;
    step.write = WriteLoginRecord(record);
    begun.push_back(std::move(step));
  }
  std::ranges::move(begun, std::back_inserter(steps));
  return steps;
}

Result<std::vector<LoginStep>> Logins::Complete(const LoginId& login, std::string_view answer, int port,
                                                const Moment& now) {
  const auto found = entries_.find(login);
  if (found == entries_.end()) {
    return Error(ErrorCode::kNotFound, std::string("no such login; it may have ended a while ago") + kAgain);
  }
  Entry& entry = found->second;
  LoginRecord& record = entry.view.record;
  if (record.phase == LoginPhase::kFailed) return Error(ErrorCode::kFailedPrecondition, entry.view.problem);
  if (record.by_device) {
    return Error(ErrorCode::kInvalidArgument,
                 "this login is finished at the page that it names; nothing is entered here");
  }
  ASSIGN_OR_RETURN(LoginAnswer read, ReadLoginAnswer(answer));
  const bool has_state = read.needs_state || !read.state.empty();
  if (has_state && !SameSecret(read.state, record.state)) {
    return Error(ErrorCode::kInvalidArgument, "this answer of the login page belongs to another login");
  }
  if (record.phase != LoginPhase::kWaiting) {
    // The page was loaded twice, or the caller asks again.
    if (SameSecret(read.code, record.code)) return Steps();
    return Error(ErrorCode::kFailedPrecondition, "this login has been given its code already");
  }
  if (!read.error.empty()) {
    const std::string why = read.description.empty() ? "" : " (" + read.description + ")";
    return Fail(entry, "the provider's page answered " + read.error + why + kAgain, now);
  }
  const catalog::v1::OAuth* oauth = RowOf(entry);
  if (oauth == nullptr) return Fail(entry, "the configuration has no such provider any more", now);
  const auto& ports = oauth->redirect_ports();
  const int wanted = read.port != 0 ? read.port : port;
  if (ports.empty() || (wanted != 0 && std::ranges::find(ports, wanted) == ports.end())) {
    return Error(ErrorCode::kInvalidArgument, "the login page sends nobody to port " + std::to_string(wanted));
  }
  return Exchange(entry, std::move(read.code), RedirectUri(*oauth, wanted != 0 ? wanted : ports[0]), now);
}

std::vector<LoginStep> Logins::Fail(Entry& entry, std::string problem, const Moment& now) {
  entry.view.problem = std::move(problem);
  entry.asking = false;
  entry.ends_at = now.steady + kRemembered;
  entry.tokens = LoginTokens();
  entry.view.record.verifier = Secret();
  Changed(entry, LoginPhase::kFailed);
  Steps steps;
  if (std::exchange(entry.written, false)) {
    LoginStep step;
    step.login = entry.view.record.id;
    step.forget = true;
    steps.push_back(std::move(step));
  }
  return steps;
}

std::vector<LoginStep> Logins::Exchange(Entry& entry, Secret code, std::string redirect_uri, const Moment& now) {
  entry.view.record.code = std::move(code);
  entry.view.record.redirect_uri = std::move(redirect_uri);
  entry.tries = 0;
  Changed(entry, LoginPhase::kExchanging);
  return Ask(entry, /*write=*/true, now);
}

std::vector<LoginStep> Logins::Ask(Entry& entry, bool write, const Moment& now) {
  const catalog::v1::OAuth* oauth = RowOf(entry);
  const DeviceFlow* device = DeviceOf(entry);
  const LoginRecord& record = entry.view.record;
  if (oauth == nullptr || device == nullptr) {
    return Fail(entry, "the configuration has no such provider any more", now);
  }
  LoginQuestion question;
  question.provider = record.provider;
  switch (record.phase) {
    case LoginPhase::kBeginning:
      question.endpoint = LoginEndpoint::kDevice;
      question.request = device->ask(*oauth);
      break;
    case LoginPhase::kWaiting:
      question.endpoint = LoginEndpoint::kDeviceToken;
      question.request = device->poll(*oauth, record.device);
      break;
    default:
      question.endpoint = LoginEndpoint::kToken;
      question.request = ExchangeRequest(*oauth, record.code, record.redirect_uri, record.verifier, record.state);
      break;
  }
  LoginStep step;
  step.login = record.id;
  if (write || entry.unwritten) {
    step.write = WriteLoginRecord(record);
    entry.written = true;
    entry.unwritten = false;
  }
  step.ask = std::move(question);
  entry.asking = true;
  Steps steps;
  steps.push_back(std::move(step));
  return steps;
}

const catalog::v1::OAuth* Logins::RowOf(const Entry& entry) const {
  const Provider* provider = providers_.Find(entry.view.record.provider);
  return LoginOf(provider) == nullptr ? nullptr : &provider->row.auth().oauth();
}

const DeviceFlow* Logins::DeviceOf(const Entry& entry) const {
  const Login* login = LoginOf(providers_.Find(entry.view.record.provider));
  return login == nullptr ? nullptr : login->device;
}

std::vector<LoginStep> Logins::TryAgain(Entry& entry, const std::string& why, const Moment& now) {
  if (++entry.tries < kTries) {
    Later(entry, now);
    return {};
  }
  return Fail(entry, "the provider did not finish the login: " + why + kAgain, now);
}

std::vector<LoginStep> Logins::Answered(const LoginId& login, int status, std::string_view body, const Moment& now) {
  Entry* entry = Get(login);
  if (entry == nullptr || !entry->asking) return {};
  entry->asking = false;
  const DeviceFlow* device = DeviceOf(*entry);
  if (device == nullptr) return Fail(*entry, "the configuration has no such provider any more", now);
  switch (entry->view.record.phase) {
    case LoginPhase::kBeginning: return OnDeviceCode(*entry, device->read(status, body), now);
    case LoginPhase::kWaiting: return OnPoll(*entry, device->read_poll(status, body), now);
    case LoginPhase::kExchanging: return OnExchange(*entry, ReadTokenReply(status, body), now);
    default: return {};
  }
}

std::vector<LoginStep> Logins::Unanswered(const LoginId& login, const std::string& why, const Moment& now) {
  Entry* entry = Get(login);
  if (entry == nullptr || !entry->asking) return {};
  entry->asking = false;
  if (entry->view.record.phase == LoginPhase::kWaiting) {
    // Asked again in its own time, until the person's is over.
    entry->next_try = now.steady + entry->view.record.device.interval;
    return {};
  }
  entry->unanswered = entry->unanswered || entry->view.record.phase == LoginPhase::kExchanging;
  return TryAgain(*entry, why, now);
}

std::vector<LoginStep> Logins::OnDeviceCode(Entry& entry, const DeviceReply& reply, const Moment& now) {
  switch (reply.kind) {
    case DeviceReply::Kind::kRefused: return Fail(entry, "the provider gives no code: " + reply.evidence, now);
    case DeviceReply::Kind::kTransient: return TryAgain(entry, reply.evidence, now);
    case DeviceReply::Kind::kCode: break;
  }
  LoginRecord& record = entry.view.record;
  const catalog::v1::Provider& row = providers_.Find(record.provider)->row;
  record.device = reply.code;
  record.device.interval = std::clamp(record.device.interval, seconds(1), kLongestInterval);
  if (record.device.page.empty()) record.device.page = PlaceOf(row, row.auth().oauth().device_page());
  const auto lives = std::min<seconds>(reply.code.lives, kPatience);
  record.ends_at = now.wall + lives;
  entry.ends_at = now.steady + lives;
  entry.next_try = now.steady + record.device.interval;
  entry.tries = 0;
  Changed(entry, LoginPhase::kWaiting);
  entry.written = true;
  LoginStep step;
  step.login = record.id;
  step.write = WriteLoginRecord(record);
  Steps steps;
  steps.push_back(std::move(step));
  return steps;
}

std::vector<LoginStep> Logins::OnPoll(Entry& entry, DevicePoll poll, const Moment& now) {
  LoginRecord& record = entry.view.record;
  switch (poll.kind) {
    case DevicePoll::Kind::kCode: {
      record.verifier = std::move(poll.verifier);
      const catalog::v1::Provider& row = providers_.Find(record.provider)->row;
      return Exchange(entry, std::move(poll.code), PlaceOf(row, row.auth().oauth().device_redirect()), now);
    }
    case DevicePoll::Kind::kTokens: return Keep(entry, std::move(poll.tokens), now);
    case DevicePoll::Kind::kDenied: return Fail(entry, std::string("the login was refused at the page") + kAgain, now);
    case DevicePoll::Kind::kExpired: return Fail(entry, std::string("the code was not entered in time") + kAgain, now);
    case DevicePoll::Kind::kRefused: return Fail(entry, "the provider ended the login: " + poll.evidence + kAgain, now);
    case DevicePoll::Kind::kSlowDown:
    case DevicePoll::Kind::kTransient:
      record.device.interval = std::min(record.device.interval + kSlower, kLongestInterval);
      break;
    case DevicePoll::Kind::kPending: break;
  }
  entry.next_try = now.steady + record.device.interval;
  return {};
}

std::vector<LoginStep> Logins::OnExchange(Entry& entry, TokenReply reply, const Moment& now) {
  switch (reply.kind) {
    case TokenReply::Kind::kTokens: {
      const catalog::v1::OAuth* oauth = RowOf(entry);
      const LoginRecord& record = entry.view.record;
      if (oauth != nullptr && !record.by_device && AsksWithNonce(*oauth) && !RepeatsNonce(reply.id, record.verifier)) {
        return Fail(entry, std::string("the provider's id token was not made for this login") + kAgain, now);
      }
      return Keep(entry, std::move(reply), now);
    }
    case TokenReply::Kind::kTransient: return TryAgain(entry, reply.evidence, now);
    case TokenReply::Kind::kRefused: break;
  }
  const char* spent = entry.unanswered ? "; an earlier try went unanswered, so most likely it has spent the code" : "";
  return Fail(entry, "the provider does not take the code (" + reply.evidence + ")" + spent + kAgain, now);
}

std::vector<LoginStep> Logins::Keep(Entry& entry, TokenReply tokens, const Moment& now) {
  const LoginRecord& record = entry.view.record;
  if (const catalog::v1::OAuth* oauth = RowOf(entry); oauth != nullptr && !oauth->session_url().empty()) {
    // What came is what renews; the first renewal brings what calls show.
    tokens.refresh = std::move(tokens.access);
    tokens.access = Secret();
    tokens.expires_in.reset();
  }
  entry.tokens = {
      record.provider,   record.label,  std::move(tokens.access), std::move(tokens.refresh), std::move(tokens.id),
      tokens.expires_in, record.account};
  entry.next_try = now.steady;
  entry.tries = 0;
  Changed(entry, LoginPhase::kKeeping);
  entry.asking = true;
  LoginStep step;
  step.login = record.id;
  step.keep = entry.tokens;
  Steps steps;
  steps.push_back(std::move(step));
  return steps;
}

void Logins::Kept(const LoginId& login, AccountId account, bool created, const Moment& now) {
  Entry* entry = Get(login);
  if (entry == nullptr) return;
  entry->view.account = std::move(account);
  entry->view.created = created;
  entry->tokens = LoginTokens();
  entry->view.record.verifier = Secret();
  entry->asking = false;
  entry->written = false;
  entry->ends_at = now.steady + kRemembered;
  Changed(*entry, LoginPhase::kDone);
}

std::vector<LoginStep> Logins::NotKept(const LoginId& login, bool for_now, const std::string& why, const Moment& now) {
  Entry* entry = Get(login);
  if (entry == nullptr) return {};
  if (!for_now) return Fail(*entry, "the account cannot be added: " + why, now);
  entry->asking = false;
  entry->next_try = now.steady + kFirstPause;
  return {};
}

void Logins::Unwritten(const LoginId& login, const Moment& now) {
  Entry* entry = Get(login);
  if (entry == nullptr) return;
  if (entry->view.record.phase == LoginPhase::kWaiting && !entry->view.record.by_device) {
    entries_.erase(login);
    return;
  }
  entry->unwritten = true;
  entry->asking = false;
  entry->next_try = now.steady + kFirstPause;
}

void Logins::ForgetEnded(const Moment& now) {
  std::erase_if(entries_, [&](const auto& item) { return Ended(item.second) && now.steady >= item.second.ends_at; });
  while (entries_.size() - open() > kEndedMax) {
    auto oldest = entries_.end();
    for (auto it = entries_.begin(); it != entries_.end(); ++it) {
      if (Ended(it->second) && (oldest == entries_.end() || it->second.ends_at < oldest->second.ends_at)) oldest = it;
    }
    entries_.erase(oldest);
  }
}

std::vector<LoginStep> Logins::Tick(const Moment& now) {
  ForgetEnded(now);
  Steps due;
  for (auto& [id, entry] : entries_) {
    if (Ended(entry) || entry.asking) continue;
    const LoginRecord& record = entry.view.record;
    Steps steps;
    if (record.phase == LoginPhase::kWaiting && now.steady >= entry.ends_at) {
      steps = Fail(entry, std::string("nobody finished it in time") + kAgain, now);
    } else if (now.steady < entry.next_try) {
      continue;
    } else if (record.phase == LoginPhase::kKeeping) {
      entry.asking = true;
      LoginStep step;
      step.login = id;
      step.keep = entry.tokens;
      steps.push_back(std::move(step));
    } else if (record.phase != LoginPhase::kWaiting || record.by_device) {
      steps = Ask(entry, /*write=*/false, now);
    }
    std::ranges::move(steps, std::back_inserter(due));
  }
  return due;
}

}  // namespace patchbay::accounts
