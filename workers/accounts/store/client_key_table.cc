#include "workers/accounts/store/client_key_table.h"

#include <map>
#include <utility>

namespace patchbay::accounts {
namespace {

Result<std::map<std::string, std::vector<KeySecret>>> LoadSecrets(sqlite::Database& database) {
  std::map<std::string, std::vector<KeySecret>> secrets;
  ASSIGN_OR_RETURN(auto query, database.Prepare("SELECT client_key, sha256, valid_until FROM client_key_secrets"
                                                " ORDER BY client_key, place"));
  for (;;) {
    ASSIGN_OR_RETURN(const bool row, query->Step());
    if (!row) return secrets;
    secrets[query->Text(0)].push_back({query->Text(1), query->MaybeTime(2)});
  }
}

Result<void> RemoveSecrets(sqlite::Database& database, const ClientKeyId& key) {
  ASSIGN_OR_RETURN(auto query, database.Prepare("DELETE FROM client_key_secrets WHERE client_key=?"));
  return query->Bind(key.str()).Run();
}

Result<void> PutSecrets(sqlite::Database& database, const StoredClientKey& key) {
  RETURN_IF_ERROR(RemoveSecrets(database, key.id));
  if (key.configured) return {};
  std::int64_t place = 0;
  for (const KeySecret& secret : key.secrets) {
    ASSIGN_OR_RETURN(auto query, database.Prepare("INSERT INTO client_key_secrets(client_key, place, sha256,"
                                                  " valid_until) VALUES (?,?,?,?)"));
    query->Bind(key.id.str()).Bind(place++).BindBlob(secret.sha256);
    RETURN_IF_ERROR(query->Bind(secret.valid_until).Run());
  }
  return {};
}

}  // namespace

Result<std::vector<StoredClientKey>> LoadClientKeys(sqlite::Database& database) {
  ASSIGN_OR_RETURN(auto secrets, LoadSecrets(database));
  std::vector<StoredClientKey> keys;
  ASSIGN_OR_RETURN(auto query, database.Prepare("SELECT id, name, hint, created_at, revoked_at, quota_view, terms,"
                                                " expires_at, rotated_at, configured FROM client_keys"
                                                " ORDER BY created_at, id"));
  for (;;) {
    ASSIGN_OR_RETURN(const bool row, query->Step());
    if (!row) return keys;
    StoredClientKey key;
    key.id = ClientKeyId(query->Text(0));
    key.name = query->Text(1);
    key.hint = query->Text(2);
    key.created_at = query->Time(3);
    key.revoked_at = query->MaybeTime(4);
    key.quota_view = static_cast<int>(query->Integer(5));
    // Without its terms a key would be good for more than it was given for.
    if (!key.terms.ParseFromString(query->Text(6))) {
      return Error(ErrorCode::kFailedPrecondition, "the terms of client key " + key.name + " cannot be read");
    }
    key.expires_at = query->MaybeTime(7);
    key.rotated_at = query->MaybeTime(8);
    key.configured = query->Integer(9) != 0;
    key.secrets = std::move(secrets[key.id.str()]);
    keys.push_back(std::move(key));
  }
}

Result<void> PutClientKey(sqlite::Database& database, const StoredClientKey& key) {
  {
    ASSIGN_OR_RETURN(
        auto query,
        database.Prepare("INSERT INTO client_keys(id, name, hint, created_at, revoked_at, quota_view,"
                         " terms, expires_at, rotated_at, configured) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)"
                         " ON CONFLICT(id) DO UPDATE SET name=?2, hint=?3, revoked_at=?5, quota_view=?6,"
                         " terms=?7, expires_at=?8, rotated_at=?9"));
    query->Bind(key.id.str()).Bind(key.name).Bind(key.hint).Bind(key.created_at).Bind(key.revoked_at);
    query->Bind(std::int64_t{key.quota_view}).BindBlob(key.terms.SerializeAsString()).Bind(key.expires_at);
    RETURN_IF_ERROR(query->Bind(key.rotated_at).Bind(std::int64_t{key.configured ? 1 : 0}).Run());
  }
  return PutSecrets(database, key);
}

Result<void> RemoveClientKey(sqlite::Database& database, const ClientKeyId& key) {
  RETURN_IF_ERROR(RemoveSecrets(database, key));
  ASSIGN_OR_RETURN(auto query, database.Prepare("DELETE FROM client_keys WHERE id=?"));
  return query->Bind(key.str()).Run();
}

}  // namespace patchbay::accounts
