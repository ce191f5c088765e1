// What does javac write? Reads a .class file and writes its canonical shape (docs/reference/class-shape.md), as the agent does from
// metaspace.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/bytes.h"

namespace jitfarm::tests::compiler {

struct ClassFileField {
  std::string name;
  std::string descriptor;
  std::uint16_t flags = 0;
};

struct ClassFileMember {
  std::string name;
  std::string descriptor;
  std::uint16_t flags = 0;
};

/// A class entry, or a field or method entry followed to its texts.
struct ClassFileReference {
  std::uint32_t index = 0;
  std::uint8_t tag = 0;   ///< 7 class, 8 string, 9 field, 10 method, 11 interface method
  std::string holder;     ///< class name; strings: the text
  std::string name;
  std::string descriptor;
};

struct ClassFile {
  std::string name;
  std::string super;
  std::vector<std::string> interfaces;
  std::uint16_t flags = 0;
  std::vector<ClassFileField> fields;
  std::vector<ClassFileMember> methods;
  std::vector<ClassFileReference> references;
  Bytes shape;
};

/// Trusts the file: it comes from our own javac. Throws std::runtime_error when it is none.
ClassFile read_class_file(const std::string& path);

}  // namespace jitfarm::tests::compiler
