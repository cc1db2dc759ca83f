#include "workers/upstream/dialects/openai_chat/request_encoder.h"

#include <map>
#include <string>
#include <utility>

#include "lib/wire/json_writer.h"
#include "workers/upstream/dialects/common/checked_json.h"
#include "workers/upstream/dialects/common/model_families.h"
#include "workers/upstream/dialects/common/openai_words.h"
#include "workers/upstream/dialects/openai_chat/dialect.h"
#include "workers/upstream/dialects/openai_chat/message_encoder.h"
#include "workers/upstream/dialects/openai_chat/tool_encoder.h"

namespace patchbay::upstream::openai_chat {
namespace {

namespace inf = inference::v1;
using wire::JsonWriter;

class BodyWriter {
 public:
  BodyWriter(std::string& body, const inf::GenerateRequest& request, const Quirks& quirks, std::string_view session)
      : json_(body), request_(request), quirks_(quirks), session_(session) {}

  Result<void> Write() {
    json_.BeginObject().Key("model").String(request_.model()).Key("messages");
    std::string instruction;
    ASSIGN_OR_RETURN(const std::string schema, Schema(instruction));
    RETURN_IF_ERROR(WriteMessages(json_, request_, quirks_, instruction, notes_));
    json_.Key("stream").Bool(true);
    if (!quirks_.no_stream_options) {
      json_.Key("stream_options").BeginObject().Key("include_usage").Bool(true).EndObject();
    }
    WriteSampling(request_.sampling());
    RETURN_IF_ERROR(WriteTools(json_, request_, quirks_, notes_));
    WriteFormat(schema);
    WriteReasoning(request_.reasoning());
    WriteOpenAiFields();
    RETURN_IF_ERROR(WriteOpaqueFields());
    if (HasBreakpoints()) notes_.Ignore("cache_control");
    json_.EndObject();
    return {};
  }

  Notes& notes() { return notes_; }

 private:
  // A number that the host takes, or its name among the ignored.
  void Number(bool is_set, double value, std::string_view key, bool taken) {
    if (!is_set) return;
    taken ? void(json_.Key(key).Double(value)) : notes_.Ignore(key);
  }
  void Whole(bool is_set, std::int64_t value, std::string_view key, bool taken) {
    if (!is_set) return;
    taken ? void(json_.Key(key).Int(value)) : notes_.Ignore(key);
  }

  void WriteSampling(const inf::Sampling& sampling) {
    // Wherever it is hosted (providers §2 rule 6).
    const bool free = TakesSampling(request_.model());
    Number(sampling.has_temperature(), sampling.temperature(), "temperature", free);
    Number(sampling.has_top_p(), sampling.top_p(), "top_p", free);
    const bool punished = free && TakesPenalties(request_.model());
    Number(sampling.has_presence_penalty(), sampling.presence_penalty(), "presence_penalty", punished);
    Number(sampling.has_frequency_penalty(), sampling.frequency_penalty(), "frequency_penalty", punished);
    if (sampling.has_max_output_tokens()) {
      json_.Key(quirks_.max_completion_tokens ? "max_completion_tokens" : "max_tokens");
      json_.Int(sampling.max_output_tokens());
    }
    if (sampling.has_seed()) json_.Key(quirks_.random_seed ? "random_seed" : "seed").Int(sampling.seed());
    WriteStops(sampling, punished);
    Whole(sampling.has_top_k(), sampling.top_k(), "top_k", quirks_.more_sampling);
    Number(sampling.has_min_p(), sampling.min_p(), "min_p", quirks_.more_sampling);
    Number(sampling.has_repetition_penalty(), sampling.repetition_penalty(), "repetition_penalty",
           quirks_.more_sampling);
    WriteLogprobs(sampling, free && !quirks_.no_logprobs);
    WriteBias(sampling, free && quirks_.openai_fields);
  }

  void WriteStops(const inf::Sampling& sampling, bool taken) {
    if (sampling.stop().empty()) return;
    if (!taken) return notes_.Ignore("stop");
    json_.Key("stop").BeginArray();
    for (const std::string& stop : sampling.stop()) json_.String(stop);
    json_.EndArray();
  }

  void WriteLogprobs(const inf::Sampling& sampling, bool taken) {
    if (!sampling.has_logprobs()) return;
    if (!taken) return notes_.Ignore("logprobs");
    json_.Key("logprobs").Bool(true);
    if (sampling.logprobs() > 0) json_.Key("top_logprobs").Int(sampling.logprobs());
  }

  void WriteBias(const inf::Sampling& sampling, bool taken) {
    if (sampling.logit_bias().empty()) return;
    if (!taken) return notes_.Ignore("logit_bias");
    json_.Key("logit_bias").BeginObject();
    // In order, so that the same request always makes the same body.
    std::map<std::string, double> ordered;
    for (const auto& [token, bias] : sampling.logit_bias()) ordered.emplace(token, bias);
    for (const auto& [token, bias] : ordered) json_.Key(token).Double(bias);
    json_.EndObject();
  }

  // The schema of a structured answer. Where none can be said, the instructions say it.
  Result<std::string> Schema(std::string& instruction) {
    const inf::OutputFormat& format = request_.output_format();
    if (format.kind() != inf::OutputFormat::KIND_JSON_SCHEMA) return std::string();
    ASSIGN_OR_RETURN(std::string schema, CheckedObject(format.schema_json(), "output_format.schema"));
    if (quirks_.json_object_only) {
      instruction = "Answer with one JSON object and nothing else. It must match this JSON Schema:\n" + schema;
      notes_.Repair("output_format:json_object");
    }
    return schema;
  }

