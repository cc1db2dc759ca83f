// The configuration as YAML, its schema as JSON, and what differs between two: three walks over the descriptors.

#include <google/protobuf/map_field.h>

#include <map>
#include <nlohmann/json.hpp>

#include "lib/config/fields.h"
#include "lib/config/findings.h"
#include "lib/config/loader.h"
#include "patchbay/config/v1/options.pb.h"

namespace patchbay::config {
namespace {

using google::protobuf::Descriptor;
using Json = nlohmann::ordered_json;

// The entries of a map field by name: protobuf keeps no order, readers want one.
std::map<std::string, const Message*> Entries(const Message& message, const FieldDescriptor& field) {
  std::map<std::string, const Message*> entries;
  const auto& reflection = *message.GetReflection();
  const auto& type = *field.message_type();
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    const auto& entry = reflection.GetRepeatedMessage(message, &field, i);
    entries[entry.GetReflection()->GetString(entry, type.map_key())] =
        &entry.GetReflection()->GetMessage(entry, type.map_value());
  }
  return entries;
}

// The entries of a map of texts, as they are written.
std::map<std::string, std::string> Texts(const Message& message, const FieldDescriptor& field) {
  std::map<std::string, std::string> texts;
  const auto& type = *field.message_type();
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
    const auto& entry = message.GetReflection()->GetRepeatedMessage(message, &field, i);
    texts[entry.GetReflection()->GetString(entry, type.map_key())] = TextOf(entry, *type.map_value());
  }
  return texts;
}

// A JSON string is a YAML double-quoted scalar, so any text survives; plain words stay plain to be read easily.
std::string YamlText(const std::string& text) {
  const bool plain =
      !text.empty() && text != "true" && text != "false" && text != "null" && text.front() != '-' &&
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-") == std::string::npos;
  return plain ? text : Json(text).dump();
}

std::string YamlScalar(const Message& message, const FieldDescriptor& field, int index = -1) {
  const auto text = TextOf(message, field, index);
  return IsText(field) ? YamlText(text) : text;
}

void WriteSection(const Message& message, const std::string& indent, std::string& out) {
  const auto& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const auto& field = *message.GetDescriptor()->field(i);
    out += indent + field.name() + ":";
    switch (KindOf(field)) {
      case FieldKind::kScalar: out += " " + YamlScalar(message, field) + "\n"; break;
      case FieldKind::kSection:
        out += "\n";
        WriteSection(reflection.GetMessage(message, &field), indent + "  ", out);
        break;
      case FieldKind::kList: {
        out += " [";
        for (int n = 0; n < reflection.FieldSize(message, &field); ++n)
          out += (n > 0 ? ", " : "") + YamlScalar(message, field, n);
        out += "]\n";
        break;
      }
      case FieldKind::kMap: {
        const auto entries = Entries(message, field);
        out += entries.empty() ? " {}\n" : "\n";
        for (const auto& [name, section] : entries) {
          out += indent + "  " + YamlText(name) + ":\n";
          WriteSection(*section, indent + "    ", out);
        }
        break;
      }
      case FieldKind::kTextMap: {
        const auto texts = Texts(message, field);
        out += texts.empty() ? " {}\n" : "\n";
        for (const auto& [name, text] : texts) out += indent + "  " + YamlText(name) + ": " + YamlText(text) + "\n";
        break;
      }
    }
  }
}

Json SectionSchema(const Descriptor& descriptor, const Message& defaults);

