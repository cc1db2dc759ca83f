// What the golden tests of small translated dialects have in common: a decoded request as text, and events from a file.
#pragma once

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "lib/testing/golden.h"
#include "patchbay/inference/v1/request.pb.h"
#include "patchbay/upstream/v1/upstream.pb.h"
#include "workers/frontend/call/problem.h"
#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend {

inline std::vector<std::filesystem::path> GoldenCasesWith(std::string_view area, std::string_view file) {
  auto cases = testing::GoldenCases(area);
  std::erase_if(cases, [&](const auto& golden_case) { return !testing::HasFile(golden_case, file); });
  return cases;
}

inline std::string GoldenName(const ::testing::TestParamInfo<std::filesystem::path>& info) {
  return info.param.filename().string();
}

inline void ExpectGolden(const std::filesystem::path& golden_case, std::string_view file, std::string_view actual) {
  const auto matched = testing::MatchGolden(golden_case, file, actual);
  EXPECT_TRUE(matched.ok()) << matched.error().message;
}

inline std::vector<inference::v1::GenerateEvent> GoldenEvents(const std::filesystem::path& golden_case) {
  upstream::v1::Events events;
  const auto text = testing::ReadGolden(golden_case, "events.txtpb");
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(*text, &events)) << golden_case;
  return {events.events().begin(), events.events().end()};
}

// How the case's answer broke off, as the engine tells it; nothing when the answer came to its end.
inline std::optional<Problem> GoldenFailure(const std::filesystem::path& golden_case) {
  if (!testing::HasFile(golden_case, "failure.txtpb")) return std::nullopt;
  inference::v1::Failure failure;
  EXPECT_TRUE(
      google::protobuf::TextFormat::ParseFromString(*testing::ReadGolden(golden_case, "failure.txtpb"), &failure));
  return ProblemOf(failure);
}

// The cases whose answers come to their end.
inline std::vector<std::filesystem::path> GoldenWholeAnswers(std::string_view area) {
  auto cases = GoldenCasesWith(area, "events.txtpb");
  std::erase_if(cases, [](const auto& golden_case) { return testing::HasFile(golden_case, "failure.txtpb"); });
  return cases;
}

// The text that a delta adds; null for events that are none.
inline std::string* DeltaText(inference::v1::GenerateEvent& event) {
  using inference::v1::GenerateEvent;
  switch (event.kind_case()) {
    case GenerateEvent::kTextDelta: return event.mutable_text_delta()->mutable_text();
    case GenerateEvent::kRefusalDelta: return event.mutable_refusal_delta()->mutable_text();
    case GenerateEvent::kReasoningDelta: return event.mutable_reasoning_delta()->mutable_text();
    case GenerateEvent::kToolInputDelta: return event.mutable_tool_input_delta()->mutable_text();
    default: return nullptr;
  }
}

// Of which nobody knows which piece of a delta they are about.
inline void ClearLogprobs(std::vector<inference::v1::GenerateEvent>& events) {
  for (auto& event : events) {
    if (event.has_text_delta()) event.mutable_text_delta()->clear_logprobs();
  }
}

// The same answer with every delta cut into pieces of at least `size` bytes, never inside a character.
inline std::vector<inference::v1::GenerateEvent> CutDeltas(const std::vector<inference::v1::GenerateEvent>& events,
                                                           std::size_t size) {
  std::vector<inference::v1::GenerateEvent> cut;
  for (inference::v1::GenerateEvent event : events) {
    const std::string* text = DeltaText(event);
    if (text == nullptr) {
      cut.push_back(std::move(event));
      continue;
    }
    const std::string whole = *text;
    for (std::size_t at = 0; at < whole.size();) {
      std::size_t end = std::min(at + size, whole.size());
      while (end < whole.size() && (static_cast<unsigned char>(whole[end]) & 0xC0) == 0x80) ++end;
      *DeltaText(event) = whole.substr(at, end - at);
      cut.push_back(event);
      at = end;
    }
  }
  return cut;
}
// Sizes that cut characters' neighbours, words and escapes at other places each time.
inline constexpr std::size_t kCutSizes[] = {1, 2, 3, 7};

inline std::string Listed(std::string_view what, const std::vector<std::string>& words) {
  if (words.empty()) return {};
  std::string text = "# " + std::string(what) + ":";
  for (const auto& word : words) text.append(" ").append(word);
  return text + "\n";
}

// `facts` are lines of comments about what is not in the canonical request.
inline std::string Described(const Error& error) {
  return "# error: " + std::string(ToString(error.code)) + " at " + error.where + ": " + error.message + "\n";
}
inline std::string Described(const inference::v1::GenerateRequest& request, const std::string& facts) {
  std::string fields;
  google::protobuf::TextFormat::PrintToString(request, &fields);
  return "# proto-message: patchbay.inference.v1.GenerateRequest\n" + facts + fields;
}

}  // namespace patchbay::frontend
