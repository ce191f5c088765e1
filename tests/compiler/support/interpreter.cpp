#include "tests/compiler/support/interpreter.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace jitfarm::tests::compiler {

namespace bytecode = worker::compiler::bytecode;
using bytecode::Opcode;

Slot int_slot(std::int32_t v) { return {SlotType::i, static_cast<std::uint32_t>(v)}; }
Slot long_slot(std::int64_t v) { return {SlotType::j, static_cast<std::uint64_t>(v)}; }
Slot float_slot(float v) { return {SlotType::f, std::bit_cast<std::uint32_t>(v)}; }
Slot double_slot(double v) { return {SlotType::d, std::bit_cast<std::uint64_t>(v)}; }
Slot reference_slot(Address v) { return {SlotType::a, v}; }

namespace {

constexpr std::uint64_t kStepsMax = 5'000'000;
constexpr std::size_t kDepthMax = 200;
constexpr std::size_t kStackMax = 65'535;
constexpr std::uint16_t kSynchronized = 0x20;
// Mark words: 1 unlocked; a multiple of 8 the address of compiled code's slot; else the number of locks.
constexpr std::uint64_t kUnlocked = 1;
constexpr std::uint64_t kCounted = 2;
constexpr std::uint64_t kOneLock = 8;

template <class T>
T load(Address at) {
  T value;
  std::memcpy(&value, reinterpret_cast<const void*>(at), sizeof value);
  return value;
}
template <class T>
void store(Address at, T value) {
  std::memcpy(reinterpret_cast<void*>(at), &value, sizeof value);
}

std::int32_t to_int(const Slot& s) { return static_cast<std::int32_t>(s.bits); }
std::int64_t to_long(const Slot& s) { return static_cast<std::int64_t>(s.bits); }
float to_float(const Slot& s) { return std::bit_cast<float>(static_cast<std::uint32_t>(s.bits)); }
double to_double(const Slot& s) { return std::bit_cast<double>(s.bits); }

/// JLS 5.1.3: NaN is 0, out of range saturates.
template <class To, class From>
To saturate(From v) {
  if (std::isnan(v)) return 0;
  if (v >= static_cast<From>(std::numeric_limits<To>::max())) return std::numeric_limits<To>::max();
  if (v <= static_cast<From>(std::numeric_limits<To>::min())) return std::numeric_limits<To>::min();
  return static_cast<To>(v);
}

std::uint64_t canonical(const Slot& s) {  // NaNs are all alike
  if (s.type == SlotType::f && std::isnan(to_float(s))) return 0x7fc00000;
  if (s.type == SlotType::d && std::isnan(to_double(s))) return 0x7ff8000000000000;
  return s.bits;
}

}  // namespace

/// One frame at work.
struct Interpreter::Step {
  Interpreter& self;
  InterpreterFrame& frame;
  World& world = self.world_;
  bytecode::Frame<Slot>& state = frame.state;

  void push(const Slot& slot) { state.push(slot, kStackMax); }
  Slot pop(SlotType type) {
    const auto slot = state.pop(type);
    if (!slot) throw std::runtime_error("the test class does not verify: " + frame.method->name);
    return *slot;
  }
  std::int32_t pop_int() { return to_int(pop(SlotType::i)); }
  std::int64_t pop_long() { return to_long(pop(SlotType::j)); }
  float pop_float() { return to_float(pop(SlotType::f)); }
  double pop_double() { return to_double(pop(SlotType::d)); }
  Address pop_reference() { return pop(SlotType::a).bits; }
  void push_int(std::int32_t v) { push(int_slot(v)); }
  void push_long(std::int64_t v) { push(long_slot(v)); }
  void push_float(float v) { push(float_slot(v)); }
  void push_double(double v) { push(double_slot(v)); }

