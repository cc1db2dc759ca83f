// Which handler answers a method and a path, and in whose dialect: the rows of all dialects, and those of the house.
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "workers/frontend/dialects/registry.h"

namespace patchbay::frontend {

struct Route {
  Action action = Action::kNotFound;
  const Dialect* dialect = nullptr;  // of calls; of everything else, the one whose shapes are used. Never null
  bool needs_key = true;
  std::string argument;     // what stands in the path's open place, percent-decoded: a model's id
  std::string_view suffix;  // what the row has behind it: ":generateContent"
  std::string allow;        // of kMethodNotAllowed and kOptions: "GET, HEAD, OPTIONS"
};

class Router {
 public:
  // A row that is no path, or that two dialects have, is a bug, and stops the process here. `dialects` outlives this.
  explicit Router(const Dialects& dialects);

  // `claimant` is the dialect whose client it is, where the head gives it away.
  Route Find(std::string_view method, std::string_view path, const Dialect* claimant = nullptr) const;

 private:
  struct Row : RouteRow {
    const Dialect* dialect;
  };

  void Add(const RouteRow& row, const Dialect& dialect);
  std::string_view Canonical(std::string_view path, std::string& storage) const;
  const Dialect& DialectOfUnknown(std::string_view path, const Dialect* claimant) const;

  const Dialects& dialects_;
  std::vector<Row> rows_;                      // in the order in which they are tried
  std::vector<std::string_view> first_below_;  // "/chat": what stands below the version
  std::vector<std::string_view> bases_;        // "/backend-api"
  std::vector<std::string_view> below_bases_;  // "/responses": what is found there
};

}  // namespace patchbay::frontend
