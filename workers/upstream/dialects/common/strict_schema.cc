#include "workers/upstream/dialects/common/strict_schema.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "lib/wire/boost_json.h"
#include "workers/upstream/dialects/common/schema_parts.h"

namespace patchbay::upstream {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 4> kSchemaMaps = {"properties", "patternProperties", "$defs", "definitions"};
constexpr std::array<std::string_view, 10> kSchemaPlaces = {
    "items", "prefixItems", "anyOf", "oneOf", "allOf", "not", "if", "then", "else", "additionalProperties"};
constexpr std::array<std::string_view, 9> kStrictFormats = {"date-time", "time", "date", "duration", "email",
                                                            "hostname",  "ipv4", "ipv6", "uuid"};
constexpr std::array<std::string_view, 25> kStrictKeywords = {"$schema",
                                                              "type",
                                                              "properties",
                                                              "required",
                                                              "additionalProperties",
                                                              "items",
                                                              "prefixItems",
                                                              "enum",
                                                              "anyOf",
                                                              "description",
                                                              "$ref",
                                                              "$defs",
                                                              "definitions",
                                                              "nullable",
                                                              "const",
                                                              "title",
                                                              "minimum",
                                                              "maximum",
                                                              "exclusiveMinimum",
                                                              "exclusiveMaximum",
                                                              "multipleOf",
                                                              "minItems",
                                                              "maxItems",
                                                              "pattern",
                                                              "format"};
// What OpenAI takes of strict schemas.
constexpr int kMaxStrictProperties = 5000;
constexpr int kMaxStrictDepth = 10;

template <std::size_t N>
bool IsAmong(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Calls `each` with every schema that stands directly inside this one.
template <class Each>
void ForEachInner(const json::object& schema, Each each) {
  for (const auto& member : schema) {
    if (IsAmong(kSchemaMaps, member.key())) {
      if (!member.value().is_object()) continue;
      for (const auto& inner : member.value().get_object()) each(inner.value());
    } else if (IsAmong(kSchemaPlaces, member.key())) {
      if (!member.value().is_array()) {
        each(member.value());
        continue;
      }
      for (const json::value& inner : member.value().get_array()) each(inner);
    }
  }
}

bool SaysType(const json::object& schema, std::string_view name) {
  const json::value* type = schema.if_contains("type");
  if (type == nullptr || !type->is_array()) return type != nullptr && *type == json::value(name);
  const auto& types = type->get_array();
  return std::find(types.begin(), types.end(), json::value(name)) != types.end();
}

constexpr std::array<std::string_view, 4> kLookarounds = {"(?=", "(?!", "(?<=", "(?<!"};

// Lookaround, which the engine behind strict mode does not have.
bool LooksAround(std::string_view pattern) {
  return std::any_of(kLookarounds.begin(), kLookarounds.end(),
                     [&](std::string_view sign) { return pattern.find(sign) != std::string_view::npos; });
}

class StrictCheck {
 public:
  bool Passes(const json::value& value, int depth = 0) {
    if (!value.is_object() || depth > kMaxStrictDepth) return false;
    const json::object& schema = value.get_object();
    for (const auto& member : schema) {
      if (!IsAmong(kStrictKeywords, member.key())) return false;
    }
    // "schema must have a 'type' key".
    if (!schema.contains("type") && !schema.contains("anyOf") && !schema.contains("$ref")) return false;
    const bool lists = schema.contains("items") || schema.contains("prefixItems");
    if (SaysType(schema, "array") && !lists) return false;
    if (schema.contains("format") && !IsAmong(kStrictFormats, wire::FindString(value, "format"))) return false;
    if (LooksAround(wire::FindString(value, "pattern"))) return false;
    const json::value* additional = schema.if_contains("additionalProperties");
    if (additional != nullptr && *additional != json::value(false)) return false;
    const json::value* properties = schema.if_contains("properties");
    if (SaysType(schema, "object") && properties == nullptr) return false;
    if (properties != nullptr) {
      if (!properties->is_object()) return false;
      properties_ += static_cast<int>(properties->get_object().size());
      if (properties_ > kMaxStrictProperties) return false;
    }
    bool all = true;
    ForEachInner(schema, [&](const json::value& inner) { all = all && (inner.is_bool() || Passes(inner, depth + 1)); });
    return all;
  }

 private:
  int properties_ = 0;
};

void AllowNull(json::value& schema) {
  if (!schema.is_object() || AllowsNull(schema)) return;
  json::object& object = schema.get_object();
  json::value* type = object.if_contains("type");
  if (type != nullptr && !object.contains("const")) {
    if (type->is_array()) {
      type->get_array().emplace_back("null");
    } else {
      *type = json::array{*type, "null"};
    }
    if (json::value* words = object.if_contains("enum"); words != nullptr && words->is_array()) {
      words->get_array().emplace_back(nullptr);
    }
    return;
  }
  if (json::value* branches = object.if_contains("anyOf"); branches != nullptr && branches->is_array()) {
    branches->get_array().push_back(json::object{{"type", "null"}});
    return;
  }
  json::value inner = std::move(schema);
  schema = json::object{{"anyOf", json::array{std::move(inner), json::object{{"type", "null"}}}}};
}

class Preparer {
 public:
  explicit Preparer(MadeStrict& out) : out_(out) {}

  // Children first: what a schema becomes does not depend on what is around it.
  void Prepare(json::value& schema) {
    if (!schema.is_object()) return;
    json::object& object = schema.get_object();
    for (const char* group : {"properties", "$defs", "definitions"}) {
      json::value* members = object.if_contains(group);
      if (members == nullptr || !members->is_object()) continue;
      for (auto& member : members->get_object()) Prepare(member.value());
    }
    for (const char* list : {"anyOf", "oneOf", "allOf", "prefixItems", "items"}) {
      json::value* members = object.if_contains(list);
      if (members != nullptr && members->is_array()) {
        for (json::value& member : members->get_array()) Prepare(member);
      }
    }
    if (json::value* items = object.if_contains("items")) Prepare(*items);
    if (TupleOf(schema) != nullptr) FlattenTuple(object);
    if (wire::FindMember(schema, "properties") != nullptr) Close(object);
    if (const json::value* nullable = object.if_contains("nullable"); nullable != nullptr && nullable->is_bool()) {
      const bool wanted = nullable->get_bool();
      object.erase("nullable");
      out_.changed = true;
      if (wanted) AllowNull(schema);
    }
  }

 private:
  void FlattenTuple(json::object& tuple) {
    const bool by_prefix = tuple.contains("prefixItems");
    json::array elements = std::move(tuple[by_prefix ? "prefixItems" : "items"].get_array());
    for (const char* member : {"prefixItems", "items", "additionalItems", "minItems", "maxItems", "uniqueItems"}) {
      tuple.erase(member);
    }
    json::object properties;
    json::array required;
    for (std::size_t i = 0; i < elements.size(); ++i) {
      required.emplace_back(std::to_string(i));
      properties[std::to_string(i)] = std::move(elements[i]);
    }
    tuple["type"] = "object";
    tuple["properties"] = std::move(properties);
    tuple["required"] = std::move(required);
    out_.changed = out_.restores = true;
  }

  void Close(json::object& object) {
    if (!object["properties"].is_object()) return;
    if (!object.contains("additionalProperties")) {
      object["additionalProperties"] = false;
      out_.changed = true;
    }
    if (!object["required"].is_array()) object["required"] = json::array();
    // Nothing is added to the object from here on, so these stay where they are.
    json::value& properties = object["properties"];
    json::value& required = object["required"];
    const NameSet named = NamesIn(&required);
    std::vector<std::string> missing;  // the set looks into what is about to grow
    for (auto& member : properties.get_object()) {
      if (named.count(member.key()) != 0) continue;
      missing.emplace_back(member.key());
      AllowNull(member.value());
    }
    for (const std::string& name : missing) required.get_array().emplace_back(name);
    if (!missing.empty()) out_.changed = out_.restores = true;
  }

  MadeStrict& out_;
};

}  // namespace

bool WrapRoot(json::value& schema) {
  const std::string_view type = wire::FindString(schema, "type");
  if (type == "object") return false;
  json::object wrapper{{"type", "object"}};
  // References are paths from the root, so the definitions stay there.
  for (const std::string_view definitions : {"$defs", "definitions"}) {
    if (!schema.is_object() || !schema.get_object().contains(definitions)) continue;
    wrapper[definitions] = schema.get_object().at(definitions);
    schema.get_object().erase(definitions);
  }
  wrapper["properties"] = json::object{{kWrapped, std::move(schema)}};
  wrapper["required"] = json::array{json::string_view(kWrapped)};
  schema = std::move(wrapper);
  return true;
}

bool CanBeStrict(const json::value& schema) { return StrictCheck().Passes(schema); }

MadeStrict MakeStrict(json::value& schema) {
  MadeStrict made;
  Preparer(made).Prepare(schema);
  return made;
}

}  // namespace patchbay::upstream
