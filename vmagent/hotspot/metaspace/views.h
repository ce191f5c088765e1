// How is a class, a method, a constant pool read from metaspace without calling the VM?
//
// Whoever makes a view guarantees that the class is alive while the view is used (facts/loaders.h
// says how). The memory may still change under us: the VM resolves constants and rewrites bytecodes
// in place. Every index is therefore checked against the length of what it indexes, and a read that
// does not fit is "unknown", never an access.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "vmagent/hotspot/metaspace/dialect.h"
#include "vmagent/hotspot/metaspace/layout.h"

namespace jitfarm::vmagent::hotspot::metaspace {

enum PoolTag : int {
  kTagInvalid = 0,
  kTagUtf8 = 1,
  kTagInteger = 3,
  kTagFloat = 4,
  kTagLong = 5,
  kTagDouble = 6,
  kTagClass = 7,
  kTagString = 8,
  kTagField = 9,
  kTagMethod = 10,
  kTagInterfaceMethod = 11,
  kTagNameAndType = 12,
  kTagMethodHandle = 15,
  kTagMethodType = 16,
  kTagDynamic = 17,
  kTagInvokeDynamic = 18,
  kTagModule = 19,
  kTagPackage = 20,
  kTagUnresolvedClass = 100,
  kTagUnresolvedClassInError = 103,
  kTagMethodHandleInError = 104,
  kTagMethodTypeInError = 105,
  kTagDynamicInError = 106,
};

/// Text of a Symbol; valid while the class that names it lives. Empty for null.
std::string_view symbol_text(const Layout& layout, Address symbol);

/// Array<T> of metaspace. A null array has no elements.
class ArrayView {
 public:
  ArrayView(const Layout& layout, Address array) : layout_(&layout), array_(array) {}
  int length() const;
  // 0 or null out of range.
  std::uint8_t u1(int i) const {
    return in(i) ? load<std::uint8_t>(array_, layout_->array_bytes + i) : 0;
  }
  std::uint16_t u2(int i) const {
    return in(i) ? load<std::uint16_t>(array_, layout_->array_shorts + 2 * i) : 0;
  }
  Address pointer(int i) const {
    return in(i) ? load_acquire<Address>(array_, layout_->array_pointers + 8 * i) : nullptr;
  }

 private:
  bool in(int i) const { return i >= 0 && i < length(); }
  const Layout* layout_;
  Address array_;
};

class PoolView;

class PoolView {
 public:
  PoolView(const Layout& layout, Address pool);
  explicit operator bool() const { return pool_ != nullptr; }
  Address address() const { return pool_; }
  int length() const { return length_; }
  Address holder() const { return load<Address>(pool_, layout_->pool_holder); }

  int tag(int i) const { return tags_.u1(i); }
  /// As in the class file: without what the VM marks as unresolved or in error.
  int canonical_tag(int i) const;
  std::uint64_t wide(int i) const { return in(i) ? load<std::uint64_t>(slot(i), 0) : 0; }
  std::uint32_t word(int i) const { return in(i) ? load<std::uint32_t>(slot(i), 0) : 0; }
  int low(int i) const { return static_cast<int>(word(i) & 0xffff); }
  int high(int i) const { return static_cast<int>(word(i) >> 16); }
  /// Of a Utf8 or String entry; the slot of both is a Symbol*.
  std::string_view text(int i) const;
  Address text_symbol(int i) const;
  int class_name_index(int i) const { return high(i); }
  std::string_view class_name(int i) const { return text(class_name_index(i)); }
  /// Klass* of a resolved Class entry, else null.
  Address resolved_class(int i) const;
  /// Of a Fieldref, Methodref, InterfaceMethodref: name and descriptor texts, empty when the entry
  /// is none.
  std::string_view member_name(int i) const;
  std::string_view member_descriptor(int i) const;
  ArrayView operands() const { return {*layout_, load<Address>(pool_, layout_->pool_operands)}; }

  // ---- the cache, which a linked class has when its code uses fields, methods or object constants
  const Layout& layout() const { return *layout_; }
  Address cache() const { return cache_; }
  ArrayView reference_map() const {
    return {*layout_, cache_ ? load<Address>(cache_, layout_->cache_reference_map) : nullptr};
  }
  /// OopHandle slot of the array of resolved objects; null: none.
  Address resolved_references() const {
    return cache_ ? load<Address>(cache_, layout_->cache_resolved_references) : nullptr;
  }

