// Client keys, as the operator makes, changes and looks at them.
#include <utility>

#include "lib/log/log.h"
#include "lib/time/proto_time.h"
#include "workers/accounts/service/admin_service.h"
#include "workers/accounts/service/convert_keys.h"

namespace patchbay::accounts {

void AdminService::RegisterKeys(rpc::Server& server) {
  using Service = v1::AccountAdmin::AsyncService;
  server.Unary(service_, &Service::RequestCreateClientKey, [this](rpc::CallInfo, v1::CreateClientKeyRequest request) {
    return CreateClientKey(std::move(request));
  });
  server.Unary(service_, &Service::RequestListClientKeys,
               [this](rpc::CallInfo, v1::ListClientKeysRequest request) { return ListClientKeys(std::move(request)); });
  server.Unary(service_, &Service::RequestUpdateClientKey, [this](rpc::CallInfo, v1::UpdateClientKeyRequest request) {
    return UpdateClientKey(std::move(request));
  });
  server.Unary(service_, &Service::RequestRotateClientKey, [this](rpc::CallInfo, v1::RotateClientKeyRequest request) {
    return RotateClientKey(std::move(request));
  });
  server.Unary(service_, &Service::RequestRevokeClientKey, [this](rpc::CallInfo, v1::RevokeClientKeyRequest request) {
    return RevokeClientKey(std::move(request));
  });
}

AdminService::Reply<v1::CreateClientKeyReply> AdminService::CreateClientKey(v1::CreateClientKeyRequest request) {
  CO_RETURN_IF_ERROR(Writable());
  if (!v1::QuotaView_IsValid(request.quota_view())) co_return Error(ErrorCode::kInvalidArgument, "no such view");
  CO_ASSIGN_OR_RETURN(const NewClientKey made, co_await core_.key_desk().Create(ToWish(request)));
  log::Info("client_key.created", {{"client_key", made.key.id}, {"name", made.key.name}});
  v1::CreateClientKeyReply reply;
  WriteClientKey(core_.key_desk().View(made.key), reply.mutable_key());
  reply.set_secret(made.secret.Reveal());
  co_return reply;
}

AdminService::Reply<v1::ListClientKeysReply> AdminService::ListClientKeys(v1::ListClientKeysRequest request) {
  v1::ListClientKeysReply reply;
  if (!request.key().empty()) {
    CO_ASSIGN_OR_RETURN(const KeyView view, core_.key_desk().Key(request.key()));
    WriteClientKey(view, reply.add_keys());
    co_return reply;
  }
  for (const KeyView& view : core_.key_desk().Keys(request.include_revoked())) WriteClientKey(view, reply.add_keys());
  co_return reply;
}

AdminService::Reply<v1::UpdateClientKeyReply> AdminService::UpdateClientKey(v1::UpdateClientKeyRequest request) {
  CO_RETURN_IF_ERROR(Writable());
  if (request.has_terms() && request.terms_mask().paths().empty()) {
    co_return Error(ErrorCode::kInvalidArgument, "terms_mask does not say which of the terms are to change");
  }
  const bool any = request.has_quota_view() || request.terms_mask().paths_size() > 0 || request.has_expires_at() ||
                   !request.name().empty();
  if (!any) co_return Error(ErrorCode::kInvalidArgument, "nothing to change");
  if (!v1::QuotaView_IsValid(request.quota_view())) co_return Error(ErrorCode::kInvalidArgument, "no such view");
  CO_ASSIGN_OR_RETURN(const StoredClientKey key, co_await core_.key_desk().Update(request.key(), ToEdit(request)));
  log::Info("client_key.updated", {{"client_key", key.id}, {"name", key.name}});
  v1::UpdateClientKeyReply reply;
  WriteClientKey(core_.key_desk().View(key), reply.mutable_key());
  co_return reply;
}

AdminService::Reply<v1::RotateClientKeyReply> AdminService::RotateClientKey(v1::RotateClientKeyRequest request) {
  CO_RETURN_IF_ERROR(Writable());
  CO_ASSIGN_OR_RETURN(const NewClientKey made,
                      co_await core_.key_desk().Rotate(request.key(), ToMilliseconds(request.keep_old())));
  log::Warn("client_key.rotated", {{"client_key", made.key.id}, {"name", made.key.name}});
  v1::RotateClientKeyReply reply;
  WriteClientKey(core_.key_desk().View(made.key), reply.mutable_key());
  reply.set_secret(made.secret.Reveal());
  co_return reply;
}

AdminService::Reply<v1::RevokeClientKeyReply> AdminService::RevokeClientKey(v1::RevokeClientKeyRequest request) {
  CO_RETURN_IF_ERROR(Writable());
  CO_ASSIGN_OR_RETURN(const StoredClientKey key, co_await core_.key_desk().Revoke(request.key()));
  log::Warn("client_key.revoked", {{"client_key", key.id}, {"name", key.name}});
  v1::RevokeClientKeyReply reply;
  WriteClientKey(core_.key_desk().View(key), reply.mutable_key());
  co_return reply;
}

}  // namespace patchbay::accounts
