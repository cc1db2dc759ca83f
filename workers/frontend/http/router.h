// Which handler answers a method and a path. Pure.
#pragma once

#include <string>
#include <string_view>

namespace patchbay::frontend {

enum class Action {
  kCall,
  kLocal,       // answered by the dialect alone, without a body
  kNoProvider,  // an endpoint that no provider of ours serves
  kSocket,
  kCountTokens,
  kListModels,
  kGetModel,
  kModelDetails,
  kModelCatalogue,
  kHealth,
  kReady,
  kRoot,
  kNotFound,
  kMethodNotAllowed,
  kOptions
};

struct Route {
  Action action = Action::kNotFound;
  std::string_view dialect;  // of kCall and kCountTokens; also whose error shape is used
  bool needs_key = true;
  std::string argument;     // what stands in the path's open place, percent-decoded: a model's id
  std::string_view suffix;  // what the row has behind it: ":generateContent"
  std::string allow;        // of kMethodNotAllowed and kOptions: "GET, HEAD, OPTIONS"
};

// `anthropic` says that the client is Anthropic's, by its `anthropic-version` header: paths that several protocols
// share, and paths that nobody serves, then answer in that dialect.
Route FindRoute(std::string_view method, std::string_view path, bool anthropic = false);

}  // namespace patchbay::frontend
