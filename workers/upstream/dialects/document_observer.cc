#include "workers/upstream/dialects/document_observer.h"

namespace patchbay::upstream {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

Result<void> DocumentObserver::Feed(std::string_view bytes) {
  bytes_ += bytes.size();
  if (bytes_ > kMaxDocumentBytes) {
    return Error(ErrorCode::kTooLarge,
                 "the provider's answer is longer than " + std::to_string(kMaxDocumentBytes) + " bytes")
        .From(Origin::kUpstream);
  }
  for (const char c : bytes) {
    if (in_string_) {
      in_string_ = escaped_ || c != '"';
      escaped_ = !escaped_ && c == '\\';
      continue;
    }
    if (depth_ == 0) {
      if (IsSpace(c)) continue;
      if (c != '{' || summary_.ended) {
        return Error(ErrorCode::kProtocol, "the provider's answer is not one JSON object").From(Origin::kUpstream);
      }
    }
    if (c == '"') in_string_ = true;
    if (c == '{' || c == '[') ++depth_;
    if (c == '}' || c == ']') --depth_;
    summary_.ended = depth_ == 0;
  }
  return {};
}

}  // namespace patchbay::upstream
