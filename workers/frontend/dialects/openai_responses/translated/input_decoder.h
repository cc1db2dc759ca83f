// The items of `input`, canonical.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "patchbay/inference/v1/request.pb.h"
#include "workers/frontend/dialects/common/request/json_node.h"
#include "workers/frontend/dialects/common/request/tool_history.h"

namespace patchbay::frontend::openai_responses::translated {

// Whose bytes an `Opaque` of this dialect holds.
inline constexpr std::string_view kDialect = "openai_responses";

class InputDecoder {
 public:
  // All outlive the decoder.
  InputDecoder(inference::v1::GenerateRequest& request, std::vector<std::string>& ignored,
               std::vector<std::string>& repaired, const std::map<std::string, std::string>& references)
      : request_(request), ignored_(ignored), references_(references), tools_(*request.mutable_items(), repaired) {}

  // A string, or an array of items. May be told several, one after another.
  Result<void> Decode(const JsonNode& input);
  // Once, at the end.
  void Finish() { tools_.Finish(); }

 private:
  Result<void> DecodeItem(const JsonNode& item);
  Result<void> DecodeMessage(const JsonNode& item);
  Result<void> DecodeCall(const JsonNode& item, inference::v1::ToolKind kind);
  Result<void> DecodeResult(const JsonNode& item);
  // A search of the client's for tools, or what it found. False: the provider ran it.
  Result<bool> DecodeToolSearch(const JsonNode& item, std::string_view type);
  Result<void> DecodeReasoning(const JsonNode& item);
  Result<void> DecodeReference(const JsonNode& item);

  inference::v1::GenerateRequest& request_;
  std::vector<std::string>& ignored_;
  const std::map<std::string, std::string>& references_;
  ToolHistory tools_;
};

}  // namespace patchbay::frontend::openai_responses::translated
