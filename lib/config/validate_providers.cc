// The check of the providers' rows: each is whole, and its words are ones that some code of ours understands.

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include "lib/catalog/price_list.h"
#include "lib/catalog/words.h"
#include "lib/config/checks.h"
#include "lib/config/keys.h"
#include "lib/config/layers.h"
#include "lib/roster/roster.h"
#include "lib/time/time_text.h"

namespace patchbay::config {
namespace {

using catalog::v1::Provider;
using AllRows = std::map<std::string, Provider>;

std::string Listed(const std::vector<std::string>& words) {
  std::string list;
  for (const auto& word : words) list += (list.empty() ? "" : ", ") + word;
  return list;
}

std::vector<std::string> NamesOf(std::span<const std::string_view> words) { return {words.begin(), words.end()}; }

std::vector<std::string> DialectNames() {
  std::vector<std::string> names;
  for (const auto& dialect : catalog::Dialects()) names.emplace_back(dialect.name);
  return names;
}

bool IsHeaderName(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

bool IsHostName(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

bool IsHeaderValue(const std::string& value) {
  return !value.empty() && std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

class RowCheck {
 public:
  RowCheck(const std::string& id, const Provider& row, const AllRows& rows, Findings& findings)
      : id_(id), path_(JoinPath("providers", id)), row_(row), rows_(rows), findings_(findings) {}

  void Run() {
    if (!roster::IsPlainName(id_)) return Add("", std::string(roster::kNameRule));
    if (!IsCatalogRow(id_) && (row_.dialect().empty() || row_.base_url().empty())) return NobodyKnowsIt();
    if (IsUnused()) return;
    // A row of the catalog may be ahead of the dialects.
    if (!row_.dialect().empty()) Word("dialect", row_.dialect(), DialectNames());
    Word("profile", row_.profile(), NamesOf(catalog::Profiles()));
    Addresses();
    AuthMode();
    Keys();
    ModelLists();
    Prices();
    if (!row_.usage().path().empty()) {
      Word("usage.shape", row_.usage().shape(), NamesOf(catalog::UsageShapes()));
      Path("usage.path", row_.usage().path());
    }
    for (const auto& word : row_.capabilities()) Word("capabilities", word, NamesOf(catalog::Capabilities()));
    if (const auto* dialect = catalog::FindDialect(row_.dialect()); dialect != nullptr) {
      for (const auto& word : row_.quirks()) Word("quirks", word, NamesOf(dialect->quirks));
    }
    for (const auto& [name, value] : row_.headers()) {
      if (!IsHeaderName(name)) Add("headers." + name, "is no name of a header");
      if (!IsHeaderValue(value)) Add("headers." + name, "has no visible ASCII characters, or others too");
    }
  }

 private:
  void Add(const std::string& key, const std::string& problem) {
    const std::string path = key.empty() ? path_ : path_ + "." + key;
    findings_.Add(findings_.PlaceOf(path), path + ": " + problem);
  }

  // A row of ours that only says how, and which nobody has told where.
  bool IsUnused() const { return row_.base_url().empty() && !findings_.Given(path_); }

  void NobodyKnowsIt() {
    std::vector<std::string> known;
    for (const auto& [id, row] : CatalogRows()) known.push_back(id);
    std::sort(known.begin(), known.end());
    const std::string nearest = DidYouMean(id_, known);
    Add("", "there is no provider '" + id_ + "'" + (nearest.empty() ? "." : nearest) +
                " One of your own needs a base_url and a dialect, which is one of " + Listed(DialectNames()));
  }

  void Word(const std::string& key, const std::string& word, const std::vector<std::string>& known) {
    if (std::find(known.begin(), known.end(), word) != known.end()) return;
    const std::string what = known.empty() ? "its dialect has none" : "it is one of " + Listed(known);
    Add(key, "'" + word + "' is not known: " + what + DidYouMean(word, known));
  }

  void Path(const std::string& key, const std::string& path) {
    const bool plain = std::all_of(path.begin(), path.end(), [](char c) { return c > 0x20 && c < 0x7f; });
    if (!path.starts_with('/') || !plain) Add(key, "'" + path + "' is no path: it begins with / and has no blanks");
  }

  void Addresses() {
    if (row_.base_url().empty()) {
      Add("base_url", "is missing: say where the provider is, like https://api.example.com/v1");
    } else {
      Address("base_url", row_.base_url());
    }
    if (!row_.auth_base_url().empty()) Address("auth_base_url", row_.auth_base_url());
    if (const std::string problem = FileProblem(row_.ca_file()); !problem.empty()) Add("ca_file", problem);
  }

  void Address(const std::string& key, const std::string& url) {
    if (const std::string problem = UrlProblem(url); !problem.empty()) return Add(key, problem);
    if (url.starts_with("http://") && !row_.allow_private()) {
      Add(key, "would send credentials unencrypted; use https://, or set allow_private for a provider of your own");
    }
  }

  // The mode itself is checked by its own bounds.
  void AuthMode() {
    const auto& auth = row_.auth();
    if (auth.mode() == "oauth") {
      if (row_.auth_base_url().empty()) Add("auth_base_url", "is missing: auth.mode oauth renews its tokens there");
      Path("auth.oauth.token_path", auth.oauth().token_path());
      Word("auth.oauth.shape", auth.oauth().shape(), NamesOf(catalog::LoginShapes()));
      if (auth.oauth().client_id().empty() && !auth.oauth().client_id_reserved()) {
        Add("auth.oauth.client_id", "is missing: auth.mode oauth needs it");
      }
      BrowserLogin(auth.oauth());
      for (const auto& [key, path] : {std::pair("device_path", &auth.oauth().device_path()),
                                      std::pair("device_token_path", &auth.oauth().device_token_path()),
                                      std::pair("revoke_path", &auth.oauth().revoke_path())}) {
        if (!path->empty()) Path("auth.oauth." + std::string(key), *path);
      }
      Place("auth.oauth.device_page", auth.oauth().device_page());
      Place("auth.oauth.device_redirect", auth.oauth().device_redirect());
      Place("auth.oauth.session_url", auth.oauth().session_url());
    }
    if (auth.key_in() == "query" && !IsHeaderName(auth.query_name())) {
      Add("auth.query_name", "'" + auth.query_name() + "' is no plain name");
    }
  }

  void BrowserLogin(const catalog::v1::OAuth& oauth) {
    if (oauth.authorize_url().empty()) return;
    Place("auth.oauth.authorize_url", oauth.authorize_url());
    if (oauth.redirect_ports().empty()) Add("auth.oauth.redirect_ports", "are missing: the browser comes back to one");
    for (const int port : oauth.redirect_ports()) {
      // Whoever logs in is no root, and must be able to listen there.
      if (port < 1024 || port > 65535) {
        Add("auth.oauth.redirect_ports", std::to_string(port) + " is no port from 1024 to 65535");
      }
    }
    if (!IsHostName(oauth.redirect_host())) {
      Add("auth.oauth.redirect_host", "'" + oauth.redirect_host() + "' is no name of this machine, like localhost");
    }
    Path("auth.oauth.redirect_path", oauth.redirect_path());
    Parameters(oauth);
  }

  void Parameters(const catalog::v1::OAuth& oauth) {
    if (oauth.authorize_parameters().empty()) return;
    const std::string key = "auth.oauth.authorize_parameters";
    const std::vector<std::string> words = NamesOf(catalog::kAuthorizeWords);
    std::vector<std::string> known = words;
    known.emplace_back(catalog::kNonceWord);
    std::map<std::string, int> times;
    for (const auto& parameter : oauth.authorize_parameters()) {
      const std::string name = parameter.substr(0, parameter.find('='));
      ++times[name];
      if (name == parameter) {
        Word(key, name, known);
      } else if (!IsHeaderName(name)) {
        Add(key, "'" + parameter + "' has no plain name before its =");
      }
    }
    for (const auto& word : words) {
      // Without scopes there is nothing to say about them.
      if (times[word] == 0 && (word != "scope" || !oauth.scopes().empty())) Add(key, "lack " + word);
    }
    for (const auto& [name, count] : times) {
      if (count > 1) Add(key, "have " + name + " more than once");
    }
  }

  void Place(const std::string& key, const std::string& place) {
    if (place.starts_with("http://") || place.starts_with("https://")) return Address(key, place);
    if (!place.empty()) Path(key, place);
  }

  void Keys() {
    if (!row_.keys().empty() && row_.auth().mode() != "key") {
      return Add("keys", "are of no use: auth.mode is " + row_.auth().mode() + ", not key");
    }
    for (const auto& reference : row_.keys()) {
      if (const std::string problem = ReferenceProblem(reference); !problem.empty()) return Add("keys", problem);
    }
  }

  void ModelLists() {
    const auto& models = row_.models();
    if (!models.path().empty()) {
      Path("models.path", models.path());
      Word("models.shape", models.shape(), NamesOf(catalog::ModelShapes()));
    }
    for (const auto& [id, model] : models.list()) {
      if (!model.released().empty() && !ParseDate(model.released())) {
        Add("models.list." + id + ".released", "'" + model.released() + "' is no day, like 2026-08-22");
      }
    }
  }

  void Prices() {
    const std::map<std::string, catalog::v1::Prices> sorted(row_.prices().begin(), row_.prices().end());
    for (const auto& [model, prices] : sorted) {
      if (const auto list = catalog::PriceList::Of(prices); !list.ok()) {
        Add(JoinPath("prices", model), list.error().message);
      }
    }
    if (row_.priced_as().empty()) return;
    if (rows_.count(row_.priced_as()) == 0) Add("priced_as", "there is no provider '" + row_.priced_as() + "'");
  }

  const std::string& id_;
  const std::string path_;
  const Provider& row_;
  const AllRows& rows_;  // all of them
  Findings& findings_;
};

}  // namespace

void ValidateProviders(const config::v1::Config& config, Findings& findings) {
  // In the order in which a reader would look for them: protobuf keeps none.
  const AllRows rows(config.providers().begin(), config.providers().end());
  std::vector<std::string> defaults;
  for (const auto& [id, row] : rows) {
    RowCheck(id, row, rows, findings).Run();
    if (row.default_provider()) defaults.push_back(id);
  }
  if (defaults.size() != 1) {
    findings.Add(findings.PlaceOf("providers"), "providers: one of them must be the default_provider, not " +
                                                    (defaults.empty() ? std::string("none") : Listed(defaults)) +
                                                    "; set it to false for the others");
  }
}

}  // namespace patchbay::config
