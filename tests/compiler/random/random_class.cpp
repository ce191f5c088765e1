#include "tests/compiler/random/random_class.h"

#include <map>
#include <random>
#include <vector>

#include "worker/compiler/bytecode/opcodes.h"

namespace jitfarm::tests::compiler {
namespace {

using worker::compiler::bytecode::Opcode;

constexpr int kObject = 0;  // locals: the object, then arrays
constexpr int kInts = 1;
constexpr int kInts2 = 2;
constexpr int kBytes = 3;
constexpr int kDoubles = 4;
constexpr int kN = 5;  // int parameters
constexpr int kK = 6;
constexpr int kFirstVariable = 7;
constexpr int kVariables = 3;
constexpr int kFuel = kFirstVariable + kVariables;
constexpr int kFirstCounter = kFuel + 1;
constexpr int kSum = kFirstCounter + 4;  // double, two slots
constexpr int kLocals = kSum + 2;
constexpr int kStack = 24;
constexpr int kFuelAtStart = 100;

/// Constant-pool indices.
struct Fields {
  unsigned number;  ///< int
  unsigned array;   ///< int[]
};

class Method {
 public:
  Method(std::mt19937& random, Fields fields) : random_(random), fields_(fields) {}

  Bytes make() {
    for (int v = 0; v < kVariables; ++v) {
      constant(static_cast<int>(below(9)) - 4);
      put(Opcode::istore, kFirstVariable + v);
    }
    for (int c = kFirstCounter; c < kSum; ++c) {
      constant(0);
      put(Opcode::istore, c);
    }
    constant(kFuelAtStart);
    put(Opcode::istore, kFuel);
    put(Opcode::dconst_0);
    put(Opcode::dstore, kSum);
    block(3);
    finish();
    for (const auto& [at, label] : jumps_) {
      const auto offset = static_cast<std::uint16_t>(labels_[label] - at);
      code_[at + 1] = static_cast<std::uint8_t>(offset >> 8);
      code_[at + 2] = static_cast<std::uint8_t>(offset);
    }
    return std::move(code_);
  }

 private:
  using Label = std::size_t;
  struct Loop {
    Label next;
    Label end;
    int counter;
  };

  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }
  bool chance(std::uint32_t one_in) { return below(one_in) == 0; }

  void put(Opcode o) { code_.push_back(static_cast<std::uint8_t>(o)); }
  void put(Opcode o, int operand) {
    put(o);
    code_.push_back(static_cast<std::uint8_t>(operand));
  }
  void constant(int value) {
    put(Opcode::sipush);
    code_.push_back(static_cast<std::uint8_t>(value >> 8));
    code_.push_back(static_cast<std::uint8_t>(value));
  }
  Label label() {
    labels_.push_back(0);
    return labels_.size() - 1;
  }
  void place(Label l) { labels_[l] = code_.size(); }
  void jump(Opcode o, Label to) {
    jumps_.emplace_back(code_.size(), to);
    put(o);
    code_.resize(code_.size() + 2);
  }

  /// return v0 + 31 * v1 + (int) sum
  void finish() {
    put(Opcode::iload, kFirstVariable);
    put(Opcode::iload, kFirstVariable + 1);
    put(Opcode::bipush, 31);
    put(Opcode::imul);
    put(Opcode::iadd);
    put(Opcode::dload, kSum);
    put(Opcode::d2i);
    put(Opcode::iadd);
    put(Opcode::ireturn);
  }

  void field(Opcode o, unsigned index) {
    put(o);
    code_.push_back(static_cast<std::uint8_t>(index >> 8));
    code_.push_back(static_cast<std::uint8_t>(index));
  }
  void field_of_object(unsigned index) {
    put(Opcode::aload, kObject);
    field(Opcode::getfield, index);
  }
  void ints() {
    if (chance(4)) return field_of_object(fields_.array);
    put(Opcode::aload, chance(2) ? kInts : kInts2);
  }
  void any_array() {
    if (chance(4)) return field_of_object(fields_.array);
    put(Opcode::aload, kInts + static_cast<int>(below(4)));
  }
  int variable() { return kFirstVariable + static_cast<int>(below(kVariables)); }
  int any_int() {
    if (!loops_.empty() && !chance(3))
      return loops_[below(static_cast<std::uint32_t>(loops_.size()))].counter;
    return chance(3) ? kN + static_cast<int>(below(2)) : variable();
  }

  /// Mostly in range: a counter plus a little, or anything masked.
  void index() {
    if (!loops_.empty() && !chance(4)) {
      put(Opcode::iload, loops_.back().counter);
      switch (below(6)) {
        case 0:
          put(Opcode::iconst_1);
          return put(chance(2) ? Opcode::iadd : Opcode::isub);
        case 1:
          put(Opcode::iload, chance(2) ? kK : variable());
          put(Opcode::bipush, 3);
          put(Opcode::iand);
          return put(chance(3) ? Opcode::isub : Opcode::iadd);
        case 2:
          if (chance(2)) {
            put(Opcode::iconst_2);
            return put(Opcode::imul);
          }
          return;
        default:
          return;
      }
    }
    expression(1);
    put(Opcode::bipush, static_cast<int>(below(4)) * 2 + 1);
    put(Opcode::iand);
  }

