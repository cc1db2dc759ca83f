// What a client key has set aside for a call: made before the pool is asked, kept with the request, and given back when
// the last copy goes, whichever way the call ends.
#pragma once

#include <string_view>

#include "workers/accounts/pool/outcome.h"

namespace patchbay::accounts {

// A model, as far as what a call on it may cost depends on it.
struct HeldFor {
  std::string_view provider;
  std::string_view wire_model;
  std::string_view tier;  // empty: the standard one
};

class CallHold {
 public:
  virtual ~CallHold() = default;
  // Whether the key has room for the call on that model.
  virtual bool HasRoomFor(const HeldFor& model, const Moment& now) const = 0;
  // From now on it is for that model. False, and nothing has changed: there is no room for it.
  virtual bool MoveTo(const HeldFor& model, const Moment& now) = 0;
};

}  // namespace patchbay::accounts
