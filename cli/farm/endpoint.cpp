#include "cli/farm/endpoint.h"

#include <charconv>
#include <string_view>

namespace jitfarm::cli {
namespace {

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && port >= 1 && port <= 65'535;
}

}  // namespace

Status check_endpoint(const std::string& endpoint) {
  const auto wrong = [&](const std::string& why) {
    return fail(Errc::bad_configuration,
                "'" + endpoint + "' is no address of a coordinator: " + why);
  };
  const std::string_view text = endpoint;
  if (text.starts_with("ipc://")) {
    if (text.size() == 6) return wrong("there is no path after ipc://");
    return {};
  }
  if (!text.starts_with("tcp://")) return wrong("it has the form tcp://HOST:PORT");
  const auto colon = text.rfind(':');
  if (colon <= 6) return wrong("it has the form tcp://HOST:PORT");
  if (!is_port(text.substr(colon + 1)))
    return wrong("'" + endpoint.substr(colon + 1) + "' is no port from 1 to 65535");
  return {};
}

}  // namespace jitfarm::cli
