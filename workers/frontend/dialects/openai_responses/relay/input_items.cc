#include "workers/frontend/dialects/openai_responses/relay/input_items.h"

#include <algorithm>
#include <array>

#include "lib/base/error.h"
#include "lib/base/text.h"
#include "lib/wire/boost_json.h"
#include "lib/wire/json_text.h"
#include "workers/frontend/call/call.h"

namespace patchbay::frontend::openai_responses {
namespace {

namespace json = boost::json;

struct IdRule {
  std::string_view type;
  std::string_view prefix;
};
// The backend takes back only ids of its own making (codex-wire §3.2).
constexpr std::array kIdRules = {
    IdRule{"message", "msg_"},
    IdRule{"reasoning", "rs_"},
    IdRule{"function_call", "fc_"},
    IdRule{"function_call_output", "fco_"},
    IdRule{"custom_tool_call", "ctc_"},
    IdRule{"custom_tool_call_output", "ctco_"},
    IdRule{"web_search_call", "ws_"},
    IdRule{"image_generation_call", "ig_"},
    IdRule{"compaction", "cmp_"},
    IdRule{"tool_search_call", "tsc_"},
    IdRule{"tool_search_output", "tso_"},
};

bool HasForeignId(const json::object& item, std::string_view type) {
  const auto* id = item.if_contains("id");
  if (id == nullptr) return false;
  if (!id->is_string()) return true;
  const std::string_view text(id->get_string());
  const std::string_view prefix = IdPrefix(type);
  return !prefix.empty() && !text.starts_with(prefix);
}

json::array TextParts(const json::value& text, bool assistant) {
  return {json::object{{"type", assistant ? "output_text" : "input_text"}, {"text", text}}};
}

Error At(ErrorCode code, std::string message, std::string place) {
  return Error(code, std::move(message)).From(Origin::kClient).At(std::move(place));
}

// What the backend cannot verify it refuses (codex-wire §3.2).
bool IsUnsealedReasoning(const json::value& item) {
  return wire::FindString(item, "type") == "reasoning" && wire::FindString(item, "encrypted_content").empty();
}

std::string Listed(const json::array& items) {
  const std::string text = wire::JsonText(items);
  return text.substr(1, text.size() - 2);
}

class Normalizer {
 public:
  Normalizer(NormalizedInput& out, ClientResponses* stored) : out_(out), stored_(stored) {}

  Result<void> Normalize(json::array& items) {
    json::array kept(items.storage());  // so that items move, and are not copied
    kept.reserve(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::string place = "/input/" + std::to_string(i);
      if (!items[i].is_object()) return At(ErrorCode::kInvalidArgument, "expected an object", place);
      if (wire::FindString(items[i], "type") == "item_reference") RETURN_IF_ERROR(Resolve(items[i], place));
      json::object& item = items[i].get_object();
      if (!item.contains("type") && item.contains("role")) Change(item)["type"] = "message";
      const std::string type(wire::FindString(items[i], "type"));
      if (IsUnsealedReasoning(items[i])) {
        out_.repaired.push_back("reasoning_without_encrypted_content:" + std::to_string(i));
        out_.changed = true;
        continue;
      }
      if (HasForeignId(item, type)) Change(item).erase("id");
      DropParsed(item);
      if (type == "message") RETURN_IF_ERROR(NormalizeMessage(items[i], place));
      kept.push_back(std::move(items[i]));
    }
    items = std::move(kept);
    return {};
  }

 private:
  json::object& Change(json::object& item) {
    out_.changed = true;
    return item;
  }

  // What OpenAI's SDK adds to what it received, and sends back with it.
  void DropParsed(json::object& item) {
    if (item.contains("parsed_arguments")) Change(item).erase("parsed_arguments");
    json::value* content = item.if_contains("content");
    if (content == nullptr || !content->is_array()) return;
    for (json::value& part : content->get_array()) {
      if (part.is_object() && part.get_object().contains("parsed")) Change(part.get_object()).erase("parsed");
    }
  }

  // {"type":"item_reference","id":…} becomes the item itself: the backend stores nothing.
  Result<void> Resolve(json::value& item, const std::string& place) {
    const std::string id(wire::FindString(item, "id"));
    if (id.empty()) return At(ErrorCode::kInvalidArgument, "a reference needs the id of an item", place + "/id");
    const auto found = stored_ == nullptr ? std::nullopt : stored_->FindItem(id);
    if (!found) {
      return At(ErrorCode::kNotFound,
                "Item with id '" + id.substr(0, kMaxShownIdBytes) +
                    "' not found. Items are kept for a while in this gateway's memory, unless `store` is false: "
                    "send the item itself.",
                place);
    }
    ASSIGN_OR_RETURN(item, wire::ParseJson(*found));
    out_.references[id] = *found;
    out_.changed = true;
    return {};
  }

