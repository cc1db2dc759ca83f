#include "workers/frontend/dialects/openai_responses/codex/request_edits.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "lib/wire/boost_json.h"
#include "lib/wire/json.h"
#include "lib/wire/json_text.h"
#include "workers/frontend/dialects/openai_responses/codex/client.h"
#include "workers/frontend/dialects/openai_responses/codex/tool_entries.h"

namespace patchbay::frontend::openai_responses::codex {
namespace {

// The backend wants instructions that are not empty (codex-wire §3.1). The Codex CLI has them in a message of its own
// (real-clients §2.1), and is not given others.
constexpr std::string_view kDefaultInstructions = R"("You are a helpful assistant.")";
// What makes reasoning repeatable on the next turn: without it the backend would have to have stored it.
constexpr std::string_view kSealedReasoning = "reasoning.encrypted_content";

// Refused by name: taken out, and reported unless the value says what happens anyway.
struct Refused {
  std::string_view name;
  std::string_view neutral = {};  // JSON text
};

constexpr std::array kRefused = {
    Refused{"background", "false"},
    Refused{"background_options"},
    Refused{"context_management"},
    Refused{"frequency_penalty"},
    Refused{"image"},
    Refused{"logprobs", "false"},
    Refused{"max_completion_tokens"},
    Refused{"max_output_tokens"},
    Refused{"max_tokens"},
    Refused{"max_tool_calls"},
    Refused{"moderation"},
    Refused{"n", "1"},
    Refused{"presence_penalty"},
    Refused{"prompt_cache_options"},
    Refused{"prompt_cache_retention"},
    Refused{"safety_identifier"},
    Refused{"seed"},
    Refused{"stop"},
    Refused{"temperature"},
    Refused{"top_logprobs", "0"},
    Refused{"top_p"},
    Refused{"truncation", R"("disabled")"},
    Refused{"user"},
};

const Refused* FindRefused(std::string_view name) {
  const auto found = std::find_if(kRefused.begin(), kRefused.end(), [&](const auto& row) { return row.name == name; });
  return found == kRefused.end() ? nullptr : found;
}

// The text of a member that is there and not null; empty for any other.
std::string_view Said(const DecodedRequest& request, std::string_view key) {
  for (const wire::Member& member : request.members) {
    const std::string_view text = member.value.In(request.body);
    if (member.key == key && text != "null") return text;
  }
  return {};
}

// Starts from what every provider gets, and goes on member by member.
class Editor {
 public:
  explicit Editor(const DecodedRequest& request) : request_(request), edits_(request.edits) {}

  Result<Edits> Edit() && {
    for (std::size_t i = 0; i < request_.members.size(); ++i) RETURN_IF_ERROR(Look(i));
    for (const std::string& repair : request_.input_repairs) edits_.repaired.push_back(repair);
    RETURN_IF_ERROR(SetMark());
    if (!native() && Said(request_, "instructions").empty()) Add("instructions", kDefaultInstructions);
    if (Said(request_, "store").empty()) Add("store", "false");
    if (!native() && Said(request_, "include").empty()) Add("include", R"(["reasoning.encrypted_content"])");
    return std::move(edits_);
  }

 private:
  bool native() const { return request_.client.native; }
  std::string_view TextOf(std::size_t i) const { return request_.members[i].value.In(request_.body); }

  Result<void> Look(std::size_t i) {
    const std::string& key = request_.members[i].key;
    const std::string_view text = TextOf(i);
    if (text == "null") {  // absent, for OpenAI's API; not always for the backend
      if (!native() || key == "store") Replace(i, nullptr);
      return {};
    }
    if (key == "input") {
      // What was made of the items stands in for them, unless every provider gets that.
      if (request_.input_edited) Replace(i, Json(request_.WithHistory(*request_.input)));
      return {};
    }
    if (key == "store") EditStore(i);
    if (key == "service_tier") EditTier(i);
    if (key == "metadata") {  // for the client's own use, unseen by the provider
      Replace(i, nullptr);
      return {};
    }
    if (!native()) RETURN_IF_ERROR(EditForPlainClients(i));
    if (const Refused* refused = FindRefused(key)) {
      Replace(i, nullptr);
      if (text != refused->neutral) edits_.ignored.push_back(key);
    }
    return {};
  }

