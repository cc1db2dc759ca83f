#include "workers/upstream/dialects/common/call_ids.h"

#include <gmock/gmock.h>

#include "tests/unit/workers/upstream/dialects/common/fitting.h"
#include "workers/upstream/dialects/common/identifiers.h"

namespace patchbay::upstream {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

const RequestLimits kLimits{.call_ids = {.bytes_max = 64}, .unique_call_ids = true};

// "a" is a call of that id, "=a" the result of one. What becomes of them, in the same notation.
class CallIds : public ::testing::Test {
 protected:
  std::vector<std::string> Fit(const std::vector<std::string>& conversation, const RequestLimits& limits = kLimits) {
    inference::v1::GenerateRequest request;
    for (const std::string& each : conversation) {
      if (each.starts_with("=")) {
        request.add_items()->mutable_tool_result()->set_call_id(each.substr(1));
      } else {
        request.add_items()->mutable_tool_call()->set_call_id(each);
      }
    }
    FitCallIds(request, limits, plan_);
    std::vector<std::string> fitted;
    for (const auto& item : request.items()) {
      fitted.push_back(item.has_tool_call() ? item.tool_call().call_id() : "=" + item.tool_result().call_id());
    }
    return fitted;
  }

  AnswerPlan plan_;
};

TEST_F(CallIds, StayAsTheyAreWhereTheyFit) {
  EXPECT_THAT(Fit({"a", "b", "=b", "=a"}), ElementsAre("a", "b", "=b", "=a"));
  EXPECT_TRUE(plan_.empty());
}

TEST_F(CallIds, AreShortenedWithTheirResults) {
  const std::string id(90, 'x');
  const std::string fitted = MadeToFit(id, kLimits.call_ids);
  EXPECT_EQ(fitted.size(), 64u);
  EXPECT_THAT(Fit({id, "=" + id}), ElementsAre(fitted, "=" + fitted));
  EXPECT_THAT(plan_.call_ids, ElementsAre(Pair(fitted, id)));
}

TEST_F(CallIds, ThatComeAgainInALaterTurnAreMadeUnique) {
  EXPECT_THAT(Fit({"call_0", "=call_0", "call_0", "=call_0", "call_0", "=call_0"}),
              ElementsAre("call_0", "=call_0", "call_0_2", "=call_0_2", "call_0_3", "=call_0_3"));
  EXPECT_THAT(plan_.call_ids, ElementsAre(Pair("call_0_2", "call_0"), Pair("call_0_3", "call_0")));
}

TEST_F(CallIds, OfParallelCallsPairInTheirOrder) {
  EXPECT_THAT(Fit({"c", "c", "=c", "=c", "c", "=c"}), ElementsAre("c", "c_2", "=c", "=c_2", "c_3", "=c_3"));
}

TEST_F(CallIds, ThatAreLongAndComeAgainAreBothMended) {
  const std::string id(90, 'x');
  const auto fitted = Fit({id, "=" + id, id, "=" + id});
  EXPECT_EQ(fitted[1], "=" + fitted[0]);
  EXPECT_EQ(fitted[3], "=" + fitted[2]);
  EXPECT_NE(fitted[0], fitted[2]);
  for (const std::string& each : fitted) EXPECT_LE(each.size(), 65u);
}

TEST_F(CallIds, NeverTakeAnotherCallsPlace) {
  EXPECT_THAT(Fit({"c", "=c", "c_2", "=c_2", "c", "=c"}), ElementsAre("c", "=c", "c_2", "=c_2", "c_3", "=c_3"));
  EXPECT_THAT(Fit({"c", "=c", "c", "=c", "c_2", "=c_2"}), ElementsAre("c", "=c", "c_2", "=c_2", "c_2_2", "=c_2_2"));
}

// So the provider's prompt cache stays warm.
TEST_F(CallIds, OfAHistoryAreTheSameWhateverFollows) {
  const std::vector<std::string> turns = {"c", "=c", "c", "=c", std::string(90, 'y'), "=" + std::string(90, 'y')};
  const auto longer = Fit(turns);
  for (std::size_t size = 2; size < turns.size(); size += 2) {
    const auto shorter = Fit({turns.begin(), turns.begin() + static_cast<std::ptrdiff_t>(size)});
    EXPECT_TRUE(std::equal(shorter.begin(), shorter.end(), longer.begin()));
  }
}

TEST_F(CallIds, MayRepeatWhereTheProviderDoesNotMind) {
  EXPECT_THAT(Fit({"c", "=c", "c", "=c"}, {}), ElementsAre("c", "=c", "c", "=c"));
}

TEST_F(CallIds, OfResultsThatAnswerNoOpenCallStayTheirCalls) {
  EXPECT_THAT(Fit({"c", "=c", "c", "=c", "=c", "=d"}), ElementsAre("c", "=c", "c_2", "=c_2", "=c_2", "=d"));
}

}  // namespace
}  // namespace patchbay::upstream
