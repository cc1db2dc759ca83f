// What the tests of this room have in common: canonical messages as text, and a decoder whose events are given.
#pragma once

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "patchbay/inference/v1/event.pb.h"
#include "workers/upstream/dialects/common/answer_restorer.h"
#include "workers/upstream/dialects/common/fit_request.h"
#include "workers/upstream/dialects/dialect.h"

namespace patchbay::upstream {

template <class Message>
Message Parsed(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

inline std::string InOneLine(const google::protobuf::Message& message) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  std::string text;
  printer.PrintToString(message, &text);
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

// Each line of what it is fed is one event, as text.
class DecoderOfText final : public ResponseDecoder {
 public:
  Result<void> Feed(std::string_view bytes, GenerateEvents& events) override {
    while (!bytes.empty()) {
      const std::size_t end = std::min(bytes.find('\n'), bytes.size());
      *events.Add() = Parsed<inference::v1::GenerateEvent>(std::string(bytes.substr(0, end)));
      if (events[events.size() - 1].has_finished()) {
        summary_.ended = true;
        summary_.finish_reason = events[events.size() - 1].finished().reason();
      }
      bytes.remove_prefix(std::min(end + 1, bytes.size()));
    }
    return {};
  }
  // Some answers end with their body.
  Result<void> End(GenerateEvents& events) override {
    return summary_.ended ? Result<void>() : Feed("finished { reason: FINISH_REASON_STOP }", events);
  }
  const ResponseSummary& summary() const override { return summary_; }

 private:
  ResponseSummary summary_;
};

// What becomes of those events, each in one line.
inline std::vector<std::string> RestoredBy(AnswerPlan plan, const std::vector<std::string>& events) {
  AnswerRestorer restorer(std::make_unique<DecoderOfText>(), std::make_shared<const AnswerPlan>(std::move(plan)));
  std::vector<std::string> lines;
  for (const std::string& event : events) {
    GenerateEvents restored;
    EXPECT_TRUE(restorer.Feed(event, restored).ok());
    for (const auto& each : restored) lines.push_back(InOneLine(each));
  }
  return lines;
}

}  // namespace patchbay::upstream
