// Tests of this library, once for each of the reactor's modes.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "lib/testing/rpc_fixture.h"

namespace patchbay::rpc {

// The parameter: whether the reactor runs in its threaded mode.
class RpcTest : public ::testing::TestWithParam<bool>, protected testing::RpcFixture {
 protected:
  RpcTest() : RpcFixture(GetParam()) {}
};

inline std::string NameOfMode(const ::testing::TestParamInfo<bool>& info) { return info.param ? "Threaded" : "Fast"; }

}  // namespace patchbay::rpc
