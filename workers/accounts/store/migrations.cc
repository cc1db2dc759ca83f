#include "workers/accounts/store/migrations.h"

#include <string>

#include "lib/sqlite/sqlite.h"

namespace patchbay::accounts {
namespace {

constexpr Migration kMigrations[] = {
    {1, "accounts, client keys, usage", R"sql(
      CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
      CREATE TABLE accounts (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        ref TEXT NOT NULL UNIQUE,
        provider TEXT NOT NULL,
        label TEXT NOT NULL,
        provider_account_id TEXT NOT NULL,
        user_id TEXT NOT NULL,
        email TEXT NOT NULL,
        plan TEXT NOT NULL,
        egress TEXT NOT NULL,
        fedramp INTEGER NOT NULL,
        enabled INTEGER NOT NULL,
        access_token BLOB NOT NULL,   -- sealed
        refresh_token BLOB NOT NULL,  -- sealed
        id_token BLOB NOT NULL,       -- sealed
        credential_version INTEGER NOT NULL,
        created_at INTEGER NOT NULL); -- all times: milliseconds since 1970
      CREATE TABLE account_state (
        account TEXT PRIMARY KEY REFERENCES accounts(ref) ON DELETE CASCADE,
        state TEXT NOT NULL,
        evidence TEXT NOT NULL,
        since INTEGER NOT NULL,
        until INTEGER,
        request_id TEXT NOT NULL) WITHOUT ROWID;
      CREATE TABLE client_keys (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        hint TEXT NOT NULL,
        sha256 BLOB NOT NULL UNIQUE,
        created_at INTEGER NOT NULL,
        revoked_at INTEGER);
      CREATE TABLE usage (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        lease_id TEXT NOT NULL UNIQUE,  -- settling twice counts once
        request_id TEXT NOT NULL,
        account TEXT NOT NULL,
        client_key_id TEXT NOT NULL,
        model TEXT NOT NULL,
        served_model TEXT NOT NULL,
        dialect TEXT NOT NULL,
        outcome INTEGER NOT NULL,
        input_tokens INTEGER NOT NULL,
        cached_input_tokens INTEGER NOT NULL,
        cache_write_tokens INTEGER NOT NULL,
        output_tokens INTEGER NOT NULL,
        reasoning_tokens INTEGER NOT NULL,
        started_at INTEGER NOT NULL,
        first_output_ms INTEGER,
        total_ms INTEGER NOT NULL,
        attempts INTEGER NOT NULL,
        failure TEXT NOT NULL);
      CREATE INDEX usage_by_request ON usage(request_id);
    )sql"},
    {2, "refresh intents, quota windows, counters", R"sql(
      CREATE TABLE refresh_intents (
        account TEXT PRIMARY KEY REFERENCES accounts(ref) ON DELETE CASCADE,
        credential_version INTEGER NOT NULL,
        started_at INTEGER NOT NULL) WITHOUT ROWID;
      CREATE TABLE quota_windows (
        account TEXT NOT NULL REFERENCES accounts(ref) ON DELETE CASCADE,
        family TEXT NOT NULL,
        length_s INTEGER NOT NULL,
        used_percent REAL NOT NULL,
        resets_at INTEGER,
        seen_at INTEGER NOT NULL,
        PRIMARY KEY (account, family, length_s)) WITHOUT ROWID;
      CREATE TABLE account_counters (
        account TEXT PRIMARY KEY REFERENCES accounts(ref) ON DELETE CASCADE,
        requests_total INTEGER NOT NULL,
        last_used_at INTEGER) WITHOUT ROWID;
      INSERT INTO account_counters
        SELECT account, COUNT(*), MAX(started_at) FROM usage WHERE account IN (SELECT ref FROM accounts) GROUP BY account;
    )sql"},
    {3, "lists of models", R"sql(
      CREATE TABLE model_lists (
        provider TEXT NOT NULL,
        plan TEXT NOT NULL,
        fetched_at INTEGER NOT NULL,
        body BLOB NOT NULL,  -- as the provider sent it
        PRIMARY KEY (provider, plan));
    )sql"},
    // Until here `model` was the client's name, and the provider's in the rows of lost calls (outcome 4).
    {4, "usage by provider, model on the wire, tier; estimated usage", R"sql(
      ALTER TABLE usage ADD COLUMN provider TEXT NOT NULL DEFAULT '';
      ALTER TABLE usage ADD COLUMN wire_model TEXT NOT NULL DEFAULT '';
      ALTER TABLE usage ADD COLUMN service_tier TEXT NOT NULL DEFAULT '';
      ALTER TABLE usage ADD COLUMN usage_estimated INTEGER NOT NULL DEFAULT 0;
      UPDATE usage SET wire_model = model WHERE outcome = 4;
      UPDATE usage SET provider = COALESCE((SELECT provider FROM accounts WHERE ref = usage.account), '');
    )sql"},
    {5, "leases of long calls", R"sql(
      CREATE TABLE open_leases (
        lease_id TEXT PRIMARY KEY,
        request_id TEXT NOT NULL,
        account TEXT NOT NULL,
        frontend TEXT NOT NULL,
        client_key_id TEXT NOT NULL,
        model TEXT NOT NULL,
        provider TEXT NOT NULL,
        wire_model TEXT NOT NULL,
        service_tier TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        granted_at INTEGER NOT NULL) WITHOUT ROWID;
    )sql"},
    {6, "accounts whose keys the configuration names", R"sql(
      ALTER TABLE accounts ADD COLUMN configured_by TEXT NOT NULL DEFAULT '';
    )sql"},
    {7, "priorities and weights of accounts", R"sql(
      ALTER TABLE accounts ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE accounts ADD COLUMN weight INTEGER NOT NULL DEFAULT 1;
    )sql"},
    {8, "which conversation belongs to which account", R"sql(
      CREATE TABLE affinity (
        conversation BLOB PRIMARY KEY,
        account TEXT NOT NULL REFERENCES accounts(ref) ON DELETE CASCADE,
        used_at INTEGER NOT NULL) WITHOUT ROWID;
      CREATE INDEX affinity_by_account ON affinity(account);
      CREATE INDEX affinity_by_use ON affinity(used_at);
    )sql"},
    {9, "logins under way", R"sql(
      CREATE TABLE logins (
        id TEXT PRIMARY KEY,
        record BLOB NOT NULL) WITHOUT ROWID;  -- sealed
    )sql"},
    {10, "claims of refreshes, ages of tokens", R"sql(
      CREATE TABLE refresh_claims (
        account TEXT PRIMARY KEY REFERENCES accounts(ref) ON DELETE CASCADE,
        credential_version INTEGER NOT NULL,
        owner TEXT NOT NULL,
        claimed_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        shown_at INTEGER) WITHOUT ROWID;
      -- An intent said that the token was about to be shown, and not whether it was.
      INSERT INTO refresh_claims
        SELECT account, credential_version, '', started_at, started_at, started_at FROM refresh_intents;
      DROP TABLE refresh_intents;
      ALTER TABLE accounts ADD COLUMN token_expires_at INTEGER;
      ALTER TABLE accounts ADD COLUMN tokens_at INTEGER NOT NULL DEFAULT 0;
    )sql"},
    // Rows of before have no price: what it was at their time nobody knows any more.
    {11, "cost of usage; sums by hour and by week", R"sql(
      ALTER TABLE usage ADD COLUMN served_tier TEXT NOT NULL DEFAULT '';
      ALTER TABLE usage ADD COLUMN cost_nano INTEGER;
      ALTER TABLE usage ADD COLUMN subscription INTEGER NOT NULL DEFAULT 0;
      UPDATE usage SET cost_nano = 0 WHERE outcome <> 4 AND input_tokens = 0 AND output_tokens = 0;
      CREATE INDEX usage_by_start ON usage(started_at);
      CREATE TABLE usage_hours (
        hour INTEGER NOT NULL,  -- since 1970
        client_key_id TEXT NOT NULL,
        account TEXT NOT NULL,
        provider TEXT NOT NULL,
        model TEXT NOT NULL,    -- on the wire
        tier TEXT NOT NULL,
        requests INTEGER NOT NULL,
        failed INTEGER NOT NULL,
        abandoned INTEGER NOT NULL,
        lost INTEGER NOT NULL,
        estimated INTEGER NOT NULL,
        unpriced INTEGER NOT NULL,
        input_tokens INTEGER NOT NULL,
        cached_input_tokens INTEGER NOT NULL,
        cache_write_tokens INTEGER NOT NULL,
        output_tokens INTEGER NOT NULL,
        reasoning_tokens INTEGER NOT NULL,
        cost_nano INTEGER NOT NULL,
        subscription_nano INTEGER NOT NULL,
        total_ms INTEGER NOT NULL,
        first_output_ms INTEGER NOT NULL,
        first_outputs INTEGER NOT NULL,
        PRIMARY KEY (hour, client_key_id, account, provider, model, tier)) WITHOUT ROWID;
      INSERT INTO usage_hours
        SELECT started_at/3600000, client_key_id, account, provider, wire_model, service_tier, COUNT(*),
          SUM(outcome=2), SUM(outcome=3), SUM(outcome=4), SUM(usage_estimated),
          SUM(cost_nano IS NULL), SUM(input_tokens), SUM(cached_input_tokens),
          SUM(cache_write_tokens), SUM(output_tokens), SUM(reasoning_tokens), 0, 0, SUM(total_ms),
          IFNULL(SUM(first_output_ms),0), COUNT(first_output_ms)
        FROM usage GROUP BY 1, 2, 3, 4, 5, 6;
      CREATE TABLE usage_weeks (
        week_started_at INTEGER NOT NULL,  -- of the account's window; 0: none was told
        model TEXT NOT NULL,
        tier TEXT NOT NULL,
        long_context INTEGER NOT NULL,
        client_key_id TEXT NOT NULL,
        requests INTEGER NOT NULL,
        input_tokens INTEGER NOT NULL,
        cached_input_tokens INTEGER NOT NULL,
        output_tokens INTEGER NOT NULL,
        cost_nano INTEGER NOT NULL,
        PRIMARY KEY (week_started_at, model, tier, long_context, client_key_id)) WITHOUT ROWID;
    )sql"},
    {12, "logins that another program keeps too", R"sql(
      ALTER TABLE accounts ADD COLUMN login_file TEXT NOT NULL DEFAULT '';
    )sql"},
    {13, "tags of accounts", "ALTER TABLE accounts ADD COLUMN tags TEXT NOT NULL DEFAULT '';"},  // a space between
    {14, "how fast windows are used, credits, readings for plots; what keys are shown", R"sql(
      ALTER TABLE quota_windows ADD COLUMN spent_lately REAL NOT NULL DEFAULT 0;
      ALTER TABLE quota_windows ADD COLUMN watched_since INTEGER NOT NULL DEFAULT 0;
      UPDATE quota_windows SET watched_since = seen_at;
      CREATE TABLE quota_extras (
        account TEXT NOT NULL REFERENCES accounts(ref) ON DELETE CASCADE,
        name TEXT NOT NULL,  -- 'credits', 'reset_credits', 'limit:ID'
        value TEXT NOT NULL,
        PRIMARY KEY (account, name)) WITHOUT ROWID;
      CREATE TABLE quota_points (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        account TEXT NOT NULL REFERENCES accounts(ref) ON DELETE CASCADE,
        family TEXT NOT NULL,
        length_s INTEGER NOT NULL,
        at INTEGER NOT NULL,
        used_percent REAL NOT NULL,
        resets_at INTEGER,
        UNIQUE (account, at, family, length_s));
      CREATE INDEX quota_points_by_time ON quota_points(at);
      ALTER TABLE client_keys ADD COLUMN quota_view INTEGER NOT NULL DEFAULT 0;
    )sql"},
    {15, "terms and rotation of client keys, what they use by the day", R"sql(
      CREATE TABLE client_key_secrets (
        client_key TEXT NOT NULL,
        place INTEGER NOT NULL,  -- 0: the newest
        sha256 BLOB NOT NULL UNIQUE,
        valid_until INTEGER,
        PRIMARY KEY (client_key, place)) WITHOUT ROWID;
      INSERT INTO client_key_secrets SELECT id, 0, sha256, NULL FROM client_keys;
      CREATE TABLE keys_with_terms (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        hint TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        revoked_at INTEGER,
        quota_view INTEGER NOT NULL,
        terms BLOB NOT NULL,  -- accounts.v1.KeyTerms
        expires_at INTEGER,
        rotated_at INTEGER,
        configured INTEGER NOT NULL);  -- the configuration names it, and has its secret
      INSERT INTO keys_with_terms
        SELECT id, name, hint, created_at, revoked_at, quota_view, x'', NULL, NULL, 0 FROM client_keys;
      DROP TABLE client_keys;
      ALTER TABLE keys_with_terms RENAME TO client_keys;
      CREATE TABLE key_days (
        day INTEGER NOT NULL,  -- since 1970
        client_key_id TEXT NOT NULL,
        tokens INTEGER NOT NULL,
        cost_nano INTEGER NOT NULL,
        PRIMARY KEY (day, client_key_id)) WITHOUT ROWID;
      INSERT INTO key_days
        SELECT hour/24, client_key_id, SUM(input_tokens+output_tokens), SUM(cost_nano+subscription_nano)
        FROM usage_hours WHERE client_key_id <> '' GROUP BY 1, 2 HAVING SUM(input_tokens+output_tokens) > 0;
      ALTER TABLE open_leases ADD COLUMN fallback_model TEXT NOT NULL DEFAULT '';
      ALTER TABLE open_leases ADD COLUMN asks_input INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE open_leases ADD COLUMN asks_output INTEGER NOT NULL DEFAULT 0;
    )sql"},
};

Result<int> VersionOf(sqlite::Database& database) {
  ASSIGN_OR_RETURN(auto query, database.Prepare("PRAGMA user_version"));
  ASSIGN_OR_RETURN(const bool row, query->Step());
  return row ? static_cast<int>(query->Integer(0)) : 0;
}

}  // namespace

std::span<const Migration> Migrations() { return kMigrations; }

Result<void> Migrate(sqlite::Database& database, int target) {
  ASSIGN_OR_RETURN(const int version, VersionOf(database));
  if (version > LatestVersion()) {
    return Error(ErrorCode::kFailedPrecondition, "the database has shape " + std::to_string(version) +
                                                     ", this patchbay knows shapes up to " +
                                                     std::to_string(LatestVersion()) + ": a newer one has used it");
  }
  for (const Migration& step : kMigrations) {
    if (step.version <= version || step.version > target) continue;
    const std::string all = std::string("BEGIN IMMEDIATE;") + step.sql +
                            ";PRAGMA user_version=" + std::to_string(step.version) + ";COMMIT;";
    if (auto done = database.Execute(all); !done.ok()) {
      (void)database.Execute("ROLLBACK");
      Error error = std::move(done).error();
      error.message = "migration to shape " + std::to_string(step.version) + " failed: " + error.message;
      return error;
    }
  }
  return {};
}

}  // namespace patchbay::accounts
