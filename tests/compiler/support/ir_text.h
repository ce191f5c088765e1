// How does IR written by hand in a test become a Translation?
#pragma once
#include <string>
#include <string_view>

#include "worker/compiler/translation.h"

namespace jitfarm::tests::compiler {

/// Parses IR text in the conventions of translation.h, with these abbreviations:
///   OOP            ptr addrspace(1)
///   METHOD         define preserve_nonecc void @method(<twelve registers>) gc .. personality .. {
///                  parameters %hb %r13 %r14 %thr %j5 %j0 %j1 %j2 %j3 %j4 %r11 %rax, then the rescue slot %resc
///   ARGS(a, ..)    the twelve arguments of a call with those Java arguments, each "type value"
///   RETURN v       musttail to @ret_stub.0 with the i64 value v
///   UNWIND v       musttail to @unwind_stub.0 with the reference v
///   SITE(n, size)  the attributes that make a call site number n
/// The method takes j0 as a reference and j1.. as i64. Ends the test when the text does not parse.
worker::compiler::Translation parse_ir(std::string_view text);

}  // namespace jitfarm::tests::compiler
