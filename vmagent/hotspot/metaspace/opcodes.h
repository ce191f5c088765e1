// Which Java bytecode does an opcode in the VM's memory stand for, and how long is it?
#pragma once
#include <array>
#include <cstdint>

namespace jitfarm::vmagent::hotspot::metaspace {

// Opcodes whose operands the VM rewrites, or that we decide on.
enum : std::uint8_t {
  kOpLdc = 18,
  kOpLdcW = 19,
  kOpLdc2W = 20,
  kOpIinc = 132,
  kOpIfeq = 153,
  kOpIfAcmpne = 166,
  kOpTableswitch = 170,
  kOpLookupswitch = 171,
  kOpReturn = 177,
  kOpGetstatic = 178,
  kOpPutstatic = 179,
  kOpGetfield = 180,
  kOpPutfield = 181,
  kOpInvokevirtual = 182,
  kOpInvokespecial = 183,
  kOpInvokestatic = 184,
  kOpInvokeinterface = 185,
  kOpInvokedynamic = 186,
  kOpMonitorenter = 194,
  kOpNew = 187,
  kOpNewarray = 188,
  kOpAnewarray = 189,
  kOpCheckcast = 192,
  kOpInstanceof = 193,
  kOpWide = 196,
  kOpIfnull = 198,
  kOpIfnonnull = 199,
  kOpMultianewarray = 197,
  kOpBreakpoint = 202,
  kOpFastAldc = 230,
  kOpFastAldcW = 231,
  kOpInvokehandle = 233,
};

struct OpcodeTable {
  std::array<std::uint8_t, 256> java{};    ///< the Java opcode; 255: no bytecode of this VM
  std::array<std::uint8_t, 256> length{};  ///< by Java opcode; 0: variable (switches, wide) or none
};

/// HotSpot 17's internal opcodes 203..237 (bytecodes.hpp) are exported by no table: the self-test
/// compares them with the VM's own un-rewriting (CompilerToVM.getBytecode).
consteval OpcodeTable make_opcode_table() {
  OpcodeTable t;
  const auto map = [&](int first, int last, int java) {
    for (int op = first; op <= last; ++op) t.java[op] = static_cast<std::uint8_t>(java);
  };
  for (int op = 0; op < 256; ++op)
    t.java[op] = op <= kOpBreakpoint ? static_cast<std::uint8_t>(op) : 255;
  map(203, 210, kOpGetfield);  // fast_agetfield .. fast_sgetfield
  map(211, 219, kOpPutfield);  // fast_aputfield .. fast_sputfield
  map(220, 223, 42);  // fast_aload_0, fast_iaccess_0, fast_aaccess_0, fast_faccess_0: aload_0
  map(224, 226, 21);  // fast_iload, fast_iload2, fast_icaload: iload
  map(227, 227, kOpInvokevirtual);  // fast_invokevfinal
  map(228, 229, kOpLookupswitch);   // fast_linearswitch, fast_binaryswitch
  map(230, 230, kOpLdc);
  map(231, 231, kOpLdcW);
  map(232, 232, kOpReturn);         // return_register_finalizer
  map(233, 233, kOpInvokevirtual);  // invokehandle
  map(234, 234, kOpGetfield);       // nofast_getfield
  map(235, 235, kOpPutfield);       // nofast_putfield
  map(236, 236, 42);                // nofast_aload_0
  map(237, 237, 21);                // nofast_iload

  const auto bytes = [&](int first, int last, int length) {
    for (int op = first; op <= last; ++op) t.length[op] = static_cast<std::uint8_t>(length);
  };
  bytes(0, 201, 1);
  bytes(16, 16, 2);    // bipush
  bytes(17, 17, 3);    // sipush
  bytes(18, 18, 2);    // ldc
  bytes(19, 20, 3);    // ldc_w, ldc2_w
  bytes(21, 25, 2);    // iload .. aload
  bytes(54, 58, 2);    // istore .. astore
  bytes(132, 132, 3);  // iinc
  bytes(153, 168, 3);  // ifeq .. jsr
  bytes(169, 169, 2);  // ret
  bytes(170, 171, 0);  // switches
  bytes(178, 184, 3);  // fields, invokes
  bytes(185, 186, 5);  // invokeinterface, invokedynamic
  bytes(187, 187, 3);  // new
  bytes(188, 188, 2);  // newarray
  bytes(189, 189, 3);  // anewarray
  bytes(192, 193, 3);  // checkcast, instanceof
  bytes(196, 196, 0);  // wide
  bytes(197, 197, 4);  // multianewarray
  bytes(198, 199, 3);  // ifnull, ifnonnull
  bytes(200, 201, 5);  // goto_w, jsr_w
  return t;
}
inline constexpr OpcodeTable kOpcodes = make_opcode_table();

}  // namespace jitfarm::vmagent::hotspot::metaspace
