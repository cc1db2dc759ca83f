// What the server knows of a client dialect: how to read a request and how to write its answer.
//
// Every folder beside this file but common/ is one dialect (README.md). No I/O and no randomness but what a
// DialectRequest brings along.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "patchbay/accounts/v1/models.pb.h"
#include "patchbay/accounts/v1/quota.pb.h"
#include "patchbay/config/v1/config.pb.h"
#include "workers/frontend/call/answer.h"
#include "workers/frontend/call/call.h"
#include "workers/frontend/call/problem.h"
#include "workers/frontend/call/reply_plan.h"
#include "workers/frontend/dialects/route.h"

namespace patchbay::frontend {

// One HTTP request as a dialect sees it. The body is the dialect's to keep.
struct DialectRequest {
  std::string body;
  std::string_view method = "POST";
  // What the path says: the model of "/v1beta/models/gpt-5.5:generateContent", and ":generateContent".
  std::string argument;
  std::string_view suffix;
  std::string query;  // "alt=sse", still percent-encoded
  // Value of a header field by its lower-case name; empty when the client sent none.
  HeaderLookup header = [](std::string_view) { return std::string_view(); };
  WallTime now{};
  // The random part of the ids that the answer will carry.
  std::string unique;
  // The id of the client's key: whose request it is.
  std::string client_key;
};

// A request, understood.
struct DecodedCall {
  Call call;
  ReplyPlan reply;
};

// What a client that asks for the models has said.
struct ModelListQuestion {
  std::string_view query;          // without '?'
  std::string_view if_none_match;  // empty: the client has no list yet
};

// What a client that asks for its quota has said.
struct QuotaQuestion {
  std::string_view callers_token;  // of its own login at a provider; empty: it showed none
  HeaderLookup header = [](std::string_view) { return std::string_view(); };
  std::string_view client_key;  // the id of its key
  std::int64_t now = 0;         // in seconds since the epoch
};

// The first of `names` that is there; empty when none is.
inline std::string_view FirstThatIsThere(std::span<const std::string_view> names, const HeaderLookup& header) {
  for (const std::string_view name : names) {
    if (!header(name).empty()) return name;
  }
  return {};
}

// A dialect owns its whole face: adding one is a folder and a line in registry.cc.
class Dialect {
 public:
  virtual ~Dialect() = default;
  // "openai_chat": for logs and usage rows.
  virtual std::string_view name() const = 0;

  // Takes its own settings from the frontend's section: in main, and again at each reload.
  virtual void Configure(const config::v1::Frontend& /*settings*/) {}

  // Its paths. All that is listed here and below lives as long as the process.
  virtual std::span<const RouteRow> routes() const = 0;
  // Base URLs of its clients at which rows marked so are found besides.
  virtual std::span<const std::string_view> further_bases() const { return {}; }
  // Whether the head gives a client of its away. Paths that several dialects share, and paths that nobody serves, are
  // then answered in this one.
  virtual bool Claims(const HeaderLookup& /*header*/, std::string_view /*query*/) const { return false; }
  // Where its clients show their key besides `authorization`: names of headers, in lower case, and of a parameter of
  // the query.
  virtual std::span<const std::string_view> key_headers() const { return {}; }
  virtual std::string_view key_parameter() const { return {}; }
  // The header, in lower case, by which its clients name the conversation of this request; empty: none of them is
  // there.
  virtual std::string_view SessionHeader(const HeaderLookup& /*header*/) const { return {}; }

  // The list of models and one of them, as its clients read them. OpenAI's unless it has a shape of its own.
  virtual Result<Answer> EncodeModels(const ModelListQuestion& question,
                                      const accounts::v1::ListModelsReply& models) const;
  virtual Answer EncodeModel(const accounts::v1::ModelInfo& model) const;

  virtual Result<DecodedCall> Decode(DialectRequest request) const = 0;
  // A request that needs no provider (Action::kStoredAnswer).
  virtual Answer AnswerLocally(const DialectRequest&) const {
    return EncodeError(Problem(Problem::Kind::kNotFound, "there is nothing at this path"));
  }
  virtual Answer EncodeError(const Problem& problem) const = 0;
  // The same for a request whose route ends in `suffix`, where that and its query decide what the answer looks like.
  virtual Answer EncodeErrorOf(std::string_view /*suffix*/, std::string_view /*query*/, const Problem& problem) const {
    return EncodeError(problem);
  }
  // How many tokens a request would cost, as an answer in the dialect's shape. Estimated here: no provider is asked.
  virtual Result<Answer> CountTokens(DialectRequest) const {
    return Error(ErrorCode::kUnsupported, "tokens cannot be counted in this protocol").From(Origin::kClient);
  }
  // The header in which the dialect's clients look for the request id, besides `x-request-id`; empty for none.
  virtual std::string_view request_id_header() const { return {}; }
  // The answer to a client that asks what is left (Action::kQuota). Null: nothing is known, or it is not shown.
  virtual Answer EncodeQuota(const QuotaQuestion&, const accounts::v1::PoolQuota* /*pool*/) const {
    return EncodeError(Problem(Problem::Kind::kNotFound, "there is nothing at this path"));
  }
  // In which headers of an answer its clients read what quota is left; `now` in seconds since the epoch.
  virtual HeaderList QuotaHeaders(const accounts::v1::PoolQuota& /*pool*/, std::int64_t /*now*/) const { return {}; }
};

}  // namespace patchbay::frontend
