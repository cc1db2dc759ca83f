#include "workers/frontend/dialects/openai_responses/relay/request_decoder.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "lib/base/number.h"
#include "lib/wire/boost_json.h"
#include "lib/wire/json.h"
#include "lib/wire/json_reader.h"
#include "lib/wire/json_text.h"
#include "lib/wire/json_writer.h"
#include "workers/frontend/call/call.h"
#include "workers/frontend/dialects/common/request/reasoning_member.h"
#include "workers/frontend/dialects/openai_responses/backends.h"
#include "workers/frontend/dialects/openai_responses/relay/input_items.h"

namespace patchbay::frontend::openai_responses {
namespace {

// Asks the backend for one `compaction` item instead of an answer (codex-wire §11.1).
constexpr std::size_t kMaxTriggerBytes = 256;
constexpr std::string_view kCompactionTrigger = R"({"type":"compaction_trigger"})";

// Would change what the request means, but for this value (JSON text): refused.
struct Unsupported {
  std::string_view name;
  std::string_view neutral = {};
};

constexpr std::array kUnsupported = {Unsupported{"background", "false"}, Unsupported{"conversation"},
                                     Unsupported{"prompt"}};

std::string UnsupportedMessage(std::string_view name) {
  if (name == "conversation") return "conversations are not kept here: use previous_response_id or send all as input";
  if (name == "prompt") return "prompt templates are not supported";
  return "responses cannot run in the background";
}

// Looks, member by member, what the request says.
class Decoder {
 public:
  Decoder(std::string body, const ClientTraits& client, ClientResponses* stored) : stored_(stored) {
    out_.client = client;
    out_.body = std::move(body);
  }

  Result<DecodedRequest> Decode() && {
    if (auto valid = wire::ValidateJson(out_.body); !valid.ok()) return std::move(valid).error().From(Origin::kClient);
    auto members = wire::TopLevelMembers(out_.body);
    if (!members.ok()) return std::move(members).error().From(Origin::kClient);
    out_.members = std::move(*members);
    LookForMark();
    for (std::size_t i = 0; i < out_.members.size(); ++i) RETURN_IF_ERROR(Look(i));
    if (out_.model.empty()) return Wrong("model", "a model is required");
    if (input_ == kNone && !continues_) {
      return Wrong("input", has_messages_ ? "input is required: messages are what /v1/chat/completions takes"
                                          : "input is required");
    }
    RETURN_IF_ERROR(SetInput());
    if (!has_stream_) Add("stream", "true");
    out_.compacts = client().compacts || EndsInTrigger();
    return std::move(out_);
  }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  static Error Wrong(std::string_view name, std::string message) {
    return Error(ErrorCode::kInvalidArgument, std::move(message)).From(Origin::kClient).At("/" + std::string(name));
  }

  std::size_t Find(std::string_view key) const {
    const auto& members = out_.members;
    const auto found = std::find_if(members.begin(), members.end(), [&](const auto& m) { return m.key == key; });
    return found == members.end() ? kNone : static_cast<std::size_t>(found - members.begin());
  }

  std::string_view TextOf(std::size_t i) const { return out_.members[i].value.In(out_.body); }

  // The trigger is the last item of `input` (codex-wire §11.1); words that only speak of it have escaped quotes.
  bool EndsInTrigger() const {
    const std::string_view input = input_ == kNone ? std::string_view() : TextOf(input_);
    const std::string_view end = input.substr(input.size() - std::min(input.size(), kMaxTriggerBytes));
    return end.find(R"("compaction_trigger")") != std::string_view::npos;
  }

  // The body may say whose client it is, and that decides about every member.
  void LookForMark() {
    if (const std::size_t metadata = Find("client_metadata"); metadata != kNone) {
      LookAtMetadata(TextOf(metadata), out_.client);
    }
  }

