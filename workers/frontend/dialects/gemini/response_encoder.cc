#include "workers/frontend/dialects/gemini/response_encoder.h"

#include <utility>

#include "lib/wire/json_writer.h"
#include "workers/frontend/dialects/gemini/logprobs_result.h"

namespace patchbay::frontend::gemini {
namespace {

bool IsText(const ReplyPart& part) {
  return part.kind == ReplyPart::Kind::kText || part.kind == ReplyPart::Kind::kThought;
}

}  // namespace

// What was said in pieces is one part.
void ResponseEncoder::OnPart(ReplyPart part) {
  if (!parts_.empty() && IsText(part) && parts_.back().kind == part.kind) {
    parts_.back().text.append(part.text);
    return;
  }
  parts_.push_back(std::move(part));
}

void ResponseEncoder::OnEnd(const ReplyEnd& end) {
  end_ = end;
  if (!parts_.empty() && end.signature.empty()) return;
  if (parts_.empty() || parts_.back().kind != ReplyPart::Kind::kText) parts_.emplace_back();
  parts_.back().signature = end.signature;
}

Result<std::string> ResponseEncoder::Encode() const {
  if (!ended()) return Error(ErrorCode::kProtocol, "the answer has no end").From(Origin::kUpstream);
  std::string out = R"({"candidates":[{"content":{"parts":[)";
  bool first = true;
  for (const ReplyPart& part : parts_) {
    if (!std::exchange(first, false)) out.push_back(',');
    AppendPart(part, out);
  }
  out.append(R"(],"role":"model"})");
  AppendLogprobsResult(logprobs_, out);
  AppendEnd(end_, out);
  out.append(R"(,"modelVersion":)");
  wire::AppendJsonString(out, identity_.model);
  out.append(R"(,"responseId":)");
  wire::AppendJsonString(out, identity_.id);
  return out.append("}");
}

}  // namespace patchbay::frontend::gemini
