#include "tests/compiler/support/heap.h"

#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>
#include <stdexcept>

namespace jitfarm::tests::compiler {
namespace {

// Below 2 GiB, where neither programs nor the shadow of AddressSanitizer are.
constexpr Address kKlassArea = 0x3000'0000;
constexpr std::size_t kKlassAreaBytes = 1 << 20;
constexpr std::uint64_t kKlassBytes = 128;
constexpr std::int32_t kDepth = 16;    // of a Klass: how far it is from Object; only the test reads it
constexpr std::int32_t kDisplay = 56;  // the first classes from Object on
constexpr std::uint32_t kDisplayLength = 4;
// A call moves the heap twice; with five spaces in turn, it never comes back to where it was.
constexpr Address kSpaces[] = {0x4000'0000, 0x4100'0000, 0x4200'0000, 0x4300'0000, 0x4400'0000};
constexpr std::size_t kSpaceBytes = 8 << 20;
constexpr std::uint32_t kBooleanLayout = 4 << 8;
constexpr unsigned kCardShift = 9;
constexpr unsigned kRegionShift = 7;  // so small that references cross regions
constexpr std::size_t kCards = (kSpaces[4] + kSpaceBytes) >> kCardShift;
// In a Klass: what all arrays of references have as their element class, Object, which is the class
// that is defined first.
constexpr Address kElementKlass = 96;
constexpr std::int32_t kAccessFlags = 104;  // in a Klass; no object has a finalizer
constexpr Address kFirstKlass = kKlassArea + 64;

void map(Address at, std::size_t size) {
  void* got = mmap(reinterpret_cast<void*>(at), size, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  if (got != reinterpret_cast<void*>(at)) throw std::runtime_error("the test heap's addresses are taken");
}

template <class T>
T read(Address at) {
  T value;
  std::memcpy(&value, reinterpret_cast<const void*>(at), sizeof value);
  return value;
}
template <class T>
void write(Address at, T value) {
  std::memcpy(reinterpret_cast<void*>(at), &value, sizeof value);
}

}  // namespace

Heap::Heap(facts::VmConfig& vm) : vm_(vm), next_klass_(kFirstKlass), start_(kSpaces[0]), top_(kSpaces[0]) {
  map(kKlassArea, kKlassAreaBytes);
  for (const Address space : kSpaces) map(space, kSpaceBytes);
  vm.narrow_klass_base = kKlassArea;
  vm.narrow_klass_shift = 0;
  vm.klass_layout_helper = 8;
  vm.layout_helper_boolean_bit = kBooleanLayout;
  cards_.assign(kCards, 0xff);
  vm.card_table = reinterpret_cast<std::uint64_t>(cards_.data());
  vm.card_shift = kCardShift;
  vm.g1_region_shift = kRegionShift;
  vm.element_klass = kElementKlass;
  vm.klass_access_flags = kAccessFlags;
}

Heap::~Heap() {
  munmap(reinterpret_cast<void*>(kKlassArea), kKlassAreaBytes);
  for (const Address space : kSpaces) munmap(reinterpret_cast<void*>(space), kSpaceBytes);
}

Address Heap::define(HeapClass klass) {
  const Address at = next_klass_;
  next_klass_ += kKlassBytes;
  write<std::uint32_t>(at + 8, klass.element == 'Z' ? kBooleanLayout : 8u << 8);
  write<Address>(at + kElementKlass, kFirstKlass);
  classes_[at] = std::move(klass);
  return at;
}

void Heap::set_supers(Address klass, Address super, std::vector<Address> interfaces, bool is_interface) {
  const std::uint32_t depth = super == 0 ? 0 : read<std::uint32_t>(super + kDepth) + 1;
  const bool in_display = !is_interface && depth < kDisplayLength;
  if (super != 0)
    std::memcpy(reinterpret_cast<void*>(klass + kDisplay), reinterpret_cast<const void*>(super + kDisplay), 8 * kDisplayLength);
  write<std::uint32_t>(klass + kDepth, depth);
  const auto cache = static_cast<std::uint32_t>(vm_.klass_secondary_super_cache);
  write<std::uint32_t>(klass + static_cast<Address>(vm_.klass_super_check_offset), in_display ? kDisplay + 8 * depth : cache);
  if (in_display) write<Address>(klass + kDisplay + 8 * depth, klass);
  // Classes far from Object are secondary supers of their subclasses.
  if (super != 0) {
    const Address list = read<Address>(super + static_cast<Address>(vm_.klass_secondary_supers));
    for (std::uint32_t i = 0; i < read<std::uint32_t>(list); ++i) interfaces.push_back(read<Address>(list + 8 + 8 * i));
    if (super_check_offset(super) == cache) interfaces.push_back(super);
  }
  const Address list = next_klass_;
  next_klass_ += (8 + 8 * interfaces.size() + kKlassBytes - 1) / kKlassBytes * kKlassBytes;
  write<std::uint32_t>(list, static_cast<std::uint32_t>(interfaces.size()));
  for (std::size_t i = 0; i < interfaces.size(); ++i) write<Address>(list + 8 + 8 * i, interfaces[i]);
  write<Address>(klass + static_cast<Address>(vm_.klass_secondary_supers), list);
}

std::uint32_t Heap::super_check_offset(Address klass) const {
  return read<std::uint32_t>(klass + static_cast<Address>(vm_.klass_super_check_offset));
}

Address Heap::allocate(Address klass) {
  const Address object = top_;
  top_ += (classes_.at(klass).instance_size + 7) / 8 * 8;
  if (top_ > start_ + kSpaceBytes) throw std::runtime_error("the test heap is full");
  std::memset(reinterpret_cast<void*>(object), 0, top_ - object);
  write<std::uint64_t>(object, 1);
  if (vm_.use_compressed_class_pointers)
    write<std::uint32_t>(object + 8, static_cast<std::uint32_t>(klass - vm_.narrow_klass_base));
  else
    write<std::uint64_t>(object + 8, klass);
  return object;
}

Address Heap::allocate_array(Address klass, std::int32_t length) {
  HeapClass& heap_class = classes_.at(klass);
  heap_class.instance_size = static_cast<std::uint32_t>(vm_.array_base_primitive) +
                             static_cast<std::uint32_t>(length) * element_size(vm_, heap_class.element);
  const Address array = allocate(klass);
  write<std::int32_t>(array + vm_.array_length_offset, length);
  return array;
}

void Heap::set_top(Address top) {
  if (top < top_ || top > start_ + kSpaceBytes || top % 8 != 0)
    throw std::runtime_error("compiled code broke the test heap's top");
  top_ = top;
}

bool Heap::is_card(const std::uint8_t* card) const {
  return card >= cards_.data() + (start_ >> kCardShift) && card <= cards_.data() + (top_ >> kCardShift);
}

Address Heap::klass_of(Address object) const {
  return vm_.use_compressed_class_pointers ? vm_.narrow_klass_base + read<std::uint32_t>(object + 8)
                                           : read<std::uint64_t>(object + 8);
}

std::int32_t Heap::length(Address array) const { return read<std::int32_t>(array + vm_.array_length_offset); }

std::uint32_t Heap::element_size(const facts::VmConfig& vm, char type) {
  switch (type) {
    case 'Z':
    case 'B':
      return 1;
    case 'C':
    case 'S':
      return 2;
    case 'J':
    case 'D':
      return 8;
    case 'L':
      return vm.use_compressed_oops ? 4 : 8;
    default:
      return 4;
  }
}

Address Heap::element(Address array, std::int32_t index) const {
  const char type = classes_.at(klass_of(array)).element;
  return array + static_cast<std::uint32_t>(vm_.array_base_primitive) +
         static_cast<std::uint64_t>(index) * element_size(vm_, type);
}

Address Heap::load_reference(Address at) const {
  if (!vm_.use_compressed_oops) return read<std::uint64_t>(at);
  const std::uint64_t narrow = read<std::uint32_t>(at);
  return narrow == 0 ? 0 : vm_.narrow_oop_base + (narrow << vm_.narrow_oop_shift);
}

void Heap::store_reference(Address at, Address object) {
  if (!vm_.use_compressed_oops) return write<std::uint64_t>(at, object);
  write<std::uint32_t>(at, object == 0 ? 0 : static_cast<std::uint32_t>((object - vm_.narrow_oop_base) >> vm_.narrow_oop_shift));
}

std::uint32_t Heap::size_of(Address object) const {
  const HeapClass& klass = classes_.at(klass_of(object));
  const std::uint32_t bytes =
      klass.element == 0 ? klass.instance_size
                         : static_cast<std::uint32_t>(vm_.array_base_primitive) +
                               static_cast<std::uint32_t>(length(object)) * element_size(vm_, klass.element);
  return (bytes + 7) / 8 * 8;
}

void Heap::for_each_object(const std::function<void(Address)>& visit) const {
  for (Address object = start_; object < top_; object += size_of(object)) visit(object);
}

bool Heap::is_object(Address object) const {
  bool found = false;
  for_each_object([&](Address at) { found |= at == object; });
  return found;
}

std::int64_t Heap::move() {
  const Address* current = std::ranges::find(kSpaces, start_);
  return move_to(current + 1 == std::end(kSpaces) ? kSpaces[0] : current[1]);
}

std::int64_t Heap::move_home() { return in_first_space() ? 0 : move_to(kSpaces[0]); }

std::int64_t Heap::move_to(Address to) {
  const Address from = start_;
  const std::size_t used = top_ - from;
  mprotect(reinterpret_cast<void*>(to), kSpaceBytes, PROT_READ | PROT_WRITE);
  std::memcpy(reinterpret_cast<void*>(to), reinterpret_cast<const void*>(from), used);
  start_ = to;
  top_ = to + used;
  const auto distance = static_cast<std::int64_t>(to - from);
  const auto forward = [&](Address at) {
    if (const Address old = load_reference(at)) store_reference(at, old + static_cast<std::uint64_t>(distance));
  };
  for_each_object([&](Address object) {
    const HeapClass& klass = classes_.at(klass_of(object));
    for (const std::int32_t offset : klass.references) forward(object + static_cast<std::uint64_t>(offset));
    if (klass.element == 'L')
      for (std::int32_t i = 0; i < length(object); ++i) forward(element(object, i));
  });
  mprotect(reinterpret_cast<void*>(from), kSpaceBytes, PROT_NONE);
  return distance;
}

bool Heap::in_first_space() const { return start_ == kSpaces[0]; }

Bytes Heap::content() {
  const Address home = start_;
  move_home();
  unify_nans();
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(start_);
  Bytes content(bytes, bytes + (top_ - start_));
  if (home != start_) move_to(home);
  return content;
}

Bytes Heap::reachable(std::size_t old_bytes, Address& result) {
  const Address home = start_;
  const std::int64_t distance = move_home();
  unify_nans();
  const Address new_objects = start_ + old_bytes;
  Address end = new_objects;
  std::map<Address, Address> places;
  std::vector<Address> reached;
  const auto place_of = [&](Address object) {
    if (object < new_objects) return object;
    const auto [place, is_new] = places.try_emplace(object, end);
    if (is_new) {
      reached.push_back(object);
      end += size_of(object);
    }
    return place->second;
  };
  Bytes content;
  const auto copy = [&](Address object) {
    const std::size_t begin = content.size();
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(object);
    content.insert(content.end(), bytes, bytes + size_of(object));
    const auto place = [&](Address at) {
      const Address target = load_reference(at);
      if (target == 0) return;
      store_reference(reinterpret_cast<Address>(content.data() + begin + (at - object)), place_of(target));
    };
    const HeapClass& klass = classes_.at(klass_of(object));
    for (const std::int32_t offset : klass.references) place(object + static_cast<std::uint64_t>(offset));
    if (klass.element == 'L')
      for (std::int32_t i = 0; i < length(object); ++i) place(element(object, i));
  };
  for (Address object = start_; object < new_objects; object += size_of(object)) copy(object);
  if (result != 0) result = place_of(result + static_cast<std::uint64_t>(distance));
  for (std::size_t i = 0; i < reached.size(); ++i) copy(reached[i]);
  if (home != start_) move_to(home);
  return content;
}

void Heap::unify_nans() {
  const auto unify_float = [](Address at) {
    if (std::isnan(read<float>(at))) write<std::uint32_t>(at, 0x7fc00000);
  };
  const auto unify_double = [](Address at) {
    if (std::isnan(read<double>(at))) write<std::uint64_t>(at, 0x7ff8000000000000);
  };
  for_each_object([&](Address object) {
    const HeapClass& klass = classes_.at(klass_of(object));
    for (const std::int32_t offset : klass.floats) unify_float(object + static_cast<std::uint64_t>(offset));
    for (const std::int32_t offset : klass.doubles) unify_double(object + static_cast<std::uint64_t>(offset));
    if (klass.element == 'F' || klass.element == 'D')
      for (std::int32_t i = 0; i < length(object); ++i) klass.element == 'F' ? unify_float(element(object, i)) : unify_double(element(object, i));
  });
}

void Heap::restore(ByteView content) {
  if (!in_first_space()) throw std::runtime_error("the heap is not in the first space");
  std::memcpy(reinterpret_cast<void*>(start_), content.data(), content.size());
  top_ = start_ + content.size();
  std::ranges::fill(cards_, 0xff);
}

}  // namespace jitfarm::tests::compiler
