#include "workers/frontend/call/attempt_reply.h"

#include <gtest/gtest.h>

namespace patchbay::frontend {
namespace {

class Translation final : public TranslatedReply {
 public:
  Result<void> Event(const inference::v1::GenerateEvent&, std::string& out) override {
    out.append("event ");
    return {};
  }
  Result<void> End(std::string& out) override {
    out.append("end");
    return {};
  }
  void Break(const Problem&, std::string&) override {}
};
class Relay final : public RelayedReply {
 public:
  Result<bool> Bytes(std::string_view bytes, std::string& out) override {
    out.append(bytes);
    return true;
  }
  Result<void> End(std::string&) override { return {}; }
  void Break(const Problem& problem, std::string& out) override { out.append(problem.message); }
};

ReplyPlan BothWays() {
  ReplyPlan plan;
  plan.translated = [] { return std::make_unique<Translation>(); };
  plan.relayed = [](const CallRoute&) { return std::make_unique<Relay>(); };
  return plan;
}

TEST(AttemptReply, IsOfTheKindThatItsRouteWants) {
  std::string out;
  AttemptReply translated(BothWays(), {});
  EXPECT_TRUE(translated.Event({}, out).ok());
  EXPECT_TRUE(translated->End(out).ok());
  EXPECT_EQ(out, "event end");
  CallRoute route;
  route.relay = true;
  AttemptReply relayed(BothWays(), route);
  EXPECT_TRUE(*relayed.Bytes(" bytes ", out));
  relayed->Break(Problem(Problem::Kind::kProvider, "broken"), out);
  EXPECT_EQ(out, "event end bytes broken");
}

TEST(AttemptReply, RefusesWhatComesByTheOtherWay) {
  std::string out;
  EXPECT_EQ(AttemptReply(std::make_unique<Translation>()).Bytes("x", out).error().code, ErrorCode::kInternal);
  EXPECT_EQ(AttemptReply(std::make_unique<Relay>()).Event({}, out).error().code, ErrorCode::kInternal);
  EXPECT_EQ(out, "");
}

}  // namespace
}  // namespace patchbay::frontend
