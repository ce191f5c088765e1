#include "worker/compiler/bytecode/class_shape.h"

#include <algorithm>
#include <tuple>

namespace jitfarm::worker::compiler::bytecode {
namespace {

constexpr std::uint8_t kFormatVersion = 1;

}  // namespace

/// Reads front to back. After the first read past the end everything reads as zero and ok() is
/// false, so that a loop over a count ends: counts are only followed while ok().
class ClassShape::Reader {
 public:
  explicit Reader(ByteView bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && at_ == bytes_.size(); }
  std::size_t offset() const { return at_; }
  void fail() { ok_ = false; }

  std::uint8_t u1() { return static_cast<std::uint8_t>(integer(1)); }
  std::uint16_t u2() { return static_cast<std::uint16_t>(integer(2)); }
  std::uint64_t integer(std::size_t size) {
    std::uint64_t value = 0;
    for (std::uint8_t byte : take(size)) value = value << 8 | byte;
    return value;
  }
  std::string_view string() { return as_chars(take(u2())); }
  ByteView take(std::size_t size) {
    if (!ok_ || bytes_.size() - at_ < size) {
      ok_ = false;
      return {};
    }
    at_ += size;
    return bytes_.subspan(at_ - size, size);
  }

  PoolEntry pool_entry();
  void skip_bootstraps();
  MethodShape method(const ClassShape& shape);

 private:
  ByteView bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

PoolEntry ClassShape::Reader::pool_entry() {
  PoolEntry entry;
  entry.tag = static_cast<PoolTag>(u1());
  switch (entry.tag) {
    case PoolTag::unusable:
      break;
    case PoolTag::utf8:
    case PoolTag::string:
      entry.text = string();
      break;
    case PoolTag::integer:
    case PoolTag::float_:
      entry.bits = integer(4);
      break;
    case PoolTag::long_:
    case PoolTag::double_:
      entry.bits = integer(8);
      break;
    case PoolTag::class_:
    case PoolTag::method_type:
    case PoolTag::module:
    case PoolTag::package:
      entry.first = u2();
      break;
    case PoolTag::field:
    case PoolTag::method:
    case PoolTag::interface_method:
    case PoolTag::name_and_type:
    case PoolTag::dynamic:
    case PoolTag::invoke_dynamic:
      entry.first = u2();
      entry.second = u2();
      break;
    case PoolTag::method_handle:
      entry.first = u1();
      entry.second = u2();
      break;
    default:
      fail();
  }
  return entry;
}

void ClassShape::Reader::skip_bootstraps() {
  for (std::uint32_t left = u2(); left > 0 && ok_; --left) {
    u2();
    take(std::size_t{2} * u2());
  }
}

MethodShape ClassShape::Reader::method(const ClassShape& shape) {
  MethodShape method;
  method.access_flags = u2();
  const auto name = shape.utf8(u2());
  const auto descriptor = shape.utf8(u2());
  if (!name || !descriptor) {
    fail();
    return method;
  }
  method.name = *name;
  method.descriptor = *descriptor;
  if (const std::uint16_t code_length = u2(); code_length > 0) {
    method.max_stack = u2();
    method.max_locals = u2();
    method.code = take(code_length);
    for (std::uint32_t left = u2(); left > 0 && ok_; --left) {
      ExceptionHandler& handler = method.handlers.emplace_back();
      handler.start = u2();
      handler.end = u2();
      handler.handler = u2();
      handler.catch_type = u2();
      if (handler.start >= handler.end || handler.end > code_length ||
          handler.handler >= code_length ||
          (handler.catch_type != 0 && !shape.class_name(handler.catch_type)))
        fail();
    }
  }
  take(std::size_t{2} * u2());  // checked exceptions
  return method;
}

Checked<ClassShape> ClassShape::parse(ByteView bytes) {
  Reader in(bytes);
  ClassShape shape;
  const auto error = [&](const char* what) {
    return malformed(std::string("class shape: ") + what + " before byte " +
                     std::to_string(in.offset()));
  };
  if (in.u1() != kFormatVersion) return error("unknown format version");
  in.u2();  // major
  in.u2();  // minor
  shape.access_flags_ = in.u2();
  shape.name_ = in.string();
  shape.super_ = in.string();
  for (std::uint32_t left = in.u2(); left > 0 && in.ok(); --left) in.string();
  if (!in.ok()) return error("bad header");

  const std::uint32_t count = in.u2();
  shape.pool_.resize(std::max<std::uint32_t>(count, 1));
  for (std::uint32_t i = 1; i < count && in.ok(); ++i) {
    shape.pool_[i] = in.pool_entry();
    const bool is_wide =
        shape.pool_[i].tag == PoolTag::long_ || shape.pool_[i].tag == PoolTag::double_;
    if (is_wide) ++i;
  }
  in.skip_bootstraps();
  for (std::uint32_t left = in.u2(); left > 0 && in.ok(); --left) in.take(8);  // fields
  if (!in.ok()) return error("bad constant pool, bootstrap method or field");

  for (std::uint32_t left = in.u2(); left > 0 && in.ok(); --left) {
    MethodShape method = in.method(shape);
    if (!in.ok()) break;
    if (!shape.methods_.empty() &&
        std::tie(shape.methods_.back().name, shape.methods_.back().descriptor) >=
            std::tie(method.name, method.descriptor))
      return error("methods out of order");
    shape.methods_.push_back(std::move(method));
  }
  if (!in.at_end()) return error("bad method, or bytes left over");
  return shape;
}

const MethodShape* ClassShape::find_method(std::string_view name,
                                           std::string_view descriptor) const {
  const auto wanted = std::tie(name, descriptor);
  const auto found = std::ranges::lower_bound(
      methods_, wanted, {}, [](const MethodShape& m) { return std::tie(m.name, m.descriptor); });
  if (found == methods_.end() || found->name != name || found->descriptor != descriptor)
    return nullptr;
  return &*found;
}

std::optional<std::string_view> ClassShape::class_name(std::uint32_t index) const {
  const PoolEntry* found = entry(index);
  if (found == nullptr || found->tag != PoolTag::class_) return std::nullopt;
  return utf8(found->first);
}

std::optional<std::string_view> ClassShape::utf8(std::uint32_t index) const {
  const PoolEntry* found = entry(index);
  if (found == nullptr || found->tag != PoolTag::utf8) return std::nullopt;
  return found->text;
}

std::optional<std::string_view> ClassShape::dynamic_descriptor(std::uint32_t index) const {
  const PoolEntry* found = entry(index);
  if (found == nullptr || (found->tag != PoolTag::dynamic && found->tag != PoolTag::invoke_dynamic))
    return std::nullopt;
  const PoolEntry* name_and_type = entry(found->second);
  if (name_and_type == nullptr || name_and_type->tag != PoolTag::name_and_type) return std::nullopt;
  return utf8(name_and_type->second);
}

std::optional<MemberRef> ClassShape::member(std::uint32_t index) const {
  const PoolEntry* found = entry(index);
  if (found == nullptr || (found->tag != PoolTag::field && found->tag != PoolTag::method &&
                           found->tag != PoolTag::interface_method))
    return std::nullopt;
  const auto holder = class_name(found->first);
  const PoolEntry* name_and_type = entry(found->second);
  if (!holder || name_and_type == nullptr || name_and_type->tag != PoolTag::name_and_type)
    return std::nullopt;
  const auto name = utf8(name_and_type->first);
  const auto descriptor = utf8(name_and_type->second);
  if (!name || !descriptor) return std::nullopt;
  return MemberRef{*holder, *name, *descriptor};
}

}  // namespace jitfarm::worker::compiler::bytecode
