// The models that accounts knows, and which provider a model's name leads to. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace patchbay::accounts {

struct Model {
  std::string_view id;
  std::string_view provider;
  std::string_view display_name;
  std::string_view description;
  std::int64_t context_window;  // tokens
  bool vision;
  bool tools;
  std::string_view efforts;  // separated by spaces, in rising order
  std::int64_t created_at;   // seconds since 1970
};

// In display order.
std::span<const Model> KnownModels();

struct Route {
  std::string provider;
  std::string wire_model;
};

// A name that is not on the list but looks like one of a provider's is still routed there: the provider has the last
// word, and a new model works on the day it appears. Nothing for names that no provider of ours would know.
std::optional<Route> RouteModel(std::string_view name);

}  // namespace patchbay::accounts
