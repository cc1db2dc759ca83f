#include "workers/frontend/dialects/openai_responses/request_decoder.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "lib/wire/boost_json.h"
#include "lib/wire/json.h"
#include "lib/wire/json_writer.h"
#include "workers/frontend/dialects/openai_responses/input_items.h"

namespace patchbay::frontend::openai_responses {
namespace {

// The backend wants instructions that are not empty (codex-wire §3.1).
constexpr std::string_view kDefaultInstructions = R"("You are a helpful assistant.")";

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
    Field{"context_management", Rule::kDrop},
    Field{"conversation", Rule::kUnsupported},
    Field{"frequency_penalty", Rule::kDrop},
    Field{"logprobs", Rule::kDrop, "false"},
    Field{"max_completion_tokens", Rule::kDrop},
    Field{"max_output_tokens", Rule::kDrop},
    Field{"max_tokens", Rule::kDrop},
    Field{"max_tool_calls", Rule::kDrop},
    Field{"metadata", Rule::kDrop, "{}"},
    Field{"moderation", Rule::kDrop},
    Field{"n", Rule::kDrop, "1"},
    Field{"presence_penalty", Rule::kDrop},
    Field{"previous_response_id", Rule::kUnsupported},
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
  if (name == "previous_response_id")
    return "previous responses are not stored here: send the whole conversation as input";
  if (name == "conversation") return "conversations are not stored here: send the whole conversation as input";
  if (name == "prompt") return "prompt templates are not supported";
  return "responses cannot run in the background";
}

// Decides, member by member, and writes the body anew only when something has to change.
class Decoder {
 public:
  Decoder(std::string body, const ClientTraits& client) : client_(client) { out_.body = std::move(body); }

  Result<DecodedRequest> Decode() && {
    if (auto valid = wire::ValidateJson(out_.body); !valid.ok()) return std::move(valid).error().From(Origin::kClient);
    auto members = wire::TopLevelMembers(out_.body);
    if (!members.ok()) return std::move(members).error().From(Origin::kClient);
    members_ = std::move(*members);
    for (std::size_t i = 0; i < members_.size(); ++i) RETURN_IF_ERROR(Look(i));
    if (out_.model.empty()) return Wrong("model", "a model is required");
    if (!has_input_) return Wrong("input", "input is required");
    if (!has_instructions_ && !client_.responses_lite) added_.emplace_back("instructions", kDefaultInstructions);
    if (!has_store_) added_.emplace_back("store", "false");
    if (!has_stream_) added_.emplace_back("stream", "true");
    if (!replaced_.empty() || !added_.empty()) Rewrite();
    return std::move(out_);
  }

 private:
  static Error Wrong(std::string_view name, std::string message) {
    return Error(ErrorCode::kInvalidArgument, std::move(message)).From(Origin::kClient).At("/" + std::string(name));
  }

  Result<void> Look(std::size_t i) {
    const std::string& key = members_[i].key;
    const std::string_view text = members_[i].value.In(out_.body);
    if (text == "null") {  // absent, for OpenAI's API; not always for the backend
      Drop(i);
      return {};
    }
    if (key == "model") return LookModel(i);
    if (key == "input") return LookInput(i);
    if (key == "instructions") return LookInstructions(i);
    if (key == "store") return LookStore(i);
    if (key == "stream") return LookStream(i);
    if (key == "service_tier") return LookServiceTier(i);
    if (key == "prompt_cache_key") {
      ASSIGN_OR_RETURN(out_.cache_key, String(i));
      return {};
    }
    if (key == "tools") out_.needs_tools = text != "[]";
    const auto field = std::find_if(kFields.begin(), kFields.end(), [&](const Field& f) { return f.name == key; });
    if (field == kFields.end()) return {};
    if (field->rule == Rule::kUnsupported && text != field->neutral) {
      return Error(ErrorCode::kUnsupported, UnsupportedMessage(key)).From(Origin::kClient).At("/" + key);
    }
    Drop(i);
    if (text != field->neutral) out_.ignored.push_back(key);
    return {};
  }