  Slot load_typed(Address at, char type) {
    switch (type) {
      case 'Z':
      case 'B':
        return int_slot(load<std::int8_t>(at));
      case 'C':
        return int_slot(load<std::uint16_t>(at));
      case 'S':
        return int_slot(load<std::int16_t>(at));
      case 'I':
        return int_slot(load<std::int32_t>(at));
      case 'J':
        return long_slot(load<std::int64_t>(at));
      case 'F':
        return {SlotType::f, load<std::uint32_t>(at)};
      case 'D':
        return {SlotType::d, load<std::uint64_t>(at)};
      default:
        return reference_slot(world.heap().load_reference(at));
    }
  }
  void store_typed(Address at, char type, const Slot& v) {
    switch (type) {
      case 'Z':
        return store<std::uint8_t>(at, v.bits & 1);
      case 'B':
        return store<std::uint8_t>(at, static_cast<std::uint8_t>(v.bits));
      case 'C':
      case 'S':
        return store<std::uint16_t>(at, static_cast<std::uint16_t>(v.bits));
      case 'I':
      case 'F':
        return store<std::uint32_t>(at, static_cast<std::uint32_t>(v.bits));
      case 'J':
      case 'D':
        return store<std::uint64_t>(at, v.bits);
      default:
        return world.heap().store_reference(at, v.bits);
    }
  }

  std::optional<Ending> array_access(char type, bool is_store) {
    std::optional<Slot> value;
    if (is_store) value = pop(bytecode::slot_type(type));
    const std::int32_t index = pop_int();
    const Address array = pop_reference();
    if (array == 0) return self.throw_new("java/lang/NullPointerException");
    if (index < 0 || index >= world.heap().length(array))
      return self.throw_new("java/lang/ArrayIndexOutOfBoundsException");
    const Address at = world.heap().element(array, index);
    if (!is_store) {
      push(load_typed(at, type));
    } else {
      const bool boolean = type == 'B' && world.heap().klass_of(array) == world.array_class('Z');
      store_typed(at, boolean ? 'Z' : type, *value);
    }
    return std::nullopt;
  }

  bytecode::MemberRef member(const bytecode::Instruction& at) const {
    return *frame.method->holder->shape.member(static_cast<std::uint32_t>(at.value));
  }

  std::optional<Ending> field(const bytecode::Instruction& at) {
    const bytecode::MemberRef reference = member(at);
    const auto [holder, found] = world.resolve_field(std::string(reference.holder), std::string(reference.name));
    const char type = found->descriptor[0];
    const bool is_put = at.op == Opcode::putfield || at.op == Opcode::putstatic;
    std::optional<Slot> value;
    if (is_put) value = pop(bytecode::slot_type(type));
    const Address object = found->is_static ? holder->mirror : pop_reference();
    if (object == 0) return self.throw_new("java/lang/NullPointerException");
    const Address place = object + static_cast<std::uint64_t>(found->offset);
    if (is_put)
      store_typed(place, type, *value);
    else
      push(load_typed(place, type));
    return std::nullopt;
  }

  std::optional<Ending> call(const bytecode::Instruction& at) {
    const bytecode::MemberRef reference = member(at);
    LoadedMethod* method =
        world.resolve_method(std::string(reference.holder), std::string(reference.name), std::string(reference.descriptor));
    const bool outside = method == nullptr && reference.name == "<init>";  // constructors of JDK classes do nothing
    if (method == nullptr && !outside) throw std::runtime_error("the test calls " + std::string(reference.name) + ", which is not loaded");
    if (outside) return pop_reference(), std::nullopt;
    std::vector<Slot> arguments;
    for (std::size_t i = method->signature.parameters.size(); i-- > 0;)
      arguments.insert(arguments.begin(), pop(bytecode::slot_type(method->signature.parameters[i])));
    if (at.op != Opcode::invokestatic) {
      const Address receiver = pop_reference();
      if (receiver == 0) return self.throw_new("java/lang/NullPointerException");
      arguments.insert(arguments.begin(), reference_slot(receiver));
      if (at.op != Opcode::invokespecial) method = world.select(*world.class_of(receiver), *method);
    }
    Ending ending = self.invoke(*method, arguments);
    if (!ending.exception.empty()) return ending;
    if (method->signature.result != 'V') push(ending.value);
    return std::nullopt;
  }

