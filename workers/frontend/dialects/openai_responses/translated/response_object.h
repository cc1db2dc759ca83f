// The Response object of an answer that this gateway writes itself (client-protocols C.3): what is known of the answer
// and, of the request, what the API tells back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "patchbay/inference/v1/event.pb.h"

namespace patchbay::frontend::openai_responses::translated {

// Members of the request by name, as JSON text. Those of them that a Response repeats are taken; null counts as absent.
using RequestMembers = std::vector<std::pair<std::string_view, std::string_view>>;

class ResponseObject {
 public:
  // What changes while an answer is written.
  struct State {
    std::string_view status = "in_progress";
    std::string_view output;  // items, separated by commas
    std::string_view error_json = "null";
    std::string_view incomplete_reason;  // empty: it is complete
    const inference::v1::Usage* usage = nullptr;
  };

  // `model` is the client's name for it; `created_at` in seconds since the epoch.
  ResponseObject(std::string id, std::string_view model, std::int64_t created_at, const RequestMembers& request);

  const std::string& id() const { return id_; }
  void AppendTo(std::string& out, const State& state) const;

 private:
  std::string id_;
  std::string head_;                   // up to the created time, without what changes
  std::string tail_;                   // what the request said
  std::string tier_ = R"("default")";  // that it asked for
};

}  // namespace patchbay::frontend::openai_responses::translated
