#include "cli/redact.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

#include <nlohmann/json.hpp>

#include "patchbay/gateway/v1/recorder.pb.h"

namespace patchbay::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Masked(std::string_view document) { return Redactor(false).Json(document); }
std::string Kept(std::string_view document) { return Redactor(true).Json(document); }

TEST(Redactor, MasksWhatPeopleWroteAndKeepsTheProtocol) {
  EXPECT_EQ(Masked(R"({"model":"gpt-5.5","messages":[{"role":"user","content":"Hello Bob, 42!"}],"stream":true})"),
            R"({"model":"gpt-5.5","messages":[{"role":"user","content":"xxxxx xxx, 00!"}],"stream":true})");
  EXPECT_EQ(Masked(R"({"content":"Grüße"})"), R"({"content":"xxxxx"})");
}

TEST(Redactor, ForgetsWhoTheUserIsAlsoWhenTextsAreKept) {
  for (const bool keep : {false, true}) {
    Redactor redactor(keep);
    const std::string safe = redactor.Json(
        R"({"user":"bob","metadata":{"user_id":"{\"account\":1}","x":"y"},"prompt_cache_key":"k","encrypted_content":"gAAAA"})");
    EXPECT_EQ(
        safe,
        R"({"user":"redacted","metadata":{"user_id":"redacted","x":"redacted"},"prompt_cache_key":"redacted","encrypted_content":"redacted"})");
  }
}

TEST(Redactor, TakesKeysTokensAndAddressesOutOfTexts) {
  const std::string safe = Kept(
      R"({"content":"mail bob@example.com with sk-proj-abcdefgh12345678 or pbk_AAAAAAAAAAAAAAAA in /home/bob/x, Bearer abc.def"})");
  EXPECT_EQ(safe, R"({"content":"mail redacted with redacted or redacted in redacted/x, redacted"})");
  EXPECT_THAT(Kept(R"({"content":"eyJhbGciOiJub25lIn0.eyJhIjoxfQ.sig"})"), Not(HasSubstr("eyJ")));
}

TEST(Redactor, PutsOtherImagesInTheirPlace) {
  const std::string safe =
      Masked(R"({"image_url":{"url":"data:image/jpeg;base64,/9j/4AAQ"},"file_url":"https://bob.example/x"})");
  EXPECT_THAT(safe, HasSubstr("data:image/png;base64,iVBOR"));
  EXPECT_THAT(safe, Not(HasSubstr("4AAQ")));
  EXPECT_THAT(safe, Not(HasSubstr("bob")));
}

TEST(Redactor, MakesZerosOfNumbersThatAreWords) {
  for (const auto& redacted : {Masked, Kept}) {
    EXPECT_EQ(redacted(R"({"model":"m","input":[[15,7],[9]],"dimensions":3,"encoding_format":"base64"})"),
              R"({"model":"m","input":[[0,0],[0]],"dimensions":3,"encoding_format":"base64"})");
    EXPECT_EQ(redacted(R"({"data":[{"index":1,"embedding":[0.5,-2]},{"index":0,"embedding":"AACAPw=="}]})"),
              R"({"data":[{"index":1,"embedding":[0,0]},{"index":0,"embedding":"AAAAAA=="}]})");
    EXPECT_EQ(redacted(R"({"embeddings":[{"values":[0.5]}],"embedding":{"values":[1]}})"),
              R"({"embeddings":[{"values":[0]}],"embedding":{"values":[0]}})");
    EXPECT_EQ(redacted(R"({"embeddings":[[0.5]],"context":[80,66],"eval_count":5})"),
              R"({"embeddings":[[0]],"context":[0,0],"eval_count":5})");
  }
}

TEST(Redactor, MasksTheLinesOfOllama) {
  const std::string jpeg = "/9j/4AAQSkZJRgABAQ";
  const std::string asked = Masked(R"({"model":"m","messages":[{"role":"user","content":"Bob","images":[")" + jpeg +
                                   R"(","SGkgQm9i"]}],"images":[")" + jpeg + R"("],"keep_alive":"5m"})");
  EXPECT_THAT(asked, Not(HasSubstr("4AAQ")));
  EXPECT_THAT(asked, Not(HasSubstr("SGkg")));
  EXPECT_THAT(asked, HasSubstr(R"("images":["iVBOR)"));
  EXPECT_THAT(asked, HasSubstr(R"("keep_alive":"5m")"));
  EXPECT_EQ(
      Redactor(false).Lines(
          R"({"model":"m","message":{"role":"assistant","content":"Hi","thinking":"Bob","tool_calls":[{"function":{"name":"f","arguments":{"who":"Bob"}}}]},"done":false})"
          "\n"
          R"({"model":"m","done":true,"done_reason":"stop","eval_count":7})"
          "\n"),
      R"({"model":"m","message":{"role":"assistant","content":"xx","thinking":"xxx","tool_calls":[{"function":{"name":"f","arguments":{"who":"xxx"}}}]},"done":false})"
      "\n"
      R"({"model":"m","done":true,"done_reason":"stop","eval_count":7})"
      "\n");
  EXPECT_EQ(Redactor(false).Lines("cut"), "xxx\n");
}

