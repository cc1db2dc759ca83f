// The configuration's JSON Schema: a walk over the descriptors.

#include <memory>
#include <nlohmann/json.hpp>

#include "lib/config/fields.h"
#include "lib/config/loader.h"
#include "patchbay/config/v1/options.pb.h"

namespace patchbay::config {
namespace {

using google::protobuf::Descriptor;
using Json = nlohmann::ordered_json;

Json SectionSchema(const Descriptor& descriptor, const Message& defaults);

Json FieldSchema(const FieldDescriptor& field, const Message& defaults) {
  switch (KindOf(field)) {
    case FieldKind::kSection:
      return SectionSchema(*field.message_type(), defaults.GetReflection()->GetMessage(defaults, &field));
    case FieldKind::kMap: {
      const auto& value = *field.message_type()->map_value()->message_type();
      const auto& prototype = *google::protobuf::MessageFactory::generated_factory()->GetPrototype(&value);
      const std::unique_ptr<Message> entry(prototype.New());
      FillDefaults(*entry);
      return {{"type", "object"}, {"additionalProperties", SectionSchema(value, *entry)}};
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
    schema["items"] = {{"type", type == "a whole number" ? "integer" : "string"}};
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
    if (const auto bound = LowerBound(field); !bound.empty()) schema["x-patchbay-minimum"] = bound;
    if (const auto bound = UpperBound(field); !bound.empty()) schema["x-patchbay-maximum"] = bound;
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

}  // namespace

std::string ToSchema() {
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "patchbay configuration"}};
  schema.update(SectionSchema(*config::v1::Config::descriptor(), DefaultConfig()));
  return schema.dump(2) + "\n";
}

}  // namespace patchbay::config
