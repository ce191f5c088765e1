#include "coordinator/relay/peek.h"

#include <algorithm>

#include "common/base/digest.h"
#include "common/protocol/messages.h"
#include "common/wire/reader.h"

namespace jitfarm::coordinator::relay {
namespace {

constexpr std::size_t kMethodNameMax = 4096;  // class name, method name and descriptor; JVM
                                              // constants may be longer, such methods are refused

// Of the fields before the facts: a name of the length above, a shape's digest, the trap history of
// any VM (100 bytes) and numbers. The reader makes tokens of no more: what is cut off behind them
// is an error only for who asks for it.
constexpr std::size_t kHeadBytesMax = kMethodNameMax + 1024;

consteval std::size_t position(std::string_view name) {
  std::size_t at = 0, found = 999;
  std::apply([&](const auto&... f) { ((f.name == name ? found = at++ : at++), ...); },
             protocol::CompileRequest::kRecord.fields);
  return found;
}
static_assert(position("request") == 0 && position("hotness") == 2 &&
                  position("method_name") == 3 && position("shape") == 4,
              "the walk below follows the order of the fields");

}  // namespace

Result<RequestHead> peek_compile_request(ByteView body) {
  const wire::Limits limits;
  wire::Reader in(body.first(std::min(body.size(), kHeadBytesMax)), limits);
  RequestHead head;
  std::uint32_t fields = 0;
  std::uint64_t hotness = 0;
  const bool read = in.enter_array(fields, 0) && fields > position("shape") &&
                    in.unsigned_integer(head.request.value, ~std::uint64_t{0}) && in.skip() &&
                    in.unsigned_integer(hotness, ~std::uint32_t{0}) &&
                    in.string(head.method_name) && in.binary(head.shape);
  if (!read) return std::unexpected(in.take_error("compile_request"));
  if (head.method_name.size() > kMethodNameMax)
    return fail(Errc::limit_exceeded, "compile_request.method_name of " +
                                          std::to_string(head.method_name.size()) + " bytes");
  if (head.shape.size() != Digest{}.bytes.size())
    return fail(Errc::malformed_frame,
                "compile_request.shape of " + std::to_string(head.shape.size()) + " bytes");
  head.hotness = static_cast<std::uint32_t>(hotness);
  return head;
}

}  // namespace jitfarm::coordinator::relay
