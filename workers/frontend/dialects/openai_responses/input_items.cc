#include "workers/frontend/dialects/openai_responses/input_items.h"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "lib/base/error.h"
#include "lib/wire/boost_json.h"

namespace patchbay::frontend::openai_responses {
namespace {

namespace json = boost::json;

struct IdRule {
  std::string_view type;
  std::string_view prefix;
};
// The backend takes back only ids of its own making (codex-wire §3.2).
constexpr std::array kIdRules = {
    IdRule{"message", "msg_"},          IdRule{"reasoning", "rs_"},
    IdRule{"function_call", "fc_"},     IdRule{"function_call_output", "fco_"},
    IdRule{"custom_tool_call", "ctc_"}, IdRule{"custom_tool_call_output", "ctco_"},
    IdRule{"web_search_call", "ws_"},   IdRule{"image_generation_call", "ig_"},
    IdRule{"compaction", "cmp_"},
};

bool HasForeignId(const json::object& item, std::string_view type) {
  const auto* id = item.if_contains("id");
  if (id == nullptr) return false;
  if (!id->is_string()) return true;
  const std::string_view text(id->get_string());
  for (const IdRule& rule : kIdRules) {
    if (rule.type == type) return text.substr(0, rule.prefix.size()) != rule.prefix;
  }
  return false;
}

json::array TextParts(const json::value& text, bool assistant) {
  return {json::object{{"type", assistant ? "output_text" : "input_text"}, {"text", text}}};
}

class Normalizer {
 public:
  explicit Normalizer(NormalizedInput& out) : out_(out) {}

  Result<void> Normalize(json::array& items) {
    json::array kept;
    kept.reserve(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::string place = "/input/" + std::to_string(i);
      if (!items[i].is_object()) {
        return Error(ErrorCode::kInvalidArgument, "expected an object").From(Origin::kClient).At(place);
      }
      json::object& item = items[i].get_object();
      if (!item.contains("type") && item.contains("role")) Change(item)["type"] = "message";
      const std::string type(wire::FindString(items[i], "type"));
      if (type == "item_reference") {
        return Error(ErrorCode::kUnsupported, "responses are not stored here: send the item itself")
            .From(Origin::kClient)
            .At(place);
      }
      // What was not sealed cannot be verified by the backend (codex-wire §3.2).
      if (type == "reasoning" && wire::FindString(items[i], "encrypted_content").empty()) {
        out_.repaired.push_back("reasoning_without_encrypted_content:" + std::to_string(i));
        changed_ = true;
        continue;
      }
      if (HasForeignId(item, type)) Change(item).erase("id");
      if (type == "message") NormalizeMessage(item);
      kept.push_back(std::move(items[i]));
    }
    items = std::move(kept);
    return {};
  }

  bool changed() const { return changed_; }

 private:
  json::object& Change(json::object& item) {
    changed_ = true;
    return item;
  }

  void NormalizeMessage(json::object& item) {
    const json::value* role = item.if_contains("role");
    const std::string name(role != nullptr && role->is_string() ? std::string_view(role->get_string()) : "");
    if (name == "system") Change(item)["role"] = "developer";
    if (const json::value* content = item.if_contains("content"); content != nullptr && content->is_string()) {
      json::value text = *content;
      Change(item)["content"] = TextParts(text, name == "assistant");
    }
    if (name == "user" && out_.first_turn.empty()) {
      out_.first_turn = json::serialize(item["content"]).substr(0, kMaxFirstTurnBytes);
    }
  }

  NormalizedInput& out_;
  bool changed_ = false;
};

}  // namespace

Result<NormalizedInput> NormalizeInput(std::string_view input) {
  auto parsed = wire::ParseJson(input);
  if (!parsed.ok()) return std::move(parsed).error().From(Origin::kClient).At("/input");
  NormalizedInput out;
  if (parsed->is_string()) {
    const json::array parts = TextParts(*parsed, false);
    out.first_turn = json::serialize(parts).substr(0, kMaxFirstTurnBytes);
    out.replacement =
        json::serialize(json::array{json::object{{"type", "message"}, {"role", "user"}, {"content", parts}}});
    return out;
  }
  if (!parsed->is_array()) {
    return Error(ErrorCode::kInvalidArgument, "expected a string or an array of items")
        .From(Origin::kClient)
        .At("/input");
  }
  Normalizer normalizer(out);
  RETURN_IF_ERROR(normalizer.Normalize(parsed->get_array()));
  if (normalizer.changed()) out.replacement = json::serialize(*parsed);
  return out;
}

}  // namespace patchbay::frontend::openai_responses
