#include "workers/ollama/dialect/relayed_model.h"

#include <gtest/gtest.h>

#include <string>

namespace patchbay::ollama {
namespace {

// The body without the tag, or "-" where there is none.
std::string Untagged(std::string body) {
  const auto tagged = FindTaggedModel(body);
  if (!tagged) return "-";
  EXPECT_TRUE(tagged->name.ends_with(":latest"));
  body.erase(tagged->tag_at, tagged->tag_size);
  return body;
}

TEST(RelayedModelTest, FindsTheTagWhereverTheNameStands) {
  EXPECT_EQ(Untagged(R"({"model":"m:latest"})"), R"({"model":"m"})");
  EXPECT_EQ(Untagged(" {\n\"model\" :\t\"a/b:latest\" , \"x\": 1}"), " {\n\"model\" :\t\"a/b\" , \"x\": 1}");
  EXPECT_EQ(Untagged(R"({"a":[{"model":"x:latest"},"]}\"",2],"b":{"c":[]},"d":-1.5,"e":null,"model":"m:latest"})"),
            R"({"a":[{"model":"x:latest"},"]}\"",2],"b":{"c":[]},"d":-1.5,"e":null,"model":"m"})");
  EXPECT_EQ(Untagged(R"({"text":"\\","model":"m:latest","n":"y:latest"})"),
            R"({"text":"\\","model":"m","n":"y:latest"})");
}

TEST(RelayedModelTest, FindsNothingElse) {
  for (const char* body :
       {"", " ", "{}", "[]", "null", R"(["model","m:latest"])", R"({"model":"m"})", R"({"model":"m:13b"})",
        R"({"model":":latest"})", R"({"model":"latest"})", R"({"model":7})", R"({"model":["m:latest"]})",
        R"({"a":{"model":"m:latest"}})", R"({"models":"m:latest"})", R"({"x":"\"model\":\"m:latest\""})"}) {
    EXPECT_EQ(Untagged(body), "-") << body;
  }
}

TEST(RelayedModelTest, SurvivesWhatIsNoJson) {
  const std::string whole = R"({"a":[{"b":"\"x"}],"c":"d\\","model":"m:latest")";
  for (std::size_t size = 0; size + 1 < whole.size(); ++size) EXPECT_EQ(Untagged(whole.substr(0, size)), "-") << size;
  for (const char* body : {"{,", "{:", "{\"", "{\"a\"", "{\"a\":", "{\"a\":]", "{\"a\":}", "{\"a\":1]",
                           "{model:\"m:latest\"}", "{\"a\" \"model\":\"m:latest\"}", "{\"\\"}) {
    EXPECT_EQ(Untagged(body), "-") << body;
  }
}

}  // namespace
}  // namespace patchbay::ollama