  Result<void> LookModel(std::size_t i) {
    ASSIGN_OR_RETURN(out_.model, String(i));
    return {};
  }

  Result<void> LookInput(std::size_t i) {
    has_input_ = true;
    const std::string_view text = members_[i].value.In(out_.body);
    if (client_.codex && text.front() == '[') return {};
    ASSIGN_OR_RETURN(NormalizedInput input, NormalizeInput(text));
    if (input.replacement) replaced_[i] = std::move(*input.replacement);
    out_.first_turn.append(input.first_turn);
    out_.repaired = std::move(input.repaired);
    return {};
  }

  Result<void> LookInstructions(std::size_t i) {
    has_instructions_ = true;
    const std::string_view text = members_[i].value.In(out_.body);
    if (text == R"("")") replaced_[i] = kDefaultInstructions;
    out_.first_turn.insert(0, text.substr(0, kMaxFirstTurnBytes));
    return {};
  }

  Result<void> LookStore(std::size_t i) {
    has_store_ = true;
    const std::string_view text = members_[i].value.In(out_.body);
    if (text == "false") return {};
    if (text != "true") return Wrong("store", "expected a boolean");
    replaced_[i] = "false";
    out_.ignored.push_back("store");
    return {};
  }

  Result<void> LookStream(std::size_t i) {
    has_stream_ = true;
    const std::string_view text = members_[i].value.In(out_.body);
    if (text != "true" && text != "false") return Wrong("stream", "expected a boolean");
    out_.stream = text == "true";
    if (!out_.stream) replaced_[i] = "true";
    return {};
  }

  Result<void> LookServiceTier(std::size_t i) {
    ASSIGN_OR_RETURN(const std::string tier, String(i));
    if (tier == "auto" || tier == "default") Drop(i);  // never sent by the CLI, refused on some plans
    if (tier == "fast") replaced_[i] = R"("priority")";
    return {};
  }

  Result<std::string> String(std::size_t i) const {
    const auto value = wire::ParseJson(members_[i].value.In(out_.body));
    if (!value.ok() || !value->is_string()) return Wrong(members_[i].key, "expected a string");
    return std::string(value->get_string());
  }

  void Drop(std::size_t i) { replaced_[i] = std::nullopt; }

  void Rewrite() {
    std::string body;
    body.reserve(out_.body.size() + 256 + wire::kJsonPadding);
    wire::JsonWriter json(body);
    json.BeginObject();
    for (std::size_t i = 0; i < members_.size(); ++i) {
      const auto change = replaced_.find(i);
      if (change == replaced_.end()) {
        json.Key(members_[i].key).Raw(members_[i].value.In(out_.body));
      } else if (change->second) {
        json.Key(members_[i].key).Raw(*change->second);
      }
    }
    for (const auto& [key, value] : added_) json.Key(key).Raw(value);
    json.EndObject();
    out_.body = std::move(body);
  }

  const ClientTraits client_;
  DecodedRequest out_;
  std::vector<wire::Member> members_;
  std::map<std::size_t, std::optional<std::string>> replaced_;  // by member; nullopt removes it
  std::vector<std::pair<std::string_view, std::string_view>> added_;
  bool has_input_ = false, has_instructions_ = false, has_store_ = false, has_stream_ = false;
};

}  // namespace

std::vector<std::string_view> KnownFields() {
  std::vector<std::string_view> names = {"model",  "input",        "instructions",    "store",
                                         "stream", "service_tier", "prompt_cache_key"};
  for (const Field& field : kFields) names.push_back(field.name);
  return names;
}

Result<DecodedRequest> DecodeRequest(std::string body, const ClientTraits& client) {
  return Decoder(std::move(body), client).Decode();
}

}  // namespace patchbay::frontend::openai_responses