  std::optional<Ending> allocate(const bytecode::Instruction& at) {
    if (at.op == Opcode::new_) {
      const auto name = frame.method->holder->shape.class_name(static_cast<std::uint32_t>(at.value));
      push(reference_slot(world.heap().allocate(world.klass(std::string(*name)).klass)));
      return std::nullopt;
    }
    const std::int32_t length = pop_int();
    if (length < 0) return self.throw_new("java/lang/NegativeArraySizeException");
    constexpr std::string_view kTypes = "----ZCFDBSIJ";
    const char type = at.op == Opcode::newarray ? kTypes[static_cast<std::size_t>(at.value)] : 'L';
    push(reference_slot(world.heap().allocate_array(world.array_class(type), length)));
    return std::nullopt;
  }

  bool condition(const bytecode::Instruction& at) {
    const auto test = [](int which, std::int32_t a, std::int32_t b) {
      switch (which) {
        case 0:
          return a == b;
        case 1:
          return a != b;
        case 2:
          return a < b;
        case 3:
          return a >= b;
        case 4:
          return a > b;
        default:
          return a <= b;
      }
    };
    const int op = static_cast<int>(at.op);
    if (at.op >= Opcode::ifeq && at.op <= Opcode::ifle) return test(op - static_cast<int>(Opcode::ifeq), pop_int(), 0);
    if (at.op == Opcode::ifnull) return pop_reference() == 0;
    if (at.op == Opcode::ifnonnull) return pop_reference() != 0;
    if (at.op == Opcode::if_acmpeq || at.op == Opcode::if_acmpne) {
      const bool equal = pop_reference() == pop_reference();
      return equal == (at.op == Opcode::if_acmpeq);
    }
    const std::int32_t right = pop_int();
    const std::int32_t left = pop_int();
    return test(op - static_cast<int>(Opcode::if_icmpeq), left, right);
  }

  void constant(const bytecode::Instruction& at) {
    const bytecode::PoolEntry& entry = *frame.method->holder->shape.entry(static_cast<std::uint32_t>(at.value));
    switch (entry.tag) {
      case bytecode::PoolTag::integer:
        return push({SlotType::i, entry.bits & 0xffffffff});
      case bytecode::PoolTag::float_:
        return push({SlotType::f, entry.bits & 0xffffffff});
      case bytecode::PoolTag::long_:
        return push({SlotType::j, entry.bits});
      case bytecode::PoolTag::double_:
        return push({SlotType::d, entry.bits});
      default:
        throw std::runtime_error("the test loads a constant that the interpreter does not know");
    }
  }

  static std::int32_t divide(std::int32_t a, std::int32_t b) { return b == -1 ? static_cast<std::int32_t>(0u - static_cast<std::uint32_t>(a)) : a / b; }
  static std::int64_t divide(std::int64_t a, std::int64_t b) { return b == -1 ? static_cast<std::int64_t>(0ull - static_cast<std::uint64_t>(a)) : a / b; }

  template <class T>
  static std::int32_t compare(T a, T b, std::int32_t nan) {
    if (a < b) return -1;
    if (a > b) return 1;
    return a == b ? 0 : nan;
  }

