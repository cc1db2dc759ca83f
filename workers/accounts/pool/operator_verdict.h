// What an operator says that an error means (accounts.verdicts of the configuration): rows before our own.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "patchbay/config/v1/config.pb.h"
#include "workers/accounts/pool/verdict.h"

namespace patchbay::accounts {

struct OperatorVerdict {
  std::string name;
  std::string provider;  // empty: every one
  int status_min = 0, status_max = 599;
  std::string code;  // empty: any
  std::string says;  // in lower case; empty: anything
  Fault fault{};
  Effect effect{};
  Elsewhere elsewhere{};
  Evidence evidence = Evidence::kWeak;
  std::chrono::milliseconds rest{0};

  // Of an answer of `provider`. What stopped before there was one is not the operator's to judge.
  bool Matches(const std::string& provider, const FailureFacts& failure) const;
};

// In the order in which they are tried. `config` is valid.
std::vector<OperatorVerdict> OperatorVerdictsOf(const config::v1::Accounts& config);

}  // namespace patchbay::accounts
