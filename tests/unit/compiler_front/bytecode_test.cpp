// Does the reader of class shapes and bytecode take what is right and refuse everything else?
#include <catch2/catch.hpp>

#include "tests/unit/compiler_front/shape_builder.h"
#include "worker/compiler/bytecode/class_shape.h"
#include "worker/compiler/bytecode/descriptor.h"
#include "worker/compiler/bytecode/flow_graph.h"
#include "worker/compiler/bytecode/handlers.h"
#include "worker/compiler/bytecode/instructions.h"
#include "worker/compiler/bytecode/liveness.h"
#include "worker/compiler/bytecode/types.h"

namespace jitfarm::worker::compiler::bytecode {
namespace {

MethodShape method_of(const Bytes& code, std::uint16_t locals = 4, std::uint16_t stack = 4) {
  MethodShape method;
  method.access_flags = 8;
  method.name = "m";
  method.descriptor = "()V";
  method.max_locals = locals;
  method.max_stack = stack;
  method.code = code;
  return method;
}

Handlers handlers_of(const MethodShape& method, const Instructions& code) {
  auto handlers =
      Handlers::find(method, code, std::vector<bool>(method.handlers.size(), true));
  REQUIRE(handlers);
  return *handlers;
}

Checked<FlowGraph> graph_of(const MethodShape& method, const Instructions& code,
                            std::vector<Ways> ways = {}) {
  ways.resize(code.list.size(), Ways::all);
  return build_flow_graph(method, code, handlers_of(method, code), ways, {}, 0);
}

TEST_CASE("opcodes: rows stand at their numbers and name what JVMS names") {
  CHECK(info(Opcode::nop).mnemonic == "nop");
  CHECK(info(Opcode::goto_).mnemonic == "goto");
  CHECK(static_cast<int>(Opcode::idiv) == 0x6c);
  CHECK(static_cast<int>(Opcode::i2s) == 0x93);
  CHECK(static_cast<int>(Opcode::goto_w) == 0xc8);
  CHECK(find_opcode(0xca) == nullptr);  // breakpoint
  CHECK(info(Opcode::jsr).bailout == code::BailoutReason::subroutine);
  CHECK_FALSE(info(Opcode::iadd).bailout);
}

TEST_CASE("descriptor: types, and what is none") {
  const auto d = parse_method_descriptor("(I[[JLjava/lang/String;DZ)[B");
  REQUIRE(d);
  CHECK(d->parameters == std::vector<char>{'I', '[', 'L', 'D', 'Z'});
  CHECK(d->result == '[');
  for (const char* bad :
       {"", "()", "(", "(I", "(V)V", "()VV", "(L)V", "(L;)V", "([)V", "()[V", "I", "(Q)V"}) {
    INFO(bad);
    CHECK_FALSE(parse_method_descriptor(bad));
  }
  CHECK(parse_method_descriptor("(" + std::string(255, 'I') + ")V"));
  CHECK_FALSE(parse_method_descriptor("(" + std::string(256, 'I') + ")V"));
  CHECK_FALSE(parse_method_descriptor("(" + std::string(128, 'J') + ")V"));
  CHECK_FALSE(parse_field_descriptor(std::string(256, '[') + "I"));
}

TEST_CASE("class shape: pool entries and methods are found") {
  ShapeBuilder builder;
  const auto field = builder.member(9, "T", "f", "I");
  const auto wide = builder.long_(0x123456789abcdef0);
  const auto after_wide = builder.text("hi");
  builder.method("b", "()V", 8, 0, 0, code_of({op(Opcode::return_)}));
  builder.method("a", "()I", 8, 1, 0, code_of({op(Opcode::iconst_1), op(Opcode::ireturn)}));
  const Bytes bytes = builder.bytes();
  const auto shape = ClassShape::parse(bytes);
  REQUIRE(shape);
  CHECK(shape->name() == "T");
  REQUIRE(shape->member(field));
  CHECK(shape->member(field)->name == "f");
  CHECK(shape->entry(wide)->bits == 0x123456789abcdef0);
  CHECK(shape->entry(after_wide)->text == "hi");
  CHECK(shape->entry(wide + 1u)->tag == PoolTag::unusable);
  REQUIRE(shape->find_method("a", "()I") != nullptr);
  CHECK(shape->find_method("a", "()I")->code.size() == 2);
  CHECK(shape->find_method("a", "()J") == nullptr);
  CHECK(shape->entry(0) == nullptr);
  CHECK(shape->entry(60000) == nullptr);
  CHECK_FALSE(shape->member(wide));
}

TEST_CASE("class shape: a byte too few or too many is refused") {
  ShapeBuilder builder;
  builder.member(10, "T", "m", "()V");
  builder.method("m", "()V", 8, 1, 1, code_of({op(Opcode::return_)}), {{0, 1, 0}});
  Bytes bytes = builder.bytes();
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK_FALSE(ClassShape::parse(ByteView(bytes).first(size)));
  bytes.push_back(0);
  CHECK_FALSE(ClassShape::parse(bytes));
}

TEST_CASE("instructions: operands, wide, switches") {
  const Bytes code = code_of({op(Opcode::bipush),
                              0xff,
                              op(Opcode::wide),
                              op(Opcode::istore),
                              0x01,
                              0x00,
                              op(Opcode::wide),
                              op(Opcode::iinc),
                              0x01,
                              0x00,
                              0xff,
                              0xfe,
                              op(Opcode::iload_0),
                              op(Opcode::tableswitch),
                              0,
                              0,
                              0,
                              0,
                              0,
                              23,
                              0xff,
                              0xff,
                              0xff,
                              0xff,
                              0,
                              0,
                              0,
                              0,
                              0,
                              0,
                              0,
                              23,
                              0,
                              0,
                              0,
                              23,
                              op(Opcode::return_)});
  const auto decoded = decode(method_of(code, 300));
  if (!decoded) FAIL(decoded.error().detail);
  REQUIRE(decoded->list.size() == 6);
  CHECK(decoded->list[0].value == -1);
  CHECK(decoded->list[1].op == Opcode::istore);
  CHECK(decoded->list[1].bci == 2);
  CHECK(decoded->list[1].value == 256);
  CHECK(decoded->list[2].extra == -2);
  REQUIRE(decoded->switches.size() == 1);
  CHECK(decoded->switches[0].cases.front().first == -1);
  CHECK(decoded->switches[0].cases.size() == 2);
}

TEST_CASE("instructions: what does not check is refused") {
  const auto refused = [](const Bytes& code, std::uint16_t locals = 4) {
    return !decode(method_of(code, locals));
  };
  CHECK(refused(code_of({op(Opcode::nop)})));                            // falls off the end
  CHECK(refused(code_of({op(Opcode::goto_), 0, 1})));                    // into an operand
  CHECK(refused(code_of({op(Opcode::goto_), 0xff, 0xff})));              // before the code
  CHECK(refused(code_of({op(Opcode::sipush), 0})));                      // ends inside
  CHECK(refused(code_of({op(Opcode::iload), 4, op(Opcode::ireturn)})));  // local 4 of 4
  CHECK(refused(code_of({op(Opcode::lload_3), op(Opcode::lreturn)})));   // locals 3 and 4 of 4
  CHECK(refused(code_of({0xca, op(Opcode::return_)})));                  // breakpoint
  CHECK(refused(code_of({op(Opcode::wide), op(Opcode::iadd), op(Opcode::return_)})));
  CHECK(refused(code_of({op(Opcode::wide), op(Opcode::wide), op(Opcode::return_)})));
  CHECK(refused(code_of({op(Opcode::newarray), 3, op(Opcode::areturn)})));
  // lookupswitch with keys out of order, and with a count beyond the code
  CHECK(refused(code_of({op(Opcode::lookupswitch),
                         0,
                         0,
                         0,
                         0,
                         0,
                         0,
                         28,
                         0,
                         0,
                         0,
                         2,
                         0,
                         0,
                         0,
                         2,
                         0,
                         0,
                         0,
                         28,
                         0,
                         0,
                         0,
                         1,
                         0,
                         0,
                         0,
                         28,
                         op(Opcode::return_)})));
  CHECK(refused(code_of({op(Opcode::lookupswitch), 0, 0, 0, 0, 0, 0, 12, 0x7f, 0xff, 0xff, 0xff,
                         op(Opcode::return_)})));
  CHECK(refused(code_of({op(Opcode::tableswitch), 0, 0, 0, 0, 0, 0, 16, 0x80, 0, 0, 0, 0x7f, 0xff,
                         0xff, 0xff, op(Opcode::return_)})));
}

// while (i < n) { if (i == 5) break; i++ } return: the exit must not stand between the blocks of
// the loop.
const Bytes kLoop = code_of({
    op(Opcode::iload_0), op(Opcode::iload_1), op(Opcode::if_icmpge), 0, 15,   // 0: header
    op(Opcode::iload_0), op(Opcode::iconst_5), op(Opcode::if_icmpeq), 0, 10,  // 5
    op(Opcode::iinc), 0, 1,                                                   // 10
    op(Opcode::goto_), 0xff, 0xf3,                                            // 13
    op(Opcode::nop),                                                          // 16: dead
    op(Opcode::return_),                                                      // 17
});

TEST_CASE("flow graph: loops, dominators, consecutive blocks") {
  const auto code = decode(method_of(kLoop));
  REQUIRE(code);
  const auto built = graph_of(method_of(kLoop), *code);
  REQUIRE(built);
  const FlowGraph& graph = *built;
  REQUIRE(graph.blocks.size() == 4);
  REQUIRE(graph.loops.size() == 1);
  const Loop& loop = graph.loops[0];
  CHECK(loop.header == 0);
  CHECK(loop.blocks == std::vector<BlockIndex>{0, 1, 2});
  CHECK(loop.latches == std::vector<BlockIndex>{2});
  CHECK(loop.is_innermost);
  CHECK(graph.dominates(0, 3));
  CHECK_FALSE(graph.dominates(1, 3));
  CHECK(graph.block_at[code->at(16)] == kNone);
}

TEST_CASE("flow graph: what always traps ends the graph") {
  const auto code = decode(method_of(kLoop));
  REQUIRE(code);
  std::vector<Ways> ways(code->list.size(), Ways::all);
  ways[code->at(10)] = Ways::none;
  const auto graph = graph_of(method_of(kLoop), *code, ways);
  REQUIRE(graph);
  CHECK(graph->loops.empty());
}

TEST_CASE("flow graph: a cycle with two entries is a bail-out") {
  const Bytes bytes =
      code_of({op(Opcode::iload_0), op(Opcode::ifeq), 0, 6, op(Opcode::nop), op(Opcode::nop),
               op(Opcode::nop), op(Opcode::nop), op(Opcode::goto_), 0xff, 0xfe});
  // 1 -> 7 or 4; 7 -> 8 -> 6 -> 7: entered at 6 (from 5) and at 7
  const auto code = decode(method_of(bytes));
  REQUIRE(code);
  const auto graph = graph_of(method_of(bytes), *code);
  REQUIRE_FALSE(graph);
  CHECK(graph.error().reason == code::BailoutReason::irreducible_control_flow);
}

Checked<std::vector<TypeFrame>> types_of(const Bytes& bytes, const char* descriptor,
                                         std::uint16_t locals = 4, std::uint16_t stack = 4) {
  static const Bytes empty = ShapeBuilder().bytes();
  const auto shape = ClassShape::parse(empty);
  const MethodShape method = method_of(bytes, locals, stack);
  const auto code = decode(method);
  if (!code) return std::unexpected(code.error());
  const auto graph = graph_of(method, *code);
  if (!graph) return std::unexpected(graph.error());
  return verify_types(*shape, method, *parse_method_descriptor(descriptor), *code,
                      handlers_of(method, *code), *graph);
}

// 0 invokestatic; 3 istore_1; 4 invokestatic; 7 return; 8 (handler) astore_2; 9 goto 0
const Bytes kCaught =
    code_of({op(Opcode::invokestatic), 0, 1, op(Opcode::istore_1), op(Opcode::invokestatic), 0, 1,
             op(Opcode::return_), op(Opcode::astore_2), op(Opcode::goto_), 0xff, 0xf7});

TEST_CASE("handlers: by instruction, in order, up to one that catches all or is not resolved") {
  MethodShape method = method_of(kCaught);
  method.handlers = {{0, 3, 8, 5}, {0, 7, 8, 6}, {0, 8, 8, 0}, {0, 8, 8, 7}};
  const auto code = decode(method);
  REQUIRE(code);
  const auto entries = [&](const Handlers& handlers, std::int32_t bci) {
    const auto at = handlers.at(code->at(bci));
    return std::vector<std::uint16_t>(at.begin(), at.end());
  };
  const auto all = Handlers::find(method, *code, {true, true, true, true});
  REQUIRE(all);
  CHECK(entries(*all, 0) == std::vector<std::uint16_t>{0, 1, 2});
  CHECK(entries(*all, 3).empty());
  CHECK(entries(*all, 4) == std::vector<std::uint16_t>{1, 2});
  CHECK_FALSE(all->are_cut_short(code->at(0)));
  const auto some = Handlers::find(method, *code, {true, false, true, true});
  REQUIRE(some);
  CHECK(entries(*some, 0) == std::vector<std::uint16_t>{0});
  CHECK(some->are_cut_short(code->at(0)));
  CHECK(entries(*some, 4).empty());
  CHECK(some->are_cut_short(code->at(4)));
}

TEST_CASE("flow graph: a handler is a successor of what throws, and may close a loop") {
  MethodShape method = method_of(kCaught);
  method.handlers = {{0, 7, 8, 0}};
  const auto code = decode(method);
  REQUIRE(code);
  const auto graph = graph_of(method, *code);
  REQUIRE(graph);
  REQUIRE(graph->blocks.size() == 2);
  const BlockIndex handler = graph->block_at[code->at(8)];
  CHECK(graph->blocks[0].successors == std::vector<BlockIndex>{handler});
  CHECK(graph->blocks[0].goes_on_at.empty());
  REQUIRE(graph->loops.size() == 1);
  CHECK(graph->loops[0].header == 0);
}

TEST_CASE("types: agreeing code passes, and merges forget what differs") {
  // if (i == 0) x = 1 else x = 1.0f; return
  const auto types =
      types_of(code_of({op(Opcode::iload_0), op(Opcode::ifeq), 0, 8, op(Opcode::iconst_1),
                        op(Opcode::istore_1), op(Opcode::goto_), 0, 5, op(Opcode::fconst_1),
                        op(Opcode::fstore_1), op(Opcode::return_)}),
               "(I)V");
  if (!types) FAIL(types.error().detail);
  CHECK(types->back().locals[0].type == SlotType::i);
  CHECK(types->back().locals[1].type == SlotType::top);
}

TEST_CASE("types: lies are refused") {
  const auto refused = [](const Bytes& code, const char* descriptor, std::uint16_t locals = 4,
                          std::uint16_t stack = 4) {
    const auto types = types_of(code, descriptor, locals, stack);
    return !types && types.error().reason == code::BailoutReason::malformed_bytecode;
  };
  CHECK(refused(code_of({op(Opcode::iadd), op(Opcode::ireturn)}), "()I"));
  CHECK(refused(code_of({op(Opcode::fload_0), op(Opcode::freturn)}), "(I)F"));
  CHECK(refused(code_of({op(Opcode::iconst_0), op(Opcode::ireturn)}), "()V"));
  CHECK(refused(code_of({op(Opcode::iconst_0), op(Opcode::ireturn)}), "()J"));
  CHECK(refused(code_of({op(Opcode::lconst_0), op(Opcode::pop), op(Opcode::return_)}),
                "()V"));  // half a long
  CHECK(refused(code_of({op(Opcode::lconst_0), op(Opcode::dup), op(Opcode::return_)}), "()V"));
  CHECK(refused(code_of({op(Opcode::iconst_0), op(Opcode::lconst_0), op(Opcode::dup2_x1),
                         op(Opcode::return_)}),
                "()V"));  // 5 slots of 4
  CHECK(refused(
      code_of({op(Opcode::lconst_0), op(Opcode::iconst_0), op(Opcode::swap), op(Opcode::return_)}),
      "()V"));
  CHECK(refused(code_of({op(Opcode::iconst_0), op(Opcode::iconst_0), op(Opcode::return_)}), "()V",
                4, 1));
  CHECK(refused(code_of({op(Opcode::return_)}), "(JJ)V", 3));
  CHECK(refused(code_of({op(Opcode::iconst_0), op(Opcode::goto_), 0xff, 0xff}), "()V"));  // grows
  CHECK_FALSE(refused(code_of({op(Opcode::iconst_0), op(Opcode::dconst_0), op(Opcode::dup2_x1),
                               op(Opcode::return_)}),
                      "()V", 4, 5));
}

TEST_CASE("types: a store over half of a wide local kills it") {
  const auto types = types_of(code_of({op(Opcode::iconst_0), op(Opcode::istore_1),
                                       op(Opcode::lload_0), op(Opcode::lreturn)}),
                              "(J)J");
  CHECK_FALSE(types);
}

TEST_CASE("liveness: read later, overwritten first, and read in a handler") {
  // 0: iconst_0  1: istore_1  2: iload_0  3: ireturn  4 (handler): pop  5: iload_2  6: ireturn
  const Bytes bytes =
      code_of({op(Opcode::iconst_0), op(Opcode::istore_1), op(Opcode::iload_0), op(Opcode::ireturn),
               op(Opcode::pop), op(Opcode::iload_2), op(Opcode::ireturn)});
  MethodShape method = method_of(bytes);
  method.handlers = {{2, 3, 4, 0}};
  const auto code = decode(method);
  REQUIRE(code);
  const auto live = Liveness::analyse(method, *code);
  REQUIRE(live);
  CHECK(live->is_live(0, 0));
  CHECK_FALSE(live->is_live(0, 1));
  CHECK(live->is_live(2, 2));  // covered by the handler that reads it
  CHECK(live->is_live(0, 2));
  CHECK_FALSE(live->is_live(3, 2));  // not covered
}

}  // namespace
}  // namespace jitfarm::worker::compiler::bytecode
