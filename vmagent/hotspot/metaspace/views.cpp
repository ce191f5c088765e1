#include "vmagent/hotspot/metaspace/views.h"

#include <algorithm>

namespace jitfarm::vmagent::hotspot::metaspace {
namespace {

// A longer array is not one: methods, fields, pools and reference maps are counted by u2 in the
// class file; the VM's own operands array holds two u2 and a handful for each of at most 65535
// bootstrap methods.
constexpr int kArrayLengthMax = 1 << 22;

}  // namespace

std::string_view symbol_text(const Layout& layout, Address symbol) {
  if (symbol == nullptr) return {};
  return {reinterpret_cast<const char*>(symbol + layout.symbol_body),
          load<std::uint16_t>(symbol, layout.symbol_length)};
}

std::size_t hidden_name_end(std::string_view name) { return name.rfind("+0x"); }

int ArrayView::length() const {
  if (array_ == nullptr) return 0;
  const int n = load<std::int32_t>(array_, layout_->array_length);
  return n < 0 || n > kArrayLengthMax ? 0 : n;
}

PoolView::PoolView(const Layout& layout, Address pool)
    : layout_(&layout),
      pool_(pool),
      tags_(layout, pool ? load<Address>(pool, layout.pool_tags) : nullptr) {
  if (pool_ == nullptr) return;
  length_ = std::min(load<std::int32_t>(pool_, layout.pool_length), tags_.length());
  cache_ = load_acquire<Address>(pool_, layout.pool_cache);
}

int PoolView::canonical_tag(int i) const {
  switch (const int t = tag(i)) {
    case kTagUnresolvedClass:
    case kTagUnresolvedClassInError:
      return kTagClass;
    case kTagMethodHandleInError:
      return kTagMethodHandle;
    case kTagMethodTypeInError:
      return kTagMethodType;
    case kTagDynamicInError:
      return kTagDynamic;
    default:
      return t;
  }
}

Address PoolView::text_symbol(int i) const {
  const int t = tag(i);
  if (!in(i) || (t != kTagUtf8 && t != kTagString)) return nullptr;
  return load<Address>(slot(i), 0);
}

std::string_view PoolView::text(int i) const { return symbol_text(*layout_, text_symbol(i)); }

Address PoolView::resolved_class(int i) const {
  if (!in(i) || load_acquire<std::uint8_t>(load<Address>(pool_, layout_->pool_tags),
                                           layout_->array_bytes + i) != kTagClass)
    return nullptr;
  return ArrayView(*layout_, load<Address>(pool_, layout_->pool_resolved_klasses)).pointer(low(i));
}

std::string_view PoolView::member_name(int i) const {
  const int nt = high(i);
  return tag(nt) == kTagNameAndType ? text(low(nt)) : std::string_view{};
}

std::string_view PoolView::member_descriptor(int i) const {
  const int nt = high(i);
  return tag(nt) == kTagNameAndType ? text(high(nt)) : std::string_view{};
}

MethodView::MethodView(const Layout& layout, Address method)
    : layout_(&layout),
      method_(method),
      const_(method ? load_acquire<Address>(method, layout.method_const) : nullptr),
      pool_(const_ ? load<Address>(const_, layout.const_constants) : nullptr) {}

Address MethodView::symbol(int pool_index) const {
  return PoolView(*layout_, pool_).text_symbol(pool_index);
}

int MethodView::breakpoints() const {
  const auto counters = load_acquire<Address>(method_, layout_->method_counters);
  return counters == nullptr ? 0 : load<std::uint16_t>(counters, layout_->counters_breakpoints);
}

std::optional<MethodTables> MethodView::tables() const {
  MethodTables t;
  const int flags = const_flags();
  const std::ptrdiff_t bytes =
      8 * static_cast<std::ptrdiff_t>(load<std::int32_t>(const_, layout_->const_words));
  const std::ptrdiff_t first = layout_->size_of_const + code_size();
  // From the end backwards: one word for each kind of annotations, then tables of u2, each with its
  // length behind it.
  std::ptrdiff_t at = bytes;
  for (const int flag : {kConstHasAnnotations, kConstHasParameterAnnotations,
                         kConstHasTypeAnnotations, kConstHasDefaultAnnotations})
    if (flags & flag) at -= 8;
  if (bytes < first || bytes > 1 << 22) return std::nullopt;
  const auto take = [&](int element_bytes, Address& elements, int& count) {
    at -= 2;
    if (at < first) return false;
    count = load<std::uint16_t>(const_, static_cast<std::int32_t>(at));
    at -= static_cast<std::ptrdiff_t>(count) * element_bytes;
    elements = const_ + at;
    return at >= first;
  };
  Address ignored = nullptr;
  int ignored_count = 0;
  if (flags & kConstHasGenericSignature) at -= 2;
  if ((flags & kConstHasParameters) && !take(4, ignored, ignored_count)) return std::nullopt;
  if ((flags & kConstHasCheckedExceptions) && !take(2, t.checked, t.checked_count))
    return std::nullopt;
  if ((flags & kConstHasHandlers) && !take(8, t.handlers, t.handler_count)) return std::nullopt;
  return t;
}

bool ClassView::is_subclass_of(const ClassView& super) const {
  const auto offset = static_cast<std::int32_t>(super.super_check_offset());
  if (klass_ == super.klass_) return true;
  if (offset != layout_->klass_secondary_super_cache)
    return load<Address>(klass_, offset) == super.klass_;
  const ArrayView supers(*layout_, load<Address>(klass_, layout_->klass_secondary_supers));
  for (int i = 0; i < supers.length(); ++i)
    if (supers.pointer(i) == super.klass_) return true;
  return false;
}

std::uint32_t ClassView::instance_size() const {
  const std::int32_t helper = layout_helper();
  if (layout_->has_finalizer.in(klass_)) return 0;
  return helper > 0 && (helper & kLayoutSlowPath) == 0 ? static_cast<std::uint32_t>(helper) : 0;
}

Address ClassView::vtable(int index) const {
  if (index < 0 || index >= vtable_length()) return nullptr;
  return load_acquire<Address>(klass_, layout_->size_of_instance_klass + 8 * index);
}

}  // namespace jitfarm::vmagent::hotspot::metaspace