  /// Arithmetic and conversions. An ending is a division by zero.
  std::optional<Ending> arithmetic(Opcode op) {
    const auto u = [](auto v) { return static_cast<std::make_unsigned_t<decltype(v)>>(v); };
    switch (op) {
#define JF_BINARY(opcode, T, expression) \
  case Opcode::opcode: {                 \
    const auto b = pop_##T();            \
    const auto a = pop_##T();            \
    push_##T(expression);                \
    return std::nullopt;                 \
  }
#define JF_SHIFT(opcode, T, expression)               \
  case Opcode::opcode: {                              \
    const auto distance = pop_int();                  \
    const auto a = pop_##T();                         \
    const auto s = distance & (sizeof(a) == 8 ? 63 : 31); \
    push_##T(expression);                             \
    return std::nullopt;                              \
  }
#define JF_UNARY(opcode, From, To, expression) \
  case Opcode::opcode: {                       \
    const auto a = pop_##From();               \
    push_##To(expression);                     \
    return std::nullopt;                       \
  }
#define JF_DIVIDE(opcode, T, expression)                                 \
  case Opcode::opcode: {                                                 \
    const auto b = pop_##T();                                            \
    const auto a = pop_##T();                                            \
    if (b == 0) return self.throw_new("java/lang/ArithmeticException"); \
    push_##T(expression);                                                \
    return std::nullopt;                                                 \
  }
      JF_BINARY(iadd, int, static_cast<std::int32_t>(u(a) + u(b)))
      JF_BINARY(ladd, long, static_cast<std::int64_t>(u(a) + u(b)))
      JF_BINARY(fadd, float, a + b)
      JF_BINARY(dadd, double, a + b)
      JF_BINARY(isub, int, static_cast<std::int32_t>(u(a) - u(b)))
      JF_BINARY(lsub, long, static_cast<std::int64_t>(u(a) - u(b)))
      JF_BINARY(fsub, float, a - b)
      JF_BINARY(dsub, double, a - b)
      JF_BINARY(imul, int, static_cast<std::int32_t>(u(a) * u(b)))
      JF_BINARY(lmul, long, static_cast<std::int64_t>(u(a) * u(b)))
      JF_BINARY(fmul, float, a * b)
      JF_BINARY(dmul, double, a * b)
      JF_DIVIDE(idiv, int, divide(a, b))
      JF_DIVIDE(ldiv, long, divide(a, b))
      JF_BINARY(fdiv, float, a / b)
      JF_BINARY(ddiv, double, a / b)
      JF_DIVIDE(irem, int, b == -1 ? 0 : a % b)
      JF_DIVIDE(lrem, long, b == -1 ? 0 : a % b)
      JF_BINARY(frem, float, std::fmod(a, b))
      JF_BINARY(drem, double, std::fmod(a, b))
      JF_UNARY(ineg, int, int, static_cast<std::int32_t>(0u - u(a)))
      JF_UNARY(lneg, long, long, static_cast<std::int64_t>(0ull - u(a)))
      JF_UNARY(fneg, float, float, -a)
      JF_UNARY(dneg, double, double, -a)
      JF_SHIFT(ishl, int, static_cast<std::int32_t>(u(a) << s))
      JF_SHIFT(lshl, long, static_cast<std::int64_t>(u(a) << s))
      JF_SHIFT(ishr, int, a >> s)
      JF_SHIFT(lshr, long, a >> s)
      JF_SHIFT(iushr, int, static_cast<std::int32_t>(u(a) >> s))
      JF_SHIFT(lushr, long, static_cast<std::int64_t>(u(a) >> s))
      JF_BINARY(iand, int, a & b)
      JF_BINARY(land, long, a & b)
      JF_BINARY(ior, int, a | b)
      JF_BINARY(lor, long, a | b)
      JF_BINARY(ixor, int, a ^ b)
      JF_BINARY(lxor, long, a ^ b)
      JF_UNARY(i2l, int, long, a)
      JF_UNARY(i2f, int, float, static_cast<float>(a))
      JF_UNARY(i2d, int, double, a)
      JF_UNARY(l2i, long, int, static_cast<std::int32_t>(a))
      JF_UNARY(l2f, long, float, static_cast<float>(a))
      JF_UNARY(l2d, long, double, static_cast<double>(a))
      JF_UNARY(f2i, float, int, saturate<std::int32_t>(a))
      JF_UNARY(f2l, float, long, saturate<std::int64_t>(a))
      JF_UNARY(f2d, float, double, a)
      JF_UNARY(d2i, double, int, saturate<std::int32_t>(a))
      JF_UNARY(d2l, double, long, saturate<std::int64_t>(a))
      JF_UNARY(d2f, double, float, static_cast<float>(a))
      JF_UNARY(i2b, int, int, static_cast<std::int8_t>(a))
      JF_UNARY(i2c, int, int, static_cast<std::uint16_t>(a))
      JF_UNARY(i2s, int, int, static_cast<std::int16_t>(a))
#undef JF_BINARY
#undef JF_SHIFT
#undef JF_UNARY
#undef JF_DIVIDE
      case Opcode::lcmp: {
        const auto b = pop_long(), a = pop_long();
        push_int(compare(a, b, 0));
        return std::nullopt;
      }
      case Opcode::fcmpl:
      case Opcode::fcmpg: {
        const auto b = pop_float(), a = pop_float();
        push_int(compare(a, b, op == Opcode::fcmpg ? 1 : -1));
        return std::nullopt;
      }
      case Opcode::dcmpl:
      case Opcode::dcmpg: {
        const auto b = pop_double(), a = pop_double();
        push_int(compare(a, b, op == Opcode::dcmpg ? 1 : -1));
        return std::nullopt;
      }
      default:
        throw std::runtime_error("the interpreter does not know " + std::string(bytecode::info(op).mnemonic));
    }
  }

