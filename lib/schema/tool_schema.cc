#include "lib/schema/tool_schema.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "lib/base/text.h"
#include "lib/schema/keywords.h"
#include "lib/schema/pattern.h"
#include "lib/wire/boost_json.h"

namespace patchbay::schema {
namespace {

namespace json = boost::json;

// A chain of references may be a circle.
constexpr int kMaxReferences = 16;
// Branches may refer to each other many times over; no tool has as many as this.
constexpr int kMaxBranches = 10'000;

constexpr std::array<std::string_view, 7> kTypes = {"object",  "array",   "string", "number",
                                                    "integer", "boolean", "null"};
// Other languages' names of the same, as people write them into schemas.
constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kTypeNames = {{{"int", "integer"},
                                                                                       {"int32", "integer"},
                                                                                       {"int64", "integer"},
                                                                                       {"long", "integer"},
                                                                                       {"float", "number"},
                                                                                       {"double", "number"},
                                                                                       {"decimal", "number"},
                                                                                       {"str", "string"},
                                                                                       {"text", "string"},
                                                                                       {"bool", "boolean"},
                                                                                       {"dict", "object"},
                                                                                       {"list", "array"},
                                                                                       {"none", "null"}}};
constexpr std::array<std::string_view, 5> kRootKeywords = {"anyOf", "oneOf", "allOf", "enum", "not"};

bool IsType(std::string_view word) { return std::find(kTypes.begin(), kTypes.end(), word) != kTypes.end(); }

// The type that the word means; empty for none.
std::string TypeOf(std::string_view word) {
  const std::string lower = LowerCase(word);
  if (IsType(lower)) return lower;
  const auto known =
      std::find_if(kTypeNames.begin(), kTypeNames.end(), [&](const auto& each) { return each.first == lower; });
  return known == kTypeNames.end() ? std::string() : std::string(known->second);
}

bool SaysType(const json::object& schema, std::string_view type) {
  const json::value* said = schema.if_contains("type");
  if (said == nullptr) return false;
  if (!said->is_array()) return *said == json::value(type);
  const json::array& types = said->get_array();
  return std::find(types.begin(), types.end(), json::value(type)) != types.end();
}

// Strings, each once, in the order of their first.
class Names {
 public:
  void Add(const json::value& name) {
    if (name.is_string() && known_.emplace(name.get_string()).second) list_.push_back(name);
  }
  void AddAll(const json::value* names) {
    if (names == nullptr || !names->is_array()) return;
    for (const json::value& name : names->get_array()) Add(name);
  }
  bool Has(const json::value& name) const { return known_.count(std::string(name.get_string())) != 0; }
  json::array& list() { return list_; }

 private:
  json::array list_;
  std::unordered_set<std::string> known_;
};

bool IsCount(const json::value& value) {
  if (value.is_uint64()) return true;
  if (value.is_double()) return value.get_double() >= 0 && value.get_double() == std::floor(value.get_double());
  return value.is_int64() && value.get_int64() >= 0;
}

class Mender {
 public:
  explicit Mender(json::value& root) : root_(root) {}

  Mended MendTool() {
    if (!root_.is_object()) Replace(root_, json::object());
    InlineRoot();
    FlattenRoot(root_.get_object());
    Mend(root_);
    json::object& object = root_.get_object();
    if (!object.contains("type") || object.at("type") != json::value("object")) {
      // A type that is left out means the same here.
      mended_.loses |= object.contains("type") && !SaysType(object, "object");
      object["type"] = "object";
      mended_.changed = true;
    }
    if (!object.contains("properties")) {
      object["properties"] = json::object();
      mended_.changed = true;
    }
    return mended_;
  }

  Mended MendAny() {
    Mend(root_);
    return mended_;
  }

 private:
  void Replace(json::value& value, json::value with) {
    value = std::move(with);
    mended_.changed = mended_.loses = true;
  }
  void Erase(json::object& schema, std::string_view key) {
    schema.erase(key);
    mended_.changed = mended_.loses = true;
  }

  // "#", "#/$defs/name"; null for what is outside of the document or not in it.
  const json::value* Target(std::string_view reference) const {
    if (reference.empty() || reference.front() != '#') return nullptr;
    if (reference.size() > 1 && reference[1] != '/') return nullptr;
    boost::system::error_code error;
    const json::value* found = root_.find_pointer(reference.substr(1), error);
    return error ? nullptr : found;
  }

