// Which classes does a test compile?
#pragma once
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace jitfarm::tests::compiler {

/// The .class files of a folder, in a fixed order.
inline std::vector<std::string> class_files(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".class") files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

}  // namespace jitfarm::tests::compiler
