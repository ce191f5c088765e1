#include "tests/fuzz/mutate.h"

#include <algorithm>
#include <array>

namespace jitfarm::fuzz {
namespace {

void damage(test::Random& random, Bytes& bytes) {
  // Headers that announce much: array32, map32, str32, bin32, ext32, each of 4 G; and small ones of
  // every type.
  static constexpr std::array<std::uint8_t, 6> kLarge = {0xdd, 0xdf, 0xdb, 0xc6, 0xc9, 0xdc};
  const std::size_t at = bytes.empty() ? 0 : random.below(bytes.size());
  const auto here = bytes.begin() + static_cast<std::ptrdiff_t>(at);
  switch (bytes.empty() ? 5 : random.below(8)) {
    case 0:
      bytes[at] ^= static_cast<std::uint8_t>(1u << random.below(8));
      break;
    case 1:
      bytes[at] = static_cast<std::uint8_t>(random.bits());
      break;
    case 2:
      bytes.resize(at);
      break;
    case 3:
      bytes.erase(here, here + static_cast<std::ptrdiff_t>(
                                   1 + random.below(std::min<std::size_t>(8, bytes.size() - at))));
      break;
    case 4: {
      bytes[at] = kLarge[random.below(kLarge.size())];
      for (std::size_t i = at + 1; i < std::min(at + 5, bytes.size()); ++i)
        bytes[i] = random.one_in(4) ? 0 : 0xff;
      break;
    }
    case 5:
      bytes.insert(here, 1 + random.below(5), static_cast<std::uint8_t>(random.bits()));
      break;
    case 6:
      bytes[at] = static_cast<std::uint8_t>(0x80 + random.below(0x80));
      break;    // another type
    default: {  // a chunk goes elsewhere, or comes twice
      const std::size_t size = 1 + random.below(std::min<std::size_t>(32, bytes.size() - at));
      const Bytes chunk(here, here + static_cast<std::ptrdiff_t>(size));
      if (random.one_in(2)) bytes.erase(here, here + static_cast<std::ptrdiff_t>(size));
      bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(random.below(bytes.size() + 1)),
                   chunk.begin(), chunk.end());
    }
  }
}

void damage(test::Random& random, std::vector<Blob>& blobs) {
  const std::size_t at = random.below(blobs.size());
  switch (random.below(4)) {
    case 0:
      blobs.erase(blobs.begin() + static_cast<std::ptrdiff_t>(at));
      break;
    case 1:
      blobs.push_back(blobs[at]);
      break;
    case 2:
      std::swap(blobs[at], blobs[random.below(blobs.size())]);
      break;
    default: {
      Bytes bytes(blobs[at].view().begin(), blobs[at].view().end());
      damage(random, bytes);
      blobs[at] = Blob(std::move(bytes));
    }
  }
}

}  // namespace

void mutate(test::Random& random, Input& input) {
  for (std::size_t places = 1 + random.below(4); places > 0; --places) {
    if (!input.blobs.empty() && random.one_in(4))
      damage(random, input.blobs);
    else
      damage(random, input.body);
  }
}

}  // namespace jitfarm::fuzz