 private:
  bool in(int i) const { return i > 0 && i < length_; }
  Address slot(int i) const {
    return pool_ + layout_->size_of_pool + 8 * static_cast<std::ptrdiff_t>(i);
  }
  const Layout* layout_;
  Address pool_;
  ArrayView tags_;
  int length_ = 0;
  Address cache_ = nullptr;
};

/// Tables behind the code of a ConstMethod.
struct MethodTables {
  Address handlers = nullptr;  ///< u2 start, end, handler, type each
  int handler_count = 0;
  Address checked = nullptr;  ///< u2 class index each
  int checked_count = 0;
};

class MethodView {
 public:
  MethodView(const Layout& layout, Address method);
  explicit operator bool() const { return const_ != nullptr && pool_ != nullptr; }
  Address address() const { return method_; }
  Address pool() const { return pool_; }
  Address holder() const { return load<Address>(pool_, layout_->pool_holder); }
  int name_index() const { return load<std::uint16_t>(const_, layout_->const_name_index); }
  int descriptor_index() const {
    return load<std::uint16_t>(const_, layout_->const_signature_index);
  }
  Address name_symbol() const { return symbol(name_index()); }
  Address descriptor_symbol() const { return symbol(descriptor_index()); }
  std::string_view name() const { return symbol_text(*layout_, name_symbol()); }
  std::string_view descriptor() const { return symbol_text(*layout_, descriptor_symbol()); }
  /// JVMS flags in the low 13 bits.
  std::uint32_t access_flags() const {
    return load<std::uint16_t>(method_, layout_->method_access_flags);
  }
  bool dont_inline() const { return layout_->dont_inline.in(method_); }
  int intrinsic_id() const { return load<std::uint16_t>(method_, layout_->method_intrinsic_id); }
  bool is_old() const { return layout_->is_old.in(method_); }
  bool is_overpass() const { return (const_flags() & kConstIsOverpass) != 0; }
  int code_size() const { return load<std::uint16_t>(const_, layout_->const_code_size); }
  Address code() const { return const_ + layout_->size_of_const; }
  int max_stack() const { return load<std::uint16_t>(const_, layout_->const_max_stack); }
  int max_locals() const { return load<std::uint16_t>(const_, layout_->const_max_locals); }
  int breakpoints() const;
  /// nullopt: the tables do not fit into the ConstMethod.
  std::optional<MethodTables> tables() const;

 private:
  int const_flags() const { return load<std::uint16_t>(const_, layout_->const_flags); }
  Address symbol(int pool_index) const;
  const Layout* layout_;
  Address method_;
  Address const_;
  Address pool_;
};

class ClassView {
 public:
  ClassView(const Layout& layout, Address klass) : layout_(&layout), klass_(klass) {}
  const Layout& layout() const { return *layout_; }
  Address address() const { return klass_; }
  std::string_view name() const { return symbol_text(*layout_, name_symbol()); }
  Address name_symbol() const { return load<Address>(klass_, layout_->klass_name); }
  Address super() const { return load<Address>(klass_, layout_->klass_super); }
  Address loader() const { return load<Address>(klass_, layout_->klass_loader_data); }
  std::int32_t layout_helper() const {
    return load<std::int32_t>(klass_, layout_->klass_layout_helper);
  }
  bool is_array() const { return layout_helper() < 0; }
  std::uint32_t super_check_offset() const {
    return load<std::uint32_t>(klass_, layout_->klass_super_check_offset);
  }
  /// As Klass::is_subtype_of, without its cache.
  bool is_subclass_of(const ClassView& super) const;
  /// Bytes of an instance; 0 for arrays, and where only the VM may make one: abstract classes,
  /// java.lang.Class, classes with a finalizer.
  std::uint32_t instance_size() const;
  /// The class of arrays of this class; null while the VM has not made it.
  Address array_class() const {
    return load_acquire<Address>(klass_, is_array() ? layout_->array_higher_dimension
                                                    : layout_->instance_array_klasses);
  }
  std::uint32_t access_flags() const {
    return load<std::uint16_t>(klass_, layout_->klass_access_flags);
  }
  /// Of an array of references: the class of its innermost elements.
  Address bottom_class() const { return load<Address>(klass_, layout_->array_bottom_class); }
  Address mirror_slot() const { return load<Address>(klass_, layout_->klass_java_mirror); }
  int vtable_length() const { return load<std::int32_t>(klass_, layout_->klass_vtable_length); }
  /// Method* of a vtable slot, null out of range; arrays have a vtable too.
  Address vtable(int index) const;

  // ---- the rest only for classes that are not arrays
  int state() const { return load_acquire<std::uint8_t>(klass_, layout_->instance_init_state); }
  bool is_linked() const { return state() >= kStateLinked && state() <= kStateError; }
  bool is_initialized() const { return state() == kStateInitialized; }
  bool is_being_initialized() const { return state() == kStateInitializing; }
  bool is_rewritten() const { return layout_->is_rewritten.in(klass_); }
  bool is_redefined() const { return layout_->is_redefined.in(klass_); }
  PoolView pool() const {
    return {*layout_, load_acquire<Address>(klass_, layout_->instance_constants)};
  }
  ArrayView methods() const {
    return {*layout_, load_acquire<Address>(klass_, layout_->instance_methods)};
  }
  ArrayView local_interfaces() const {
    return {*layout_, load<Address>(klass_, layout_->instance_local_interfaces)};
  }
  /// As Dialect::fields.
  std::optional<std::vector<FieldRow>> fields() const { return layout_->dialect->fields(*this); }

 private:
  const Layout* layout_;
  Address klass_;
};

/// Where a hidden class' name ends: before the address that the VM appends. npos for other names.
std::size_t hidden_name_end(std::string_view name);

}  // namespace jitfarm::vmagent::hotspot::metaspace
