// What a dialect says of its paths. The router (../http/router.h) is made of all of them.
#pragma once

#include <string_view>

namespace patchbay::frontend {

enum class Action {
  kCall,
  kStoredAnswer,  // about an answer that is kept here: its dialect says it without a provider and without a body
  kSocket,
  kCountTokens,
  kListModels,
  kGetModel,
  kModelDetails,
  kModelCatalog,
  // About a ChatGPT login (chatgpt_lookups).
  kWorkspaces,
  kPlugins,
  kPluginSuggestions,
  kAccountSettings,
  kToolServer,
  // What quota is left, in the dialect's form; credits that reset it; and for the holder of a key, in ours.
  kQuota,
  kResetCredits,
  kRedeem,
  kKeyUsage,
  kHealth,
  kReady,
  kRoot,
  kNotFound,
  kMethodNotAllowed,
  kOptions
};

struct RouteRow {
  std::string_view method;
  // With the API's version. A trailing '/' takes everything below it as the argument.
  std::string_view path;
  Action action;
  std::string_view suffix = {};  // behind the argument: "/input_items", ":generateContent"
  bool needs_key = true;
  // Several protocols have this path: it is answered in the dialect that claims the client.
  bool shared = false;
  // It is also found below Dialect::further_bases, without its version.
  bool at_further_bases = false;
};

}  // namespace patchbay::frontend
