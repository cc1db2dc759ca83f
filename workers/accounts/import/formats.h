// How other programs write an account: each form by what it is recognised by, and what it means. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "lib/wire/json_members.h"
#include "workers/accounts/import/import_document.h"

namespace patchbay::accounts {

struct ImportFormat {
  std::string_view name;
  bool (*is)(const nlohmann::json& entry);
  // Into `item.provider` goes the word that the program has for the provider; import_document.cc knows whose it is.
  ImportItem (*read)(const nlohmann::json& entry);
};

// Tried in order: what is most particular comes first.
std::span<const ImportFormat> ImportFormats();

// The first of those members that is a text and not empty.
std::string FirstText(const nlohmann::json& object, std::initializer_list<const char*> keys);
// Cut at a character's start, so that a label stays valid UTF-8.
std::string CutLabel(std::string label);
// A token by itself: a refresh token where it begins as one, else an access token.
ImportItem FromToken(std::string_view token);

}  // namespace patchbay::accounts
