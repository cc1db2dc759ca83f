#include "lib/rpc/introspection/channelz.h"

#include <google/protobuf/util/json_util.h>
#include <grpc/grpc.h>
#include <grpc/support/alloc.h>

namespace patchbay::rpc {
namespace {

namespace cz = grpc::channelz::v1;

// Takes ownership of what a grpc_channelz_… function returned.
template <class Response>
Result<Response> FromCore(char* json) {
  if (json == nullptr) return Error(ErrorCode::kNotFound, "no such object; it may have gone");
  Response response;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto status = google::protobuf::util::JsonStringToMessage(json, &response, options);
  gpr_free(json);
  if (!status.ok()) return Error(ErrorCode::kInternal, "gRPC's channelz JSON does not parse");
  return response;
}

}  // namespace

Introspection::Channelz::Channelz(Server& server) {
  using Service = cz::Channelz::AsyncService;
  server.Register(service_);
  server.Unary(
      service_, &Service::RequestGetTopChannels,
      [](CallInfo, cz::GetTopChannelsRequest request) -> Awaitable<Result<cz::GetTopChannelsResponse>> {
        co_return FromCore<cz::GetTopChannelsResponse>(grpc_channelz_get_top_channels(request.start_channel_id()));
      });
  server.Unary(service_, &Service::RequestGetServers,
               [](CallInfo, cz::GetServersRequest request) -> Awaitable<Result<cz::GetServersResponse>> {
                 co_return FromCore<cz::GetServersResponse>(grpc_channelz_get_servers(request.start_server_id()));
               });
  server.Unary(service_, &Service::RequestGetServer,
               [](CallInfo, cz::GetServerRequest request) -> Awaitable<Result<cz::GetServerResponse>> {
                 co_return FromCore<cz::GetServerResponse>(grpc_channelz_get_server(request.server_id()));
               });
  server.Unary(service_, &Service::RequestGetServerSockets,
               [](CallInfo, cz::GetServerSocketsRequest request) -> Awaitable<Result<cz::GetServerSocketsResponse>> {
                 co_return FromCore<cz::GetServerSocketsResponse>(grpc_channelz_get_server_sockets(
                     request.server_id(), request.start_socket_id(), request.max_results()));
               });
  server.Unary(service_, &Service::RequestGetChannel,
               [](CallInfo, cz::GetChannelRequest request) -> Awaitable<Result<cz::GetChannelResponse>> {
                 co_return FromCore<cz::GetChannelResponse>(grpc_channelz_get_channel(request.channel_id()));
               });
  server.Unary(service_, &Service::RequestGetSubchannel,
               [](CallInfo, cz::GetSubchannelRequest request) -> Awaitable<Result<cz::GetSubchannelResponse>> {
                 co_return FromCore<cz::GetSubchannelResponse>(grpc_channelz_get_subchannel(request.subchannel_id()));
               });
  server.Unary(service_, &Service::RequestGetSocket,
               [](CallInfo, cz::GetSocketRequest request) -> Awaitable<Result<cz::GetSocketResponse>> {
                 co_return FromCore<cz::GetSocketResponse>(grpc_channelz_get_socket(request.socket_id()));
               });
}

}  // namespace patchbay::rpc
