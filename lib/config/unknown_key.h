// What is said of a key that no section has.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>

namespace patchbay::config {

// "unknown key 'lisen' in section 'frontend'; did you mean 'listen'?": the nearest key of `section`, else one of just
// this name a section below: 'certificate' in a listener is 'tls.certificate'. `where` stands behind the key.
std::string UnknownKey(const std::string& key, const google::protobuf::Descriptor& section, const std::string& where);

}  // namespace patchbay::config
