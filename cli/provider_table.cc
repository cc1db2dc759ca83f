#include "cli/provider_table.h"

namespace patchbay::cli {
namespace {

// What an account of it is made of.
std::string AccountOf(const catalog::v1::Provider& row) {
  if (row.auth().mode() == "oauth") return "login";
  if (row.auth().mode() == "forward") return "each caller's own";
  if (row.auth().mode() == "none") return "nothing";
  return row.auth().key_optional() ? "key, or nothing" : "key";
}

}  // namespace

Table ProviderTable(const ProviderRows& rows) {
  Table table({"PROVIDER", "NAME", "DIALECT", "ACCOUNT", ">KEYS", "BASE URL", "GET A KEY AT"});
  for (const auto& [id, row] : rows) {
    table.Add({id, row.name().empty() ? id : row.name(),
               row.dialect().empty() ? Cell("none yet", Colour::kDim) : Cell(row.dialect()), AccountOf(row),
               row.keys().empty() ? "-" : std::to_string(row.keys_size()),
               row.base_url().empty() ? Cell("not configured", Colour::kDim) : Cell(row.base_url()),
               row.key_page().empty() ? "-" : row.key_page()});
  }
  return table;
}

}  // namespace patchbay::cli
