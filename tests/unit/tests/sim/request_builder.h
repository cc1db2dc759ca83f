// Requests for the simulated provider's own tests.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "tests/sim/http.h"

namespace patchbay::sim {

namespace json = boost::json;

// The smallest body that the backend accepts (codex-wire §3.1), with a user message of that text.
inline boost::json::object MinimalBody(std::string_view text = "Hello") {
  boost::json::object body = boost::json::parse(R"({
    "model":"gpt-5.5","instructions":"You are a helpful assistant.",
    "input":[{"type":"message","role":"user","content":[{"type":"input_text","text":""}]}],
    "tools":[],"tool_choice":"auto","parallel_tool_calls":true,"reasoning":{"effort":"medium","summary":"auto"},
    "store":false,"stream":true,"include":["reasoning.encrypted_content"],
    "prompt_cache_key":"0198c0de-0000-7000-8000-000000000001"})")
                                 .as_object();
  body["input"].as_array()[0].as_object()["content"].as_array()[0].as_object()["text"] =
      boost::json::string(text.data(), text.size());
  return body;
}

inline boost::json::array Items(std::string_view text) {
  return boost::json::parse(boost::json::string_view(text.data(), text.size())).as_array();
}

}  // namespace patchbay::sim