TEST(Redactor, MasksAllOfADocumentThatWasCut) {
  const std::string cut = Kept(R"({"user":"alice","input":"Hi","data":[{"embedding":[0.123,0.4)");
  EXPECT_THAT(cut, Not(HasSubstr("alice")));
  EXPECT_THAT(cut, Not(HasSubstr("123")));
  EXPECT_EQ(Kept("Bad gateway"), "Bad gateway") << "no document";
}

TEST(Redactor, PutsOtherFilesInTheirPlaceWhereverTheyStand) {
  const std::string safe = Masked(
      R"({"image":"data:image/jpeg;base64,/9j/4AAQ","mask":"https://bob.example/x","file":{"file_data":"JVBERi0x"}})");
  EXPECT_THAT(safe, HasSubstr(R"("image":"data:image/png;base64,iVBOR)"));
  EXPECT_THAT(safe, HasSubstr(R"("file_data":"AAAA")"));
  EXPECT_THAT(safe, Not(HasSubstr("4AAQ")));
  EXPECT_THAT(safe, Not(HasSubstr("bob")));
}

TEST(Redactor, MakesJsonOfAForm) {
  const std::string form =
      "--b\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\nA hat for Bob\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n1\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"user\"\r\n\r\nbob\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"image[]\"; filename=\"bob.png\"\r\n\r\nsecret \x01\xff bytes\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"image[]\"; filename=\"b\"\r\n\r\nothers\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"mask\"\r\nContent-Type: image/png\r\n\r\n\xff\r\n--b--";
  const auto safe = nlohmann::json::parse(Redactor(false).Body(form));
  EXPECT_EQ(safe["prompt"], "x xxx xxx xxx");
  EXPECT_EQ(safe["n"], 1);
  EXPECT_EQ(safe["user"], "redacted");
  ASSERT_EQ(safe["image"].size(), 2u);
  for (const auto& image : {safe["image"][0], safe["image"][1], safe["mask"]}) {
    EXPECT_THAT(image.get<std::string>(), HasSubstr("data:image/png;base64,iVBOR"));
  }
  // What is no form in the end is not kept at all.
  for (const std::size_t size : {std::size_t{2}, form.size() / 2, form.size() - 12}) {
    EXPECT_EQ(Redactor(true).Body(form.substr(0, size)), "\"redacted\"") << size;
  }
}

TEST(Redactor, MasksInsideArgumentsAndLeavesThemValid) {
  const std::string safe = Masked(R"({"arguments":"{\"path\":\"/a\\n\\u00e9\",\"count\":3,\"deep\":[{\"b\":true}]}"})");
  const auto value = nlohmann::json::parse(safe);
  const auto arguments = nlohmann::json::parse(value["arguments"].get<std::string>());
  EXPECT_EQ(arguments["path"], "/x\nx");
  EXPECT_EQ(arguments["count"], 3);
  EXPECT_EQ(arguments["deep"][0]["b"], true);
}

TEST(Redactor, MasksWhatToolsWereGivenAndGaveWhateverItsMembersAreCalled) {
  EXPECT_EQ(Masked(R"({"type":"tool_use","name":"find","input":{"name":"Bob","id":7,"list":[{"type":"Ann"}]}})"),
            R"({"type":"tool_use","name":"find","input":{"name":"xxx","id":7,"list":[{"type":"xxx"}]}})");
  EXPECT_EQ(Masked(R"({"functionCall":{"name":"find","args":{"name":"Bob"}}})"),
            R"({"functionCall":{"name":"find","args":{"name":"xxx"}}})");
  EXPECT_EQ(Masked(R"({"functionResponse":{"name":"find","response":{"name":"Bob"}}})"),
            R"({"functionResponse":{"name":"find","response":{"name":"xxx"}}})");
  // A schema's property may be called so too.
  EXPECT_EQ(Masked(R"({"properties":{"input":{"type":"string"}}})"), R"({"properties":{"input":{"type":"string"}}})");
}

TEST(Redactor, MasksArgumentsThatComeInPiecesAsOne) {
  const std::string whole = R"({"cmd":"ls -la \"My Docs\"","n":[1,"two"]})";
  for (std::size_t step = 1; step < whole.size(); ++step) {
    Redactor redactor(false);
    std::string joined;
    for (std::size_t at = 0; at < whole.size(); at += step) {
      const nlohmann::json event = {
          {"type", "response.function_call_arguments.delta"}, {"item_id", "fc_1"}, {"delta", whole.substr(at, step)}};
      joined += nlohmann::json::parse(redactor.Json(event.dump()))["delta"].get<std::string>();
    }
    EXPECT_EQ(joined, R"({"cmd":"xx -xx \"xx xxxx\"","n":[1,"xxx"]})") << step;
  }
}

