#include "tests/sim/synthesize.h"

#include <algorithm>
#include <string>

#include "tests/sim/json_text.h"

namespace patchbay::sim {
namespace {

constexpr int kDepthMax = 12;
constexpr std::size_t kItemsMax = 64;

class Synthesizer {
 public:
  Synthesizer(const json::value& root, std::string_view text) : root_(root), text_(text) {}

  json::value Make(const json::value& value, int depth) {
    const json::object* schema = value.if_object();
    if (schema == nullptr || depth > kDepthMax) return nullptr;
    if (const auto ref = StringAt(*schema, "$ref")) return MakeReferenced(*ref, depth);
    if (const json::value* constant = schema->if_contains("const")) return *constant;
    if (const json::array* options = ArrayAt(*schema, "enum"); options != nullptr && !options->empty())
      return (*options)[0];
    for (const std::string_view choice : {"anyOf", "oneOf"}) {
      if (const json::array* options = ArrayAt(*schema, choice)) return MakeOneOf(*options, depth);
    }
    return MakeTyped(*schema, TypeOf(*schema, depth), depth);
  }

 private:
  // Near the depth limit null is preferred where it is allowed, so that recursive schemas come to an end.
  static bool MustEnd(int depth) { return depth > kDepthMax / 2; }

  std::string_view TypeOf(const json::object& schema, int depth) const {
    if (const auto type = StringAt(schema, "type")) return *type;
    if (const json::array* types = ArrayAt(schema, "type"); types != nullptr && !types->empty()) {
      const bool nullable = std::find(types->begin(), types->end(), json::value("null")) != types->end();
      if (nullable && MustEnd(depth)) return "null";
      for (const json::value& type : *types) {
        if (type.is_string() && type.get_string() != "null") return type.get_string();
      }
      return "null";
    }
    return schema.contains("properties") ? "object" : schema.contains("items") ? "array" : "string";
  }

  json::value MakeReferenced(std::string_view ref, int depth) {
    if (ref == "#") return Make(root_, depth + 1);
    if (ref.empty() || ref[0] != '#') return nullptr;
    boost::json::error_code error;
    const json::value* target = root_.find_pointer(json::string_view(ref.data() + 1, ref.size() - 1), error);
    return target == nullptr ? json::value(nullptr) : Make(*target, depth + 1);
  }

  json::value MakeOneOf(const json::array& options, int depth) {
    if (options.empty()) return nullptr;
    if (MustEnd(depth)) {
      for (const json::value& option : options) {
        const json::object* schema = option.if_object();
        if (schema != nullptr && StringAt(*schema, "type") == "null") return nullptr;
      }
    }
    return Make(options[0], depth + 1);
  }

  json::value MakeTyped(const json::object& schema, std::string_view type, int depth) {
    if (type == "object") return MakeObject(schema, depth);
    if (type == "array") return MakeArray(schema, depth);
    if (type == "integer") return MakeInteger(schema);
    if (type == "number") {
      const json::value* minimum = schema.if_contains("minimum");
      return minimum != nullptr && minimum->is_number() ? json::value(minimum->to_number<double>()) : json::value(1.5);
    }
    if (type == "boolean") return true;
    if (type == "null") return nullptr;
    return MakeString(schema);
  }

  json::value MakeObject(const json::object& schema, int depth) {
    json::object object;
    const json::object* properties = ObjectAt(schema, "properties");
    if (properties == nullptr) return object;
    const json::array* required = ArrayAt(schema, "required");
    for (const auto& [key, member] : *properties) {
      const bool needed =
          required != nullptr && std::find(required->begin(), required->end(), json::value(key)) != required->end();
      if (needed || !MustEnd(depth)) object[key] = Make(member, depth + 1);
    }
    return object;
  }

  json::value MakeArray(const json::object& schema, int depth) {
    json::array array;
    const json::value* items = schema.if_contains("items");
    const json::value* least = schema.if_contains("minItems");
    std::size_t count = MustEnd(depth) ? 0 : 1;
    if (least != nullptr && least->is_int64() && least->get_int64() > 0) {
      count = std::max(count, std::min(static_cast<std::size_t>(least->get_int64()), kItemsMax));
    }
    for (std::size_t i = 0; i < count; ++i)
      array.push_back(items == nullptr ? json::value(text_) : Make(*items, depth + 1));
    return array;
  }

  static json::value MakeInteger(const json::object& schema) {
    const json::value* minimum = schema.if_contains("minimum");
    const json::value* maximum = schema.if_contains("maximum");
    std::int64_t number = 1;
    if (minimum != nullptr && minimum->is_number()) number = std::max(number, minimum->to_number<std::int64_t>());
    if (maximum != nullptr && maximum->is_number()) number = std::min(number, maximum->to_number<std::int64_t>());
    return number;
  }

  json::value MakeString(const json::object& schema) const {
    const std::string_view format = StringAt(schema, "format").value_or("");
    if (format == "date-time") return "2026-01-02T03:04:05Z";
    if (format == "date") return "2026-01-02";
    if (format == "time") return "03:04:05Z";
    if (format == "email") return "user@example.com";
    if (format == "uuid") return "0198c0de-0000-7000-8000-000000000001";
    if (format == "uri") return "https://example.com/";
    if (format == "ipv4") return "192.0.2.1";
    return json::value(text_);
  }

  const json::value& root_;
  std::string_view text_;
};

}  // namespace

json::value Synthesize(const json::value& schema, std::string_view text) {
  return Synthesizer(schema, text).Make(schema, 0);
}

}  // namespace patchbay::sim
