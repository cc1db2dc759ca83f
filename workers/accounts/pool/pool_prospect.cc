// Telling whether waiting makes sense, and denying where it does not.
#include <algorithm>

#include "lib/base/text.h"
#include "workers/accounts/pool/pool.h"
#include "workers/accounts/pool/tags.h"

namespace patchbay::accounts {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

// Explanations in one denial: an operator reads the first few, and a message stays small.
constexpr std::size_t kExplanationsMax = 50;
// Of a model's name in a message for its client.
constexpr std::size_t kShownNameBytes = 100;

std::string ForModel(const std::string& name) {
  return name.empty() ? std::string() : " for model '" + Printable(name, kShownNameBytes) + "'";
}

}  // namespace

Prospect AccountPool::LookAtAll(const Request& request, const Moment& now) const {
  Prospect prospect;
  const auto comes_back = [&](const PoolAccount& account, std::optional<WallTime>& at) {
    (account.mark.state == AccountState::kThrottled ? prospect.throttled : prospect.exhausted) = true;
    Prospect::Earlier(at, account.mark.until);
  };
  for (const PoolAccount* account : AccountsOf(request.provider)) {
    const Block block = FullBlock(*account, request, now);
    const Block by_now = BlockByNow(*account, block, request, now);
    prospect.plights.Add(by_now, EndOf(*account, by_now, request, now));
    switch (block) {
      case Block::kNone:
      case Block::kSlots:
      case Block::kRefreshing: prospect.soon = true; break;
      case Block::kPath: {
        const Breaker* breaker = Blocking(*account, request.wire_model, CallerOf(request), now);
        if (breaker == nullptr || !breaker->hopeless()) {
          prospect.soon = true;
          break;
        }
        prospect.path = true;
        const auto pause = duration_cast<milliseconds>(breaker->paused_until() - now.steady);
        prospect.path_pause = std::max(prospect.path_pause, pause);
        break;
      }
      case Block::kExhausted:
      case Block::kThrottled: comes_back(*account, prospect.back_at); break;
      case Block::kLimit:
        prospect.exhausted = true;
        Prospect::Earlier(prospect.back_at, BlockEnds(*account, block, request.wire_model, now));
        break;
      case Block::kReserved:
        prospect.exhausted = true;
        Prospect::Earlier(prospect.back_at, EndOf(*account, block, request, now));
        break;
      case Block::kModel: prospect.model = true; break;
      case Block::kTried:
        // Not for this request any more, but when it is back is what its client wants to know.
        prospect.tried = true;
        if (const auto until = BlockEnds(*account, Block::kLimit, request.wire_model, now);
            until && *until > now.wall) {
          prospect.exhausted = true;
          Prospect::Earlier(prospect.tried_back_at, until);
        }
        if (account->mark.state == AccountState::kExhausted || account->mark.state == AccountState::kThrottled) {
          comes_back(*account, prospect.tried_back_at);
        }
        break;
      case Block::kBanned:
      case Block::kExpired:
      case Block::kNoToken: prospect.operators = true; break;
      case Block::kDisabled:
      case Block::kPinned:
      case Block::kTags:
      case Block::kOtherProvider: break;
    }
  }
  return prospect;
}

Prospect AccountPool::ProspectOf(const Request& request, const Moment& now) {
  // What one request has tried, or a way that one caller may go, is no matter of the others.
  const bool alike = request.tried.empty() && request.refused.empty() && request.pinned.empty() && !request.stay;
  if (!alike || !ways_.empty()) return LookAtAll(request, now);
  Ready(now);  // it notices what has changed
  std::string key = request.provider + '\n' + request.wire_model + '\n' + std::to_string(request.kept_for);
  for (const std::string& plan : request.lacking_plans) key += '\n' + plan;
  key += "\n\n" + JoinTags(request.tags);
  return prospects_.Get(key, [&] { return LookAtAll(request, now); });
}

std::optional<Denied> AccountPool::Hopeless(const Request& request, const Moment& now) {
  if (request.stay && now.steady < request.stay->not_before) return std::nullopt;
  return Hopeless(request, ProspectOf(request, now), now);
}