  // {"$ref":"#/definitions/Args","definitions":{…}}, as generators of schemas write it.
  void InlineRoot() {
    json::object& object = root_.get_object();
    for (int hops = 0; hops < kMaxReferences; ++hops) {
      const std::string reference(wire::FindString(root_, "$ref"));
      if (reference.empty()) return;
      const json::value* target = Target(reference);
      mended_.changed = true;
      object.erase("$ref");
      if (target == nullptr || !target->is_object() || target == &root_) {
        mended_.loses = true;
        return;
      }
      const json::object members = target->get_object();  // a copy: it lies inside what grows
      for (const auto& member : members) {
        if (!object.contains(member.key())) object.emplace(member.key(), member.value());
      }
    }
  }

  // Every branch's properties, since one of the branches is meant; only what all of them need is needed.
  void FlattenRoot(json::object& root) {
    const bool flat = std::none_of(kRootKeywords.begin(), kRootKeywords.end(),
                                   [&](std::string_view keyword) { return root.contains(keyword); });
    if (flat) return;
    json::object properties;
    if (json::value* own = root.if_contains("properties"); own != nullptr && own->is_object())
      properties = own->get_object();
    Names required;
    required.AddAll(root.if_contains("required"));
    for (const std::string_view group : {"allOf", "anyOf", "oneOf"}) {
      const json::value* branches = root.if_contains(group);
      if (branches == nullptr || !branches->is_array()) continue;
      Gather(branches->get_array(), group == "allOf", properties, required, 0);
    }
    for (const std::string_view keyword : kRootKeywords) root.erase(keyword);
    root["type"] = "object";
    root["properties"] = std::move(properties);
    if (!required.list().empty()) root["required"] = std::move(required.list());
    mended_.changed = mended_.loses = true;
  }

  void Gather(const json::array& branches, bool all, json::object& properties, Names& required, int depth) {
    if (depth > kMaxReferences) return;
    json::array common;
    for (std::size_t i = 0; i < branches.size(); ++i) {
      Names needed;
      GatherOne(branches[i], properties, needed, depth);
      if (all || i == 0) {
        for (json::value& name : needed.list()) common.push_back(std::move(name));
      } else {
        common.erase(
            std::remove_if(common.begin(), common.end(), [&](const json::value& name) { return !needed.Has(name); }),
            common.end());
      }
    }
    for (const json::value& name : common) required.Add(name);
  }

  void GatherOne(const json::value& place, json::object& properties, Names& needed, int depth) {
    if (++gathered_ > kMaxBranches) return;
    const json::value* branch = &place;
    for (int hops = 0; branch != nullptr && hops < kMaxReferences; ++hops) {
      const std::string_view reference = wire::FindString(*branch, "$ref");
      if (reference.empty()) break;
      branch = Target(reference);
    }
    if (branch == nullptr || !branch->is_object()) return;
    const json::object& schema = branch->get_object();
    needed.AddAll(schema.if_contains("required"));
    if (const json::value* own = schema.if_contains("properties"); own != nullptr && own->is_object()) {
      for (const auto& property : own->get_object()) AddProperty(properties, property.key(), property.value());
    }
    for (const std::string_view group : {"allOf", "anyOf", "oneOf"}) {
      const json::value* inner = schema.if_contains(group);
      if (inner != nullptr && inner->is_array()) {
        Gather(inner->get_array(), group == "allOf", properties, needed, depth + 1);
      }
    }
  }

  // Of one name in several branches each says its own, as the discriminator of a union does.
  static void AddProperty(json::object& properties, json::string_view name, const json::value& schema) {
    json::value* known = properties.if_contains(name);
    if (known == nullptr) {
      properties.emplace(name, schema);
      return;
    }
    if (*known == schema) return;
    json::value* branches =
        known->is_object() && known->get_object().size() == 1 ? known->get_object().if_contains("anyOf") : nullptr;
    if (branches != nullptr && branches->is_array()) {
      json::array& list = branches->get_array();
      if (std::find(list.begin(), list.end(), schema) == list.end()) list.push_back(schema);
    } else {
      *known = json::object{{"anyOf", json::array{*known, schema}}};
    }
  }

  // A schema, wherever it stands.
  void Mend(json::value& value) {
    if (value.is_bool()) return;
    if (!value.is_object()) return Replace(value, json::object());
    json::object& schema = value.get_object();
    MendType(schema);
    MendLimits(schema);
    MendItems(schema);
    for (const Keyword* keyword : KeywordsOf(schema)) {
      if (!IsOfForm(*schema.if_contains(keyword->name), keyword->form)) Erase(schema, keyword->name);
    }
  }

