#include "workers/frontend/dialects/openai_responses/answers.h"

#include <algorithm>
#include <utility>

#include "workers/frontend/dialects/common/reply/translated_reply.h"
#include "workers/frontend/dialects/openai_responses/backends.h"
#include "workers/frontend/dialects/openai_responses/relay/relayed_reply.h"
#include "workers/frontend/dialects/openai_responses/relay/response_encoder.h"
#include "workers/frontend/dialects/openai_responses/translated/event_encoder.h"
#include "workers/frontend/dialects/openai_responses/translated/response_encoder.h"
#include "workers/frontend/dialects/openai_responses/translated/tool_search.h"

namespace patchbay::frontend::openai_responses {

namespace {

bool SearchesTools(const translated::RequestMembers& members) {
  return std::any_of(members.begin(), members.end(), [](const auto& member) {
    return member.first == "tools" && translated::OffersToolSearch(member.second);
  });
}

}  // namespace

std::unique_ptr<TranslatedReply> Answers::Translated() const {
  const DecodedRequest& said = request->request();
  ResponseAdditions additions = request->AdditionsFor({}, shelf);
  const auto members = request->Members();
  translated::AnswerIdentity identity{translated::ResponseObject("resp_" + unique, said.model, asked_at, members),
                                      unique, said.client.native, SearchesTools(members)};
  if (said.stream) {
    return std::make_unique<TranslatedStream<translated::EventEncoder>>(std::move(identity), std::move(additions));
  }
  return std::make_unique<TranslatedWhole<translated::ResponseEncoder>>(std::move(identity), std::move(additions));
}

std::unique_ptr<RelayedReply> Answers::Relayed(const CallRoute& route) const {
  const DecodedRequest& said = request->request();
  ResponseAdditions additions = request->AdditionsFor(route, shelf);
  if (!said.stream) return std::make_unique<RelayedWhole<ResponseEncoder>>(std::move(additions));
  const EventEncoder::Audience audience{.every_byte = said.client.native,
                                        .public_only = FindBackend(route.provider_dialect) != nullptr,
                                        .quota = route.quota};
  return std::make_unique<RelayedStream>(audience, "resp_" + unique, said.model, std::move(additions), asked_at);
}

}  // namespace patchbay::frontend::openai_responses
