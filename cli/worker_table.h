// Workers as a table: for `status` and `workers list`.
#pragma once

#include <google/protobuf/repeated_field.h>

#include "cli/human.h"
#include "cli/table.h"
#include "patchbay/admin/v1/admin.pb.h"

namespace patchbay::cli {

Table WorkerTable(const google::protobuf::RepeatedPtrField<admin::v1::Worker>& workers, WallTime now);

}  // namespace patchbay::cli
