// Where do short-lived files go?
#pragma once
#include <stdlib.h>

#include <filesystem>
#include <utility>

#include "common/base/result.h"

namespace jitfarm::cli {

/// A folder of our own that only we may read, removed with the object.
class ScratchFolder {
 public:
  static Result<ScratchFolder> create() {
    std::error_code error;
    auto path = (std::filesystem::temp_directory_path(error) / "jitfarm-XXXXXX").string();
    if (error || !::mkdtemp(path.data()))
      return fail(Errc::io_failure, "cannot create a scratch folder: " + path);
    return ScratchFolder(path);
  }
  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  std::filesystem::path operator/(const char* name) const { return path_ / name; }

 private:
  explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace jitfarm::cli
