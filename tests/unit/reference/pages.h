// What stands in docs/reference? Derived from the descriptions in the code; `ninja reference`
// writes it, a test compares.
#pragma once
#include <string>
#include <vector>

namespace jitfarm::reference {

struct Page {
  std::string file;  ///< "messages.md"
  std::string text;
};

std::vector<Page> pages();
Page bytecodes_page();
Page intrinsics_page();

}  // namespace jitfarm::reference
