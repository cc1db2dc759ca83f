#include "supervisor/events/event_json.h"

#include <gtest/gtest.h>

namespace patchbay::supervisor {
namespace {

TEST(EventJson, HasWhatThereIsAndNothingElse) {
  SeenEvent seen{7, "accounts", {}};
  seen.event.set_kind(events::v1::EVENT_KIND_EXHAUSTED);
  seen.event.mutable_at()->set_seconds(1'000'000'000);
  seen.event.set_account("acc_1");
  seen.event.set_account_label("B\u00fcro");
  seen.event.set_provider("p");
  seen.event.set_evidence("429 \"x\"");
  seen.event.mutable_until()->set_seconds(1'000'003'600);
  EXPECT_EQ(EventJson(seen, "run_1"),
            R"({"text":"account acc_1 (B)"
            "\u00fc"
            R"(ro) has used up its quota, until 2001-09-09T02:46:40Z: 429 \"x\"","kind":"exhausted","severity":"info",)"
            R"("at":"2001-09-09T01:46:40Z","account":"acc_1","account_label":"B)"
            "\u00fc"
            R"(ro","provider":"p","evidence":"429 \"x\"","until":"2001-09-09T02:46:40Z","run":"run_1","sequence":7})");
}

TEST(EventJson, HasTheThresholdAsANumber) {
  SeenEvent seen{8, "accounts", {}};
  seen.event.set_kind(events::v1::EVENT_KIND_QUOTA_LOW);
  seen.event.set_account("acc_1");
  seen.event.set_part("7d window");
  seen.event.set_threshold(95);
  EXPECT_NE(EventJson(seen, "run_1").find(R"("part":"7d window","threshold":95,)"), std::string::npos);
}

}  // namespace
}  // namespace patchbay::supervisor
