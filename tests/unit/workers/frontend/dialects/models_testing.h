// A list of models for the tests of its shapes, and looks into what they write.
#pragma once

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "lib/wire/boost_json.h"
#include "patchbay/accounts/v1/models.pb.h"

namespace patchbay::frontend::testing_models {

inline accounts::v1::ListModelsReply Models() {
  accounts::v1::ListModelsReply reply;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(models {
             id: "gpt-5.5"
             provider: "codex"
             owner: "openai"
             display_name: "GPT-5.5"
             context_window: 272000
             vision: true
             tools: true
             reasoning_efforts: "low"
             reasoning_efforts: "high"
             created_at { seconds: 1776729600 }
             live: true
             priority: 1
             provider_entry_json: '{"slug":"gpt-5.5","display_name":"GPT-5.5","x":1}'
             plans: "plus"
           }
           models {
             id: "hidden"
             provider: "codex"
             owner: "openai"
             hidden: true
             live: true
             provider_entry_json: '{"slug":"hidden"}'
           }
           models {
             id: "mine"
             provider: "codex"
             owner: "openai"
             alias_of: "gpt-5.5"
             live: true
             provider_entry_json: '{"slug":"gpt-5.5","display_name":"GPT-5.5","x":1}'
           }
           models { id: "other" provider: "elsewhere" owner: "elsewhere" reasoning_efforts: "high" })pb",
      &reply));
  return reply;
}

inline boost::json::value Parsed(const std::string& text) {
  auto value = wire::ParseJson(text);
  EXPECT_TRUE(value.ok()) << text;
  return value.ok() ? *value : boost::json::value();
}

inline std::vector<std::string> Ids(const boost::json::value& list, const char* key) {
  std::vector<std::string> ids;
  for (const boost::json::value& item : list.as_array()) ids.emplace_back(item.at(key).as_string());
  return ids;
}

}  // namespace patchbay::frontend::testing_models