std::optional<Denied> AccountPool::Hopeless(const Request& request, const Prospect& prospect, const Moment& now) const {
  if (prospect.soon) return std::nullopt;
  if (prospect.back_at && *prospect.back_at - now.wall < request.deadline - now.steady) return std::nullopt;
  std::optional<WallTime> earliest = prospect.back_at;
  Prospect::Earlier(earliest, prospect.tried_back_at);

  const std::string after = request.failure.empty() ? std::string() : "; the last attempt: " + request.failure;
  const Verdict* last = request.verdict ? &*request.verdict : nullptr;
  Denied denied;
  if (last != nullptr && last->effect == Effect::kModelUnsupported && !prospect.throttled && !prospect.exhausted &&
      !prospect.path) {
    denied = MakeDenied(request, DenyCode::kUnknownModel, "no account can serve it" + after, prospect, now);
  } else if (last != nullptr && last->fault == Fault::kPath) {
    denied =
        MakeDenied(request, DenyCode::kPath, "the provider cannot be reached or is failing" + after, prospect, now);
  } else if (last != nullptr && last->fault == Fault::kGateway) {
    denied = MakeDenied(request, DenyCode::kAttempts, "the call could not be made" + after, prospect, now);
  } else if (prospect.throttled) {
    denied = MakeDenied(request, DenyCode::kThrottled, "every usable account is rate limited for the moment" + after,
                        prospect, now);
  } else if (prospect.exhausted) {
    denied =
        MakeDenied(request, DenyCode::kExhausted, "every usable account has used up its quota" + after, prospect, now);
  } else if (prospect.path) {
    denied =
        MakeDenied(request, DenyCode::kPath, "the provider cannot be reached or is failing" + after, prospect, now);
    denied.retry_after = std::max(prospect.path_pause, milliseconds(1000));
  } else if (prospect.tried) {
    denied = MakeDenied(request, DenyCode::kAttempts, "no other account is left to try" + after, prospect, now);
  } else if (prospect.model) {
    denied = MakeDenied(request, DenyCode::kUnknownModel, "no account can serve it", prospect, now);
  } else {
    const std::string wanted = ForModel(request.terms ? request.terms->model : request.wire_model);
    denied = MakeDenied(request, DenyCode::kNoAccount,
                        prospect.operators ? "no account is usable" + wanted + ": each needs an operator"
                                           : "no account is configured" + wanted,
                        prospect, now);
  }
  if (earliest && (denied.code == DenyCode::kThrottled || denied.code == DenyCode::kExhausted)) {
    denied.available_at = earliest;
    denied.retry_after = std::max<milliseconds>(*earliest - now.wall, milliseconds(1000));
  }
  return denied;
}

Denied AccountPool::MakeDenied(const Request& request, DenyCode code, std::string message, const Moment& now) const {
  return MakeDenied(request, code, std::move(message), LookAtAll(request, now), now);
}

Denied AccountPool::MakeDenied(const Request& request, DenyCode code, std::string message, const Prospect& prospect,
                               const Moment& now) const {
  Denied denied;
  denied.frontend = request.frontend;
  denied.request = request.id;
  denied.code = code;
  denied.message = std::move(message);
  denied.summary = prospect.plights.Text();
  denied.model = request.terms ? request.terms->model : request.wire_model;
  denied.without_socket = request.without_socket && code != DenyCode::kRequestFault;
  for (const PoolAccount* account : AccountsOf(request.provider)) {
    if (denied.accounts.size() >= kExplanationsMax) break;
    const Block block = BlockByNow(*account, FullBlock(*account, request, now), request, now);
    if (block == Block::kPinned || block == Block::kTags) continue;
    denied.accounts.push_back(ExplanationOf(*account, block, request.wire_model, now));
  }
  return denied;
}

void AccountPool::Deny(Request& request, Denied denied) {
  events_.push_back(std::move(denied));
  Erase(request.serial);
}

}  // namespace patchbay::accounts
