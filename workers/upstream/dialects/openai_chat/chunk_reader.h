// One chunk of a stream, or a whole answer, as hosts of Chat Completions write it (client-protocols B.3, B.4; providers
// §2 rule 3): every member that any of them uses, sorted. What it means is chunk_decoder's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/inference/v1/event.pb.h"
#include "patchbay/inference/v1/failure.pb.h"

namespace patchbay::upstream::openai_chat {

// A piece of one tool call. `index` is below zero where the host tells none.
struct CallPiece {
  std::int64_t index = -1;
  std::string id, name, input;
  bool custom = false;
};

struct Chunk {
  std::string id, model, service_tier;
  double created = 0;
  bool has_choices = false;  // even if there are none
  // Of the first choice.
  std::string text, refusal, reasoning, finish_reason, stop_sequence;
  std::vector<CallPiece> calls;
  std::vector<inference::v1::TokenLogprob> logprobs;
  std::vector<inference::v1::Citation> citations;
  bool has_usage = false;
  inference::v1::Usage usage;
  // An error object, or a text in its place.
  bool failed = false;
  inference::v1::Failure failure;
};

// False when `json` is no object.
bool ReadChunk(std::string_view json, Chunk& chunk);

}  // namespace patchbay::upstream::openai_chat
