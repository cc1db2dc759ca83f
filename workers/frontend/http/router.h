// Which handler answers a method and a path, and in whose dialect. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend {

enum class Action {
  kCall,
  kStoredAnswer,  // about an answer that is kept here: its dialect says it without a provider and without a body
  kNoProvider,    // an endpoint that no provider of ours serves
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
  kHealth,
  kReady,
  kRoot,
  kNotFound,
  kMethodNotAllowed,
  kOptions
};

struct Route {
  Action action = Action::kNotFound;
  const Dialect* dialect = nullptr;  // of calls; of everything else, the one whose shapes are used. Never null
  bool needs_key = true;
  std::string argument;     // what stands in the path's open place, percent-decoded: a model's id
  std::string_view suffix;  // what the row has behind it: ":generateContent"
  std::string allow;        // of kMethodNotAllowed and kOptions: "GET, HEAD, OPTIONS"
};

// Whose client it is, where the head gives it away: paths that several protocols share, and paths that nobody serves,
// then answer in that dialect.
enum class ClientOf { kAnybody, kAnthropic, kGoogle };

class Router {
 public:
  // A row that names no dialect is a bug, and stops the process here.
  Router();

  Route Find(std::string_view method, std::string_view path, ClientOf client = ClientOf::kAnybody) const;

 private:
  const Dialect& Shared(ClientOf client) const;

  std::vector<const Dialect*> dialects_;  // of the rows, in their order
  const Dialect* chat_;
  const Dialect* anthropic_;
  const Dialect* gemini_;
};

}  // namespace patchbay::frontend
