// Writes the reference pages into the directory that is named.
#include <cstdio>
#include <fstream>

#include "tests/unit/reference/pages.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
    return 2;
  }
  for (const auto& [file, text] : jitfarm::reference::pages()) {
    const std::string path = std::string(argv[1]) + "/" + file;
    if (!(std::ofstream(path) << text).flush()) {
      std::fprintf(stderr, "cannot write %s\n", path.c_str());
      return 1;
    }
  }
}
