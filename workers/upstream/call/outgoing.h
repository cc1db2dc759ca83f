// One outgoing request, however it leaves: whose it is, where it goes, and what the provider sees of us.
//
// A call, a socket and a fetch differ in their payload and in the headers that the public client shows there. The rest,
// that is the credential, the cookies, the address and the road, is put together here and nowhere
// else, so that no two of them can come to differ.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "workers/upstream/call/context.h"
#include "workers/upstream/call/redactor.h"
#include "workers/upstream/identity/profiles/profile.h"
#include "workers/upstream/transport/http1/round_trip.h"
#include "workers/upstream/transport/road.h"
#include "workers/upstream/transport/websocket/websocket.h"

namespace patchbay::upstream {

class Outgoing {
 public:
  // With the credential's own road: who shows an account's secret goes by the account's way. `context` must outlive
  // this.
  static Result<Outgoing> For(const CallContext& context, std::shared_ptr<const Provider> provider,
                              std::shared_ptr<const Credential> credential);
  // Shows no credential and no cookies; still it is the account's, and shares nothing with another's.
  static Outgoing WithoutCredential(const CallContext& context, std::shared_ptr<const Provider> provider, Road road);

  // `identity` without its cookie, which is set here.
  HttpRequest Generate(CallIdentity identity, std::string body, const Timeouts& timeouts) const;
  // Of the same standing, and answered with one document; `target` is below the provider's base URL.
  HttpRequest AskDocument(const Target& target, CallIdentity identity, std::string body,
                          const Timeouts& timeouts) const;
  WebSocketRequest Upgrade(CallIdentity identity, const Timeouts& timeouts) const;
  HttpRequest Get(const Target& target, Surface surface, std::string_view content_type, const Timeouts& timeouts) const;
  // Shows `authorization`, the header's value, and no account's credential.
  HttpRequest GetShowing(const Target& target, std::string_view authorization, const Timeouts& timeouts) const;
  // For what is used up by being read: it is never sent twice, nor on a connection that was used before.
  HttpRequest PostOnce(const Target& target, std::string_view content_type, std::string body,
                       const Timeouts& timeouts) const;

  // Knows the secrets that such a request shows.
  Redactor MakeRedactor() const;

  // Keeps the cookies of an answer that came from `target`.
  void TakeCookies(const ResponseHead& head, const Target& target) const;

 private:
  Outgoing(const CallContext& context, std::shared_ptr<const Provider> provider, Road road,
           std::shared_ptr<const Credential> credential);

  Destination To(const Target& target) const;
  AccountIdentity Account() const;
  // With the key, where the row says that it stands in the query.
  std::string PathOf(const Target& target) const;
  // With the headers that the row has of its own.
  Headers WithOwn(Headers headers) const;
  // Only TLS is good enough for cookies.
  std::string CookieFor(const Target& target) const;
  HttpRequest Post(const Target& target, Headers headers, std::string body, const Timeouts& timeouts) const;
  HttpRequest Fetch(std::string_view method, const Target& target, Surface surface, std::string_view content_type,
                    std::string body, const Timeouts& timeouts) const;

  const CallContext& context_;
  std::shared_ptr<const Provider> provider_;
  Road road_;
  std::shared_ptr<const Credential> credential_;  // null: none is shown
};

}  // namespace patchbay::upstream
