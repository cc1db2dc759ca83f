// The providers as their rows say, for who owns their accounts and names their models. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/config/v1/config.pb.h"

namespace patchbay::accounts {

// What an account of a provider holds.
enum class Credential {
  kLogin,     // tokens that are renewed
  kKey,       // a key
  kMaybeKey,  // a key, or nothing
  kNothing,
  kCallers,  // nothing: each caller shows its own login, which passes through
};

struct Provider {
  std::string id;
  catalog::v1::Provider row;
  Credential credential = Credential::kKey;

  // For people: "OpenAI", else the id.
  const std::string& title() const { return row.name().empty() ? id : row.name(); }
  // Whom lists say its models are owned by.
  const std::string& owner() const { return row.models().owner().empty() ? id : row.models().owner(); }
  bool needs_secret() const { return credential == Credential::kLogin || credential == Credential::kKey; }
  // There is a dialect for it. Without one its accounts are kept, and nothing else.
  bool CanBeCalled() const;
  // Has sockets on which calls follow one another.
  bool sockets() const;
  // Takes the bytes of the client's dialect as they are. One that differs from its own dialect does not: what clients
  // say has to be fitted to it.
  bool Takes(std::string_view client_dialect) const;
  // That model makes embeddings, and nothing else.
  bool MakesEmbeddings(std::string_view model) const;
  // One of its models could be called so. Its list is not asked.
  bool NamesLike(std::string_view model) const;
};

class Providers {
 public:
  // Rows that nobody has told where their provider is are none.
  void Configure(const config::v1::Config& config);

  // Null for an id that no row has. Pointers live until the next Configure.
  const Provider* Find(std::string_view id) const;
  // Whose an account is when nobody says; null while there is no such row.
  const Provider* Default() const { return Find(default_); }
  // By id.
  const std::map<std::string, Provider, std::less<>>& all() const { return providers_; }
  // Those that a prefix chooses, "openai" of "openai:gpt-5.5": the one of that id, then those also named so.
  std::vector<const Provider*> Called(std::string_view prefix) const;
  // What one of its models costs, by its own row or by the one that it is priced as; null when neither says. They live
  // until the next Configure.
  const catalog::v1::Prices* PricesOf(const Provider& provider, std::string_view model) const;

 private:
  std::map<std::string, Provider, std::less<>> providers_;
  std::string default_;
};

}  // namespace patchbay::accounts
