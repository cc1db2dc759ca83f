// What the backend's validator refuses in the schema of a function or of an answer (codex-wire §3.3, §8.2). Written
// apart from the code that mends schemas, so that the two do not share a mistake.
#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <set>

#include "tests/sim/json_text.h"
#include "tests/sim/refusals.h"
#include "tests/sim/validate.h"

namespace patchbay::sim {
namespace {

constexpr int kSchemaWalkMax = 64;

// As Python writes a value into its messages.
std::string Python(const json::value& value) {
  if (value.is_bool()) return value.get_bool() ? "True" : "False";
  if (value.is_null()) return "None";
  if (value.is_string()) return "'" + std::string(value.get_string()) + "'";
  return json::serialize(value);
}

// Enough of Python's `re` to tell the patterns that clients write for other engines: letters that mean nothing behind a
// backslash, groups with a name in <>, a set such as \w as an end of a range.
bool IsRegex(std::string_view pattern) {
  int open = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::string_view rest = pattern.substr(i);
    if (rest[0] == '\\') {
      if (rest.size() < 2) return false;
      const char c = rest[1];
      const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (letter && std::string_view("AbBdDsSwWZafnrtvxuU").find(c) == std::string_view::npos) return false;
      if (c == 'u' && (rest.size() < 3 || rest[2] == '{')) return false;
      ++i;
    } else if (rest[0] == '[') {
      std::size_t end = i + 1;
      if (end < pattern.size() && pattern[end] == '^') ++end;
      for (bool first = true;; first = false, ++end) {
        if (end >= pattern.size()) return false;
        if (pattern[end] == ']' && !first) break;
        if (pattern[end] != '\\') continue;
        ++end;
        if (end >= pattern.size()) return false;
        const char c = pattern[end];
        const bool set = std::string_view("dDsSwW").find(c) != std::string_view::npos;
        if (c == 'p' || c == 'P') return false;
        const std::string_view after = pattern.substr(end + 1);
        if (set && after.size() >= 2 && after[0] == '-' && after[1] != ']') return false;
      }
      i = end;
    } else if (rest[0] == '(') {
      ++open;
      const bool behind = rest.starts_with("(?<=") || rest.starts_with("(?<!");
      if (rest.starts_with("(?<") && !behind) return false;
      if (rest.starts_with("(?>")) return false;
    } else if (rest[0] == ')') {
      if (--open < 0) return false;
    }
  }
  return open == 0;
}

class Walk {
 public:
  Walk(const json::value& root, std::string_view subject, std::string_view param, std::string_view code)
      : root_(root), subject_(subject), param_(param), code_(code) {}

  std::optional<Reply> Check(const json::value& value, const std::string& context = "", int depth = 0) const {
    if (value.is_bool() || depth > kSchemaWalkMax) return std::nullopt;
    const json::object* schema = value.if_object();
    if (schema == nullptr) return Refuse(Python(value) + " is not of type 'object', 'boolean'");
    if (auto refusal = CheckType(*schema)) return refusal;
    if (auto refusal = CheckMembers(*schema)) return refusal;
    if (auto refusal = CheckArray(*schema, context)) return refusal;
    return CheckInner(*schema, context, depth);
  }

 private:
  Reply Refuse(std::string_view why) const {
    return InvalidRequest("Invalid schema for " + std::string(subject_) + ": " + std::string(why) + ".", param_, code_);
  }

  std::optional<Reply> CheckType(const json::object& schema) const {
    static const std::set<std::string_view> kTypes = {"object",  "array",   "string", "number",
                                                      "integer", "boolean", "null"};
    const json::value* type = schema.if_contains("type");
    if (type == nullptr) return std::nullopt;
    const auto known = [](const json::value& word) { return word.is_string() && kTypes.count(word.get_string()) != 0; };
    const json::array* list = type->if_array();
    const bool valid =
        list == nullptr ? known(*type) : !list->empty() && std::all_of(list->begin(), list->end(), known);
    if (valid) return std::nullopt;
    return Refuse(Python(*type) + " is not valid under any of the given schemas");
  }

