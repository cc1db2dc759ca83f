// What a request of /api/chat or /api/generate asks for, and the members that both have. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/wire/boost_json.h"
#include "patchbay/inference/v1/request.pb.h"
#include "workers/ollama/dialect/context.h"

namespace patchbay::ollama {

// How long a model stays loaded: what it was asked for last. Negative: for good.
using KeepAlive = std::chrono::milliseconds;
inline constexpr KeepAlive kDefaultKeepAlive = std::chrono::minutes(5);

// A canonical name, and the client's for the same.
struct Wish {
  std::string canonical;
  std::string field;
};

struct Asked {
  std::string model;  // as the client wrote it; the canonical request has none yet
  inference::v1::GenerateRequest request;
  bool stream = true;
  bool thinking = true;    // the client wants to see it
  bool load_only = false;  // there is nothing to answer: the model is loaded, or unloaded
  KeepAlive keep_alive = kDefaultKeepAlive;
  bool keeps_context = false;  // /api/generate: the answer ends with `context`
  std::vector<Turn> turns;     // what `context` will hold, without the answer
  std::vector<Wish> wishes;
  std::vector<std::string> ignored;   // members that changed nothing: "options.num_ctx"
  std::vector<std::string> repaired;  // what was mended so that it could be answered
};

// The body as an object. kInvalidArgument for none, for what is no JSON or no object, and for a number that is
// infinite.
Result<wire::JsonDocument> ParseBody(std::string_view body);

// Names the member once, however often it stands in the request.
void Note(std::vector<std::string>& names, std::string name);

// The members of `object` that are not `known`, as ignored.
void NoteOthers(Asked& asked, const boost::json::object& object, std::span<const std::string_view> known,
                std::string_view place = {});

// A name of the real server is at most a host of 350 bytes and three parts of 80.
inline constexpr std::size_t kModelNameBytesMax = 350 + 3 * 80 + 3;

// `model` of every request that names one; some clients still say `name`. "model is required" without it, and "invalid
// model name" for one that is longer than any.
Result<std::string> ReadModel(const boost::json::object& body);

// model, stream, options, format, think, keep_alive, logprobs and top_logprobs.
Result<void> ReadShared(const boost::json::object& body, Asked& asked);

// -1, 300, "5m", "1h30m", "" for the default.
Result<KeepAlive> ReadKeepAlive(const boost::json::object& body);

}  // namespace patchbay::ollama
