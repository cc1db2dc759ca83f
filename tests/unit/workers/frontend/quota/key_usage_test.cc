#include "workers/frontend/quota/key_usage.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

namespace patchbay::frontend {
namespace {

const ClientKey kHolder{"ck_1", "me", accounts::v1::QUOTA_VIEW_UNSPECIFIED};

TEST(KeyUsage, TellsTheHolderWhatIsLeft) {
  accounts::v1::PoolQuota pool;
  ASSERT_TRUE(
      google::protobuf::TextFormat::ParseFromString(R"pb(
                                                      provider: "codex"
                                                      plan: "plus"
                                                      has_room: true
                                                      windows {
                                                        used_percent: 33.333
                                                        length { seconds: 18000 }
                                                        resets_at { seconds: 9000 }
                                                      }
                                                      windows {
                                                        name: "codex_bengalfox"
                                                        used_percent: 1
                                                        length { seconds: 18000 }
                                                      }
                                                      windows { name: "requests" used_percent: 50 }
                                                      limit_names { key: "codex_bengalfox" value: "Spark" })pb",
                                                    &pool));
  EXPECT_EQ(KeyUsageJson(kHolder, accounts::v1::QUOTA_VIEW_POOL, &pool, 1000),
            R"({"object":"usage","key":{"id":"ck_1","name":"me"},"quota_view":"pool","quota":{"provider":"codex",)"
            R"("plan":"plus","allowed":true,"available_at":null,"windows":[{"limit":null,"length_seconds":18000,)"
            R"("used_percent":33.33,"remaining_percent":66.67,"resets_at":9000},{"limit":"codex_bengalfox",)"
            R"("limit_name":"Spark","length_seconds":18000,"used_percent":1,"remaining_percent":99,"resets_at":null}],)"
            R"("credits":null}})");
}

TEST(KeyUsage, TellsNothingWhereNothingIsShown) {
  EXPECT_EQ(KeyUsageJson(kHolder, accounts::v1::QUOTA_VIEW_NONE, nullptr, 1000),
            R"({"object":"usage","key":{"id":"ck_1","name":"me"},"quota_view":"none","quota":null})");
}

}  // namespace
}  // namespace patchbay::frontend
