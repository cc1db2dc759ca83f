#include "workers/frontend/dialects/gemini/schema.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "lib/base/number.h"
#include "lib/base/text.h"
#include "lib/wire/boost_json.h"
#include "workers/frontend/dialects/gemini/fields.h"

namespace patchbay::frontend::gemini {
namespace {

namespace json = boost::json;

template <std::size_t N>
bool IsOneOf(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr std::array<std::string_view, 6> kCounts = {"minItems",  "maxItems",      "minLength",
                                                     "maxLength", "minProperties", "maxProperties"};
constexpr std::array<std::string_view, 4> kDropped = {"propertyOrdering", "example", "nullable", "$schema"};
// They say again what `enum` and `type` say.
constexpr std::array<std::string_view, 5> kIdleFormats = {"enum", "int32", "int64", "float", "double"};
constexpr std::array<std::string_view, 4> kSchemaMaps = {"properties", "patternProperties", "$defs", "definitions"};
constexpr std::array<std::string_view, 10> kSchemaPlaces = {
    "items", "prefixItems", "anyOf", "oneOf", "allOf", "not", "if", "then", "else", "additionalProperties"};

json::value LowerType(const json::value& type) {
  if (const auto* list = type.if_array()) {
    json::array lowered;
    for (const json::value& each : *list) lowered.push_back(LowerType(each));
    return lowered;
  }
  if (!type.is_string()) return type;
  return json::value(LowerCase(type.get_string()));
}

// Protobuf writes 64-bit numbers as strings.
void ReadCount(json::value& count) {
  if (!count.is_string()) return;
  if (const auto number = ParseNumber<std::int64_t>(count.get_string())) count = *number;
}

void ApplyNullable(json::object& schema) {
  if (json::value* type = schema.if_contains("type")) {
    json::array types = type->is_array() ? type->get_array() : json::array{*type};
    if (std::find(types.begin(), types.end(), json::value("null")) == types.end()) types.push_back("null");
    *type = std::move(types);
  }
  if (json::value* any = schema.if_contains("anyOf"); any != nullptr && any->is_array()) {
    any->get_array().push_back(json::object{{"type", "null"}});
  }
  if (json::value* words = schema.if_contains("enum"); words != nullptr && words->is_array()) {
    words->get_array().push_back(nullptr);
  }
}

// Gemini's own names in snake_case; JSON Schema has no such keyword.
void RenameSnakeCase(json::object& schema) {
  for (const std::string_view snake : {"any_of", "property_ordering", "min_items", "max_items", "min_length",
                                       "max_length", "min_properties", "max_properties"}) {
    if (!schema.contains(snake)) continue;
    json::value value = std::move(schema.at(snake));
    schema.erase(snake);
    schema[CamelName(snake)] = std::move(value);
  }
}

// Calls `each` with every schema that stands directly inside this one.
template <class Each>
void ForEachInner(json::object& schema, Each each) {
  for (auto& member : schema) {
    if (IsOneOf(kSchemaMaps, member.key())) {
      if (!member.value().is_object()) continue;
      for (auto& inner : member.value().get_object()) each(inner.value());
    } else if (IsOneOf(kSchemaPlaces, member.key())) {
      if (!member.value().is_array()) {
        each(member.value());
        continue;
      }
      for (json::value& inner : member.value().get_array()) each(inner);
    }
  }
}

// Answers have their members in the order of the schema's.
void OrderProperties(json::object& schema) {
  const json::value* order = schema.if_contains("propertyOrdering");
  json::value* properties = schema.if_contains("properties");
  if (order == nullptr || !order->is_array() || properties == nullptr || !properties->is_object()) return;
  json::object ordered;
  for (const json::value& name : order->get_array()) {
    if (!name.is_string()) continue;
    if (json::value* property = properties->get_object().if_contains(name.get_string())) {
      ordered.emplace(name.get_string(), *property);
    }
  }
  for (auto& property : properties->get_object()) ordered.emplace(property.key(), std::move(property.value()));
  *properties = std::move(ordered);
}

}  // namespace

void ConvertSchema(json::value& value) {
  if (!value.is_object()) return;
  json::object& schema = value.get_object();
  RenameSnakeCase(schema);
  if (json::value* type = schema.if_contains("type")) {
    *type = LowerType(*type);
    if (*type == json::value("type_unspecified")) schema.erase("type");
  }
  const json::value* nullable = schema.if_contains("nullable");
  if (nullable != nullptr && *nullable == json::value(true)) ApplyNullable(schema);
  OrderProperties(schema);
  for (const std::string_view name : kDropped) schema.erase(name);
  for (const std::string_view name : kCounts) {
    if (json::value* count = schema.if_contains(name)) ReadCount(*count);
  }
  if (IsOneOf(kIdleFormats, wire::FindString(value, "format"))) schema.erase("format");
  ForEachInner(schema, ConvertSchema);
}

}  // namespace patchbay::frontend::gemini
