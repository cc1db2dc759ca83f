// Environment variables over the file: PATCHBAY_FRONTEND__LIMITS__BODY_BYTES is frontend.limits.body_bytes.

#include <string_view>

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

void Set(const std::string& variable, const std::string& value, Message& config, Findings& findings) {
  const auto keys = Keys(std::string_view(variable).substr(kPrefix.size()));
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

}  // namespace

void ApplyEnvironment(const std::map<std::string, std::string>& environment, config::v1::Config& config,
                      Findings& findings) {
  for (auto it = environment.lower_bound(std::string(kPrefix));
       it != environment.end() && it->first.starts_with(kPrefix); ++it) {
    if (it->first.find(kSeparator, kPrefix.size()) == std::string::npos) continue;
    Set(it->first, it->second, config, findings);
  }
}

}  // namespace patchbay::config