  /// Sets the next bci. An ending is an exception, or the method's return.
  std::optional<Ending> execute(const bytecode::Instruction& at, std::int32_t& next, bool& returned) {
    const Opcode op = at.op;
    if (op == Opcode::nop) return std::nullopt;
    if (op == Opcode::aconst_null) return push(reference_slot(0)), std::nullopt;
    if (op >= Opcode::iconst_m1 && op <= Opcode::iconst_5)
      return push_int(static_cast<int>(op) - static_cast<int>(Opcode::iconst_0)), std::nullopt;
    if (op == Opcode::lconst_0 || op == Opcode::lconst_1) return push_long(op == Opcode::lconst_1), std::nullopt;
    if (op >= Opcode::fconst_0 && op <= Opcode::fconst_2)
      return push_float(static_cast<float>(static_cast<int>(op) - static_cast<int>(Opcode::fconst_0))), std::nullopt;
    if (op == Opcode::dconst_0 || op == Opcode::dconst_1) return push_double(op == Opcode::dconst_1 ? 1 : 0), std::nullopt;
    if (op == Opcode::bipush || op == Opcode::sipush) return push_int(at.value), std::nullopt;
    if (op >= Opcode::ldc && op <= Opcode::ldc2_w) return constant(at), std::nullopt;
    if (op >= Opcode::iload && op <= Opcode::aload_3) return push(state.locals[static_cast<std::size_t>(at.value)]), std::nullopt;
    if (op >= Opcode::iaload && op <= Opcode::saload)
      return array_access("IJFDLBCS"[static_cast<int>(op) - static_cast<int>(Opcode::iaload)], false);
    if (op >= Opcode::istore && op <= Opcode::astore_3) {
      state.store(static_cast<std::size_t>(at.value), pop(static_cast<SlotType>(bytecode::info(op).pops[0])));
      return std::nullopt;
    }
    if (op >= Opcode::iastore && op <= Opcode::sastore)
      return array_access("IJFDLBCS"[static_cast<int>(op) - static_cast<int>(Opcode::iastore)], true);
    if (op >= Opcode::pop && op <= Opcode::swap) return state.shuffle(op, kStackMax), std::nullopt;
    if (op == Opcode::iinc) {
      Slot& local = state.locals[static_cast<std::size_t>(at.value)];
      local.bits = static_cast<std::uint32_t>(local.bits + static_cast<std::uint32_t>(at.extra));
      return std::nullopt;
    }
    if (op >= Opcode::iadd && op <= Opcode::dcmpg) return arithmetic(op);
    if (op == Opcode::goto_ || op == Opcode::goto_w) return next = at.value, std::nullopt;
    if ((op >= Opcode::ifeq && op <= Opcode::if_acmpne) || op == Opcode::ifnull || op == Opcode::ifnonnull) {
      if (condition(at)) next = at.value;
      return std::nullopt;
    }
    if (op == Opcode::tableswitch || op == Opcode::lookupswitch) {
      const bytecode::Switch& cases = frame.method->code->switches[static_cast<std::size_t>(at.extra)];
      const std::int32_t key = pop_int();
      next = cases.default_target;
      for (const auto& [value, target] : cases.cases)
        if (value == key) next = target;
      return std::nullopt;
    }
    if (op >= Opcode::ireturn && op <= Opcode::return_) {
      returned = true;
      Ending ending;
      if (op != Opcode::return_) ending.value = pop(static_cast<SlotType>(bytecode::info(op).pops[0]));
      ending.value.bits = canonical(ending.value);
      narrow_result(ending.value);
      return ending;
    }
    if (op >= Opcode::getstatic && op <= Opcode::putfield) return field(at);
    if (op >= Opcode::invokevirtual && op <= Opcode::invokeinterface) return call(at);
    if (op >= Opcode::new_ && op <= Opcode::anewarray) return allocate(at);
    if (op == Opcode::arraylength) {
      const Address array = pop_reference();
      if (array == 0) return self.throw_new("java/lang/NullPointerException");
      return push_int(world.heap().length(array)), std::nullopt;
    }
    if (op == Opcode::checkcast || op == Opcode::instanceof) {
      const Address object = pop_reference();
      const std::string name(*frame.method->holder->shape.class_name(static_cast<std::uint32_t>(at.value)));
      const bool is_one = object != 0 && world.is_instance(object, name);
      if (op == Opcode::instanceof) return push_int(is_one ? 1 : 0), std::nullopt;
      if (object != 0 && !is_one) return self.throw_new("java/lang/ClassCastException");
      return push(reference_slot(object)), std::nullopt;
    }
    if (op == Opcode::monitorenter) {
      const Address object = pop_reference();
      if (object == 0) return self.throw_new("java/lang/NullPointerException");
      lock(object);
      state.locks.push_back(reference_slot(object));
      return std::nullopt;
    }
    if (op == Opcode::monitorexit) {
      const Address object = pop_reference();
      for (std::size_t i = state.locks.size(); i-- > 0;) {
        if (state.locks[i].bits != object) continue;
        state.locks.erase(state.locks.begin() + static_cast<std::ptrdiff_t>(i));
        unlock(object);
        return std::nullopt;
      }
      throw std::runtime_error("the test leaves a monitor that it does not hold");
    }
    if (op == Opcode::athrow) {
      const Address thrown = pop_reference();
      if (thrown == 0) return self.throw_new("java/lang/NullPointerException");
      return Ending{.exception = world.class_of(thrown)->file.name, .thrown = thrown};
    }
    return arithmetic(op);  // reports an unknown instruction
  }

