#include "supervisor/system/gateway_certificate.h"

#include "lib/log/log.h"
#include "lib/pki/authority.h"

namespace patchbay::supervisor {

Result<void> GatewayCertificate::Keep() {
  RETURN_IF_ERROR(Look(pki::kLockPatience));
  LookAgain(kLookEvery);
  return {};
}

Result<void> GatewayCertificate::Look(std::chrono::milliseconds patience) {
  ASSIGN_OR_RETURN(auto authority, pki::Authority::Open(state_dir_, time_.Now(), patience));
  ASSIGN_OR_RETURN(const bool made, authority.EnsureServer(time_.Now()));
  if (made) log::Info("gateway.certificate_made", {{"file", pki::Files(state_dir_).server.string()}});
  return {};
}

void GatewayCertificate::LookAgain(std::chrono::milliseconds after) {
  next_ = time_.After(after, [this] {
    // The event loop waits for nobody: a command that has the authority now is done in a moment.
    const Result<void> looked = Look(std::chrono::milliseconds(0));
    if (!looked.ok()) log::Warn("gateway.certificate_not_renewed", {{"error", looked.error().message}});
    LookAgain(looked.ok() ? std::chrono::milliseconds(kLookEvery) : std::chrono::milliseconds(kRetryAfter));
  });
}

}  // namespace patchbay::supervisor