  std::optional<Reply> CheckMembers(const json::object& schema) const {
    for (const std::string_view key : {"title", "description", "format", "pattern", "$ref"}) {
      const json::value* value = schema.if_contains(key);
      if (value != nullptr && !value->is_string()) return Refuse(Python(*value) + " is not of type 'string'");
    }
    for (const std::string_view key : {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}) {
      const json::value* value = schema.if_contains(key);
      if (value != nullptr && !value->is_number()) return Refuse(Python(*value) + " is not of type 'number'");
    }
    for (const std::string_view key : {"minLength", "maxLength", "minItems", "maxItems"}) {
      const json::value* value = schema.if_contains(key);
      if (value != nullptr && !value->is_number()) return Refuse(Python(*value) + " is not of type 'integer'");
    }
    for (const std::string_view key : {"required", "enum", "anyOf", "oneOf", "allOf", "prefixItems"}) {
      const json::value* value = schema.if_contains(key);
      if (value != nullptr && !value->is_array()) return Refuse(Python(*value) + " is not of type 'array'");
      if (value != nullptr && key != "required" && value->get_array().empty()) return Refuse("[] should be non-empty");
    }
    if (const auto pattern = StringAt(schema, "pattern"); pattern && !IsRegex(*pattern)) {
      return Refuse("'" + std::string(*pattern) + "' is not a 'regex'");
    }
    if (const auto reference = StringAt(schema, "$ref"); reference && !Resolves(*reference)) {
      return Refuse("reference '" + std::string(*reference) + "' can not be resolved");
    }
    return std::nullopt;
  }

  bool Resolves(std::string_view reference) const {
    if (reference == "#") return true;
    if (!reference.starts_with("#/")) return false;
    boost::system::error_code error;
    return root_.find_pointer(reference.substr(1), error) != nullptr && !error;
  }

  std::optional<Reply> CheckArray(const json::object& schema, const std::string& context) const {
    const json::value* type = schema.if_contains("type");
    if (type == nullptr) return std::nullopt;
    const json::array* list = type->if_array();
    const bool array = list == nullptr ? *type == json::value("array")
                                       : std::find(list->begin(), list->end(), json::value("array")) != list->end();
    if (!array || schema.contains("items")) return std::nullopt;
    return Refuse("In context=(" + context + "), array schema missing items");
  }

  std::optional<Reply> CheckInner(const json::object& schema, const std::string& context, int depth) const {
    const auto inside = [&](std::string_view key, std::string_view name = {}) {
      std::string inner = context + (context.empty() ? "'" : ", '") + std::string(key) + "'";
      if (!name.empty()) inner += ", '" + std::string(name) + "'";
      return inner;
    };
    for (const std::string_view key : {"properties", "$defs", "definitions", "patternProperties"}) {
      const json::value* members = schema.if_contains(key);
      if (members == nullptr) continue;
      if (!members->is_object()) return Refuse(Python(*members) + " is not of type 'object'");
      for (const auto& [name, member] : members->get_object()) {
        if (key == "patternProperties" && !IsRegex(name)) return Refuse("'" + std::string(name) + "' is not a 'regex'");
        if (auto refusal = Check(member, inside(key, name), depth + 1)) return refusal;
      }
    }
    for (const std::string_view key : {"items", "additionalProperties", "not", "if", "then", "else", "contains"}) {
      const json::value* member = schema.if_contains(key);
      if (member == nullptr) continue;
      if (auto refusal = Check(*member, inside(key), depth + 1)) return refusal;
    }
    for (const std::string_view key : {"anyOf", "oneOf", "allOf", "prefixItems"}) {
      const json::array* members = ArrayAt(schema, key);
      if (members == nullptr) continue;
      for (std::size_t i = 0; i < members->size(); ++i) {
        if (auto refusal = Check((*members)[i], inside(key, std::to_string(i)), depth + 1)) return refusal;
      }
    }
    return std::nullopt;
  }

  const json::value& root_;
  const std::string_view subject_, param_, code_;
};

}  // namespace

std::optional<Reply> ValidateSchema(const json::value& schema, std::string_view subject, std::string_view param,
                                    std::string_view code) {
  return Walk(schema, subject, param, code).Check(schema);
}

std::optional<Reply> ValidateParameters(const json::value& schema, std::string_view subject, std::string_view param) {
  const auto refuse = [&](std::string_view why) {
    return InvalidRequest("Invalid schema for " + std::string(subject) + ": " + std::string(why), param,
                          "invalid_function_parameters");
  };
  const json::object* object = schema.if_object();
  if (object == nullptr) return refuse("schema must be a JSON Schema of 'type: \"object\"', got 'type: \"None\"'.");
  const auto combined = [&](std::string_view key) { return object->contains(key); };
  constexpr std::array<std::string_view, 5> kCombining = {"oneOf", "anyOf", "allOf", "enum", "not"};
  if (std::any_of(kCombining.begin(), kCombining.end(), combined)) {
    return refuse("schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level.");
  }
  if (StringAt(*object, "type") != "object") return refuse("schema must be a JSON Schema of 'type: \"object\"'.");
  if (ObjectAt(*object, "properties") == nullptr) return refuse("In context=(), object schema missing properties.");
  return ValidateSchema(schema, subject, param, "invalid_function_parameters");
}

}  // namespace patchbay::sim
