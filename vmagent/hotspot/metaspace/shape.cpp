#include "vmagent/hotspot/metaspace/shape.h"

#include <algorithm>
#include <string>
#include <vector>

#include "vmagent/hotspot/metaspace/opcodes.h"

namespace jitfarm::vmagent::hotspot::metaspace {
namespace {

constexpr std::uint8_t kFormatVersion = 1;
constexpr std::uint32_t kClassFlags = 0x7631;   // what the VM keeps of JVMS 4.1
constexpr std::uint32_t kFieldFlags = 0x50df;   // JVMS 4.5; the VM uses the others for itself
constexpr std::uint32_t kMethodFlags = 0x1fff;  // JVMS 4.6

std::unexpected<Error> unreadable(const char* why) { return fail(Errc::class_unreadable, why); }

class Writer {
 public:
  explicit Writer(Bytes& out) : out_(out) {}
  void u1(unsigned v) { out_.push_back(static_cast<std::uint8_t>(v)); }
  void u2(unsigned v) {
    u1(v >> 8);
    u1(v);
  }
  void u4(std::uint32_t v) {
    u2(v >> 16);
    u2(v);
  }
  void u8(std::uint64_t v) {
    u4(static_cast<std::uint32_t>(v >> 32));
    u4(static_cast<std::uint32_t>(v));
  }
  void string(std::string_view s) {
    u2(static_cast<unsigned>(s.size()));
    out_.insert(out_.end(), s.begin(), s.end());
  }

 private:
  Bytes& out_;
};

/// The pool as the class file had it.
class PoolWriter {
 public:
  PoolWriter(const Layout& layout, const ClassView& klass, const PoolView& pool,
             std::string_view own_name)
      : pool_(pool), own_name_(own_name), length_(file_pool_length(layout, klass, pool)) {
    if (own_name.size() == klass.name().size()) return;
    // Hidden: the class entry of the own name points to an appended Utf8. In the file it pointed to
    // the cut name.
    hidden_symbol_ = klass.name_symbol();
    for (int i = 1; i < length_ && own_index_ == 0; ++i)
      if (pool.tag(i) == kTagUtf8 && pool.text(i) == own_name) own_index_ = i;
  }

