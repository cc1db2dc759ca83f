// Documents that hold accounts, on their way to the gateway.
#pragma once

#include <string>

#include "cli/context.h"

namespace patchbay::cli {

// Adds the accounts of a document, or of standard input for "-", and prints what became of each. `label` is for a
// document that holds one.
Result<void> ImportAccounts(const Context& context, const std::string& file, const std::string& label);
// The login in that file becomes an account, and stays in the file: the gateway reads and writes it there.
Result<void> ShareLogin(const Context& context, const std::string& file, const std::string& label);

}  // namespace patchbay::cli
