#include "workers/upstream/dialects/openai_chat/chunk_reader.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "lib/wire/json_reader.h"
#include "workers/upstream/dialects/common/error_reply.h"
#include "workers/upstream/dialects/common/openai_words.h"

namespace patchbay::upstream::openai_chat {
namespace {

namespace inf = inference::v1;

// Whoever counts below nothing has not counted.
std::int64_t Count(wire::JsonValue value) { return std::max<std::int64_t>(value.Int(), 0); }

std::int64_t CountIn(std::string_view object, std::string_view wanted) {
  std::int64_t found = 0;
  wire::JsonReader reader(object);
  reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == wanted) found = Count(value);
  });
  return found;
}

void ReadUsage(std::string_view json, Chunk& chunk) {
  if (json.empty()) return;
  inf::Usage& usage = chunk.usage;
  std::int64_t total = 0;
  wire::JsonReader reader(json);
  chunk.has_usage |= reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == "prompt_tokens") {
      usage.set_input_tokens(Count(value));
    } else if (key == "completion_tokens") {
      usage.set_output_tokens(Count(value));
    } else if (key == "total_tokens") {
      total = Count(value);
    } else if (key == "prompt_cache_hit_tokens" || key == "cached_tokens") {  // DeepSeek, Moonshot
      usage.set_cached_input_tokens(Count(value));
    } else if (key == "prompt_tokens_details") {
      const std::string_view details = value.RawObject();
      if (const std::int64_t cached = CountIn(details, "cached_tokens")) usage.set_cached_input_tokens(cached);
      usage.set_cache_write_tokens(CountIn(details, "cache_write_tokens"));
    } else if (key == "completion_tokens_details") {
      usage.set_reasoning_tokens(CountIn(value.RawObject(), "reasoning_tokens"));
    }
  });
  // xAI counts reasoning beside the completion; the canonical output has it inside.
  const std::int64_t beside = usage.input_tokens() + usage.output_tokens() + usage.reasoning_tokens();
  if (usage.reasoning_tokens() > 0 && total == beside)
    usage.set_output_tokens(usage.output_tokens() + usage.reasoning_tokens());
}

// The texts of `[{"type":"text","text":…}]`, one behind another.
std::string TextsOf(std::string_view array) {
  std::string text;
  wire::JsonReader reader(array);
  reader.ForEachElement([&](wire::JsonValue element) {
    wire::JsonReader part(element.RawObject());
    part.ForEachMember([&](std::string_view key, wire::JsonValue value) {
      if (key == "text") text += value.Text();
    });
  });
  return text;
}

// Mistral's content: parts of type `text` and `thinking`, the latter with parts of its own.
void ReadContentParts(std::string_view array, Chunk& chunk) {
  wire::JsonReader reader(array);
  reader.ForEachElement([&](wire::JsonValue element) {
    wire::JsonReader part(element.RawObject());
    part.ForEachMember([&](std::string_view key, wire::JsonValue value) {
      if (key == "text") {
        chunk.text += value.Text();
      } else if (key == "thinking") {
        const std::string_view plain = value.Text();
        chunk.reasoning += plain.empty() ? TextsOf(value.RawArray()) : std::string(plain);
      }
    });
  });
}

// OpenRouter's and MiniMax' reasoning_details: `text` or `summary` of each.
std::string ReadDetails(std::string_view array) {
  std::string text;
  wire::JsonReader reader(array);
  reader.ForEachElement([&](wire::JsonValue element) {
    wire::JsonReader detail(element.RawObject());
    detail.ForEachMember([&](std::string_view key, wire::JsonValue value) {
      if (key == "text" || key == "summary") text += value.Text();
    });
  });
  return text;
}

// `function` or `custom` of a call.
void ReadCalled(std::string_view object, CallPiece& piece) {
  wire::JsonReader reader(object);
  reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == "name") {
      piece.name = value.Text();
    } else if (key == "arguments" || key == "input") {
      piece.input = value.Text();
      // Some write the arguments as an object instead of a text that holds one.
      if (piece.input.empty()) piece.input = value.RawObject();
    }
  });
}

void ReadCall(std::string_view object, CallPiece& piece) {
  wire::JsonReader reader(object);
  reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == "index") {
      piece.index = std::clamp<std::int64_t>(value.Int(-1), -1, std::numeric_limits<int>::max());
    } else if (key == "id") {
      piece.id = value.Text();
    } else if (key == "function") {
      ReadCalled(value.RawObject(), piece);
    } else if (key == "custom") {
      piece.custom = true;
      ReadCalled(value.RawObject(), piece);
    }
  });
}

