// Mutual TLS between machines: both ends show a certificate that the gateway's own authority signed. Files are looked
// at again every few seconds, so that a renewed pair is in use without a restart.
#pragma once

#include <memory>
#include <string>

#include "lib/base/result.h"

namespace grpc {
class ChannelCredentials;
class ServerCredentials;
}  // namespace grpc

namespace patchbay::rpc {

// PEM files. Certificate and key may be one.
struct TlsFiles {
  std::string authority;  // whose certificates are believed
  std::string certificate;
  std::string key;
};

// kFailedPrecondition names the file that cannot be read, or what is wrong with it: gRPC would only be silent.
Result<void> CheckTlsFiles(const TlsFiles& files);

std::shared_ptr<grpc::ServerCredentials> TlsServerCredentials(const TlsFiles& files);
// The other end must be called `name`, whatever its address is: see MakeTlsChannel.
std::shared_ptr<grpc::ChannelCredentials> TlsChannelCredentials(const TlsFiles& files);

}  // namespace patchbay::rpc
