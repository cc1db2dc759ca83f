// How a device logs in with ChatGPT: JSON, a code instead of tokens, and an interval that is a text (codex-wire §14.2).
// Pure.
#pragma once

#include "workers/accounts/providers/device.h"

namespace patchbay::accounts {

TokenRequest AskCodexDevice(const catalog::v1::OAuth& oauth);
DeviceReply ReadCodexDevice(int status, std::string_view body);
TokenRequest PollCodexDevice(const catalog::v1::OAuth& oauth, const DeviceCode& code);
DevicePoll ReadCodexPoll(int status, std::string_view body);

inline constexpr DeviceFlow kCodexDevice{
    .ask = AskCodexDevice, .read = ReadCodexDevice, .poll = PollCodexDevice, .read_poll = ReadCodexPoll};

}  // namespace patchbay::accounts