  Status write(Writer& out) const {
    if (length_ < 1 || length_ > 65'535) return unreadable("constant pool length");
    out.u2(static_cast<unsigned>(length_));
    for (int i = 1; i < length_; ++i) {
      const int tag = pool_.canonical_tag(i);
      out.u1(static_cast<unsigned>(tag));
      switch (tag) {
        case kTagUtf8:
          out.string(hidden_symbol_ && pool_.text_symbol(i) == hidden_symbol_ ? own_name_
                                                                              : pool_.text(i));
          break;
        case kTagInteger:
        case kTagFloat:
          out.u4(pool_.word(i));
          break;
        case kTagLong:
        case kTagDouble:
          out.u8(pool_.wide(i));
          ++i;
          break;
        case kTagClass:
          out.u2(static_cast<unsigned>(class_name_index(i)));
          break;
        case kTagString:
          out.string(pool_.text(i));
          break;
        case kTagField:
        case kTagMethod:
        case kTagInterfaceMethod:
        case kTagNameAndType:
        case kTagDynamic:
        case kTagInvokeDynamic:
          out.u2(static_cast<unsigned>(pool_.low(i)));
          out.u2(static_cast<unsigned>(pool_.high(i)));
          break;
        case kTagMethodHandle:
          out.u1(static_cast<unsigned>(pool_.low(i)));
          out.u2(static_cast<unsigned>(pool_.high(i)));
          break;
        case kTagMethodType:
          out.u2(pool_.word(i));
          break;
        case kTagModule:
        case kTagPackage:
          return unreadable("a module's constant pool");
        case kTagInvalid:
          break;
        default:
          return unreadable("an unknown constant pool tag");
      }
    }
    return {};
  }

  Status write_bootstrap_methods(Writer& out) const {
    // Array<u2>: for each method a 32-bit offset in two u2, low half first; at the offset handle,
    // argc, arguments.
    const ArrayView operands = pool_.operands();
    const int n = operands.length();
    const auto offset = [&](int method) {
      return operands.u2(2 * method) | operands.u2(2 * method + 1) << 16;
    };
    const int count = n == 0 ? 0 : offset(0) / 2;
    if (count < 0 || count > 65'535 || 2 * count > n) return unreadable("bootstrap methods");
    out.u2(static_cast<unsigned>(count));
    for (int i = 0; i < count; ++i) {
      const int at = offset(i);
      if (at < 0 || at + 2 > n) return unreadable("a bootstrap method");
      const int argc = operands.u2(at + 1);
      if (at + 2 + argc > n) return unreadable("a bootstrap method's arguments");
      out.u2(operands.u2(at));
      out.u2(static_cast<unsigned>(argc));
      for (int j = 0; j < argc; ++j) out.u2(operands.u2(at + 2 + j));
    }
    return {};
  }

 private:
  int class_name_index(int i) const {
    const int index = pool_.class_name_index(i);
    return index >= length_ && own_index_ != 0 ? own_index_ : index;
  }

  const PoolView& pool_;
  std::string_view own_name_;
  int length_;
  Address hidden_symbol_ = nullptr;
  int own_index_ = 0;
};

unsigned be2(const std::uint8_t* p) { return static_cast<unsigned>(p[0] << 8 | p[1]); }
std::int64_t be4(const std::uint8_t* p) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(p[0]) << 24 |
                                   static_cast<std::uint32_t>(p[1]) << 16 |
                                   static_cast<std::uint32_t>(p[2]) << 8 | p[3]);
}
void put_be2(std::uint8_t* p, int v) {
  p[0] = static_cast<std::uint8_t>(v >> 8);
  p[1] = static_cast<std::uint8_t>(v);
}
int native2(const std::uint8_t* p) {
  std::uint16_t v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

Status write_method(const MethodView& method, const PoolView& pool, bool rewritten, Bytes& bytes) {
  Writer out(bytes);
  out.u2(method.access_flags() & kMethodFlags);
  out.u2(static_cast<unsigned>(method.name_index()));
  out.u2(static_cast<unsigned>(method.descriptor_index()));
  const auto tables = method.tables();
  if (!tables) return unreadable("a method's tables");
  const int code = method.code_size();
  out.u2(static_cast<unsigned>(code));
  if (code != 0) {
    out.u2(static_cast<unsigned>(method.max_stack()));
    out.u2(static_cast<unsigned>(method.max_locals()));
    JF_CHECK_OK(append_canonical_code(method, pool, rewritten, bytes));
    out.u2(static_cast<unsigned>(tables->handler_count));
    for (int i = 0; i < 4 * tables->handler_count; ++i)
      out.u2(load<std::uint16_t>(tables->handlers, 2 * i));
  }
  out.u2(static_cast<unsigned>(tables->checked_count));
  for (int i = 0; i < tables->checked_count; ++i)
    out.u2(load<std::uint16_t>(tables->checked, 2 * i));
  return {};
}

}  // namespace

int file_pool_length(const Layout& layout, const ClassView& klass, const PoolView& pool) {
  int length = pool.length();
  // Every overpass method starts with `new` of an Error whose name is the first constant appended
  // for it.
  const ArrayView methods = klass.methods();
  for (int i = 0; i < methods.length(); ++i) {
    const MethodView method(layout, methods.pointer(i));
    if (!method || !method.is_overpass() || method.pool() != pool.address() ||
        method.code_size() < 3)
      continue;
    const Address code = method.code();
    if (load<std::uint8_t>(code, 0) != kOpNew) continue;
    const std::uint8_t index[2] = {load<std::uint8_t>(code, 1), load<std::uint8_t>(code, 2)};
    if (const int name = pool.class_name_index(static_cast<int>(be2(index))); name > 0)
      length = std::min(length, name);
  }
  // The name of a hidden class takes the slot behind the file's last one.
  if (hidden_name_end(klass.name()) != std::string_view::npos)
    for (int i = length - 1; i > 0 && i > length - 3; --i)
      if (pool.tag(i) == kTagUtf8 && pool.text_symbol(i) == klass.name_symbol()) length = i;
  return length;
}

Status append_canonical_code(const MethodView& method, const PoolView& pool, bool rewritten,
                             Bytes& out) {
  const int size = method.code_size();
  const std::size_t start = out.size();
  out.resize(start + static_cast<std::size_t>(size));
  std::uint8_t* const code = out.data() + start;
  const Address raw = method.code();
  for (int i = 0; i < size; ++i) code[i] = load<std::uint8_t>(raw, i);

  const ArrayView references = pool.reference_map();
  for (int bci = 0; bci < size;) {
    std::uint8_t* const at = code + bci;
    const int left = size - bci;
    const std::uint8_t vm_op = *at;
    const std::uint8_t op = kOpcodes.java[vm_op];
    if (op == kOpBreakpoint) return unreadable("a breakpoint");
    if (op == 255) return unreadable("an unknown bytecode");
    *at = op;
    std::int64_t length = kOpcodes.length[op];
    if (op == kOpTableswitch || op == kOpLookupswitch) {
      const int pad = ((bci + 4) & ~3) - bci;
      // A lookupswitch without pairs, and a return behind it, may be the end of the code.
      if (pad + (op == kOpTableswitch ? 12 : 8) > left)
        return unreadable("a switch runs over the code");
      if (op == kOpTableswitch) {
        const std::int64_t low = be4(at + pad + 4), high = be4(at + pad + 8);
        if (high < low) return unreadable("a tableswitch with its bounds swapped");
        length = pad + 12 + 4 * (high - low + 1);
      } else {
        const std::int64_t pairs = be4(at + pad + 4);
        if (pairs < 0) return unreadable("a lookupswitch with a negative count");
        length = pad + 8 + 8 * pairs;
      }
    } else if (op == kOpWide) {
      if (left < 2) return unreadable("wide at the end");
      length = at[1] == kOpIinc ? 6 : 4;
    }
    if (length <= 0 || length > left) return unreadable("a bytecode runs over the code");
    switch (op) {
      case kOpGetstatic:
      case kOpPutstatic:
      case kOpGetfield:
      case kOpPutfield:
      case kOpInvokevirtual:
      case kOpInvokespecial:
      case kOpInvokestatic:
      case kOpInvokeinterface:
        if (rewritten) {  // native-order index into the cache
          const int index = pool.layout().dialect->pool_index(pool, op, native2(at + 1));
          if (index < 0) return unreadable("a cache index out of range");
          put_be2(at + 1, index);
        }
        break;
      case kOpInvokedynamic:
        if (rewritten) {  // four bytes
          std::int32_t index;
          std::memcpy(&index, at + 1, sizeof index);
          const int pool_index = pool.layout().dialect->pool_index(pool, op, index);
          if (pool_index < 0) return unreadable("a cache index out of range");
          put_be2(at + 1, pool_index);
          at[3] = at[4] = 0;
        }
        break;
      case kOpLdc:
      case kOpLdcW:
        if (vm_op == kOpFastAldc || vm_op == kOpFastAldcW) {  // index into the resolved references
          const int index = vm_op == kOpFastAldc ? at[1] : native2(at + 1);
          if (index >= references.length()) return unreadable("a reference index out of range");
          if (vm_op == kOpFastAldc)
            at[1] = static_cast<std::uint8_t>(references.u2(index));
          else
            put_be2(at + 1, references.u2(index));
        }
        break;
      default:
        break;
    }
    bci += static_cast<int>(length);
  }
  return {};
}

Result<Bytes> write_shape(const Layout& layout, const ClassView& klass) {
  if (klass.is_array()) return unreadable("an array class");
  if (!klass.is_linked()) return unreadable("not linked");
  const PoolView pool = klass.pool();
  if (!pool) return unreadable("no constant pool");

  std::string_view name = klass.name();
  if (const auto end = hidden_name_end(name); end != std::string_view::npos)
    name = name.substr(0, end);

  Bytes bytes;
  bytes.reserve(8192);
  Writer out(bytes);
  out.u1(kFormatVersion);
  out.u2(load<std::uint16_t>(pool.address(), layout.pool_major));
  out.u2(load<std::uint16_t>(pool.address(), layout.pool_minor));
  out.u2(klass.access_flags() & kClassFlags);
  out.string(name);
  const Address super = klass.super();
  out.string(super == nullptr ? std::string_view{} : ClassView(layout, super).name());
  const ArrayView interfaces = klass.local_interfaces();
  out.u2(static_cast<unsigned>(interfaces.length()));
  for (int i = 0; i < interfaces.length(); ++i) {
    const Address interface = interfaces.pointer(i);
    if (interface == nullptr) return unreadable("an interface is missing");
    out.string(ClassView(layout, interface).name());
  }

  const PoolWriter pool_writer(layout, klass, pool, name);
  JF_CHECK_OK(pool_writer.write(out));
  JF_CHECK_OK(pool_writer.write_bootstrap_methods(out));

  const auto fields = klass.fields();
  if (!fields) return unreadable("fields");
  out.u2(static_cast<unsigned>(fields->size()));
  for (const FieldRow& field : *fields) {
    out.u2(field.flags & kFieldFlags);
    for (const int part : {field.name, field.descriptor, field.constant_value})
      out.u2(static_cast<unsigned>(part));
  }

  // The VM's order is by address of the name.
  struct Named {
    std::string_view name, descriptor;
    MethodView method;
  };
  std::vector<Named> methods;
  const ArrayView all = klass.methods();
  methods.reserve(static_cast<std::size_t>(all.length()));
  for (int i = 0; i < all.length(); ++i) {
    const MethodView method(layout, all.pointer(i));
    if (!method || method.pool() != pool.address())
      return unreadable("a method of another constant pool");
    if (!method.is_overpass()) methods.push_back({method.name(), method.descriptor(), method});
  }
  std::sort(methods.begin(), methods.end(), [](const Named& a, const Named& b) {
    return a.name != b.name ? a.name < b.name : a.descriptor < b.descriptor;
  });
  out.u2(static_cast<unsigned>(methods.size()));
  for (const Named& named : methods)
    JF_CHECK_OK(write_method(named.method, pool, klass.is_rewritten(), bytes));
  return bytes;
}

}  // namespace jitfarm::vmagent::hotspot::metaspace
