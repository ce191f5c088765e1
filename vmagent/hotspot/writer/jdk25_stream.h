// How does a piece of code look in the stream that JDK 25 reads?
//
// CompilerToVM.installCode0 takes one serialised description, little-endian, without alignment and
// without type information; HotSpot believes every pointer and count in it and ends the VM at the
// first one that is wrong. So writing (encode_*) and checking (check_stream) know nothing of each
// other: the checker reads the bytes as HotSpot does and compares what it finds with what was to be
// said. Pure: numbers and images in, bytes out.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/code/code_image.h"
#include "vmagent/hotspot/configuration.h"
#include "vmagent/hotspot/shell/shell.h"

namespace jitfarm::vmagent::hotspot::writer {

/// `CodeInstaller::*` constants of readConfiguration; the values are those of 25.0.3.
struct StreamTags {
  std::uint8_t is_nmethod = 1, has_assumptions = 2, has_methods = 4, has_rescue_slot = 8;
  std::uint8_t has_reference_map = 1, has_frames = 4;
  std::uint8_t has_locals = 1, has_stack = 2, has_locks = 4, during_call = 8, rethrows = 16;
  std::uint8_t concrete_method = 26;
  std::uint8_t illegal = 0, slot_primitive = 5, slot_oop = 6, null_constant = 15, primitive_0 = 17,
               primitive_4 = 18, primitive_8 = 19;
  std::uint8_t patch_object = 32, patch_klass = 34, patch_cell = 37;
  std::uint8_t call = 38, foreign_call = 39, foreign_call_plain = 40, safepoint = 41, mark = 45,
               data_patch = 46, exception_handler = 47;
  std::uint16_t no_register = 65535;

  /// vm_unsupported: one is missing or out of range.
  static Result<StreamTags> read(const Configuration& configuration);
};

/// What the ids of an image are in this VM: the numbers that go into the stream.
class StreamNames {
 public:
  virtual ~StreamNames() = default;
  virtual Result<std::uint64_t> method(MethodId id) = 0;                ///< Method*
  virtual Result<std::uint64_t> klass(ClassId id) = 0;                  ///< Klass*
  virtual Result<std::uint64_t> object(const code::Constant& c) = 0;    ///< JNI handle of an object
};

/// Everything that the stream says. `image` is null for a stub.
struct StreamContent {
  const shell::AssembledCode& code;
  const shell::Marks& marks;
  const code::CodeImage* image = nullptr;
  std::string_view name;  ///< ASCII
  std::uint64_t compile_state = 0;
  std::int32_t compile_id = 0;
};

/// A stream of one chunk. Errors: those of `names`; invalid_code_image for what has no form.
Result<Bytes> encode_stream(const StreamTags& tags, const StreamContent& content,
                            StreamNames& names);

/// Reads `stream` as HotSpot does. invalid_code_image, with the place, unless it says `content` and
/// nothing else, in whole.
Status check_stream(const StreamTags& tags, const StreamContent& content, StreamNames& names,
                    ByteView stream);

}  // namespace jitfarm::vmagent::hotspot::writer