Json FieldSchema(const FieldDescriptor& field, const Message& defaults) {
  switch (KindOf(field)) {
    case FieldKind::kSection:
      return SectionSchema(*field.message_type(), defaults.GetReflection()->GetMessage(defaults, &field));
    case FieldKind::kMap: {
      const auto& value = *field.message_type()->map_value()->message_type();
      const auto& prototype = *google::protobuf::MessageFactory::generated_factory()->GetPrototype(&value);
      return {{"type", "object"}, {"additionalProperties", SectionSchema(value, prototype)}};
    }
    case FieldKind::kTextMap:
      return {{"type", "object"},
              {"additionalProperties", {{"type", "string"}}},
              {"default", Json::object()},
              {"x-patchbay-apply", field.options().GetExtension(config::v1::needs_restart) ? "restart" : "live"}};
    case FieldKind::kList:
    case FieldKind::kScalar: break;
  }
  Json schema;
  const bool list = KindOf(field) == FieldKind::kList;
  const auto type = TypeName(field);
  if (list) {
    schema["type"] = "array";
    schema["items"] = {{"type", "string"}};
    schema["default"] = Json::array();
  } else if (type == "true or false") {
    schema["type"] = "boolean";
    schema["default"] = TextOf(defaults, field) == "true";
  } else if (type == "a whole number") {
    schema["type"] = "integer";
    schema["default"] = Json::parse(TextOf(defaults, field));
    if (const auto bound = LowerBound(field); !bound.empty()) schema["minimum"] = Json::parse(bound);
    if (const auto bound = UpperBound(field); !bound.empty()) schema["maximum"] = Json::parse(bound);
  } else if (type == "a size") {
    schema["type"] = {"string", "integer"};
    schema["pattern"] = "^[0-9]+(B|KiB|MiB|GiB|kB|MB|GB)?$";
    schema["default"] = TextOf(defaults, field);
    if (const auto bound = LowerBound(field); !bound.empty()) schema["x-patchbay-minimum"] = bound;
    if (const auto bound = UpperBound(field); !bound.empty()) schema["x-patchbay-maximum"] = bound;
  } else if (type == "a duration") {
    schema["type"] = "string";
    schema["pattern"] = "^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$";
    schema["default"] = TextOf(defaults, field);
  } else {
    schema["type"] = "string";
    schema["default"] = TextOf(defaults, field);
    if (const auto choices = Choices(field); !choices.empty()) schema["enum"] = choices;
  }
  schema["x-patchbay-apply"] = field.options().GetExtension(config::v1::needs_restart) ? "restart" : "live";
  return schema;
}

Json SectionSchema(const Descriptor& descriptor, const Message& defaults) {
  Json properties = Json::object();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    properties[descriptor.field(i)->name()] = FieldSchema(*descriptor.field(i), defaults);
  }
  return {{"type", "object"}, {"additionalProperties", false}, {"properties", properties}};
}

bool NeedsRestart(const FieldDescriptor& field) { return field.options().GetExtension(config::v1::needs_restart); }

void DiffSection(const Message& before, const Message& after, const std::string& path, std::vector<Change>& changes) {
  const auto& reflection = *before.GetReflection();
  for (int i = 0; i < before.GetDescriptor()->field_count(); ++i) {
    const auto& field = *before.GetDescriptor()->field(i);
    const auto here = JoinPath(path, field.name());
    switch (KindOf(field)) {
      case FieldKind::kScalar:
        if (TextOf(before, field) != TextOf(after, field)) changes.push_back({here, NeedsRestart(field)});
        break;
      case FieldKind::kList: {
        bool same = reflection.FieldSize(before, &field) == reflection.FieldSize(after, &field);
        for (int n = 0; same && n < reflection.FieldSize(before, &field); ++n)
          same = TextOf(before, field, n) == TextOf(after, field, n);
        if (!same) changes.push_back({here, NeedsRestart(field)});
        break;
      }
      case FieldKind::kTextMap:
        if (Texts(before, field) != Texts(after, field)) changes.push_back({here, NeedsRestart(field)});
        break;
      case FieldKind::kSection:
        DiffSection(reflection.GetMessage(before, &field), reflection.GetMessage(after, &field), here, changes);
        break;
      case FieldKind::kMap: {
        const auto old_entries = Entries(before, field);
        const auto new_entries = Entries(after, field);
        for (const auto& [name, section] : old_entries) {
          const auto kept = new_entries.find(name);
          if (kept == new_entries.end()) {
            changes.push_back({JoinPath(here, name), NeedsRestart(field)});
          } else {
            DiffSection(*section, *kept->second, JoinPath(here, name), changes);
          }
        }
        for (const auto& [name, section] : new_entries) {
          if (!old_entries.contains(name)) changes.push_back({JoinPath(here, name), NeedsRestart(field)});
        }
        break;
      }
    }
  }
}

}  // namespace

std::string ToYaml(const config::v1::Config& config) {
  std::string out;
  WriteSection(config, "", out);
  return out;
}

std::string ToSchema() {
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "patchbay configuration"}};
  schema.update(SectionSchema(*config::v1::Config::descriptor(), DefaultConfig()));
  return schema.dump(2) + "\n";
}

std::vector<Change> Diff(const config::v1::Config& before, const config::v1::Config& after) {
  std::vector<Change> changes;
  DiffSection(before, after, "", changes);
  return changes;
}

}  // namespace patchbay::config
