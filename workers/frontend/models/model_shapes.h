// Which shape of the list of models a request gets. Pure.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "patchbay/accounts/v1/models.pb.h"
#include "workers/frontend/call/answer.h"

namespace patchbay::frontend {

struct ModelListQuestion {
  std::string_view dialect;        // of the client, as the router and its headers say
  std::string_view query;          // without '?'
  std::string_view if_none_match;  // empty: the client has no list yet
};

// The Codex CLI's catalog when the query has `client_version` (with an ETag, and 304 when the client has that list
// already), else the dialect's own shape.
Result<Answer> AnswerModelList(const ModelListQuestion& question, const accounts::v1::ListModelsReply& models);

// One model in the dialect's shape.
Answer AnswerModel(std::string_view dialect, const accounts::v1::ModelInfo& model);

}  // namespace patchbay::frontend
