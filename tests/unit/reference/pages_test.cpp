// Are the committed reference pages those that the code says?
#include "tests/unit/reference/pages.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

namespace jitfarm::reference {
namespace {

TEST_CASE("reference: docs/reference is what the code says; else run `ninja reference`", "[docs]") {
  for (const Page& page : pages()) {
    const std::string path = std::string(JITFARM_SOURCE_DIR) + "/docs/reference/" + page.file;
    std::ifstream file(path);
    const std::string committed{std::istreambuf_iterator<char>(file), {}};
    INFO(path);
    CHECK(committed == page.text);
  }
}

TEST_CASE("reference: enumerators and types are named", "[docs]") {
  for (const Page& page : pages()) {
    INFO(page.file);
    if (page.file == "messages.md")
      CHECK(page.text.find("| 1 | `dependencies_failed` |") != std::string::npos);
    if (page.file == "messages.md")
      CHECK(page.text.find("| 0 | `request` | request_id | echoed") != std::string::npos);
    if (page.file == "facts.md") CHECK(page.text.find("| 2 | `g1` |") != std::string::npos);
    if (page.file == "intrinsics.md")
      CHECK(page.text.find("| `java/lang/Math` | `abs(D)D` | an instruction |") !=
            std::string::npos);
    if (page.file == "code-image.md")
      CHECK(page.text.find("| `sites` | list of site |") != std::string::npos);
  }
}

}  // namespace
}  // namespace jitfarm::reference
