// An HTTP answer that is not a stream.
#pragma once

#include <string>
#include <utility>

#include "workers/frontend/call/call.h"

namespace patchbay::frontend {

struct Answer {
  int status = 200;
  HeaderList headers;  // with its content type, unless there is no body
  std::string body;
};

inline Answer JsonAnswer(std::string body, int status = 200) {
  Answer answer;
  answer.status = status;
  answer.headers.emplace_back("content-type", "application/json");
  answer.body = std::move(body);
  return answer;
}

}  // namespace patchbay::frontend
