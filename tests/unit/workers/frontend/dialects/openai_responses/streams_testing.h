// A stream of this API, read as a client does.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string_view>
#include <vector>

#include "lib/wire/boost_json.h"
#include "lib/wire/sse.h"

namespace patchbay::frontend::openai_responses {

// The data of its events, each of which is named as its `type` says.
inline std::vector<boost::json::value> EventsIn(std::string_view stream) {
  std::vector<boost::json::value> events;
  const auto take = [&](const wire::SseEvent& event) {
    auto data = wire::ParseJson(event.data);
    ASSERT_TRUE(data.ok()) << event.data;
    EXPECT_EQ(event.event, wire::FindString(*data, "type"));
    events.push_back(std::move(*data));
  };
  wire::SseParser parser;
  EXPECT_TRUE(parser.Feed(stream, take).ok());
  return events;
}

}  // namespace patchbay::frontend::openai_responses