TEST(Redactor, KeepsTheShapeOfAStream) {
  Redactor redactor(false);
  EXPECT_EQ(redactor.Events("event: a\ndata: {\"delta\":\"Hi\"}\n\n: comment\ndata: [DONE]\n\n"),
            "event: a\ndata: {\"delta\":\"xx\"}\n\n: comment\ndata: [DONE]\n\n");
}

TEST(Redactor, MasksWhatIsNoEventOfAStream) {
  EXPECT_EQ(Redactor(false).Events("event: a\ndata: {\"text\":\"Bob\"}\n\n: hi\n{\"text\":\"Bob\"}\n"),
            "event: a\ndata: {\"text\":\"xxx\"}\n\n: hi\n{\"xxxx\":\"xxx\"}\n");
}

TEST(Redactor, GoesThroughEveryFieldOfAnEvent) {
  gateway::v1::Recording recording;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(
        events { started { response_id: "resp_1" model: "gpt-5.5" } }
        events {
          item_began {
            index: 1
            item {
              id: "fc_1"
              tool_call { call_id: "c" name: "shell" }
            }
          }
        }
        events { tool_input_delta { index: 1 text: '{"cmd":"l' } }
        events { tool_input_delta { index: 1 text: 's"}' } }
        events {
          item_done {
            index: 2
            item { reasoning { summary: "Thought" encrypted_content: "gAAAA" } }
          }
        }
      )pb",
      &recording));
  Redactor redactor(false);
  for (auto& event : *recording.mutable_events()) redactor.Message(event);
  EXPECT_EQ(recording.events(0).started().response_id(), "resp_1");
  EXPECT_EQ(recording.events(1).item_began().item().tool_call().name(), "shell");
  EXPECT_EQ(recording.events(2).tool_input_delta().text() + recording.events(3).tool_input_delta().text(),
            R"({"cmd":"xx"})");
  EXPECT_EQ(recording.events(4).item_done().item().reasoning().summary(0), "xxxxxxx");
  EXPECT_EQ(recording.events(4).item_done().item().reasoning().encrypted_content(), "redacted");
}

TEST(Redactor, TakesWhatIsNoJsonForAText) { EXPECT_EQ(Masked("not json 1"), "xxx xxxx 0"); }

TEST(Redactor, EndsOnLongTexts) {
  const std::string text(300'000, 'a');
  EXPECT_EQ(Redactor(true).Json(nlohmann::json{{"content", text}}.dump()).find("aaaaaaaa" + std::string(100, 'a')),
            std::string::npos);
}

}  // namespace
}  // namespace patchbay::cli
