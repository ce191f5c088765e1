// What must the coordinator know of a compile_request? Read without decoding the facts and shapes
// beside it.
#pragma once
#include <cstdint>
#include <string>

#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/base/result.h"

namespace jitfarm::coordinator::relay {

struct RequestHead {
  RequestId request;
  std::uint32_t hotness = 0;
  std::string_view method_name;  ///< into the body
  ByteView shape;                ///< into the body; 32 bytes
};

/// malformed_frame or limit_exceeded. Everything else in the body is the worker's to check.
Result<RequestHead> peek_compile_request(ByteView body);

}  // namespace jitfarm::coordinator::relay
