#include "workers/accounts/service/admin_service.h"

#include <algorithm>
#include <utility>

#include "lib/base/text.h"
#include "lib/log/log.h"
#include "lib/time/proto_time.h"
#include "workers/accounts/books/export_document.h"
#include "workers/accounts/import/import_document.h"
#include "workers/accounts/login/wish.h"
#include "workers/accounts/service/convert.h"
#include "workers/accounts/service/explain.h"

namespace patchbay::accounts {
namespace {

using Service = v1::AccountAdmin::AsyncService;

// Well below the time that the supervisor's relay gives an answer.
constexpr std::chrono::seconds kLoginWatch{10};
// In one reply.
constexpr int kTracesMax = 100;
constexpr std::size_t kShownIdBytes = 100;

void WriteTriedVerdict(const TriedVerdict& tried, v1::TryVerdictReply& out) {
  const FailureFacts& failure = tried.failure;
  out.set_cause(std::string(ToString(failure.cause)));
  out.set_code(failure.code);
  out.set_type(failure.type);
  out.set_message(failure.message);
  const Verdict& verdict = tried.verdict;
  out.set_row(verdict.rule);
  out.set_operators(tried.operators);
  out.set_fault(std::string(ToString(verdict.fault)));
  out.set_effect(std::string(ToString(verdict.effect)));
  out.set_elsewhere(std::string(ToString(verdict.elsewhere)));
  out.set_evidence(std::string(ToString(verdict.evidence)));
  if (verdict.until) SetTimestamp(*verdict.until, out.mutable_until());
}

NewAccount ToNewAccount(ImportItem& item) {
  NewAccount account;
  account.provider = std::move(item.provider);
  account.label = std::move(item.label);
  account.tokens.access = std::move(item.access_token);
  account.tokens.refresh = std::move(item.refresh_token);
  account.tokens.id = std::move(item.id_token);
  account.provider_account_id = std::move(item.provider_account_id);
  account.enabled = item.enabled.value_or(account.enabled);
  account.priority = item.priority.value_or(account.priority);
  account.weight = item.weight.value_or(account.weight);
  account.tags = std::move(item.tags);
  return account;
}

// `count` of them from `first` on; all for 0.
void KeepPart(std::vector<ImportItem>& items, std::int32_t first, std::int32_t count) {
  if (count <= 0) return;
  const auto size = static_cast<std::int64_t>(items.size());
  const std::int64_t begin = std::clamp<std::int64_t>(first, 0, size);
  const std::int64_t end = std::min<std::int64_t>(begin + count, size);
  items.erase(items.begin() + end, items.end());
  items.erase(items.begin(), items.begin() + begin);
}

}  // namespace

AdminService::AdminService(Core& core, rpc::Server& server) : core_(core), admin_(core.administration()) {
  server.Register(service_);
  server.Unary(service_, &Service::RequestListAccounts,
               [this](rpc::CallInfo, v1::ListAccountsRequest) { return ListAccounts(); });
  server.Unary(service_, &Service::RequestGetAccount,
               [this](rpc::CallInfo, v1::GetAccountRequest request) { return GetAccount(std::move(request)); });
  server.Unary(service_, &Service::RequestAddAccount,
               [this](rpc::CallInfo, v1::AddAccountRequest request) { return AddAccount(std::move(request)); });
  server.Unary(service_, &Service::RequestImportAccounts,
               [this](rpc::CallInfo, v1::ImportAccountsRequest request) { return ImportAccounts(std::move(request)); });
  server.Unary(service_, &Service::RequestExportAccounts,
               [this](rpc::CallInfo, v1::ExportAccountsRequest request) { return ExportAccounts(std::move(request)); });
  server.Unary(service_, &Service::RequestUpdateAccount,
               [this](rpc::CallInfo, v1::UpdateAccountRequest request) { return UpdateAccount(std::move(request)); });
  server.Unary(service_, &Service::RequestRemoveAccount,
               [this](rpc::CallInfo, v1::RemoveAccountRequest request) { return RemoveAccount(std::move(request)); });
  server.Unary(service_, &Service::RequestRefreshAccount,
               [this](rpc::CallInfo, v1::RefreshAccountRequest request) { return RefreshAccount(std::move(request)); });
  server.Unary(service_, &Service::RequestBeginLogin,
               [this](rpc::CallInfo, v1::BeginLoginRequest request) { return BeginLogin(std::move(request)); });
  server.Unary(service_, &Service::RequestCompleteLogin,
               [this](rpc::CallInfo, v1::CompleteLoginRequest request) { return CompleteLogin(std::move(request)); });
  server.Unary(service_, &Service::RequestWatchLogin,
               [this](rpc::CallInfo, v1::WatchLoginRequest request) { return WatchLogin(std::move(request)); });
  server.Unary(service_, &Service::RequestRecheckAccount,
               [this](rpc::CallInfo, v1::RecheckAccountRequest request) { return RecheckAccount(std::move(request)); });
  server.Unary(service_, &Service::RequestClearAccount,
               [this](rpc::CallInfo, v1::ClearAccountRequest request) { return ClearAccount(std::move(request)); });
  server.Unary(service_, &Service::RequestExplain,
               [this](rpc::CallInfo, v1::ExplainRequest request) { return Explain(std::move(request)); });
  server.Unary(service_, &Service::RequestTryVerdict,
               [this](rpc::CallInfo, v1::TryVerdictRequest request) { return TryVerdict(std::move(request)); });
  server.Unary(service_, &Service::RequestGetTraces,
               [this](rpc::CallInfo, v1::GetTracesRequest request) { return GetTraces(std::move(request)); });
  server.Unary(service_, &Service::RequestListUsage,
               [this](rpc::CallInfo, v1::ListUsageRequest request) { return ListUsage(std::move(request)); });
  server.Unary(service_, &Service::RequestGetUsage,
               [this](rpc::CallInfo, v1::GetUsageRequest request) { return GetUsage(std::move(request)); });
  server.Unary(service_, &Service::RequestGetPool, [this](rpc::CallInfo, v1::GetPoolRequest) { return GetPool(); });
  RegisterQuota(server);
  RegisterKeys(server);
}

void AdminService::Drain() {
  draining_ = true;
  core_.logins().Leave();
}

Result<void> AdminService::Writable() const {
  if (draining_) return Error(ErrorCode::kUnavailable, "accounts is draining");
  return {};
}

AdminService::Reply<v1::ListAccountsReply> AdminService::ListAccounts() {
  v1::ListAccountsReply reply;
  for (const AccountView& account : admin_.Accounts()) WriteAccount(account, reply.add_accounts());
  co_return reply;
}

AdminService::Reply<v1::GetAccountReply> AdminService::GetAccount(v1::GetAccountRequest request) {
  CO_ASSIGN_OR_RETURN(const AccountId ref, admin_.Resolve(request.account()));
  v1::GetAccountReply reply;
  WriteAccount(admin_.View(ref), reply.mutable_account());
  co_return reply;
}

AdminService::Reply<v1::AddAccountReply> AdminService::AddAccount(v1::AddAccountRequest request) {
  CO_RETURN_IF_ERROR(Writable());
  NewAccount account;
  account.provider = request.provider();
  account.label = request.label();
  account.tokens.access = Secret(std::move(*request.mutable_access_token()));
  account.tokens.refresh = Secret(std::move(*request.mutable_refresh_token()));
  account.tokens.id = Secret(std::move(*request.mutable_id_token()));
  account.provider_account_id = request.provider_account_id();
  std::vector<NewAccount> accounts;
  accounts.push_back(std::move(account));
  std::vector<Result<Added>> results = co_await admin_.AddAccounts(std::move(accounts));
  CO_ASSIGN_OR_RETURN(const Added added, std::move(results.front()));
  log::Info("account.added", {{"account", added.account}, {"created", added.created}});
  v1::AddAccountReply reply;
  WriteAccount(admin_.View(added.account), reply.mutable_account());
  reply.set_created(added.created);
  co_return reply;
}

AdminService::Reply<v1::ImportAccountsReply> AdminService::ImportAccounts(v1::ImportAccountsRequest request) {
  CO_RETURN_IF_ERROR(Writable());
  if (!request.shared_file().empty()) co_return co_await ShareLogin(std::move(request));
  CO_ASSIGN_OR_RETURN(ImportDocument document, ReadImportDocument(request.document(), request.label()));
  v1::ImportAccountsReply reply;
  reply.set_total(static_cast<std::int32_t>(document.items.size()));
  KeepPart(document.items, request.first(), request.count());
  std::vector<NewAccount> accounts;
  for (ImportItem& item : document.items) {
    if (item.error.empty()) accounts.push_back(ToNewAccount(item));
  }
  const std::vector<Result<Added>> results = co_await admin_.AddAccounts(std::move(accounts));
  reply.set_format(document.format);
  std::size_t next = 0;
  int added = 0;
  for (const ImportItem& item : document.items) {
    auto* out = reply.add_items();
    if (!item.error.empty()) {
      out->set_error(item.error);
      continue;
    }
    const Result<Added>& result = results[next++];
    if (!result.ok()) {
      out->set_error(result.error().message);
      continue;
    }
    ++added;
    WriteAccount(admin_.View(result->account), out->mutable_account());
    out->set_created(result->created);
  }
  log::Info("accounts.imported", {{"format", document.format}, {"items", document.items.size()}, {"added", added}});
  co_return reply;
}

AdminService::Reply<v1::ExportAccountsReply> AdminService::ExportAccounts(v1::ExportAccountsRequest request) {
  const bool full = request.format() == v1::EXPORT_FORMAT_FULL;
  if (!full && request.format() != v1::EXPORT_FORMAT_MINIMAL) {
    co_return Error(ErrorCode::kInvalidArgument, "name a format: minimal or full");
  }
  const std::vector<std::string> names(request.accounts().begin(), request.accounts().end());
  CO_ASSIGN_OR_RETURN(const auto accounts, admin_.ToExport(names));
  v1::ExportAccountsReply reply;
  reply.set_document(ExportDocument(accounts, full ? ExportFormat::kFull : ExportFormat::kMinimal));
  reply.set_accounts(static_cast<std::int32_t>(accounts.size()));
  log::Warn("accounts.exported", {{"accounts", accounts.size()}, {"full", full}});
  co_return reply;
}

AdminService::Reply<v1::ImportAccountsReply> AdminService::ShareLogin(v1::ImportAccountsRequest request) {
  if (!request.document().empty()) co_return Error(ErrorCode::kInvalidArgument, "give a document or a file, not both");
  CO_ASSIGN_OR_RETURN(const Added added, co_await admin_.ShareLogin(request.shared_file(), request.label()));
  log::Info("account.shared", {{"account", added.account}, {"file", request.shared_file()}});
  v1::ImportAccountsReply reply;
  reply.set_format("auth_json");
  auto* item = reply.add_items();
  WriteAccount(admin_.View(added.account), item->mutable_account());
  item->set_created(added.created);
  co_return reply;
}

AdminService::Reply<v1::UpdateAccountReply> AdminService::UpdateAccount(v1::UpdateAccountRequest request) {
  CO_RETURN_IF_ERROR(Writable());
  CO_ASSIGN_OR_RETURN(const AccountId ref, admin_.Resolve(request.account()));
  AccountEdit edit;
  if (request.has_enabled()) edit.enabled = request.enabled();
  if (request.has_label()) edit.label = request.label();
  if (request.has_priority()) edit.priority = request.priority();
  if (request.has_weight()) edit.weight = request.weight();
  if (request.has_tags()) edit.tags = {request.tags().tags().begin(), request.tags().tags().end()};
  if (request.not_shared()) edit.login_file = std::string();
  CO_RETURN_IF_ERROR(co_await admin_.ChangeAccount(ref, edit));
  if (edit.enabled) log::Warn("account.enabled", {{"account", ref}, {"enabled", *edit.enabled}});
  v1::UpdateAccountReply reply;
  WriteAccount(admin_.View(ref), reply.mutable_account());
  co_return reply;
}

AdminService::Reply<v1::RemoveAccountReply> AdminService::RemoveAccount(v1::RemoveAccountRequest request) {
  CO_RETURN_IF_ERROR(Writable());
  CO_ASSIGN_OR_RETURN(const AccountId ref, admin_.Resolve(request.account()));
  const std::string shared_file = admin_.View(ref).stored->login_file;
  CO_ASSIGN_OR_RETURN(const bool revoked, co_await admin_.RemoveAccount(ref, request.revoke()));
  log::Warn("account.removed", {{"account", ref}, {"revoked", revoked}});
  v1::RemoveAccountReply reply;
  reply.set_ref(ref.str());
  reply.set_revoked(revoked);
  reply.set_shared_file(shared_file);
  co_return reply;
}

AdminService::Reply<v1::RefreshAccountReply> AdminService::RefreshAccount(v1::RefreshAccountRequest request) {
  CO_RETURN_IF_ERROR(Writable());
  CO_ASSIGN_OR_RETURN(const AccountId ref, admin_.Resolve(request.account()));
  CO_RETURN_IF_ERROR(co_await admin_.RefreshAccount(ref));
  v1::RefreshAccountReply reply;
  WriteAccount(admin_.View(ref), reply.mutable_account());
  co_return reply;
}

Result<void> AdminService::Show(const LoginId& login, v1::Login* out) const {
  const LoginView* view = core_.logins().Find(login);
  if (view == nullptr) return Error(ErrorCode::kNotFound, "no such login; it may have ended a while ago: log in again");
  WriteLogin(*view, core_.providers().Find(view->record.provider), out);
  if (!view->account.empty()) WriteAccount(admin_.View(view->account), out->mutable_account());
  return {};
}

AdminService::Reply<v1::BeginLoginReply> AdminService::BeginLogin(v1::BeginLoginRequest request) {
  CO_RETURN_IF_ERROR(Writable());
  LoginWish wish{request.provider(), request.label(), request.device()};
  if (!request.account().empty()) {
    CO_ASSIGN_OR_RETURN(wish.account, core_.accounts().Resolve(request.account()));
    const StoredAccount* account = core_.accounts().Find(wish.account);
    if (wish.provider.empty()) wish.provider = account->provider;
    CO_ASSIGN_OR_RETURN(const Provider* provider, ProviderFor(core_.providers(), wish));
    if (provider->id != account->provider) {
      co_return Error(ErrorCode::kInvalidArgument,
                      "account " + wish.account.str() + " is one of " + account->provider + ", not of " + provider->id);
    }
  }
  CO_ASSIGN_OR_RETURN(const LoginId login, co_await core_.logins().Begin(std::move(wish)));
  v1::BeginLoginReply reply;
  CO_RETURN_IF_ERROR(Show(login, reply.mutable_login()));
  co_return reply;
}

AdminService::Reply<v1::CompleteLoginReply> AdminService::CompleteLogin(v1::CompleteLoginRequest request) {
  CO_RETURN_IF_ERROR(Writable());
  const LoginId login(request.login());
  Secret answer(std::move(*request.mutable_answer()));
  CO_RETURN_IF_ERROR(co_await core_.logins().Complete(login, std::move(answer), request.redirect_port()));
  v1::CompleteLoginReply reply;
  CO_RETURN_IF_ERROR(Show(login, reply.mutable_login()));
  co_return reply;
}

AdminService::Reply<v1::WatchLoginReply> AdminService::WatchLogin(v1::WatchLoginRequest request) {
  const LoginId login(request.login());
  co_await core_.logins().WaitForChange(login, request.seen(), kLoginWatch);
  v1::WatchLoginReply reply;
  CO_RETURN_IF_ERROR(Show(login, reply.mutable_login()));
  co_return reply;
}

AdminService::Reply<v1::RecheckAccountReply> AdminService::RecheckAccount(v1::RecheckAccountRequest request) {
  CO_RETURN_IF_ERROR(Writable());
  CO_ASSIGN_OR_RETURN(const AccountId ref, admin_.Resolve(request.account()));
  v1::RecheckAccountReply reply;
  v1::Account before;
  WriteAccount(admin_.View(ref), &before);
  reply.set_before(before.state());
  reply.set_problem(co_await core_.checks().Recheck(ref));
  WriteAccount(admin_.View(ref), reply.mutable_account());
  co_return reply;
}

AdminService::Reply<v1::ClearAccountReply> AdminService::ClearAccount(v1::ClearAccountRequest request) {
  CO_RETURN_IF_ERROR(Writable());
  CO_ASSIGN_OR_RETURN(const AccountId ref, admin_.Resolve(request.account()));
  admin_.ClearAccount(ref);
  log::Warn("account.cleared", {{"account", ref}});
  v1::ClearAccountReply reply;
  WriteAccount(admin_.View(ref), reply.mutable_account());
  co_return reply;
}

AdminService::Reply<v1::ExplainReply> AdminService::Explain(v1::ExplainRequest request) {
  const Question question{request.model(), request.affinity_key(), request.client_key()};
  CO_ASSIGN_OR_RETURN(const PoolExplanation told, admin_.Explain(question));
  v1::ExplainReply reply;
  for (const Candidate& candidate : told.accounts) {
    WriteExplanation(candidate, admin_.slots(), reply.add_accounts());
  }
  reply.set_chosen(told.chosen.str());
  reply.set_reason(told.reason);
  reply.set_strategy(std::string(ToString(admin_.strategy())));
  if (told.denied) {
    v1::Denied denied;
    WriteDenied(*told.denied, &denied);
    reply.set_denied(denied.reason());
    if (denied.has_available_at()) *reply.mutable_available_at() = denied.available_at();
  }
  co_return reply;
}

AdminService::Reply<v1::GetTracesReply> AdminService::GetTraces(v1::GetTracesRequest request) {
  const Traces& traces = core_.traces();
  std::vector<const Trace*> found;
  if (request.request_id().empty()) {
    found = traces.Last(static_cast<std::size_t>(std::clamp(request.last(), 1, kTracesMax)));
  } else {
    found = traces.Find(RequestId(request.request_id()));
    if (found.empty()) {
      co_return Error(ErrorCode::kNotFound, "no trace of request " + Printable(request.request_id(), kShownIdBytes) +
                                                ": it never asked for an account, or is not among the last " +
                                                std::to_string(traces.size()));
    }
    if (found.size() > kTracesMax) found.resize(kTracesMax);
  }
  v1::GetTracesReply reply;
  for (const Trace* trace : found) WriteTrace(*trace, core_, reply.add_traces());
  co_return reply;
}

AdminService::Reply<v1::TryVerdictReply> AdminService::TryVerdict(v1::TryVerdictRequest request) {
  SeenAnswer answer;
  answer.status = request.status();
  for (const auto& [name, value] : request.headers()) answer.headers.emplace_back(name, value);
  answer.body = std::move(*request.mutable_body());
  CO_ASSIGN_OR_RETURN(const TriedVerdict tried, co_await admin_.TryVerdict(request.provider(), std::move(answer)));
  v1::TryVerdictReply reply;
  WriteTriedVerdict(tried, reply);
  co_return reply;
}

AdminService::Reply<v1::ListUsageReply> AdminService::ListUsage(v1::ListUsageRequest request) {
  CO_ASSIGN_OR_RETURN(const UsagePage page,
                      co_await admin_.Usage(request.limit(), request.request_id(), ToFilter(request.filter())));
  v1::ListUsageReply reply;
  reply.set_total_rows(page.total_rows);
  for (const UsageRecord& record : page.rows) {
    auto* row = reply.add_rows();
    WriteUsageRow(record, row);
    row->set_client_key_label(admin_.LabelOf(UsageBy::kKey, record.client_key.str()));
  }
  co_return reply;
}

AdminService::Reply<v1::GetUsageReply> AdminService::GetUsage(v1::GetUsageRequest request) {
  const UsageQuestion question = ToQuestion(request);
  CO_ASSIGN_OR_RETURN(const UsageSums sums, co_await admin_.SumUsage(question));
  v1::GetUsageReply reply;
  for (const UsageGroup& group : sums.groups) {
    auto* out = reply.add_groups();
    WriteUsageGroup(question, group, out);
    out->set_label(admin_.LabelOf(question.by, group.of));
  }
  reply.set_more(sums.more);
  WriteUsageSum(sums.all, reply.mutable_sum());
  SetTimestamp(sums.since, reply.mutable_since());
  SetTimestamp(sums.until, reply.mutable_until());
  co_return reply;
}

AdminService::Reply<v1::GetPoolReply> AdminService::GetPool() {
  v1::GetPoolReply reply;
  for (const auto& [state, count] : admin_.AccountsByState()) (*reply.mutable_accounts_by_state())[state] = count;
  for (const PausedWay& way : admin_.PausedWays()) WritePausedWay(way, reply.add_paused_ways());
  const Core::Stats stats = core_.stats();
  reply.set_leases_open(static_cast<std::int32_t>(stats.leases_open));
  reply.set_queued(static_cast<std::int32_t>(stats.queued));
  reply.set_leases_granted_total(stats.granted_total);
  reply.set_settled_total(stats.settled_total);
  reply.set_usage_problem(core_.usage_problem());
  if (!core_.usage_problem().empty()) reply.set_usage_waiting(static_cast<std::int64_t>(core_.usage_waiting()));
  co_return reply;
}

}  // namespace patchbay::accounts