  void narrow_result(Slot& value) const {
    switch (frame.method->signature.result) {
      case 'Z':
        value = int_slot(to_int(value) & 1);
        break;
      case 'B':
        value = int_slot(static_cast<std::int8_t>(to_int(value)));
        break;
      case 'C':
        value = int_slot(static_cast<std::uint16_t>(to_int(value)));
        break;
      case 'S':
        value = int_slot(static_cast<std::int16_t>(to_int(value)));
        break;
      default:
        break;
    }
  }
};

Ending Interpreter::throw_new(const std::string& class_name) {
  return {.exception = class_name, .thrown = world_.heap().allocate(world_.klass(class_name).klass)};
}

void Interpreter::inflate(Address object) {
  const auto mark = load<std::uint64_t>(object);
  if (mark % kOneLock == 0) store(object, kOneLock + kCounted);
}
void Interpreter::lock(Address object) {
  inflate(object);
  const auto mark = load<std::uint64_t>(object);
  store(object, mark == kUnlocked ? kOneLock + kCounted : mark + kOneLock);
}
void Interpreter::unlock(Address object) {
  inflate(object);
  const auto mark = load<std::uint64_t>(object);
  if (mark % kOneLock != kCounted) throw std::runtime_error("an object is unlocked that is not locked");
  store(object, mark == kOneLock + kCounted ? kUnlocked : mark - kOneLock);
}
bool Interpreter::is_locked(Address object) { return load<std::uint64_t>(object) != kUnlocked; }

/// The end of a frame: the monitor of a synchronized method, and others when a test gave up.
Ending Interpreter::leave(InterpreterFrame& frame, Ending ending) {
  for (const Slot& owner : frame.state.locks) unlock(owner.bits);
  return ending;
}

Ending Interpreter::invoke(LoadedMethod& method, const std::vector<Slot>& arguments) { return interpret(method, arguments); }

