// YAML over the defaults: the document and the descriptors are walked side by side.

#include <yaml-cpp/yaml.h>

#include <unordered_map>

#include "lib/config/entries.h"
#include "lib/config/fields.h"
#include "lib/config/layers.h"
#include "lib/config/unknown_key.h"

namespace patchbay::config {
namespace {

class YamlLayer {
 public:
  YamlLayer(const std::string& file, Findings& findings) : file_(file), findings_(findings) {}

  void Section(const YAML::Node& node, Message& message, const std::string& path) {
    if (node.IsNull()) return;  // "frontend:" with every line below it commented out
    if (!node.IsMap()) return WrongType(node, path, "a section");
    const auto& descriptor = *message.GetDescriptor();
    ForEachKey(node, path, [&](const std::string& key, const YAML::Node& key_node, const YAML::Node& value) {
      const auto* field = descriptor.FindFieldByName(key);
      if (field == nullptr) return UnknownKey(key_node, key, descriptor, path);
      Field(value, message, *field, JoinPath(path, key), key_node);
    });
  }

 private:
  void Field(const YAML::Node& node, Message& message, const FieldDescriptor& field, const std::string& path,
             const YAML::Node& key_node) {
    findings_.Came(path, Place(key_node));
    switch (KindOf(field)) {
      case FieldKind::kSection: return Section(node, *message.GetReflection()->MutableMessage(&message, &field), path);
      case FieldKind::kMap: return Map(node, message, field, path);
      case FieldKind::kTextMap: return TextMap(node, message, field, path);
      case FieldKind::kList: return List(node, message, field, path);
      case FieldKind::kScalar: return Scalar(node, message, field, path);
    }
  }

  void Scalar(const YAML::Node& node, Message& message, const FieldDescriptor& field, const std::string& path) {
    if (!node.IsScalar()) return WrongType(node, path, TypeName(field));
    if (const auto set = SetFromText(message, field, node.Scalar()); !set.ok()) {
      findings_.Add(Place(node), path + ": " + set.error().message);
    }
  }

  void List(const YAML::Node& node, Message& message, const FieldDescriptor& field, const std::string& path) {
    message.GetReflection()->ClearField(&message, &field);
    if (node.IsNull()) return;
    if (!node.IsSequence()) return WrongType(node, path, "a list");
    for (const auto& item : node) Scalar(item, message, field, path);
  }

  // Entries are sections named by the operator; a new one starts from its own defaults, one that a layer below has from
  // what that says.
  void Map(const YAML::Node& node, Message& message, const FieldDescriptor& field, const std::string& path) {
    if (node.IsNull()) return;
    if (!node.IsMap()) return WrongType(node, path, TypeName(field));
    ForEachKey(node, path, [&](const std::string& key, const YAML::Node& key_node, const YAML::Node& value) {
      findings_.Came(JoinPath(path, key), Place(key_node));
      Section(value, SectionOf(message, field, key), JoinPath(path, key));
    });
  }

  void TextMap(const YAML::Node& node, Message& message, const FieldDescriptor& field, const std::string& path) {
    if (node.IsNull()) return;
    if (!node.IsMap()) return WrongType(node, path, TypeName(field));
    const auto& entry_type = *field.message_type();
    ForEachKey(node, path, [&](const std::string& key, const YAML::Node& key_node, const YAML::Node& value) {
      auto& entry = EntryOf(message, field, key);
      findings_.Came(JoinPath(path, key), Place(key_node));
      Scalar(value, entry, *entry_type.map_value(), JoinPath(path, key));
    });
  }

  // Calls `each` for every key of a mapping that is a plain word and not a repetition.
  template <class Each>
  void ForEachKey(const YAML::Node& node, const std::string& path, Each each) {
    std::unordered_map<std::string, int> lines;
    for (const auto& pair : node) {
      if (!pair.first.IsScalar()) {
        WrongType(pair.first, path, "a key");
        continue;
      }
      const auto& key = pair.first.Scalar();
      const auto [first, is_new] = lines.emplace(key, pair.first.Mark().line + 1);
      if (!is_new) {
        findings_.Add(Place(pair.first),
                      "'" + JoinPath(path, key) + "' was given already, in line " + std::to_string(first->second));
        continue;
      }
      each(key, pair.first, pair.second);
    }
  }

  void UnknownKey(const YAML::Node& node, const std::string& key, const google::protobuf::Descriptor& descriptor,
                  const std::string& path) {
    const auto where = path.empty() ? std::string(" at the top") : " in section '" + path + "'";
    findings_.Add(Place(node), config::UnknownKey(key, descriptor, where));
  }

  void WrongType(const YAML::Node& node, const std::string& path, const std::string& expected) {
    const char* got = node.IsMap()        ? "a section"
                      : node.IsSequence() ? "a list"
                      : node.IsNull()     ? "nothing"
                                          : "a single value";
    findings_.Add(Place(node), (path.empty() ? "the file" : path) + ": expected " + expected + ", got " + got);
  }

  std::string Place(const YAML::Node& node) const { return file_ + ":" + std::to_string(node.Mark().line + 1); }

  const std::string& file_;
  Findings& findings_;
};

}  // namespace

void ApplyYaml(const std::string& text, const std::string& file, config::v1::Config& config, Findings& findings) {
  try {  // yaml-cpp throws; nothing of it may leave this function
    const auto documents = YAML::LoadAll(text);
    if (documents.size() > 1) return findings.Add(file, "holds more than one YAML document");
    if (documents.size() == 1) YamlLayer(file, findings).Section(documents.front(), config, "");
  } catch (const YAML::Exception& error) {
    findings.Add(file + ":" + std::to_string(error.mark.line + 1), error.msg);
  }
}

}  // namespace patchbay::config
