// Where do the objects of compiled test methods live? A heap with HotSpot's layout that can move all its objects.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <vector>

#include "common/base/bytes.h"
#include "common/facts/vm_config.h"

namespace jitfarm::tests::compiler {

using Address = std::uint64_t;  ///< of an object; 0: null

/// A class as the collector knows it.
struct HeapClass {
  char element = 0;                  ///< arrays: element type, 'L' for references; 0: no array
  std::uint32_t instance_size = 0;   ///< no array: bytes, header included
  std::vector<std::int32_t> references;  ///< no array: offsets of reference fields
  std::vector<std::int32_t> floats;      ///< no array: offsets of float fields
  std::vector<std::int32_t> doubles;     ///< no array: offsets of double fields
};

/// Some spaces at low addresses, so that compressed references reach them. One test at a time in a process.
class Heap {
 public:
  /// Completes `vm`: where narrow class pointers count from.
  explicit Heap(facts::VmConfig& vm);
  ~Heap();
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  /// Address of the Klass.
  Address define(HeapClass klass);
  /// What HotSpot's type checks read: the class above (0: none), and every interface that objects of
  /// the class have. An interface is found as such only.
  void set_supers(Address klass, Address super, std::vector<Address> interfaces, bool is_interface = false);
  std::uint32_t super_check_offset(Address klass) const;
  Address allocate(Address klass);
  Address allocate_array(Address klass, std::int32_t length);
  /// Where the next object goes; compiled code that makes objects itself moves it.
  Address top() const { return top_; }
  void set_top(Address top);
  /// Cards of all objects, at VmConfig::card_table.
  bool is_card(const std::uint8_t* card) const;

  Address klass_of(Address object) const;
  std::int32_t length(Address array) const;
  Address element(Address array, std::int32_t index) const;  ///< address of the element
  static std::uint32_t element_size(const facts::VmConfig& vm, char type);
  Address load_reference(Address at) const;
  void store_reference(Address at, Address object);

  /// Moves every object to another space and makes the old one unreadable. Returns how far they moved; the caller
  /// adds it to every reference outside the heap that is not null.
  std::int64_t move();
  /// The same, to the first space. 0: it was there.
  std::int64_t move_home();
  bool in_first_space() const;
  bool contains(Address object) const { return object >= start_ && object < top_; }
  /// Whether an object begins here.
  bool is_object(Address object) const;

  /// Content of the heap, as if it lay in the first space. Equal contents: equal bytes; all NaNs are alike.
  Bytes content();
  /// The same without the garbage of a run: the first `old_bytes`, which were there before it, and what can be reached from
  /// them and from `result`, in that order. Code need not make what nobody sees. `result`: where it lies in this content.
  Bytes reachable(std::size_t old_bytes, Address& result);
  /// Puts a content back. Precondition: the heap lies in the first space.
  void restore(ByteView content);

 private:
  std::int64_t move_to(Address space);
  void unify_nans();
  std::uint32_t size_of(Address object) const;
  void for_each_object(const std::function<void(Address)>& visit) const;

  const facts::VmConfig& vm_;
  std::map<Address, HeapClass> classes_;
  std::vector<std::uint8_t> cards_;
  Address next_klass_;
  Address start_;
  Address top_;
};

}  // namespace jitfarm::tests::compiler
