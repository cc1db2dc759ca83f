// The models that a client may ask for. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::accounts {

struct Model {
  std::string id;
  std::string provider;
  std::string display_name;
  std::string description;
  std::int64_t context_window = 0;  // tokens
  bool vision = false;
  bool tools = false;
  std::vector<std::string> efforts;  // in rising order
  std::int64_t created_at = 0;       // seconds since 1970
};

class Catalogue {
 public:
  // The list that is shipped with the program.
  Catalogue();

  // In display order.
  const std::vector<Model>& models() const { return models_; }
  // Lives until the catalogue changes; null for a name that is not on the list.
  const Model* Find(std::string_view id) const;

 private:
  std::vector<Model> models_;
};

}  // namespace patchbay::accounts
