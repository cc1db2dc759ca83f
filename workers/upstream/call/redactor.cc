#include "workers/upstream/call/redactor.h"

#include <algorithm>
#include <utility>

#include "lib/wire/utf8.h"

namespace patchbay::upstream {

Redactor::Redactor(std::vector<Secret> secrets) : secrets_(std::move(secrets)) {
  for (const Secret& secret : secrets_) {
    const std::string_view text = secret.Reveal();
    if (text.size() < kMinSecretBytes) continue;
    if (text.size() < kPieceBytes) short_.push_back(text);
    for (std::size_t at = 0; at + kPieceBytes <= text.size(); ++at) pieces_.insert(text.substr(at, kPieceBytes));
  }
}

std::size_t Redactor::PieceAt(std::string_view text) const {
  if (text.size() >= kPieceBytes && pieces_.count(text.substr(0, kPieceBytes)) != 0) return kPieceBytes;
  const auto found =
      std::find_if(short_.begin(), short_.end(), [&](std::string_view secret) { return text.starts_with(secret); });
  return found == short_.end() ? 0 : found->size();
}

void Redactor::Redact(std::string& text) const {
  std::string kept;
  std::size_t copied = 0;  // of text, to kept
  std::size_t end = 0;     // of the run that has been found last; runs that touch are one
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t piece = PieceAt(std::string_view(text).substr(at));
    if (piece == 0) continue;
    if (end == 0 || at > end) {
      kept.append(text, copied, at - copied).append(Secret::kRedacted);
      end = at;
    }
    end = std::max(end, at + piece);
    copied = end;
  }
  if (copied == 0) return;
  kept.append(text, copied);
  text = std::move(kept);
}

void Redactor::RedactUtf8(std::string& text) const {
  Redact(text);
  if (!wire::IsValidUtf8(text)) text = Secret::kRedacted;
}

void Redactor::Redact(inference::v1::Failure& failure) const {
  Redact(*failure.mutable_body());
  for (std::string* text :
       {failure.mutable_code(), failure.mutable_type(), failure.mutable_message(), failure.mutable_param(),
        failure.mutable_body_content_type(), failure.mutable_provider_request_id()}) {
    RedactUtf8(*text);
  }
}

}  // namespace patchbay::upstream
