#include "workers/upstream/dialects/common/answer_shape.h"

#include <algorithm>
#include <boost/json.hpp>
#include <string>
#include <utility>

#include "lib/wire/boost_json.h"
#include "lib/wire/json_text.h"
#include "workers/upstream/dialects/common/schema_parts.h"
#include "workers/upstream/dialects/common/strict_schema.h"

namespace patchbay::upstream {
namespace {

namespace json = boost::json;

// A schema may refer to itself, in circles and many times over; no answer follows it further than this.
constexpr int kMaxReferences = 16;
constexpr int kMaxSchemaDepth = 256;
constexpr int kMaxSteps = 1'000'000;

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

// The beginning of a value whose object never came to its end.
std::string UnwrapCut(std::string_view text) {
  const std::string member = "\"" + std::string(kWrapped) + "\"";
  const std::size_t key = text.find(member);
  if (key == std::string_view::npos) return std::string(text);
  const std::size_t value = text.find_first_not_of(": \t\r\n", key + member.size());
  return std::string(text.substr(std::min(value, text.size())));
}

}  // namespace

std::string RestoreShape(std::string_view answer, std::string_view schema_json) {
  auto value = wire::ParseJson(answer);
  const auto schema = wire::ParseJson(schema_json);
  if (!value.ok() || !schema.ok() || !wire::IsFinite(*value)) return std::string(answer);
  Restorer(*schema).Restore(*value, *schema);
  return wire::JsonText(*value);
}

std::string Unwrap(std::string_view answer) {
  const auto parsed = wire::ParseJson(answer);
  if (!parsed.ok()) return UnwrapCut(answer);
  const json::value* value = wire::FindMember(*parsed, kWrapped);
  return value == nullptr || !wire::IsFinite(*value) ? std::string(answer) : wire::JsonText(*value);
}

}  // namespace patchbay::upstream
