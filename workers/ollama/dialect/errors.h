// Ollama's errors (client-protocols §F.10): {"error": "…"} with a status, or as a line of a stream. Pure.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/error.h"

namespace patchbay::ollama {

inline constexpr char kJsonType[] = "application/json; charset=utf-8";
inline constexpr char kLinesType[] = "application/x-ndjson";
inline constexpr char kTextType[] = "text/plain; charset=utf-8";

// Without the line's end.
std::string EncodeError(std::string_view message);

// The status of an answer that failed before its first byte.
int StatusOf(ErrorCode code);

// What the real server says of a model that it has not: 404.
Error UnknownModel(std::string_view asked);
// `"m" does not support chat`: 400.
Error DoesNotSupport(std::string_view asked, std::string_view what);

}  // namespace patchbay::ollama
