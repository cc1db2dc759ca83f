// A login that another program keeps in a file of its own: how that is read and written. Pure.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/base/secret.h"

namespace patchbay::accounts {

struct FileLogin {
  Secret access;
  Secret refresh;
  Secret id;
  std::string provider_account_id;
};

struct LoginFile {
  // kInvalidArgument: the text is no such file, or holds no login that is renewed. Never quotes it.
  Result<FileLogin> (*read)(std::string_view text);
  // The file with this login in place of its own, and all that it says besides. An empty part leaves what is there.
  Result<std::string> (*write)(std::string_view text, const FileLogin& login, WallTime now);
};

}  // namespace patchbay::accounts
