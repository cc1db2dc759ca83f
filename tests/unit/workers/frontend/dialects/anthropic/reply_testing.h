// What the dialect's golden and property tests have in common: its cases, and an SDK's view of a stream.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "lib/testing/golden.h"
#include "lib/wire/boost_json.h"
#include "lib/wire/sse.h"
#include "patchbay/upstream/v1/upstream.pb.h"
#include "tests/unit/workers/frontend/dialects/canonical_golden.h"
#include "workers/frontend/dialects/anthropic/event_encoder.h"
#include "workers/frontend/dialects/anthropic/request_decoder.h"
#include "workers/frontend/dialects/anthropic/response_encoder.h"

namespace patchbay::frontend::anthropic {

using Events = std::vector<inference::v1::GenerateEvent>;

// The options of the case's request, or of one that shows thinking.
inline ReplyOptions OptionsOf(const std::filesystem::path& golden_case) {
  ReplyOptions options;
  options.thinking = true;
  if (!testing::HasFile(golden_case, "request.json")) return options;
  const auto request = DecodeRequest(*testing::ReadGolden(golden_case, "request.json"));
  return request.ok() ? request->reply : options;
}

inline ReplyIdentity Identity() { return {.id = "msg_1", .model = "claude-sonnet-4-5"}; }

// Puts a stream together as the SDKs do, and checks the grammar that they rely on: every event has its name, indexes
// are dense, blocks do not interleave, and nothing follows the terminal event. The message, or an object with `error`.
inline boost::json::object CollectStream(std::string_view stream) {
  namespace json = boost::json;
  json::object message;
  json::array content;
  std::vector<std::string> inputs;
  bool open = false, ended = false;
  const auto take = [&](const wire::SseEvent& event) {
    const json::value data = *wire::ParseJson(event.data);
    const std::string type(wire::FindString(data, "type"));
    ASSERT_EQ(type, event.event);
    ASSERT_FALSE(ended) << type << " after the end";
    if (type == "message_start") {
      ASSERT_TRUE(message.empty());
      message = data.at("message").as_object();
    } else if (type == "content_block_start") {
      ASSERT_FALSE(open) << "blocks interleave";
      open = true;
      ASSERT_EQ(static_cast<std::size_t>(data.at("index").as_int64()), content.size());
      content.push_back(data.at("content_block"));
      inputs.emplace_back();
    } else if (type == "content_block_delta") {
      ASSERT_TRUE(open);
      ASSERT_EQ(static_cast<std::size_t>(data.at("index").as_int64()) + 1, content.size());
      json::object& block = content.back().as_object();
      const json::object& delta = data.at("delta").as_object();
      const std::string kind(wire::FindString(data.at("delta"), "type"));
      if (kind == "text_delta") {
        block["text"].as_string().append(delta.at("text").as_string());
      } else if (kind == "thinking_delta") {
        block["thinking"].as_string().append(delta.at("thinking").as_string());
      } else if (kind == "signature_delta") {
        block["signature"] = delta.at("signature");
      } else if (kind == "input_json_delta") {
        inputs.back().append(delta.at("partial_json").as_string());
      } else {
        ASSERT_EQ(kind, "citations_delta");
        if (!block["citations"].is_array()) block["citations"].emplace_array();
        block["citations"].as_array().push_back(delta.at("citation"));
      }
    } else if (type == "content_block_stop") {
      ASSERT_TRUE(open);
      open = false;
      // Half an object, of a call that the length cut, is none.
      const auto input = wire::ParseJson(inputs.back());
      if (input.ok()) content.back().as_object()["input"] = *input;
    } else if (type == "message_delta") {
      ASSERT_FALSE(open);
      for (const char* member : {"stop_reason", "stop_sequence", "stop_details"}) {
        message[member] = data.at("delta").at(member);
      }
      for (const auto& number : data.at("usage").as_object())
        message["usage"].as_object()[number.key()] = number.value();
    } else if (type == "message_stop") {
      ASSERT_FALSE(message["stop_reason"].is_null());
      ended = true;
    } else if (type == "error") {
      message["error"] = data.at("error");
      ended = true;
    } else {
      ASSERT_EQ(type, "ping");
    }
  };
  wire::SseParser parser;
  EXPECT_TRUE(parser.Feed(stream, take).ok());
  EXPECT_TRUE(ended) << "no terminal event";
  message["content"] = std::move(content);
  return message;
}

}  // namespace patchbay::frontend::anthropic