  Result<void> EditForPlainClients(std::size_t i) {
    const std::string& key = request_.members[i].key;
    const std::string_view text = TextOf(i);
    if (key == "instructions" && text == R"("")") Replace(i, Json(std::string(kDefaultInstructions)));
    if (key == "include") return EditInclude(i);
    if (key == "tools") {
      ASSIGN_OR_RETURN(std::optional<std::string> tools, NormalizeTools(text, edits_.repaired));
      if (tools) Replace(i, Json(std::move(*tools)));
    }
    if (key == "tool_choice") {
      if (auto choice = NormalizeToolChoice(text)) Replace(i, Json(std::move(*choice)));
    }
    return {};
  }

  // The backend stores nothing; what is stored is stored here.
  void EditStore(std::size_t i) {
    if (TextOf(i) == "false") return;
    Replace(i, Json("false"));
    // Of answers over a socket the provider remembers the last; here nothing is kept.
    if (request_.client.socket || request_.client.remembers) edits_.ignored.push_back("store");
  }

  Result<void> EditInclude(std::size_t i) {
    auto include = wire::ParseJson(TextOf(i));
    if (!include.ok() || !include->is_array()) {
      return Error(ErrorCode::kInvalidArgument, "expected an array of strings").From(Origin::kClient).At("/include");
    }
    auto& names = include->get_array();
    const boost::json::value sealed(boost::json::string(kSealedReasoning.data(), kSealedReasoning.size()));
    if (std::find(names.begin(), names.end(), sealed) != names.end()) return {};
    names.push_back(sealed);
    Replace(i, Json(boost::json::serialize(*include)));
    return {};
  }

  void EditTier(std::size_t i) {
    std::string& tier = edits_.service_tier;
    if (tier == "auto" || tier == "default") {  // never sent by the CLI, refused on some plans
      tier.clear();
      Replace(i, nullptr);
    } else if (tier == "fast") {
      tier = "priority";
      Replace(i, Json(R"("priority")"));
    }
  }

  // A socket has one handshake and many turns, so there each message is marked, also for a client that marked the
  // handshake.
  Result<void> SetMark() {
    if (!request_.client.socket || !request_.client.responses_lite) return {};
    const auto& members = request_.members;
    const auto found =
        std::find_if(members.begin(), members.end(), [](const auto& m) { return m.key == "client_metadata"; });
    std::string metadata = found == members.end() ? "{}" : std::string(found->value.In(request_.body));
    if (HasLiteMember(metadata) || metadata.front() != '{') return {};
    ASSIGN_OR_RETURN(metadata,
                     wire::SpliceTopLevel(std::move(metadata), kLiteMember, R"("true")", wire::IfMissing::kInsert));
    if (found == members.end()) {
      Add("client_metadata", metadata);
    } else {
      Replace(static_cast<std::size_t>(found - members.begin()), Json(std::move(metadata)));
    }
    return {};
  }

  static MemberChanges::Text Json(std::string text) { return std::make_shared<const std::string>(std::move(text)); }
  void Replace(std::size_t i, MemberChanges::Text text) { edits_.changes.replaced[i] = std::move(text); }
  void Add(std::string_view key, std::string_view text) { edits_.changes.added.emplace_back(key, text); }

  const DecodedRequest& request_;
  Edits edits_;
};

}  // namespace

Result<Edits> EditsFor(const DecodedRequest& request) { return Editor(request).Edit(); }

// What it is not sent, or sent otherwise than the client wrote it.
Echoes EchoesFor(const DecodedRequest& request) {
  Echoes echoes = request.echoes;
  if (const std::string_view metadata = Said(request, "metadata"); !metadata.empty()) {
    if (const auto value = wire::ParseJson(metadata); value.ok()) {
      echoes.emplace_back("metadata", wire::JsonText(*value));  // on one line, as events are
    }
  }
  if (request.keep && !request.client.remembers) echoes.emplace_back("store", "true");
  if (Said(request, "instructions").empty()) echoes.emplace_back("instructions", "null");
  return echoes;
}

std::vector<std::string_view> EditedFields() {
  std::vector<std::string_view> names = {"include",      "input", "instructions", "metadata",
                                         "service_tier", "store", "tool_choice",  "tools"};
  for (const Refused& refused : kRefused) names.push_back(refused.name);
  return names;
}

}  // namespace patchbay::frontend::openai_responses::codex
