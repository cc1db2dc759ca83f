#include "workers/frontend/dialects/common/request/strict_schema.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <string>
#include <unordered_set>
#include <vector>

#include "lib/wire/boost_json.h"
#include "lib/wire/json_text.h"

namespace patchbay::frontend {
namespace {

namespace json = boost::json;

// A schema may refer to itself, in circles and many times over; no answer follows it further than this.
constexpr int kMaxReferences = 16;
constexpr int kMaxSchemaDepth = 256;
constexpr int kMaxSteps = 1'000'000;

bool IsNullType(const json::value& schema) { return wire::FindString(schema, "type") == "null"; }

// The elements of a tuple; null for any other schema.
const json::array* TupleOf(const json::value& schema) {
  for (const char* member : {"prefixItems", "items"}) {
    const json::value* items = wire::FindMember(schema, member);
    if (items != nullptr && items->is_array()) return &items->get_array();
  }
  return nullptr;
}

bool AllowsNull(const json::value& schema) {
  if (const json::value* type = wire::FindMember(schema, "type")) {
    if (type->is_array()) {
      const auto& types = type->get_array();
      return std::find(types.begin(), types.end(), json::value("null")) != types.end();
    }
    return IsNullType(schema);
  }
  for (const char* group : {"anyOf", "oneOf"}) {
    const json::value* branches = wire::FindMember(schema, group);
    if (branches == nullptr || !branches->is_array()) continue;
    const auto& list = branches->get_array();
    return std::any_of(list.begin(), list.end(), [](const json::value& branch) { return AllowsNull(branch); });
  }
  return false;
}

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

using NameSet = std::unordered_set<std::string_view>;

// The strings of a list, as views into it.
NameSet NamesIn(const json::value* list) {
  NameSet names;
  if (list == nullptr || !list->is_array()) return names;
  for (const json::value& name : list->get_array()) {
    if (name.is_string()) names.insert(std::string_view(name.get_string()));
  }
  return names;
}

class Preparer {
 public:
  explicit Preparer(StrictSchema& out) : out_(out) {}

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

  StrictSchema& out_;
};

class Restorer {
 public:
  explicit Restorer(const json::value& root) : root_(root) {}

  void Restore(json::value& value, const json::value& place) {
    if (depth_ == kMaxSchemaDepth || ++steps_ > kMaxSteps) return;
    ++depth_;
    RestoreHere(value, place);
    --depth_;
  }

 private:
  void RestoreHere(json::value& value, const json::value& place) {
    const json::value* schema = Resolve(place);
    if (schema == nullptr) return;
    for (const char* group : {"anyOf", "oneOf"}) {
      const json::value* branches = wire::FindMember(*schema, group);
      if (branches == nullptr || !branches->is_array()) continue;
      for (const json::value& branch : branches->get_array()) {
        if (Fits(value, branch)) return Restore(value, branch);
      }
    }
    if (const json::value* all = wire::FindMember(*schema, "allOf"); all != nullptr && all->is_array()) {
      for (const json::value& part : all->get_array()) Restore(value, part);
    }
    if (const json::array* tuple = TupleOf(*schema); tuple != nullptr && value.is_object()) {
      return RestoreTuple(value, *tuple);
    }
    if (value.is_object()) RestoreObject(value.get_object(), *schema);
    const json::value* items = wire::FindMember(*schema, "items");
    if (value.is_array() && items != nullptr) {
      for (json::value& element : value.get_array()) Restore(element, *items);
    }
  }

  // "#/$defs/name" and "#": what is outside of the document cannot be followed.
  const json::value* Resolve(const json::value& place) const {
    const json::value* schema = &place;
    for (int hops = 0; hops < kMaxReferences; ++hops) {
      const std::string_view reference = wire::FindString(*schema, "$ref");
      if (reference.empty()) return schema;
      if (reference.front() != '#') return nullptr;
      boost::system::error_code error;
      schema = root_.find_pointer(reference.substr(1), error);
      if (error || schema == nullptr) return nullptr;
    }
    return nullptr;
  }

