// The same targets under libFuzzer: first byte chooses the target, the next two the length of the
// body, the rest are blobs.
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace jitfarm;
  if (size < 3) return 0;
  const auto all = fuzz::targets();
  const fuzz::Target& target = all[data[0] % all.size()];
  ByteView rest(data + 3, size - 3);
  const std::size_t body = std::min<std::size_t>(rest.size(), data[1] | data[2] << 8);
  fuzz::Input input{{rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(body)}, {}};
  rest = rest.subspan(body);
  while (!rest.empty()) {  // [length][bytes]..
    const std::size_t length = std::min<std::size_t>(rest[0], rest.size() - 1);
    input.blobs.emplace_back(
        Bytes(rest.begin() + 1, rest.begin() + 1 + static_cast<std::ptrdiff_t>(length)));
    rest = rest.subspan(1 + length);
  }
  if (const std::string wrong = target.feed(input).wrong; !wrong.empty()) {
    std::fprintf(stderr, "%.*s: %s\n", static_cast<int>(target.name.size()), target.name.data(),
                 wrong.c_str());
    std::abort();
  }
  return 0;
}