  Result<void> Look(std::size_t i) {
    const std::string& key = out_.members[i].key;
    const std::string_view text = TextOf(i);
    if (text == "null") {  // absent
      if (key == "stream") Replace(i, nullptr);
      return {};
    }
    if (client().socket && IsForSockets(key)) return LookSocketMember(i);
    if (key == "model") return LookModel(i);
    if (key == "input") {
      input_ = i;
      return {};
    }
    if (key == "previous_response_id") return LookPrevious(i);
    if (key == "instructions") return LookInstructions(i);
    if (key == "store") return LookStore(i);
    if (key == "stream") return LookStream(i);
    if (key == "include") return LookInclude(i);
    if (key == "metadata") return LookMetadata(i);
    if (key == "tools") return LookTools(i);
    has_messages_ = has_messages_ || key == "messages";
    if (key == "service_tier") {
      ASSIGN_OR_RETURN(out_.edits.service_tier, String(i));
      return {};
    }
    if (key == "reasoning") return LookReasoning(i);
    if (key == "max_output_tokens") {
      // What else may be wrong with it the provider says.
      if (const auto tokens = ParseNumber<std::int64_t>(text))
        out_.max_output_tokens = std::max<std::int64_t>(*tokens, 0);
      return {};
    }
    if (key == "prompt_cache_key") {
      ASSIGN_OR_RETURN(out_.cache_key, String(i));
      return {};
    }
    const auto unsupported =
        std::find_if(kUnsupported.begin(), kUnsupported.end(), [&](const auto& row) { return row.name == key; });
    if (unsupported != kUnsupported.end() && text != unsupported->neutral) {
      return Error(ErrorCode::kUnsupported, UnsupportedMessage(key)).From(Origin::kClient).At("/" + key);
    }
    return {};
  }

  static bool IsForSockets(std::string_view key) {
    return key == "type" || key == "generate" || key == "previous_response_id" || key == "stream_id";
  }

  // What only the provider's socket can make sense of passes, once it is of the right type.
  Result<void> LookSocketMember(std::size_t i) {
    const std::string& key = out_.members[i].key;
    const std::string_view text = TextOf(i);
    if (key == "stream_id") {
      return Error(ErrorCode::kUnsupported, "lanes are not supported: one response at a time on a socket")
          .From(Origin::kClient)
          .At("/stream_id");
    }
    if (key == "generate" && text != "true" && text != "false") return Wrong(key, "expected a boolean");
    if (key != "generate" && text.front() != '"') return Wrong(key, "expected a string");
    continues_ = continues_ || key == "previous_response_id";
    return {};
  }

  Result<void> LookModel(std::size_t i) {
    ASSIGN_OR_RETURN(out_.model, String(i));
    return {};
  }

  // The turns before this one are put in front of it: a provider is never sent a difference that it might not have
  // the rest of.
  Result<void> LookPrevious(std::size_t i) {
    ASSIGN_OR_RETURN(const std::string id, String(i));
    Replace(i, nullptr);
    const StoredResponse* previous = stored_ == nullptr ? nullptr : stored_->Find(id);
    if (previous == nullptr) {
      // The code by which clients know that they must send the whole conversation is error_encoder's.
      return Error(ErrorCode::kNotFound,
                   "Previous response with id '" + id.substr(0, kMaxShownIdBytes) + "' not found.")
          .From(Origin::kClient)
          .At("/previous_response_id");
    }
    out_.history = previous->Conversation();
    previous_cache_key_ = previous->cache_key;
    out_.first_turn = previous->first_turn;
    continues_ = true;
    out_.echoes.emplace_back("previous_response_id", TextOf(i));
    return {};
  }

  Result<void> SetInput() {
    // Who goes on from an earlier response may have nothing to add.
    const std::string_view text = input_ == kNone ? "[]" : TextOf(input_);
    NormalizedInput input;
    if (client().native && text.front() == '[') {
      input.items = ItemsOf(text);
    } else {
      ASSIGN_OR_RETURN(input, NormalizeInput(text, stored_));
    }
    const bool joined = !out_.history.empty() || client().compacts || input_ == kNone;
    // The client's items are good as they came, but for what only this gateway knows.
    const bool own = text.front() == '[' && input.references.empty();
    const bool everywhere = joined || !input.references.empty();
    if (everywhere) Put(Json(out_.WithHistory(own ? ItemsOf(text) : std::string_view(input.items))));
    out_.input_edited = input.changed && (own || !everywhere);
    out_.references = std::move(input.references);
    // A conversation that goes on is recognised by what it began with.
    if (!continues_) {
      out_.first_turn = instructions_.substr(0, kMaxFirstTurnBytes) + input.first_turn;
    } else if (out_.cache_key.empty()) {
      out_.cache_key = previous_cache_key_;
    }
    out_.input_repairs = std::move(input.repaired);
    out_.keep = (client().remembers || !store_off_) && stored_ != nullptr && !client().compacts;
    if (out_.keep || client().compacts || out_.input_edited) {
      out_.input = std::make_shared<const std::string>(std::move(input.items));
    }
    return {};
  }

  void Put(MemberChanges::Text input) {
    if (input_ == kNone) return Add("input", *input);
    Replace(input_, std::move(input));
  }

  Result<void> LookInstructions(std::size_t i) {
    const std::string_view text = TextOf(i);
    if (text.front() != '"') return Wrong("instructions", "expected a string");
    instructions_ = text;
    return {};
  }

