// Who owns these bytes?
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace jitfarm {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline ByteView as_bytes(std::string_view s) {
  return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}
inline std::string_view as_chars(ByteView b) {
  return {reinterpret_cast<const char*>(b.data()), b.size()};
}

/// Immutable shared bytes: class shapes, code. Copying shares. `owner` keeps the memory alive,
/// whatever it is (a vector, a ZeroMQ message), so that a payload crosses the process uncopied.
class Blob {
 public:
  Blob() = default;
  explicit Blob(Bytes bytes) {
    auto owned = std::make_shared<const Bytes>(std::move(bytes));
    view_ = {owned->data(), owned->size()};
    owner_ = std::move(owned);
  }
  Blob(ByteView view, std::shared_ptr<const void> owner) : view_(view), owner_(std::move(owner)) {}
  ByteView view() const { return view_; }
  const std::uint8_t* data() const { return view_.data(); }
  std::size_t size() const { return view_.size(); }
  bool empty() const { return view_.empty(); }
  const std::shared_ptr<const void>& owner() const { return owner_; }
  friend bool operator==(const Blob& a, const Blob& b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
  }

 private:
  ByteView view_;
  std::shared_ptr<const void> owner_;
};

}  // namespace jitfarm
