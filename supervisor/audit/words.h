// What an operator's call is, for the trail: whether it changes anything, and what it asks for, without secrets. Pure.
#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <string_view>

namespace patchbay::supervisor {

// "/patchbay.accounts.v1.AccountAdmin/GetAccount". A method changes something unless its contract says that it has no
// side effects: one that somebody forgets to mark is on the trail. gRPC's own diagnostics change nothing.
bool ChangesSomething(std::string_view method);
// "AccountAdmin.GetAccount"
std::string NameOfMethod(std::string_view method);
// An empty request of that method; null for a method that this program does not know.
std::unique_ptr<google::protobuf::Message> RequestOf(std::string_view method);
// `account=acc_1 enabled=false`: the fields that are set, bounded. Fields of type bytes are left out: in these
// contracts they hold what is secret.
std::string WordsOf(const google::protobuf::Message& request);

}  // namespace patchbay::supervisor