  void expression(int depth) {
    switch (below(depth == 0 ? 3 : 9)) {
      case 0:
        return constant(static_cast<int>(below(70)) - 30);
      case 1:
      case 2:
        return put(Opcode::iload, any_int());
      case 3:
        ints();
        index();
        return put(Opcode::iaload);
      case 4:
        put(Opcode::aload, kBytes);
        index();
        return put(Opcode::baload);
      case 5:
        any_array();
        return put(Opcode::arraylength);
      case 6:
        return field_of_object(fields_.number);
      default: {
        expression(depth - 1);
        expression(depth - 1);
        constexpr Opcode kOps[] = {Opcode::iadd, Opcode::iadd, Opcode::isub,  Opcode::imul,
                                   Opcode::ishl, Opcode::ishr, Opcode::iushr, Opcode::iand,
                                   Opcode::ior,  Opcode::ixor, Opcode::idiv,  Opcode::irem};
        return put(kOps[below(chance(4) ? std::size(kOps) : std::size(kOps) - 2)]);
      }
    }
  }

  void double_element() {
    put(Opcode::aload, kDoubles);
    index();
    put(Opcode::daload);
  }

  void block(int depth) {
    for (std::uint32_t n = 1 + below(4); n > 0; --n) statement(depth);
  }

  void statement(int depth) {
    if (code_.size() > 1500) depth = 0;
    switch (below(depth > 0 ? 10 : 5)) {
      case 0:
        expression(2);
        return put(Opcode::istore, variable());
      case 1:
        ints();
        index();
        expression(2);
        return put(Opcode::iastore);
      case 2:
        put(Opcode::aload, kBytes);
        index();
        expression(1);
        return put(Opcode::bastore);
      case 3:
        if (chance(2)) {
          put(Opcode::dload, kSum);
          double_element();
          put(Opcode::dadd);
          return put(Opcode::dstore, kSum);
        }
        put(Opcode::aload, kDoubles);
        index();
        double_element();
        expression(0);
        put(Opcode::i2d);
        put(chance(2) ? Opcode::dmul : Opcode::dsub);
        return put(Opcode::dastore);
      case 4:
        if (!chance(4)) return accumulate();
        put(Opcode::aload, kObject);
        expression(1);
        return field(Opcode::putfield, fields_.number);
      case 5:
      case 6:
        return branch(depth);
      case 7:
        if (!loops_.empty() && chance(3)) return leave();
        return branch(depth);
      default:
        return loops_.size() < 3 ? loop(depth) : branch(depth);
    }
  }

  /// v = v op element: what a reduction looks like.
  void accumulate() {
    const int v = variable();
    put(Opcode::iload, v);
    ints();
    index();
    put(Opcode::iaload);
    constexpr Opcode kOps[] = {Opcode::iadd, Opcode::ixor, Opcode::isub,
                               Opcode::iand, Opcode::ior,  Opcode::imul};
    put(kOps[below(std::size(kOps))]);
    put(Opcode::istore, v);
  }

  void branch(int depth) {
    const Label otherwise = label();
    const Label end = label();
    expression(1);
    if (chance(2)) {
      jump(static_cast<Opcode>(static_cast<int>(Opcode::ifeq) + static_cast<int>(below(6))),
           otherwise);
    } else {
      expression(1);
      jump(static_cast<Opcode>(static_cast<int>(Opcode::if_icmpeq) + static_cast<int>(below(6))),
           otherwise);
    }
    block(depth - 1);
    jump(Opcode::goto_, end);
    place(otherwise);
    if (chance(2)) block(depth - 1);
    place(end);
  }

  void leave() {
    const Label stay = label();
    expression(1);
    expression(0);
    jump(Opcode::if_icmpne, stay);
    const Loop& loop = loops_[below(static_cast<std::uint32_t>(loops_.size()))];
    switch (below(3)) {
      case 0:
        finish();
        break;
      case 1:
        jump(Opcode::goto_, loop.end);
        break;
      default:
        jump(Opcode::goto_, loop.next);
    }
    place(stay);
  }

  void bound() {
    switch (below(5)) {
      case 0:
        constant(static_cast<int>(below(100)));
        return;
      case 1:
        if (chance(3))
          field_of_object(fields_.number);
        else
          put(Opcode::iload, kN);
        put(Opcode::bipush, 127);
        return put(Opcode::iand);
      default:
        any_array();
        put(Opcode::arraylength);
        if (chance(3)) {
          put(Opcode::iconst_1);
          put(Opcode::isub);
        }
    }
  }

