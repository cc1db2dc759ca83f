// /api/embed and its elder sister /api/embeddings (client-protocols §F.9). Pure.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "patchbay/gateway/v1/gateway.pb.h"
#include "workers/ollama/dialect/asked.h"

namespace patchbay::ollama {

struct AskedVectors {
  std::string model;            // as the client wrote it
  gateway::v1::EmbedCall call;  // without a model; no inputs: there is nothing to answer but an empty list
  KeepAlive keep_alive = kDefaultKeepAlive;
  std::vector<std::string> ignored;
};

inline constexpr int kInputsMax = 2048;

// Of {"input": "…" | ["…"]}.
Result<AskedVectors> DecodeEmbed(std::string_view body);
// Of {"prompt": "…"}.
Result<AskedVectors> DecodeEmbeddings(std::string_view body);

// `total` and `load` are what was measured.
std::string EncodeEmbed(const std::string& model, const gateway::v1::EmbedReply& reply, std::chrono::nanoseconds total,
                        std::chrono::nanoseconds load);
std::string EncodeEmbeddings(const gateway::v1::EmbedReply& reply);

}  // namespace patchbay::ollama
