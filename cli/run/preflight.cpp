#include "cli/run/preflight.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "cli/farm/endpoint.h"
#include "common/net/curve.h"

namespace jitfarm::cli {
namespace {

namespace fs = std::filesystem;

Status check_record(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error && !fs::is_directory(folder, error) && !error)
    error = std::make_error_code(std::errc::not_a_directory);
  if (!error && ::access(folder.c_str(), W_OK | X_OK) != 0)
    error = std::error_code(errno, std::generic_category());
  if (error)
    return fail(Errc::io_failure,
                "--record: no bundles can be written to " + folder + ": " + error.message());
  return {};
}

Status check_log(const std::string& file) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0)
    return fail(Errc::io_failure,
                "--farm-log: cannot write to " + file + ": " + std::strerror(errno));
  ::close(fd);
  return {};
}

}  // namespace

Status check_options(const RunOptions& options) {
  if (!options.coordinator.empty()) {
    if (!options.record.empty())
      return fail(
          Errc::bad_configuration,
          "--record works with the embedded farm; start jitfarm-worker with --record instead");
    JF_CHECK_OK(check_endpoint(options.coordinator));
  }
  JF_CHECK_OK(net::curve_client_from_environment());
  if (!options.record.empty()) JF_CHECK_OK(check_record(options.record));
  if (!options.farm_log.empty()) JF_CHECK_OK(check_log(options.farm_log));
  return {};
}

}  // namespace jitfarm::cli