Ending Interpreter::interpret(LoadedMethod& method, const std::vector<Slot>& arguments) {
  if (!method.code) throw std::runtime_error("the test calls " + method.name + ", which has no code");
  InterpreterFrame frame{.method = &method};
  frame.state.locals.resize(method.shape->max_locals);
  std::size_t local = 0;
  for (const Slot& argument : arguments) {
    frame.state.store(local, argument);
    local += bytecode::is_wide(argument.type) ? 2 : 1;
  }
  if ((method.flags & kSynchronized) != 0) {
    frame.state.locks = {method.is_static() ? reference_slot(method.holder->mirror) : arguments[0]};
    lock(frame.state.locks[0].bits);
  }
  return run(frame);
}

Ending Interpreter::resume(InterpreterFrame frame) { return run(frame); }

Ending Interpreter::resume_with_exception(InterpreterFrame frame, const std::string& name, Address thrown) {
  const auto handler = find_handler(frame, name);
  if (!handler) return leave(frame, {.exception = name, .thrown = thrown});
  frame.bci = *handler;
  frame.state.stack = {reference_slot(thrown)};
  return run(frame);
}

Ending Interpreter::resume_all(std::vector<InterpreterFrame> frames, const std::string& exception, Address thrown) {
  InterpreterFrame innermost = std::move(frames.back());
  frames.pop_back();
  for (InterpreterFrame& caller : frames) frames_.push_back(&caller);
  Ending ending = exception.empty() ? resume(std::move(innermost)) : resume_with_exception(std::move(innermost), exception, thrown);
  for (; !frames.empty(); frames.pop_back()) {
    frames_.pop_back();
    InterpreterFrame& caller = frames.back();
    if (!ending.exception.empty()) {
      ending = resume_with_exception(std::move(caller), ending.exception, ending.thrown);
      continue;
    }
    if (ending.value.type != SlotType::top) caller.state.push(ending.value, caller.method->shape->max_stack);
    caller.bci = caller.method->code->list[caller.method->code->at(caller.bci) + 1].bci;
    ending = resume(std::move(caller));
  }
  return ending;
}

std::optional<std::int32_t> Interpreter::find_handler(const InterpreterFrame& frame, const std::string& name) const {
  for (const bytecode::ExceptionHandler& handler : frame.method->shape->handlers) {
    if (frame.bci < handler.start || frame.bci >= handler.end) continue;
    if (handler.catch_type == 0) return handler.handler;
    const std::string wanted(*frame.method->holder->shape.class_name(handler.catch_type));
    if (world_.is_subclass(world_.find_class(name), wanted)) return handler.handler;
  }
  return std::nullopt;
}

void Interpreter::forward_frames(std::int64_t distance) {
  const auto forward = [&](std::vector<Slot>& slots) {
    for (Slot& slot : slots)
      if (slot.type == SlotType::a && slot.bits != 0) slot.bits += static_cast<std::uint64_t>(distance);
  };
  for (InterpreterFrame* frame : frames_) {
    forward(frame->state.locals);
    forward(frame->state.stack);
    forward(frame->state.locks);
  }
}

Ending Interpreter::run(InterpreterFrame& frame) {
  if (frames_.size() >= kDepthMax) return leave(frame, throw_new("java/lang/StackOverflowError"));
  frames_.push_back(&frame);
  Step step{*this, frame};
  Ending result;
  while (true) {
    if (++steps > kStepsMax) {
      gave_up = true;
      result = {.exception = "the test does not end"};
      break;
    }
    const std::uint32_t index = frame.method->code->at(frame.bci);
    const bytecode::Instruction& at = frame.method->code->list[index];
    std::int32_t next = index + 1 < frame.method->code->list.size() ? frame.method->code->list[index + 1].bci : -1;
    bool returned = false;
    std::optional<Ending> ending = step.execute(at, next, returned);
    if (returned) {
      result = std::move(*ending);
      break;
    }
    if (ending) {
      const auto handler = find_handler(frame, ending->exception);
      if (!handler) {
        result = std::move(*ending);
        break;
      }
      next = *handler;
      frame.state.stack = {reference_slot(ending->thrown)};
    }
    frame.bci = next;
  }
  frames_.pop_back();
  return leave(frame, std::move(result));
}

}  // namespace jitfarm::tests::compiler
