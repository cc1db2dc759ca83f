#include "lib/config/edit.h"

#include <yaml-cpp/yaml.h>

#include <utility>

#include "lib/base/check.h"
#include "lib/config/fields.h"
#include "lib/config/layers.h"
#include "lib/config/loader.h"

namespace patchbay::config {
namespace {

// The bytes of a file, and what to put there in place of `size` of them.
struct Edit {
  std::size_t at = 0;
  std::size_t size = 0;
  std::string text;
};

std::size_t OffsetOf(const YAML::Node& node) { return static_cast<std::size_t>(node.Mark().pos); }

bool IsFlow(const YAML::Node& node) { return node.IsMap() && node.Style() == YAML::EmitterStyle::Flow; }

// Into a section that says nothing of it yet: before its first entry, written as that is.
Edit IntoSection(const YAML::Node& section, const std::string& entry) {
  if (IsFlow(section)) return {OffsetOf(section) + 1, 0, section.size() == 0 ? entry : entry + ", "};
  const YAML::Node first = section.begin()->first;
  return {OffsetOf(first), 0, entry + "\n" + std::string(static_cast<std::size_t>(first.Mark().column), ' ')};
}

// At the file's end, a section of its own.
Edit Appended(const std::string& text, const std::string& section, const std::string& entry) {
  const bool open_line = !text.empty() && text.back() != '\n';
  return {text.size(), 0, (open_line ? "\n" : "") + section + ":\n  " + entry + "\n"};
}

std::optional<Edit> EditOf(const std::string& text, const std::string& section, const std::string& key,
                           const std::string& value) {
  const YAML::Node document = YAML::Load(text);
  if (!document.IsNull() && !document.IsMap()) return std::nullopt;
  const std::string entry = key + ": " + value;
  const YAML::Node held = document.IsMap() ? document[section] : YAML::Node(YAML::NodeType::Undefined);
  if (!held.IsDefined() && IsFlow(document)) return IntoSection(document, section + ": {" + entry + "}");
  if (!held.IsDefined()) return Appended(text, section, entry);
  if (!held.IsMap()) return std::nullopt;
  const YAML::Node setting = held[key];
  if (!setting.IsDefined()) return IntoSection(held, entry);
  if (!setting.IsScalar()) return std::nullopt;
  return Edit{OffsetOf(setting), setting.Scalar().size(), value};
}

// The defaults and what the text says, without the environment.
std::optional<config::v1::Config> Read(const std::string& text) {
  config::v1::Config config = DefaultConfig();
  Findings findings;
  ApplyYaml(text, "", config, findings);
  if (!findings.empty()) return std::nullopt;
  return config;
}

}  // namespace

std::optional<std::string> WithSetting(const std::string& text, const std::string& path, const std::string& value) {
  const std::size_t dot = path.find('.');
  PATCHBAY_CHECK(dot != std::string::npos && path.find('.', dot + 1) == std::string::npos);
  auto wanted = Read(text);
  if (!wanted) return std::nullopt;
  const Setting setting = FindSetting(*wanted, path);
  PATCHBAY_CHECK(setting.field != nullptr);
  if (TextOf(*setting.section, *setting.field) == value) return text;

  std::string edited = text;
  try {
    const auto edit = EditOf(text, path.substr(0, dot), path.substr(dot + 1), value);
    if (!edit || edit->at + edit->size > text.size()) return std::nullopt;
    edited.replace(edit->at, edit->size, edit->text);
  } catch (const YAML::Exception&) {
    return std::nullopt;
  }
  // Whatever a file looks like: what comes out says the setting, and all else as before, or is not used.
  const auto read = Read(edited);
  if (!read) return std::nullopt;
  const auto changes = Diff(*wanted, *read);
  const Setting now = FindSetting(*read, path);
  const bool as_wished = changes.size() == 1 && changes.front().path == path;
  if (!as_wished || TextOf(*now.section, *now.field) != value) return std::nullopt;
  return edited;
}

}  // namespace patchbay::config
