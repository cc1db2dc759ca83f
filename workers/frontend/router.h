// Which handler answers a method and a path. Pure.
#pragma once

#include <string>
#include <string_view>

namespace patchbay::frontend {

enum class Action { kCall, kListModels, kGetModel, kHealth, kReady, kRoot, kNotFound, kMethodNotAllowed, kOptions };

struct Route {
  Action action = Action::kNotFound;
  std::string_view dialect;  // of kCall; also whose error shape is used
  bool needs_key = true;
  std::string argument;     // what stands in the path's open place, percent-decoded: a model's id
  std::string_view suffix;  // what the row has behind it: ":generateContent"
  std::string allow;        // of kMethodNotAllowed and kOptions: "GET, HEAD, OPTIONS"
};

Route FindRoute(std::string_view method, std::string_view path);

}  // namespace patchbay::frontend
