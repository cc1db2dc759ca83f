// Health, reflection and channelz for a server, on its own reactor.
//
// gRPC's ready-made versions bring threads that poll the same epoll set as the reactor and steal its
// wake-ups, so these speak the same protocols from the reactor's thread.
#pragma once

#include <memory>

namespace patchbay::rpc {

class Server;

class Introspection {
 public:
  // Registers the three services; call before `server.Start`. Keep it as long as the server.
  explicit Introspection(Server& server);
  ~Introspection();

  // What Health answers: not serving until told so, and again while draining. Ends open health watches
  // when it becomes false, so that they do not hold up a drain.
  void SetServing(bool serving);

 private:
  class Health;
  class Reflection;
  class Channelz;
  std::unique_ptr<Health> health_;
  std::unique_ptr<Reflection> reflection_;
  std::unique_ptr<Channelz> channelz_;
};

}  // namespace patchbay::rpc
