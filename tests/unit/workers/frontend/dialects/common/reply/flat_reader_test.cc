#include "workers/frontend/dialects/common/reply/flat_reader.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

#include <string>
#include <vector>

namespace patchbay::frontend {
namespace {

using ::testing::ElementsAre;

// The text, and of each citation the words that it is about.
class Answer final : public FlatListener {
 public:
  std::string text;
  std::vector<std::string> cited;

 private:
  void OnStarted(const inference::v1::Started&) override {}
  void OnText(std::string_view piece) override { text.append(piece); }
  void OnRefusal(std::string_view) override {}
  void OnReasoning(std::string_view) override {}
  void OnCall(int, const inference::v1::ToolCall&) override {}
  void OnCallInput(int, inference::v1::ToolKind, std::string_view) override {}
  void OnCitation(const inference::v1::Citation& citation) override {
    const auto begin = static_cast<std::size_t>(citation.begin());
    cited.push_back(text.substr(begin, static_cast<std::size_t>(citation.end()) - begin));
  }
  void OnUsage(const inference::v1::Usage&) override {}
  void OnFinished(inference::v1::FinishReason) override {}
};

TEST(FlatReader, PlacesCitationsInTheWholeText) {
  Answer answer;
  FlatReader reader(answer);
  for (const char* text : {
           R"(started {})",
           R"(text_delta { index: 0 part: 0 text: "One. " })",
           R"(text_delta { index: 0 part: 1 text: "Two." })",
           R"(annotation_added { index: 0 part: 0 citation { web { url: "a" } begin: 0 end: 3 } })",
           R"(annotation_added { index: 0 part: 1 citation { web { url: "b" } begin: 0 end: 3 } })",
           R"(text_delta { index: 1 part: 0 text: "Three." })",
           R"(annotation_added { index: 1 part: 0 citation { web { url: "c" } } })",
       }) {
    inference::v1::GenerateEvent event;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &event)) << text;
    ASSERT_TRUE(reader.Read(event).ok());
  }
  EXPECT_EQ(answer.text, "One. Two.\n\nThree.");
  EXPECT_THAT(answer.cited, ElementsAre("One", "Two", "Three.")) << "without a range it is about all of its part";
}

TEST(FlatReader, KeepsARangeThatIsBeyondAllTextInItsBounds) {
  Answer answer;
  FlatReader reader(answer);
  inference::v1::GenerateEvent event;
  event.mutable_started();
  ASSERT_TRUE(reader.Read(event).ok());
  event.mutable_text_delta()->set_text("abc");
  ASSERT_TRUE(reader.Read(event).ok());
  event.mutable_text_delta()->set_index(1);
  ASSERT_TRUE(reader.Read(event).ok());
  auto& added = *event.mutable_annotation_added();
  added.set_index(1);
  added.mutable_citation()->set_begin(1);
  added.mutable_citation()->set_end(std::numeric_limits<std::int32_t>::max());
  ASSERT_TRUE(reader.Read(event).ok());
  EXPECT_THAT(answer.cited, ElementsAre("bc"));
}

}  // namespace
}  // namespace patchbay::frontend