  void WriteFormat(const std::string& schema) {
    const inf::OutputFormat& format = request_.output_format();
    const bool structured = format.kind() == inf::OutputFormat::KIND_JSON_SCHEMA;
    if (!structured && format.kind() != inf::OutputFormat::KIND_JSON_OBJECT) return;
    json_.Key("response_format").BeginObject();
    if (!structured || quirks_.json_object_only) {
      json_.Key("type").String("json_object").EndObject();
      return;
    }
    json_.Key("type").String("json_schema").Key("json_schema").BeginObject();
    json_.Key("name").String(format.name().empty() ? "response" : format.name());
    if (!format.description().empty()) json_.Key("description").String(format.description());
    if (format.has_strict()) json_.Key("strict").Bool(format.strict());
    json_.Key("schema").Raw(schema).EndObject().EndObject();
  }

  void WriteReasoning(const inf::Reasoning& reasoning) {
    const bool lacks = quirks_.reasoning_back && quirks_.thinking_type && LacksReasoning(request_);
    // Who refuses a turn without its reasoning takes it while it does not think.
    if (lacks) notes_.Repair("reasoning:off");
    const std::string effort = lacks ? "none" : reasoning.effort();
    const bool off = effort == "none";
    const bool budget = effort.empty() && reasoning.has_budget_tokens();
    if (quirks_.thinking_type && (budget || !effort.empty())) {
      json_.Key("thinking").BeginObject().Key("type").String(off ? "disabled" : "enabled").EndObject();
    }
    if (quirks_.effort_object && budget) {
      json_.Key("reasoning").BeginObject().Key("max_tokens").Int(reasoning.budget_tokens()).EndObject();
    } else if (budget) {
      notes_.Ignore("reasoning.budget_tokens");
    } else if (effort.empty() || (off && quirks_.thinking_type)) {
      // Thinking that is off has no effort.
    } else if (quirks_.effort_object) {
      json_.Key("reasoning").BeginObject().Key("effort").String(effort).EndObject();
    } else if (quirks_.effort) {
      json_.Key("reasoning_effort").String(effort);
    } else if (!quirks_.thinking_type) {
      notes_.Ignore("reasoning.effort");
    }
  }

  static std::string_view VerbosityWord(inf::Verbosity verbosity) {
    switch (verbosity) {
      case inf::VERBOSITY_LOW: return "low";
      case inf::VERBOSITY_MEDIUM: return "medium";
      case inf::VERBOSITY_HIGH: return "high";
      default: return {};
    }
  }

  void Word(std::string_view key, std::string_view word, bool semantic = true) {
    if (word.empty()) return;
    if (quirks_.openai_fields) {
      json_.Key(key).String(word);
    } else if (semantic) {
      notes_.Ignore(key);
    }
  }

  // Fields of OpenAI's own (providers §2 rule 1).
  void WriteOpenAiFields() {
    Word("verbosity", VerbosityWord(request_.verbosity()));
    Word("service_tier", OpenAiTierName(request_.tier()), request_.tier() != inf::TIER_STANDARD);
    const std::string& key = request_.cache().prompt_cache_key();
    Word("prompt_cache_key", key.empty() ? session_ : std::string_view(key), !key.empty());
    Word("user", request_.user_id());
    Word("safety_identifier", request_.safety_identifier());
    if (request_.metadata().empty()) return;
    if (!quirks_.openai_fields) return notes_.Ignore("metadata");
    json_.Key("metadata").BeginObject();
    std::map<std::string, std::string> ordered;
    for (const auto& [name, value] : request_.metadata()) ordered.emplace(name, value);
    for (const auto& [name, value] : ordered) json_.Key(name).String(value);
    json_.EndObject();
  }

  // What only this dialect understands its clients say to a host that they chose.
  Result<void> WriteOpaqueFields() {
    for (const inf::Opaque& field : request_.opaque()) {
      if (field.dialect() != kChatDialect) {
        notes_.Ignore(field.type());
        continue;
      }
      ASSIGN_OR_RETURN(const std::string value, CheckedValue(field.json(), field.type()));
      json_.Key(field.type()).Raw(value);
    }
    return {};
  }

  bool HasBreakpoints() const {
    if (request_.has_instructions_breakpoint()) return true;
    for (const inf::Tool& tool : request_.tools()) {
      if (tool.has_cache_breakpoint()) return true;
    }
    for (const inf::Item& item : request_.items()) {
      if (item.has_cache_breakpoint()) return true;
      for (const inf::Part& part : item.message().parts()) {
        if (part.has_cache_breakpoint()) return true;
      }
    }
    return false;
  }

  JsonWriter json_;
  const inf::GenerateRequest& request_;
  const Quirks& quirks_;
  const std::string_view session_;
  Notes notes_;
};

}  // namespace

Result<EncodedRequest> EncodeRequest(const inf::GenerateRequest& request, const Quirks& quirks,
                                     std::string_view session) {
  EncodedRequest encoded;
  encoded.body.reserve(request.ByteSizeLong() + request.ByteSizeLong() / 8 + 1024);
  BodyWriter writer(encoded.body, request, quirks, session);
  RETURN_IF_ERROR(writer.Write());
  encoded.ignored = std::move(writer.notes().ignored);
  encoded.repaired = std::move(writer.notes().repaired);
  return encoded;
}

}  // namespace patchbay::upstream::openai_chat
