// The control API: plain HTTP on a loopback port, for tests. README.md beside this file lists it.
#pragma once

#include "tests/sim/provider.h"

namespace patchbay::sim {

class Control final : public Handler {
 public:
  explicit Control(Provider& provider) : provider_(provider) {}

  Plan Handle(Request& request, bool tls) override;

 private:
  Reply Route(const Request& request);
  Reply OnAccounts(const Request& request);
  Reply OnAccount(const Request& request, Account& account, std::string_view action);
  Reply OnLogin(std::string_view method, const json::object& body);
  Reply OnReplies(std::string_view method, const json::object& body);
  Reply OnReset(const json::object& body);
  Reply OnStats() const;

  Provider& provider_;
};

}  // namespace patchbay::sim