  void MendType(json::object& schema) {
    json::value* type = schema.if_contains("type");
    if (type == nullptr || (type->is_string() && IsType(type->get_string()))) return;
    Names names;
    const auto take = [&](const json::value& word) {
      if (word.is_string()) names.Add(json::value(TypeOf(word.get_string())));
    };
    if (type->is_array()) {
      for (const json::value& word : type->get_array()) take(word);
    } else {
      take(*type);
    }
    json::array& types = names.list();
    types.erase(std::remove(types.begin(), types.end(), json::value("")), types.end());
    if (types.empty()) return Erase(schema, "type");
    json::value mended = type->is_array() ? json::value(types) : types.front();
    if (mended == *type) return;
    *type = std::move(mended);
    mended_.changed = true;
  }

  // Draft 4 has "exclusiveMinimum": true beside the number.
  void MendLimits(json::object& schema) {
    for (const auto& [exclusive, limit] : {std::pair<std::string_view, std::string_view>("exclusiveMinimum", "minimum"),
                                           {"exclusiveMaximum", "maximum"}}) {
      const json::value* flag = schema.if_contains(exclusive);
      if (flag == nullptr || !flag->is_bool()) continue;
      const bool excludes = flag->get_bool();
      schema.erase(exclusive);
      mended_.changed = true;
      const json::value* number = schema.if_contains(limit);
      if (!excludes || number == nullptr || !number->is_number()) continue;
      json::value moved = *number;
      schema.erase(limit);
      schema[exclusive] = std::move(moved);
    }
  }

  void MendItems(json::object& schema) {
    json::value* items = schema.if_contains("items");
    if (items != nullptr && items->is_array()) {
      json::value tuple = std::move(*items);
      json::value others = json::object();
      if (const json::value* more = schema.if_contains("additionalItems"); more != nullptr && more->is_object())
        others = *more;
      schema.erase("additionalItems");
      if (!tuple.get_array().empty() && !schema.contains("prefixItems")) schema["prefixItems"] = std::move(tuple);
      schema["items"] = std::move(others);
      mended_.changed = true;
    } else if (items != nullptr && !items->is_object()) {
      // "items": true means anything, false that there is no more; the validator wants an object.
      mended_.loses |= *items != json::value(true);
      *items = json::object();
      mended_.changed = true;
    } else if (items == nullptr && SaysType(schema, "array")) {
      schema["items"] = json::object();
      mended_.changed = true;
    }
  }

  bool IsOfForm(json::value& member, Form form) {
    switch (form) {
      case Form::kString: return member.is_string();
      case Form::kNumber: return member.is_number();
      case Form::kPositive: return member.is_number() && member.to_number<double>() > 0;
      case Form::kCount: return IsCount(member);
      case Form::kFlag: return member.is_bool();
      case Form::kNames: return member.is_array() && MendNameList(member.get_array());
      case Form::kList: return member.is_array() && !member.get_array().empty();
      case Form::kSchema: Mend(member); return true;
      case Form::kSchemas:
        if (!member.is_array() || member.get_array().empty()) return false;
        for (json::value& each : member.get_array()) Mend(each);
        return true;
      case Form::kSchemaMap:
        if (!member.is_object()) return false;
        for (auto& each : member.get_object()) Mend(each.value());
        return true;
      case Form::kPatternMap:
        if (!member.is_object()) return false;
        for (auto& each : member.get_object()) Mend(each.value());
        MendNames(member.get_object());
        return true;
      case Form::kNameLists:
        if (!member.is_object()) return false;
        return std::all_of(member.get_object().begin(), member.get_object().end(), [this](auto& each) {
          return each.value().is_array() && MendNameList(each.value().get_array());
        });
      case Form::kPattern: return member.is_string() && IsPythonPattern(member.get_string());
      case Form::kReference: return member.is_string() && Target(member.get_string()) != nullptr;
    }
    return true;
  }

  // Strings, each once.
  bool MendNameList(json::array& names) {
    Names mended;
    for (const json::value& name : names) mended.Add(name);
    if (mended.list().size() == names.size()) return true;
    names = std::move(mended.list());
    mended_.changed = true;
    return true;
  }

  void MendNames(json::object& by_pattern) {
    std::vector<std::string> unreadable;
    for (const auto& member : by_pattern) {
      if (!IsPythonPattern(member.key())) unreadable.emplace_back(member.key());
    }
    for (const std::string& pattern : unreadable) Erase(by_pattern, pattern);
  }

  json::value& root_;
  Mended mended_;
  int gathered_ = 0;  // branches of the root
};

}  // namespace

Mended MendToolSchema(json::value& schema) { return Mender(schema).MendTool(); }
Mended MendSchema(json::value& schema) { return Mender(schema).MendAny(); }

}  // namespace patchbay::schema
