// Every client dialect there is. README.md says what a new one needs: its folder, and one line in registry.cc.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "workers/frontend/call/affinity.h"
#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend {

// Made once, in main. Outlives every request.
class Dialects {
 public:
  // All of them. The first is the one in whose shape those are answered whom no dialect claims. `clock` outlives them.
  explicit Dialects(const Clock& clock);

  // For requests from now on.
  void Configure(const config::v1::Frontend& settings);

  std::span<const std::unique_ptr<Dialect>> all() const { return all_; }
  const Dialect& usual() const { return *all_.front(); }
  // Null when there is none of that name.
  const Dialect* Find(std::string_view name) const;
  // Whose client it is, as its head gives it away; null: it does not.
  const Dialect* ClaimantOf(const HeaderLookup& header, std::string_view query) const;
  // The conversation of a request in `dialect`, by its own headers, else by those of the others: clients take them
  // along from one protocol to the next.
  SessionHint SessionOf(const Dialect& dialect, const HeaderLookup& header) const;

 private:
  std::vector<std::unique_ptr<Dialect>> all_;
};

}  // namespace patchbay::frontend