  Result<void> NormalizeMessage(json::value& message, const std::string& place) {
    json::object& item = message.get_object();
    const std::string role(wire::FindString(message, "role"));
    constexpr std::array<std::string_view, 4> kRoles = {"user", "assistant", "system", "developer"};
    if (std::find(kRoles.begin(), kRoles.end(), role) == kRoles.end()) {
      return At(ErrorCode::kInvalidArgument, "expected one of 'user', 'assistant', 'system', 'developer'",
                place + "/role");
    }
    if (role == "system") Change(item)["role"] = "developer";
    if (const json::value* content = item.if_contains("content"); content != nullptr && content->is_string()) {
      json::value text = *content;
      Change(item)["content"] = TextParts(text, role == "assistant");
    }
    if (json::value* content = item.if_contains("content"); content != nullptr && content->is_array()) {
      for (json::value& part : content->get_array()) RenamePart(part, role == "assistant");
    }
    if (role == "user" && out_.first_turn.empty()) {
      out_.first_turn = wire::JsonText(item["content"]).substr(0, kMaxFirstTurnBytes);
    }
    return {};
  }

  // Parts by the names of Chat Completions, and texts without a type, by the names of this API.
  void RenamePart(json::value& part, bool assistant) {
    if (!part.is_object()) return;
    json::object& object = part.get_object();
    const std::string_view type = wire::FindString(part, "type");
    if (type == "text" || (!object.contains("type") && object.contains("text"))) {
      Change(object)["type"] = assistant ? "output_text" : "input_text";
    } else if (type == "image_url" && object.contains("image_url")) {
      Change(object)["type"] = "input_image";
      if (!object["image_url"].is_object()) return;
      const json::object image = std::move(object["image_url"].get_object());
      object.erase("image_url");
      if (const auto* url = image.if_contains("url")) object["image_url"] = *url;
      if (const auto* detail = image.if_contains("detail")) object["detail"] = *detail;
    }
  }

  NormalizedInput& out_;
  ClientResponses* stored_;
};

}  // namespace

Result<NormalizedInput> NormalizeInput(std::string_view input, ClientResponses* stored) {
  auto document = wire::JsonDocument::Parse(input);
  if (!document.ok()) return std::move(document).error().From(Origin::kClient).At("/input");
  json::value& root = document->root();
  NormalizedInput out;
  if (root.is_string()) {
    const json::array parts = TextParts(root, false);
    out.first_turn = wire::JsonText(parts).substr(0, kMaxFirstTurnBytes);
    out.items = wire::JsonText(json::object{{"type", "message"}, {"role", "user"}, {"content", parts}});
    out.changed = true;
    return out;
  }
  if (!root.is_array()) {
    return At(ErrorCode::kInvalidArgument, "expected a string or an array of items", "/input");
  }
  Normalizer normalizer(out, stored);
  RETURN_IF_ERROR(normalizer.Normalize(root.get_array()));
  if (out.changed && !wire::IsFinite(root)) return At(ErrorCode::kInvalidArgument, "a number is too large", "/input");
  out.items = out.changed ? Listed(root.get_array()) : std::string(ItemsOf(input));
  return out;
}

std::string_view ItemsOf(std::string_view array) {
  const std::size_t open = array.find('['), close = array.rfind(']');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return {};
  return Trim(array.substr(open + 1, close - open - 1));
}

std::string JoinItems(const std::vector<std::string_view>& pieces) {
  std::size_t size = 2;
  for (const std::string_view piece : pieces) size += piece.size() + 1;
  std::string array;
  array.reserve(size);
  array.push_back('[');
  for (const std::string_view piece : pieces) {
    if (piece.empty()) continue;
    if (array.size() > 1) array.push_back(',');
    array.append(piece);
  }
  array.push_back(']');
  return array;
}

std::string RepeatableItems(std::string_view output_array) {
  auto document = wire::JsonDocument::Parse(output_array);
  if (!document.ok() || !document->root().is_array()) return {};
  json::array& items = document->root().get_array();
  json::array kept(items.storage());
  for (json::value& item : items) {
    if (!IsUnsealedReasoning(item)) kept.push_back(std::move(item));
  }
  return Listed(kept);
}

std::string_view IdPrefix(std::string_view type) {
  for (const IdRule& rule : kIdRules) {
    if (rule.type == type) return rule.prefix;
  }
  return {};
}

}  // namespace patchbay::frontend::openai_responses