  /// Counts up or down. When nothing else bounds it, fuel does.
  void loop(int depth) {
    const int counter = kFirstCounter + static_cast<int>(loops_.size());
    const int step = chance(4) ? (chance(2) ? 2 : 3) : 1;
    const bool down = chance(4);
    const bool wild = chance(4);
    const bool has_inner = depth > 1 && chance(2);
    const bool fueled = wild || has_inner;  // or nested loops would run for hours
    const Label head = label();
    const Label next = label();
    const Label end = label();
    if (wild && chance(2))
      put(Opcode::iload, kN);  // any value at all
    else if (down)
      bound();
    else
      constant(static_cast<int>(below(5)) - (chance(6) ? 2 : 0));
    put(Opcode::istore, counter);
    const bool at_bottom = chance(4);
    place(head);
    const auto test = [&] {
      put(Opcode::iload, counter);
      if (down)
        constant(static_cast<int>(below(3)));
      else
        wild&& chance(3) ? put(Opcode::iload, kK) : bound();
      constexpr Opcode kExitUp[] = {Opcode::if_icmpge, Opcode::if_icmpgt, Opcode::if_icmpeq};
      constexpr Opcode kExitDown[] = {Opcode::if_icmplt, Opcode::if_icmple, Opcode::if_icmpeq};
      const std::uint32_t which = below(wild ? 3 : 2);
      jump(down ? kExitDown[which] : kExitUp[which], end);
    };
    if (!at_bottom) test();
    loops_.push_back({next, end, counter});
    block(has_inner ? depth - 1 : 0);
    if (wild && chance(3)) {
      expression(1);
      put(Opcode::istore, counter);
    }
    loops_.pop_back();
    place(next);
    put(Opcode::iinc, counter);
    code_.push_back(static_cast<std::uint8_t>(down ? -step : step));
    if (fueled) {
      put(Opcode::iinc, kFuel);
      code_.push_back(0xff);
      put(Opcode::iload, kFuel);
      jump(Opcode::iflt, end);
    }
    if (at_bottom) test();
    jump(Opcode::goto_, head);
    place(end);
  }

  std::mt19937& random_;
  Fields fields_;
  Bytes code_;
  std::vector<std::size_t> labels_;
  std::vector<std::pair<std::size_t, Label>> jumps_;
  std::vector<Loop> loops_;
};

class Writer {
 public:
  void u1(std::size_t v) { bytes.push_back(static_cast<std::uint8_t>(v)); }
  void u2(std::size_t v) {
    u1(v >> 8 & 255);
    u1(v & 255);
  }
  void u4(std::size_t v) {
    u2(v >> 16);
    u2(v);
  }
  void append(const Bytes& v) { bytes.insert(bytes.end(), v.begin(), v.end()); }
  Bytes bytes;
};

}  // namespace

Bytes random_class(std::uint32_t seed, unsigned methods) {
  std::mt19937 random(seed);
  Writer pool;
  unsigned count = 1;
  const auto utf8 = [&](const std::string& text) {
    pool.u1(1);
    pool.u2(text.size());
    for (char c : text) pool.u1(static_cast<std::uint8_t>(c));
    return count++;
  };
  const auto klass = [&](const std::string& name) {
    const unsigned index = utf8(name);
    pool.u1(7);
    pool.u2(index);
    return count++;
  };
  const auto pair = [&](int tag, unsigned first, unsigned second) {
    pool.u1(static_cast<std::size_t>(tag));
    pool.u2(first);
    pool.u2(second);
    return count++;
  };
  const std::string name = "Random" + std::to_string(seed);
  const unsigned self = klass(name);
  const unsigned super = klass("java/lang/Object");
  const unsigned code_name = utf8("Code");
  const unsigned type = utf8("(L" + name + ";[I[I[B[DII)I");
  const unsigned names[] = {utf8("number"), utf8("array")};
  const unsigned types[] = {utf8("I"), utf8("[I")};
  const Fields fields{pair(9, self, pair(12, names[0], types[0])),
                      pair(9, self, pair(12, names[1], types[1]))};
  Writer body;
  for (unsigned m = 0; m < methods; ++m) {
    const Bytes code = Method(random, fields).make();
    body.u2(8);  // static
    body.u2(utf8("m" + std::to_string(m)));
    body.u2(type);
    body.u2(1);
    body.u2(code_name);
    body.u4(12 + code.size());
    body.u2(kStack);
    body.u2(kLocals);
    body.u4(code.size());
    body.append(code);
    body.u2(0);  // handlers
    body.u2(0);  // attributes
  }
  Writer out;
  out.u4(0xcafebabe);
  out.u2(0);
  out.u2(49);  // the last version without stack maps
  out.u2(count);
  out.append(pool.bytes);
  out.u2(0x21);
  out.u2(self);
  out.u2(super);
  out.u2(0);  // interfaces
  out.u2(2);
  for (int f : {0, 1}) {
    out.u2(0);
    out.u2(names[f]);
    out.u2(types[f]);
    out.u2(0);
  }
  out.u2(methods);
  out.append(body.bytes);
  out.u2(0);
  return std::move(out.bytes);
}

}  // namespace jitfarm::tests::compiler
