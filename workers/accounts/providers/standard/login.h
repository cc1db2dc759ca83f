// A login as the standards have it: RFC 6749 for tokens, RFC 8628 for devices, OpenID Connect's claims. Pure.
#pragma once

#include "workers/accounts/providers/login.h"

namespace patchbay::accounts {

// OpenID Connect §5.1; kInvalidArgument when the text is no JSON web token.
Result<TokenClaims> ReadStandardClaims(std::string_view token);
RefreshReply ReadStandardRefresh(int status, std::string_view body);

TokenRequest AskStandardDevice(const catalog::v1::OAuth& oauth);
DeviceReply ReadStandardDevice(int status, std::string_view body);
TokenRequest PollStandardDevice(const catalog::v1::OAuth& oauth, const DeviceCode& code);
DevicePoll ReadStandardPoll(int status, std::string_view body);

inline constexpr DeviceFlow kStandardDevice{
    .ask = AskStandardDevice, .read = ReadStandardDevice, .poll = PollStandardDevice, .read_poll = ReadStandardPoll};

// An access token is the provider's own business (RFC 6749 §1.4): none has to say anything.
inline bool SaysNothing(std::string_view) { return true; }

inline constexpr Login kStandardLogin{.read_claims = ReadStandardClaims,
                                      .is_opaque = SaysNothing,
                                      .read_refresh = ReadStandardRefresh,
                                      .device = &kStandardDevice,
                                      .file = nullptr};

}  // namespace patchbay::accounts
