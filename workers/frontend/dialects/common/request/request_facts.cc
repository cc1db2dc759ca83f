#include "workers/frontend/dialects/common/request/request_facts.h"

#include <algorithm>

namespace patchbay::frontend {
namespace {

std::string FirstTurn(const inference::v1::GenerateRequest& request) {
  std::string text = request.instructions().substr(0, kMaxFirstTurnBytes);
  for (const auto& item : request.items()) {
    if (!item.has_message() || item.message().role() != inference::v1::ROLE_USER) continue;
    for (const auto& part : item.message().parts()) {
      text.push_back('\n');
      text.append(part.text(), 0, kMaxFirstTurnBytes);
    }
    break;
  }
  return text;
}

bool HasImage(const inference::v1::GenerateRequest& request) {
  const auto is_image = [](const inference::v1::Part& part) { return part.has_image(); };
  return std::any_of(request.items().begin(), request.items().end(), [&](const inference::v1::Item& item) {
    const auto& parts = item.has_message() ? item.message().parts() : item.tool_result().parts();
    return std::any_of(parts.begin(), parts.end(), is_image);
  });
}

}  // namespace

void TakeFacts(const inference::v1::GenerateRequest& request, Call& call) {
  call.needs.tools = request.tools_size() > 0;
  call.needs.vision = HasImage(request);
  call.needs.json_schema = request.output_format().kind() == inference::v1::OutputFormat::KIND_JSON_SCHEMA;
  call.affinity.first_turn = FirstTurn(request);
}

}  // namespace patchbay::frontend
