#include "workers/upstream/dialects/translation.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "workers/upstream/dialects/common/answer_restorer.h"
#include "workers/upstream/dialects/common/fit_request.h"

namespace patchbay::upstream {
namespace {

// A client can make a request with very many faults, and a head has room for some.
constexpr std::size_t kMaxNotes = 64;

std::vector<std::string> Joined(std::vector<std::string> first, std::vector<std::string> second) {
  std::move(second.begin(), second.end(), std::back_inserter(first));
  if (first.size() > kMaxNotes) first.resize(kMaxNotes);
  return first;
}

}  // namespace

Result<EncodedCall> EncodeCall(const Dialect& dialect, inference::v1::GenerateRequest& request,
                               std::string_view session) {
  ASSIGN_OR_RETURN(Fitted fitted, FitRequest(request, dialect.limits(request.model())));
  ASSIGN_OR_RETURN(EncodedRequest encoded, dialect.EncodeRequest(request, session));
  EncodedCall call;
  call.body = std::move(encoded.body);
  call.ignored = Joined(std::move(fitted.notes.ignored), std::move(encoded.ignored));
  call.repaired = Joined(std::move(fitted.notes.repaired), std::move(encoded.repaired));
  call.plan = std::move(fitted.plan);
  return call;
}

std::unique_ptr<ResponseDecoder> DecoderFor(const Dialect& dialect, std::shared_ptr<const AnswerPlan> plan,
                                            WallTime now) {
  std::unique_ptr<ResponseDecoder> decoder = dialect.NewDecoder(now);
  if (!plan) return decoder;
  return std::make_unique<AnswerRestorer>(std::move(decoder), std::move(plan));
}

}  // namespace patchbay::upstream
