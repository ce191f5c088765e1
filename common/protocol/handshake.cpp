#include "common/protocol/handshake.h"

#include <algorithm>

namespace jitfarm::protocol {
namespace {

std::string range(std::uint16_t min, std::uint16_t max) {
  return min == max ? "version " + std::to_string(min)
                    : "versions " + std::to_string(min) + " to " + std::to_string(max);
}

/// A peer's text, fit for a log line: bounded, without control characters.
std::string printable(std::string_view text) {
  std::string out(text.substr(0, kPeerTextBytesMax));
  std::ranges::replace_if(out, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return out;
}

Status check_capabilities(const std::vector<std::string>& capabilities) {
  if (capabilities.size() > kCapabilitiesMax)
    return fail(Errc::limit_exceeded, std::to_string(capabilities.size()) +
                                          " capabilities, the limit is " +
                                          std::to_string(kCapabilitiesMax));
  for (const std::string& c : capabilities)
    if (c.empty() || c.size() > kCapabilityBytesMax)
      return fail(Errc::limit_exceeded, "a capability of " + std::to_string(c.size()) +
                                            " bytes, the limit is " +
                                            std::to_string(kCapabilityBytesMax));
  return {};
}

std::vector<std::string> in_common(std::vector<std::string> theirs, std::vector<std::string> ours) {
  std::ranges::sort(theirs);
  std::ranges::sort(ours);
  std::vector<std::string> both;
  std::ranges::set_intersection(theirs, ours, std::back_inserter(both));
  const auto repeated = std::ranges::unique(both);
  both.erase(repeated.begin(), repeated.end());
  return both;
}

}  // namespace

Result<Agreement> negotiate(const Hello& hello, const Spoken& own) {
  for (const auto& [what, text] :
       {std::pair{"name", &hello.name}, {"build", &hello.build}, {"vm", &hello.vm}})
    if (text->size() > kPeerTextBytesMax)
      return fail(Errc::limit_exceeded, std::string("hello.") + what + " of " +
                                            std::to_string(text->size()) + " bytes, the limit is " +
                                            std::to_string(kPeerTextBytesMax));
  JF_CHECK_OK(check_capabilities(hello.capabilities));
  if (hello.version_min > hello.version_max || hello.version_min == 0)
    return fail(Errc::malformed_frame, "hello names the protocol versions " +
                                           std::to_string(hello.version_min) + " to " +
                                           std::to_string(hello.version_max));
  const std::uint16_t version = std::min(hello.version_max, own.version_max);
  if (version < hello.version_min || version < own.version_min) {
    const bool peer_is_old = hello.version_max < own.version_min;
    return fail(Errc::version_mismatch,
                printable(hello.name) + " (build " + printable(hello.build) + ") speaks protocol " +
                    range(hello.version_min, hello.version_max) + ", this coordinator " +
                    range(own.version_min, own.version_max) +
                    (peer_is_old ? ": update the peer" : ": update the coordinator"));
  }
  return Agreement{version, in_common(hello.capabilities, own.capabilities)};
}

Refuse make_refuse(const Error& error, const Spoken& own) {
  return {.code = std::string(name(error.code)),
          .reason = error.detail,
          .version_min = own.version_min,
          .version_max = own.version_max};
}

Error refused(const Refuse& refuse, const Spoken& own) {
  std::string detail =
      "the coordinator says: " + printable(refuse.code) + ": " + printable(refuse.reason);
  if (refuse.code == name(Errc::version_mismatch))
    return {Errc::version_mismatch,
            "we speak protocol " + range(own.version_min, own.version_max) + ", the coordinator " +
                range(refuse.version_min, refuse.version_max) + "; " + detail};
  if (refuse.code == name(Errc::unknown_session)) return {Errc::unknown_session, std::move(detail)};
  return {Errc::handshake_refused, std::move(detail)};
}

Result<Agreement> accept_welcome(const Welcome& welcome, const Spoken& own) {
  if (welcome.version < own.version_min || welcome.version > own.version_max)
    return fail(Errc::version_mismatch, "the coordinator chose protocol version " +
                                            std::to_string(welcome.version) + ", we speak " +
                                            range(own.version_min, own.version_max));
  JF_CHECK_OK(check_capabilities(welcome.capabilities));
  if (welcome.peer == 0) return fail(Errc::malformed_frame, "the welcome gives no id");
  if (welcome.heartbeat_ms == 0 || welcome.lease_ms <= welcome.heartbeat_ms)
    return fail(Errc::malformed_frame,
                "the welcome gives a lease of " + std::to_string(welcome.lease_ms) +
                    " ms with a heartbeat every " + std::to_string(welcome.heartbeat_ms) + " ms");
  return Agreement{welcome.version, in_common(welcome.capabilities, own.capabilities)};
}

}  // namespace jitfarm::protocol
