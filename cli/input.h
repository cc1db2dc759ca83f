// Secrets and documents on their way in: from a file, from standard input, from the environment.
#pragma once

#include <cstddef>
#include <string>

#include "lib/base/result.h"
#include "lib/base/secret.h"

namespace patchbay::cli {

inline constexpr std::size_t kMaxDocumentBytes = 16 << 20;

// The whole of a file, or of standard input for "-".
Result<std::string> ReadAll(const std::string& file);

// Where one secret may come from. At most one may be given.
struct SecretSource {
  std::string value;  // "-" reads one line of standard input
  std::string file;   // first line
};

// The secret, or an empty one when no source was given and `variable` is not set either.
Result<Secret> ReadSecret(const SecretSource& source, const char* variable);

}  // namespace patchbay::cli