  Result<void> LookStore(std::size_t i) {
    const std::string_view text = TextOf(i);
    if (text != "true" && text != "false") return Wrong("store", "expected a boolean");
    store_off_ = text == "false";
    return {};
  }

  Result<void> LookStream(std::size_t i) {
    has_stream_ = true;
    const std::string_view text = TextOf(i);
    if (text != "true" && text != "false") return Wrong("stream", "expected a boolean");
    out_.stream = text == "true";
    if (!out_.stream) Replace(i, Json("true"));
    return {};
  }

  Result<void> LookInclude(std::size_t i) const {
    if (!client().native && TextOf(i).front() != '[') return Wrong("include", "expected an array of strings");
    return {};
  }

  // It may have to be told back.
  Result<void> LookMetadata(std::size_t i) const {
    const auto metadata = wire::ParseJson(TextOf(i));
    if (!metadata.ok() || !metadata->is_object()) return Wrong("metadata", "expected an object");
    if (!wire::IsFinite(*metadata)) return Wrong("metadata", "a number is too large");
    return {};
  }

  Result<void> LookTools(std::size_t i) {
    const std::string_view text = TextOf(i);
    out_.needs_tools = text != "[]";
    if (client().native) return {};
    if (text.front() != '[') return Wrong("tools", "expected an array of tools");
    std::size_t at = 0, odd = kNone;
    wire::JsonReader(text).ForEachElement([&](wire::JsonValue tool) {
      if (odd == kNone && tool.RawObject().empty()) odd = at;
      ++at;
    });
    return odd == kNone ? Result<void>() : Wrong("tools/" + std::to_string(odd), "expected an object");
  }

  // Whether the model has that effort accounts knows. What else may be wrong with it the backend says.
  Result<void> LookReasoning(std::size_t i) {
    const ThinkingWish wish = ReadReasoningMember(TextOf(i));
    out_.effort = wish.effort;
    out_.budget_tokens = wish.budget_tokens;
    return {};
  }

  Result<std::string> String(std::size_t i) const {
    const auto value = wire::ParseJson(TextOf(i));
    if (!value.ok() || !value->is_string()) return Wrong(out_.members[i].key, "expected a string");
    return std::string(value->get_string());
  }

  static MemberChanges::Text Json(std::string text) { return std::make_shared<const std::string>(std::move(text)); }
  void Replace(std::size_t i, MemberChanges::Text text) { out_.edits.changes.replaced[i] = std::move(text); }
  void Add(std::string_view key, std::string_view text) { out_.edits.changes.added.emplace_back(key, text); }
  const ClientTraits& client() const { return out_.client; }

  ClientResponses* stored_;
  DecodedRequest out_;
  std::size_t input_ = kNone;
  std::string instructions_, previous_cache_key_;
  bool continues_ = false, store_off_ = false, has_stream_ = false, has_messages_ = false;
};

}  // namespace

std::vector<std::string_view> KnownFields() {
  std::vector<std::string_view> names = {"model",
                                         "input",
                                         "instructions",
                                         "store",
                                         "stream",
                                         "include",
                                         "metadata",
                                         "tools",
                                         "service_tier",
                                         "reasoning",
                                         "prompt_cache_key",
                                         "previous_response_id",
                                         "max_output_tokens"};
  for (const Unsupported& field : kUnsupported) names.push_back(field.name);
  return names;
}

std::string DecodedRequest::WithHistory(std::string_view items) const {
  std::vector<std::string_view> pieces;
  for (const ItemsJson& said : history) pieces.push_back(*said);
  pieces.push_back(items);
  if (client.compacts) pieces.push_back(kCompactionTrigger);
  return JoinItems(pieces);
}

std::string DecodedRequest::With(const MemberChanges& these) const {
  if (these.empty()) return body;
  std::size_t size = body.size() + 256 + wire::kJsonPadding;
  for (const auto& [member, text] : these.replaced) size += text ? text->size() : 0;
  std::string changed;
  changed.reserve(size);
  wire::JsonWriter json(changed);
  json.BeginObject();
  for (std::size_t i = 0; i < members.size(); ++i) {
    const auto change = these.replaced.find(i);
    if (change == these.replaced.end()) {
      json.Key(members[i].key).Raw(members[i].value.In(body));
    } else if (change->second) {
      json.Key(members[i].key).Raw(*change->second);
    }
  }
  for (const auto& [key, value] : these.added) json.Key(key).Raw(value);
  json.EndObject();
  return changed;
}

Result<DecodedRequest> DecodeRequest(std::string body, const ClientTraits& client, ClientResponses* stored) {
  return Decoder(std::move(body), client, stored).Decode();
}

}  // namespace patchbay::frontend::openai_responses
