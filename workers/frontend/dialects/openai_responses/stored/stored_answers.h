// The requests about answers that are kept here (client-protocols C.1): look at one, at what led to it, forget it.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "workers/frontend/dialects/dialect.h"
#include "workers/frontend/dialects/openai_responses/stored/stored_responses.h"

namespace patchbay::frontend::openai_responses {

// `GET|DELETE /v1/responses/{id}`, `GET …/{id}/input_items`, `POST …/{id}/cancel`: id is `argument`, what stands behind
// it `suffix`.
Answer AnswerStored(std::string_view method, std::string_view id, std::string_view suffix, std::string_view query,
                    ClientResponses* stored);

}  // namespace patchbay::frontend::openai_responses
