// The configuration as the supervisor hands it to a worker: every setting that has a default is set.
#pragma once

#include <google/protobuf/text_format.h>

#include <string>
#include <type_traits>

#include "lib/base/check.h"
#include "lib/config/fields.h"
#include "lib/config/loader.h"
#include "patchbay/config/v1/config.pb.h"

namespace patchbay::testing {

// A section, or the whole with the rows of providers, with what `text` (protobuf's text format) says over the defaults.
template <class Section = config::v1::Config>
Section Configured(const std::string& text = "") {
  Section section;
  if constexpr (std::is_same_v<Section, config::v1::Config>) {
    section = config::DefaultConfig();
  } else {
    config::FillDefaults(section);
  }
  PATCHBAY_CHECK(google::protobuf::TextFormat::MergeFromString(text, &section));
  return section;
}

}  // namespace patchbay::testing
