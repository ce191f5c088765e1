// How do a CodeImage and a ReplayBundle become bytes, and bytes a file?
#pragma once
#include <string>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/code/code_image.h"
#include "common/code/replay_bundle.h"

namespace jitfarm::code {

Bytes encode(const CodeImage& image);
/// Checks the form only, and that the version is ours; verify() checks the rest. invalid_code_image says what is wrong: a CodeImage
/// that does not decode costs the method, not the session.
Result<CodeImage> decode_image(ByteView bytes);

/// One blob for the whole bundle, shapes included: [magic][length of body][body][length of blob][blob]..
Bytes encode(const ReplayBundle& bundle);
Result<ReplayBundle> decode_bundle(ByteView bytes);

inline constexpr std::size_t kBundleBytesMax = 256u << 20;  // a compilation with every shape it saw; javac's largest is far below

/// io_failure with path and errno text; malformed_frame when it is not a bundle of our version.
Result<ReplayBundle> read_bundle(const std::string& path);
/// Writes beside `path` and renames: a reader never sees half a bundle.
Status write_bundle(const std::string& path, const ReplayBundle& bundle);

}  // namespace jitfarm::code