  void RestoreTuple(json::value& value, const json::array& tuple) {
    json::object& members = value.get_object();
    for (std::size_t i = 0; i < tuple.size(); ++i) {
      if (!members.contains(std::to_string(i))) return;  // not what was asked for: leave it to the client
    }
    json::array elements;
    for (std::size_t i = 0; i < tuple.size(); ++i) {
      json::value& element = members[std::to_string(i)];
      Restore(element, tuple[i]);
      elements.push_back(std::move(element));
    }
    value = std::move(elements);
  }

  void RestoreObject(json::object& object, const json::value& schema) {
    const json::value* properties = wire::FindMember(schema, "properties");
    if (properties == nullptr || !properties->is_object()) return;
    const NameSet required = NamesIn(wire::FindMember(schema, "required"));
    for (const auto& property : properties->get_object()) {
      json::value* value = object.if_contains(property.key());
      if (value == nullptr) continue;
      const bool needed = required.count(property.key()) != 0;
      if (value->is_null() && !needed && !MayBeNull(property.value())) {
        object.erase(property.key());
      } else {
        Restore(*value, property.value());
      }
    }
  }

  bool MayBeNull(const json::value& place) const {
    const json::value* schema = Resolve(place);
    if (schema == nullptr) return true;
    const json::value* nullable = wire::FindMember(*schema, "nullable");
    return AllowsNull(*schema) || (nullable != nullptr && *nullable == json::value(true));
  }

  // Whether the value can be meant by that branch: enough to tell branches of a union apart.
  bool Fits(const json::value& value, const json::value& place) const {
    const json::value* schema = Resolve(place);
    if (schema == nullptr) return false;
    if (const json::array* tuple = TupleOf(*schema))
      return value.is_object() && value.get_object().size() == tuple->size();
    if (const json::value* constant = wire::FindMember(*schema, "const")) return value == *constant;
    if (const json::value* words = wire::FindMember(*schema, "enum"); words != nullptr && words->is_array()) {
      const auto& list = words->get_array();
      return std::find(list.begin(), list.end(), value) != list.end();
    }
    const json::value* properties = wire::FindMember(*schema, "properties");
    if (properties != nullptr && properties->is_object()) {
      if (!value.is_object()) return false;
      return std::all_of(value.get_object().begin(), value.get_object().end(), [&](const auto& member) {
        const json::value* inner = properties->get_object().if_contains(member.key());
        if (inner == nullptr) return false;
        const json::value* constant = wire::FindMember(*inner, "const");
        return constant == nullptr || *constant == member.value();
      });
    }
    return HasType(value, *schema);
  }

  static bool HasType(const json::value& value, const json::value& schema) {
    const json::value* type = wire::FindMember(schema, "type");
    if (type == nullptr) return true;
    const auto is = [&](std::string_view name) {
      if (name == "null") return value.is_null();
      if (name == "string") return value.is_string();
      if (name == "boolean") return value.is_bool();
      if (name == "number" || name == "integer") return value.is_number();
      if (name == "array") return value.is_array();
      return name == "object" && value.is_object();
    };
    if (type->is_string()) return is(std::string_view(type->get_string()));
    if (!type->is_array()) return true;
    return std::any_of(type->get_array().begin(), type->get_array().end(), [&](const json::value& name) {
      return name.is_string() && is(std::string_view(name.get_string()));
    });
  }

  const json::value& root_;
  int depth_ = 0, steps_ = 0;
};

}  // namespace

Result<StrictSchema> PrepareStrictSchema(std::string_view schema_json) {
  ASSIGN_OR_RETURN(json::value schema, wire::ParseJson(schema_json));
  if (!schema.is_object())
    return Error(ErrorCode::kInvalidArgument, "a schema must be an object").From(Origin::kClient);
  if (!wire::IsFinite(schema)) return Error(ErrorCode::kInvalidArgument, "a number is too large").From(Origin::kClient);
  StrictSchema out;
  Preparer(out).Prepare(schema);
  out.json = out.changed ? wire::JsonText(schema) : std::string(schema_json);
  return out;
}

std::string RestoreAnswer(std::string_view answer, std::string_view schema_json) {
  auto value = wire::ParseJson(answer);
  const auto schema = wire::ParseJson(schema_json);
  if (!value.ok() || !schema.ok() || !wire::IsFinite(*value)) return std::string(answer);
  Restorer(*schema).Restore(*value, *schema);
  return wire::JsonText(*value);
}

}  // namespace patchbay::frontend
