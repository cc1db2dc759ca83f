#include "workers/frontend/dialects/openai_responses/relay/request_decoder.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "lib/wire/boost_json.h"
#include "lib/wire/json.h"
#include "lib/wire/json_text.h"
#include "lib/wire/json_writer.h"
#include "workers/frontend/call/call.h"
#include "workers/frontend/dialects/openai_responses/relay/codex_client.h"
#include "workers/frontend/dialects/openai_responses/relay/input_items.h"
#include "workers/frontend/dialects/openai_responses/relay/tool_entries.h"

namespace patchbay::frontend::openai_responses {
namespace {

// The backend wants instructions that are not empty (codex-wire §3.1). The Codex CLI has them in a message of its own
// (real-clients §2.1), and is not given others.
constexpr std::string_view kDefaultInstructions = R"("You are a helpful assistant.")";
// What makes reasoning repeatable on the next turn: without it the backend would have to have stored it.
constexpr std::string_view kSealedReasoning = "reasoning.encrypted_content";
// No word for an effort is longer.
constexpr std::size_t kMaxEffortBytes = 32;
// Asks the backend for one `compaction` item instead of an answer (codex-wire §11.1).
constexpr std::size_t kMaxTriggerBytes = 256;
constexpr std::string_view kCompactionTrigger = R"({"type":"compaction_trigger"})";

enum class Rule {
  kPass,         // not listed below: untouched, also when we do not know it
  kDrop,         // refused by the backend: removed and reported, unless its value says what happens anyway
  kUnsupported,  // would change what the request means: refused
};

struct Field {
  std::string_view name;
  Rule rule;
  std::string_view neutral = {};  // JSON text of the value that changes nothing
};

constexpr std::array kFields = {
    Field{"background", Rule::kUnsupported, "false"},
    Field{"background_options", Rule::kDrop},
    Field{"context_management", Rule::kDrop},
    Field{"conversation", Rule::kUnsupported},
    Field{"frequency_penalty", Rule::kDrop},
    Field{"image", Rule::kDrop},
    Field{"logprobs", Rule::kDrop, "false"},
    Field{"max_completion_tokens", Rule::kDrop},
    Field{"max_output_tokens", Rule::kDrop},
    Field{"max_tokens", Rule::kDrop},
    Field{"max_tool_calls", Rule::kDrop},
    Field{"moderation", Rule::kDrop},
    Field{"n", Rule::kDrop, "1"},
    Field{"presence_penalty", Rule::kDrop},
    Field{"prompt", Rule::kUnsupported},
    Field{"prompt_cache_options", Rule::kDrop},
    Field{"prompt_cache_retention", Rule::kDrop},
    Field{"safety_identifier", Rule::kDrop},
    Field{"seed", Rule::kDrop},
    Field{"stop", Rule::kDrop},
    Field{"temperature", Rule::kDrop},
    Field{"top_logprobs", Rule::kDrop, "0"},
    Field{"top_p", Rule::kDrop},
    Field{"truncation", Rule::kDrop, R"("disabled")"},
    Field{"user", Rule::kDrop},
};

std::string UnsupportedMessage(std::string_view name) {
  if (name == "conversation") return "conversations are not kept here: use previous_response_id or send all as input";
  if (name == "prompt") return "prompt templates are not supported";
  return "responses cannot run in the background";
}

// Decides, member by member, what has to change.
class Decoder {
 public:
  Decoder(std::string body, const ClientTraits& client, ClientResponses* stored) : client_(client), stored_(stored) {
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
    RETURN_IF_ERROR(SetMark());
    if (!has_instructions_ && !client_.codex) AddForCodex("instructions", kDefaultInstructions);
    if (!has_store_) AddForCodex("store", "false");
    if (!has_stream_) Add("stream", "true");
    if (!has_include_ && !client_.codex) AddForCodex("include", R"(["reasoning.encrypted_content"])");
    out_.client = client_;
    out_.compacts = client_.compacts || EndsInTrigger();
    if (client_.codex) return std::move(out_);
    if (out_.keep && !client_.remembers) out_.codex_echoes.emplace_back("store", "true");
    if (!has_instructions_) out_.codex_echoes.emplace_back("instructions", "null");
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

  // Whoever marks a body so is Codex, whatever its headers say, and that decides about every member.
  void LookForMark() {
    metadata_ = Find("client_metadata");
    marked_ = metadata_ != kNone && HasLiteMember(TextOf(metadata_));
    client_.codex = client_.codex || marked_;
    client_.responses_lite = client_.responses_lite || marked_;
  }

  // A socket has one handshake and many turns, so there each message is marked, also for a client that marked the
  // handshake.
  Result<void> SetMark() {
    if (!client_.socket || !client_.responses_lite || marked_) return {};
    std::string metadata = metadata_ == kNone ? "{}" : std::string(TextOf(metadata_));
    if (metadata.front() != '{') return {};
    ASSIGN_OR_RETURN(metadata_text_,
                     wire::SpliceTopLevel(std::move(metadata), kLiteMember, R"("true")", wire::IfMissing::kInsert));
    if (metadata_ == kNone) {
      AddForCodex("client_metadata", metadata_text_);
    } else {
      ReplaceForCodex(metadata_, Json(metadata_text_));
    }
    return {};
  }

  Result<void> Look(std::size_t i) {
    const std::string& key = out_.members[i].key;
    const std::string_view text = TextOf(i);
    if (text == "null") {  // absent, for OpenAI's API; not always for the backend
      if (key == "stream") {
        Replace(i, nullptr);
      } else if (!client_.codex || key == "store") {
        ReplaceForCodex(i, nullptr);
      }
      return {};
    }
    if (client_.socket && IsForSockets(key)) return LookSocketMember(i);
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
    if (key == "tool_choice") return LookToolChoice(i);
    if (key == "service_tier") return LookServiceTier(i);
    if (key == "reasoning") return LookReasoning(i);
    if (key == "prompt_cache_key") {
      ASSIGN_OR_RETURN(out_.cache_key, String(i));
      return {};
    }
    const auto field = std::find_if(kFields.begin(), kFields.end(), [&](const Field& f) { return f.name == key; });
    if (field == kFields.end()) return {};
    if (field->rule == Rule::kUnsupported && text != field->neutral) {
      return Error(ErrorCode::kUnsupported, UnsupportedMessage(key)).From(Origin::kClient).At("/" + key);
    }
    ReplaceForCodex(i, nullptr);
    if (text != field->neutral) out_.ignored.push_back(key);
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

  // The turns before this one are put in front of it: the backend is never sent a difference that it might not have
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
    out_.codex_echoes.emplace_back("previous_response_id", TextOf(i));
    return {};
  }

  Result<void> SetInput() {
    // Who goes on from an earlier response may have nothing to add.
    const std::string_view text = input_ == kNone ? "[]" : TextOf(input_);
    NormalizedInput input;
    if (client_.codex && text.front() == '[') {
      input.items = ItemsOf(text);
    } else {
      ASSIGN_OR_RETURN(input, NormalizeInput(text, stored_));
    }
    const bool joined = !out_.history.empty() || client_.compacts || input_ == kNone;
    // For other providers the client's items are good as they came, but for what only this gateway knows.
    const bool own = text.front() == '[' && input.references.empty();
    const bool everywhere = joined || !input.references.empty();
    if (everywhere) Put(Json(Joined(own ? ItemsOf(text) : std::string_view(input.items))));
    if (input.changed && (own || !everywhere)) ReplaceForCodex(input_, Json(Joined(input.items)));
    out_.references = std::move(input.references);
    // A conversation that goes on is recognised by what it began with.
    if (!continues_) {
      out_.first_turn = instructions_.substr(0, kMaxFirstTurnBytes) + input.first_turn;
    } else if (out_.cache_key.empty()) {
      out_.cache_key = previous_cache_key_;
    }
    for (std::string& repair : input.repaired) out_.repaired.push_back(std::move(repair));
    out_.keep = (client_.remembers || !store_off_) && stored_ != nullptr && !client_.compacts;
    if (out_.keep || client_.compacts) out_.input = std::make_shared<const std::string>(std::move(input.items));
    return {};
  }

  // What was said before, and then these.
  std::string Joined(std::string_view items) const {
    std::vector<std::string_view> pieces;
    for (const ItemsJson& said : out_.history) pieces.push_back(*said);
    pieces.push_back(items);
    if (client_.compacts) pieces.push_back(kCompactionTrigger);
    return JoinItems(pieces);
  }
  void Put(MemberChanges::Text input) {
    if (input_ == kNone) return Add("input", *input);
    Replace(input_, std::move(input));
  }

  Result<void> LookInstructions(std::size_t i) {
    has_instructions_ = true;
    const std::string_view text = TextOf(i);
    if (text == R"("")" && !client_.codex) ReplaceForCodex(i, Json(std::string(kDefaultInstructions)));
    if (text.front() != '"') return Wrong("instructions", "expected a string");
    instructions_ = text;
    return {};
  }

  // The backend stores nothing; what is stored is stored here.
  Result<void> LookStore(std::size_t i) {
    has_store_ = true;
    const std::string_view text = TextOf(i);
    if (text != "true" && text != "false") return Wrong("store", "expected a boolean");
    store_off_ = text == "false";
    if (store_off_) return {};
    ReplaceForCodex(i, Json("false"));
    // Of answers over a socket the provider remembers the last; here nothing is kept.
    if (client_.socket || client_.remembers) out_.ignored.push_back("store");
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

  Result<void> LookInclude(std::size_t i) {
    has_include_ = true;
    if (client_.codex) return {};
    auto include = wire::ParseJson(TextOf(i));
    if (!include.ok() || !include->is_array()) return Wrong("include", "expected an array of strings");
    auto& names = include->get_array();
    const boost::json::value sealed(boost::json::string(kSealedReasoning.data(), kSealedReasoning.size()));
    if (std::find(names.begin(), names.end(), sealed) != names.end()) return {};
    names.push_back(sealed);
    ReplaceForCodex(i, Json(boost::json::serialize(*include)));
    return {};
  }

  // For the client's own use: told back in the Response, unseen by the provider.
  Result<void> LookMetadata(std::size_t i) {
    const auto metadata = wire::ParseJson(TextOf(i));
    if (!metadata.ok() || !metadata->is_object()) return Wrong("metadata", "expected an object");
    if (!wire::IsFinite(*metadata)) return Wrong("metadata", "a number is too large");
    out_.codex_echoes.emplace_back("metadata", wire::JsonText(*metadata));  // on one line, as events are
    ReplaceForCodex(i, nullptr);
    return {};
  }

  Result<void> LookTools(std::size_t i) {
    const std::string_view text = TextOf(i);
    out_.needs_tools = text != "[]";
    if (client_.codex) return {};
    ASSIGN_OR_RETURN(std::optional<std::string> tools, NormalizeTools(text, out_.repaired));
    if (tools) ReplaceForCodex(i, Json(std::move(*tools)));
    return {};
  }

  Result<void> LookToolChoice(std::size_t i) {
    if (client_.codex) return {};
    if (auto choice = NormalizeToolChoice(TextOf(i))) ReplaceForCodex(i, Json(std::move(*choice)));
    return {};
  }

  Result<void> LookServiceTier(std::size_t i) {
    ASSIGN_OR_RETURN(out_.service_tier, String(i));
    const std::string& tier = out_.service_tier;
    if (tier == "auto" || tier == "default") {  // never sent by the CLI, refused on some plans
      ReplaceForCodex(i, nullptr);
      return {};
    }
    const bool fast = tier == "fast";
    out_.codex_service_tier = fast ? "priority" : tier;
    if (fast) ReplaceForCodex(i, Json(R"("priority")"));
    return {};
  }

  // Whether the model has that effort accounts knows. What else may be wrong with it the backend says.
  Result<void> LookReasoning(std::size_t i) {
    std::string text(TextOf(i));
    const auto effort = wire::FindTopLevel(text, "effort");
    if (!effort.ok()) return {};
    const auto word = wire::ParseJson(effort->In(text));
    if (word.ok() && word->is_string() && word->get_string().size() <= kMaxEffortBytes) {
      out_.effort = std::string_view(word->get_string());
    }
    return {};
  }

  Result<std::string> String(std::size_t i) const {
    const auto value = wire::ParseJson(TextOf(i));
    if (!value.ok() || !value->is_string()) return Wrong(out_.members[i].key, "expected a string");
    return std::string(value->get_string());
  }

  static MemberChanges::Text Json(std::string text) { return std::make_shared<const std::string>(std::move(text)); }
  void ReplaceForCodex(std::size_t i, MemberChanges::Text text) { out_.codex_changes.replaced[i] = std::move(text); }
  // For the backend, too, but where that is told something else.
  void Replace(std::size_t i, MemberChanges::Text text) {
    out_.codex_changes.replaced[i] = text;
    out_.changes.replaced[i] = std::move(text);
  }
  void AddForCodex(std::string_view key, std::string_view text) { out_.codex_changes.added.emplace_back(key, text); }
  void Add(std::string_view key, std::string_view text) {
    AddForCodex(key, text);
    out_.changes.added.emplace_back(key, text);
  }

  ClientTraits client_;
  ClientResponses* stored_;
  DecodedRequest out_;
  std::size_t input_ = kNone, metadata_ = kNone;
  std::string instructions_, previous_cache_key_, metadata_text_;
  bool continues_ = false, store_off_ = false, marked_ = false;
  bool has_instructions_ = false, has_store_ = false, has_stream_ = false, has_include_ = false;
  bool has_messages_ = false;
};

}  // namespace

std::vector<std::string_view> KnownFields() {
  std::vector<std::string_view> names = {"model",       "input",        "instructions",     "store",
                                         "stream",      "include",      "metadata",         "tools",
                                         "tool_choice", "service_tier", "prompt_cache_key", "previous_response_id",
                                         "reasoning"};
  for (const Field& field : kFields) names.push_back(field.name);
  return names;
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
