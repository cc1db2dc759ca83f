// What accounts must know of each provider beside its formats. Pure.
#pragma once

#include <span>
#include <string_view>

namespace patchbay::accounts {

struct Provider {
  std::string_view name;
  // Takes a client's Responses request byte by byte.
  bool raw_responses = false;
  // Has sockets on which calls follow one another.
  bool sockets = false;
  // "codex:gpt-5.5" names the provider with the model.
  std::span<const std::string_view> prefixes = {};
  // What its models' names begin with, so that a new model works on the day it appears.
  std::span<const std::string_view> model_names = {};
};

std::span<const Provider> Providers();
// Null for a name that no provider has.
const Provider* FindProvider(std::string_view name);
// Whose an account is when nobody says.
const Provider& DefaultProvider();
// Where a socket is opened that has not named a model yet.
const Provider& SocketProvider();

}  // namespace patchbay::accounts
