// A model's name under any aliases: the first line is the name, the others are aliases as "name=target". It always
// ends, and what it resolves to is a name.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "workers/accounts/models/names.h"

using namespace patchbay::accounts;  // a fuzz target is one page long

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto line = [&] {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view taken = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return taken;
  };
  const std::string name(line());
  std::map<std::string, std::string> aliases;
  while (!text.empty()) {
    const std::string_view alias = line();
    const std::size_t equals = alias.find('=');
    if (equals == std::string_view::npos) continue;
    aliases.emplace(alias.substr(0, equals), alias.substr(equals + 1));
  }
  static const Providers kProviders = [] {
    patchbay::config::v1::Config config;
    for (const char* id : {"first", "second"}) {
      auto& row = (*config.mutable_providers())[id];
      row.set_base_url("https://provider.example");
      row.set_dialect("openai_chat");
      row.add_also_named("both");
      (*row.mutable_models()->mutable_list())["gpt-5.5"].add_efforts("low");
      if (std::string_view(id) != "first") continue;
      row.set_default_provider(true);
      row.mutable_models()->add_named_like("gpt-*");
    }
    Providers providers;
    providers.Configure(config);
    return providers;
  }();
  static const ModelCatalog kCatalog(kProviders);
  ModelNames names(kCatalog);
  names.Configure(aliases, true);
  std::vector<std::string> steps;
  const auto told = names.Resolve(name, &steps);
  const auto silent = names.Resolve(name);
  if (told.has_value() != silent.has_value() || steps.empty()) std::abort();
  if (told && (!IsModelName(told->wire_model) || told->provider.empty())) std::abort();
  return 0;
}
