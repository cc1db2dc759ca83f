// Environment variables over the file: PATCHBAY_FRONTEND__LIMITS__BODY_BYTES is frontend.limits.body_bytes, and
// OLLAMA_BRIDGE_VERSION is ollama.version.

#include <algorithm>
#include <string_view>
#include <utility>

#include "lib/base/text.h"
#include "lib/config/entries.h"
#include "lib/config/fields.h"
#include "lib/config/layers.h"
#include "lib/config/unknown_key.h"

namespace patchbay::config {
namespace {

constexpr std::string_view kPrefix = "PATCHBAY_";
constexpr std::string_view kSeparator = "__";

std::vector<std::string> Keys(std::string_view name) {
  std::vector<std::string> keys;
  while (true) {
    const auto end = name.find(kSeparator);
    keys.push_back(LowerCase(name.substr(0, end)));
    if (end == std::string_view::npos) return keys;
    name.remove_prefix(end + kSeparator.size());
  }
}

Result<void> SetList(Message& message, const FieldDescriptor& field, std::string_view text) {
  message.GetReflection()->ClearField(&message, &field);
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto item = text.substr(0, comma);
    if (!item.empty()) RETURN_IF_ERROR(SetFromText(message, field, item));
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return {};
}

// `variable` is how the operator wrote it, `name` how we call it.
void Set(const std::string& variable, const std::string& name, const std::string& value, Message& config,
         Findings& findings) {
  const auto keys = Keys(std::string_view(name).substr(kPrefix.size()));
  auto* message = &config;
  std::string path;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto* field = message->GetDescriptor()->FindFieldByName(keys[i]);
    if (field == nullptr) {
      const auto where = path.empty() ? std::string() : " in section '" + path + "'";
      return findings.Add(variable, UnknownKey(keys[i], *message->GetDescriptor(), where));
    }
    path = JoinPath(path, keys[i]);
    const auto kind = KindOf(*field);
    const bool last = i + 1 == keys.size();
    if (kind == FieldKind::kScalar || kind == FieldKind::kList) {
      if (!last)
        return findings.Add(
            variable, path + " is " + (kind == FieldKind::kList ? "a list" : TypeName(*field)) + ", not a section");
      findings.Came(path, variable);
      const auto set =
          kind == FieldKind::kList ? SetList(*message, *field, value) : SetFromText(*message, *field, value);
      if (!set.ok()) findings.Add(variable, path + ": " + set.error().message);
      return;
    }
    if (kind == FieldKind::kTextMap && i + 2 == keys.size()) {
      auto& entry = EntryOf(*message, *field, keys[i + 1]);
      path = JoinPath(path, keys[i + 1]);
      findings.Came(path, variable);
      const auto set = SetFromText(entry, *field->message_type()->map_value(), value);
      if (!set.ok()) findings.Add(variable, path + ": " + set.error().message);
      return;
    }
    if (kind == FieldKind::kTextMap) {
      return findings.Add(variable, path + " takes one name after it, as in PATCHBAY_MODELS__ALIASES__NAME");
    }
    if (last || (kind == FieldKind::kMap && i + 2 == keys.size())) {
      return findings.Add(variable, path + " is a section: name one of its keys, as in " + variable + "__KEY");
    }
    if (kind == FieldKind::kMap) {
      const int before = message->GetReflection()->FieldSize(*message, field);
      Message& section = SectionOf(*message, *field, keys[++i]);
      path = JoinPath(path, keys[i]);
      if (message->GetReflection()->FieldSize(*message, field) != before) findings.Came(path, variable);
      message = &section;
    } else {
      message = message->GetReflection()->MutableMessage(message, field);
    }
  }
}

// Names under which other bridges for Ollama take their settings, and ours for the same.
constexpr std::pair<std::string_view, std::string_view> kOtherNames[] = {
    {"OLLAMA_BRIDGE_ENABLED", "PATCHBAY_OLLAMA__ENABLED"},
    {"OLLAMA_BRIDGE_LISTEN", "PATCHBAY_OLLAMA__LISTEN"},
    {"OLLAMA_BRIDGE_VERSION", "PATCHBAY_OLLAMA__VERSION"},
    {"OLLAMA_BRIDGE_DISABLE_VISION", "PATCHBAY_OLLAMA__DISABLE_VISION"},
    {"OLLAMA_BRIDGE_ORIGINS", "PATCHBAY_OLLAMA__ORIGINS"},
    {"OLLAMA_BRIDGE_ALLOW_REMOTE", "PATCHBAY_OLLAMA__ALLOW_REMOTE"},
    {"OLLAMA_BRIDGE_TOKEN", "PATCHBAY_OLLAMA__TOKEN"},
    {"OLLAMA_BRIDGE_KEY", "PATCHBAY_OLLAMA__KEY"},
};

std::string ValueOf(const std::map<std::string, std::string>& environment, const char* name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

// There the address is in two variables, of which either may be missing.
void ApplyOllamaAddress(const std::map<std::string, std::string>& environment, config::v1::Config& config,
                        Findings& findings) {
  const std::string host = ValueOf(environment, "OLLAMA_BRIDGE_HOST"),
                    port = ValueOf(environment, "OLLAMA_BRIDGE_PORT");
  if (host.empty() && port.empty()) return;
  const std::string variable = host.empty() ? "OLLAMA_BRIDGE_PORT" : "OLLAMA_BRIDGE_HOST";
  findings.Came("ollama.listen", variable);
  const std::string& now = config.ollama().listen();
  const std::size_t colon = std::min(now.rfind(':'), now.size());
  std::string text = host.empty() ? now.substr(0, colon) : host;
  if (!host.empty() && host.find(':') != std::string::npos && host.front() != '[') text = "[" + host + "]";
  text += port.empty() ? now.substr(colon) : ":" + port;
  config.mutable_ollama()->set_listen(text);
}

}  // namespace

void ApplyEnvironment(const std::map<std::string, std::string>& environment, config::v1::Config& config,
                      Findings& findings) {
  ApplyOllamaAddress(environment, config, findings);
  for (const auto& [other, ours] : kOtherNames) {
    const auto found = environment.find(std::string(other));
    if (found != environment.end()) Set(found->first, std::string(ours), found->second, config, findings);
  }
  for (auto it = environment.lower_bound(std::string(kPrefix));
       it != environment.end() && it->first.starts_with(kPrefix); ++it) {
    if (it->first.find(kSeparator, kPrefix.size()) == std::string::npos) continue;
    Set(it->first, it->first, it->second, config, findings);
  }
}

}  // namespace patchbay::config