void ReadCitation(std::string_view object, Chunk& chunk) {
  inf::Citation citation;
  const auto read = [&](auto&& self, std::string_view json) -> void {
    wire::JsonReader reader(json);
    reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
      if (key == "url_citation") {
        self(self, value.RawObject());
      } else if (key == "url") {
        citation.mutable_web()->set_url(std::string(value.Text()));
      } else if (key == "title") {
        citation.mutable_web()->set_title(std::string(value.Text()));
      } else if (key == "start_index") {
        citation.set_begin(static_cast<int>(std::clamp<std::int64_t>(value.Int(), 0, std::numeric_limits<int>::max())));
      } else if (key == "end_index") {
        citation.set_end(static_cast<int>(std::clamp<std::int64_t>(value.Int(), 0, std::numeric_limits<int>::max())));
      }
    });
  };
  read(read, object);
  if (!citation.web().url().empty()) chunk.citations.push_back(std::move(citation));
}

// The parts of `delta`, or of a whole answer's `message`.
void ReadDelta(std::string_view object, Chunk& chunk) {
  // Hosts between two customs write the same text twice: the first that is there counts.
  std::string content_form, plain_form, details;
  wire::JsonReader reader(object);
  reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == "content") {
      chunk.text = value.Text();
      if (chunk.text.empty()) {
        if (const std::string_view parts = value.RawArray(); !parts.empty()) ReadContentParts(parts, chunk);
      }
    } else if (key == "reasoning_content") {
      content_form = value.Text();
    } else if (key == "reasoning") {
      plain_form = value.Text();
    } else if (key == "reasoning_details") {
      details = ReadDetails(value.RawArray());
    } else if (key == "refusal") {
      chunk.refusal = value.Text();
    } else if (key == "tool_calls") {
      wire::JsonReader calls(value.RawArray());
      calls.ForEachElement([&](wire::JsonValue call) { ReadCall(call.RawObject(), chunk.calls.emplace_back()); });
    } else if (key == "function_call") {
      const std::string_view called = value.RawObject();
      if (!called.empty()) ReadCalled(called, chunk.calls.emplace_back());
    } else if (key == "annotations") {
      wire::JsonReader annotations(value.RawArray());
      annotations.ForEachElement([&](wire::JsonValue annotation) { ReadCitation(annotation.RawObject(), chunk); });
    }
  });
  chunk.reasoning += !content_form.empty() ? content_form : !plain_form.empty() ? plain_form : details;
}

void ReadLogprobs(std::string_view object, Chunk& chunk) {
  wire::JsonReader reader(object);
  reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key != "content") return;
    wire::JsonReader tokens(value.RawArray());
    tokens.ForEachElement(
        [&](wire::JsonValue token) { ReadOpenAiLogprob(token.RawObject(), chunk.logprobs.emplace_back()); });
  });
}

// Answers beyond the first were not asked for.
void ReadChoices(std::string_view array, Chunk& chunk) {
  bool taken = false;
  wire::JsonReader reader(array);
  reader.ForEachElement([&](wire::JsonValue element) {
    const std::string_view choice = element.RawObject();
    if (std::exchange(taken, true)) return;
    wire::JsonReader members(choice);
    members.ForEachMember([&](std::string_view key, wire::JsonValue value) {
      if (key == "delta" || key == "message") {
        ReadDelta(value.RawObject(), chunk);
      } else if (key == "finish_reason") {
        chunk.finish_reason = value.Text();
      } else if (key == "stop_reason") {  // vLLM: which stop sequence it was
        chunk.stop_sequence = value.Text();
      } else if (key == "logprobs") {
        ReadLogprobs(value.RawObject(), chunk);
      } else if (key == "usage") {  // Moonshot
        ReadUsage(value.RawObject(), chunk);
      }
    });
  });
}

}  // namespace

bool ReadChunk(std::string_view json, Chunk& chunk) {
  wire::JsonReader reader(json);
  const bool ok = reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == "choices") {
      const std::string_view choices = value.RawArray();
      chunk.has_choices = !choices.empty();
      if (chunk.has_choices) ReadChoices(choices, chunk);
    } else if (key == "id") {
      chunk.id = value.Text();
    } else if (key == "model") {
      chunk.model = value.Text();
    } else if (key == "created") {
      chunk.created = value.Number().value_or(0);
    } else if (key == "service_tier") {
      chunk.service_tier = value.Text();
    } else if (key == "usage") {
      ReadUsage(value.RawObject(), chunk);
    } else if (key == "x_groq") {
      wire::JsonReader groq(value.RawObject());
      groq.ForEachMember([&](std::string_view name, wire::JsonValue inner) {
        if (name == "usage") ReadUsage(inner.RawObject(), chunk);
      });
    } else if (key == "error") {
      const std::string_view raw = value.Raw();
      chunk.failed = !raw.empty() && raw != "null" && raw != "false" && raw != "\"\"" && raw != "{}";
      if (chunk.failed) ReadErrorValue(raw, chunk.failure);
    }
  });
  return ok;
}

}  // namespace patchbay::upstream::openai_chat
