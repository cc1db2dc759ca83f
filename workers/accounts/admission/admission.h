// May this call be made at all, and as what? The client key, what the model's name means, what the call needs, the
// effort that fits. Whether an account is free for it is the pool's business. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "patchbay/accounts/v1/client_keys.pb.h"
#include "workers/accounts/models/names.h"
#include "workers/accounts/pool/pool.h"

namespace patchbay::accounts {

// What a call needs of its provider and model; mirrors accounts.v1.Capability.
enum class Need { kTools, kVision, kJsonSchema };

// A call as a frontend asks for it.
struct CallWish {
  FrontendId frontend;
  std::uint64_t epoch = 0;  // which connection of that frontend
  RequestId request;
  std::string model;   // the client's name
  std::string effort;  // that the request itself asks for; empty for none
  std::string affinity_key;
  ClientKeyId client_key;
  AccountId pinned;
  std::vector<Need> needs;
  std::string dialect;  // whose bytes the client sent
  // There is no canonical form of them: only a provider that takes them as they are will do.
  bool needs_relay = false;
  // Only a provider with sockets will do: for opening one, where the model may be empty, since the turns on it name
  // theirs; or for a turn.
  bool on_socket = false;
  std::optional<std::chrono::milliseconds> max_wait;
  std::string service_tier;  // that the request itself asks for; empty: the standard one
  std::string source;        // the client's address; empty: it has none
  // What it will use, as far as the request tells; 0: it does not.
  std::int64_t input_tokens = 0, max_output_tokens = 0;
  // How many tokens it may think, where it counts them instead of naming an effort.
  std::optional<std::int64_t> thinking_budget = {};
  // `model` is its key's fallback: the client asked for this one. Empty: it is not.
  std::string fallback_for = {};
};

// A lease that a frontend says is still open.
struct DeclaredLease {
  LeaseId lease;
  RequestId request;
  AccountId account;
  ClientKeyId client_key;
  std::string model;  // the client's name
  // As granted. Without a provider what the name means now has to do.
  std::string provider;
  std::string wire_model;
  std::string fallback_model = {}, service_tier = {};
  std::int64_t input_tokens = 0, max_output_tokens = 0;
};

// `key_is_valid`: the client key is none of ours (the frontend has names of its own for callers that need no key), or
// it is and has not been revoked. `terms`: what the key may be used for; null for anything. What it may not be used for
// is left out; of what it gets, `AcquireArgs::hold` is the caller's business.
std::variant<AcquireArgs, Denied> Admit(const CallWish& wish, bool key_is_valid, const v1::KeyTerms* terms,
                                        const ModelNames& names, const ModelCatalog& models);

// As it was granted, whatever the model's name means by now.
OpenLease AdmitOpen(const DeclaredLease& declared, const ModelNames& names, const ModelCatalog& models);

}  // namespace patchbay::accounts
