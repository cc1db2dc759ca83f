#include "workers/accounts/providers/registry.h"

#include <algorithm>
#include <span>

#include "workers/accounts/providers/codex/login.h"
#include "workers/accounts/providers/codex/models_reply.h"
#include "workers/accounts/providers/codex/reset_credits_reply.h"
#include "workers/accounts/providers/codex/usage_reply.h"
#include "workers/accounts/providers/copilot/login.h"
#include "workers/accounts/providers/openai/models_reply.h"
#include "workers/accounts/providers/standard/login.h"

namespace patchbay::accounts {
namespace {

template <class Code>
struct Named {
  std::string_view word;
  Code code;
};

constexpr Named<ModelListReader> kModelLists[] = {{"openai", ReadOpenAiModels}, {"codex", ReadCodexModels}};
constexpr Named<UsageReader> kUsages[] = {{"codex", ReadUsageReply}};
constexpr Named<const ResetCreditsCode*> kResetCredits[] = {{"codex", &kCodexResetCredits}};
constexpr Named<const Login*> kLogins[] = {
    {"standard", &kStandardLogin}, {"codex", &kCodexLogin}, {"copilot", &kCopilotLogin}};

template <class Code>
Code FindCode(std::span<const Named<Code>> table, std::string_view word) {
  const auto found = std::ranges::find(table, word, &Named<Code>::word);
  return found == table.end() ? nullptr : found->code;
}

}  // namespace

ModelListReader FindModelListReader(std::string_view shape) { return FindCode<ModelListReader>(kModelLists, shape); }
UsageReader FindUsageReader(std::string_view shape) { return FindCode<UsageReader>(kUsages, shape); }
const ResetCreditsCode* FindResetCreditsCode(std::string_view shape) {
  return FindCode<const ResetCreditsCode*>(kResetCredits, shape);
}
const Login* FindLogin(std::string_view shape) { return FindCode<const Login*>(kLogins, shape); }

const Login* LoginOf(const Provider* provider) {
  if (provider == nullptr || provider->credential != Credential::kLogin) return nullptr;
  return FindLogin(provider->row.auth().oauth().shape());
}

}  // namespace patchbay::accounts
