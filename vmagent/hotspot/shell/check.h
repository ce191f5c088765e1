// Is this assembled code safe to hand to HotSpot?
//
// HotSpot trusts what a JVMCI compiler installs: a wrong offset is not an error there but a crash
// of the application. So whatever made the list, it is read once more, against the bytes
// themselves:
//
//   1. sites ascend by pc, a mark stands before what it announces, every pc is inside the code;
//   2. each entry mark exists exactly once; marks of calls and polls stand at the right bytes;
//   3. a Java call is `E8` with a 4-aligned displacement, announced by a mark of its own kind;
//   4. an inline-cache call has `movabs rax` directly before it, where its mark is;
//   5. a foreign call is call, jmp, jcc with rel32 or movabs r10;
//   6. return addresses of sites with frame state ascend strictly (HotSpot's table of PcDescs);
//   7. an exception handler belongs to the return address of a Java call and leads into the text;
//   8. a data patch is at an instruction that HotSpot can decode, and its cell is inside the data;
//   9. data patches ascend, aligned to 8, disjoint, inside the data;
//  10. the frame is a multiple of 8, of 16 when anything is called; the rescue slot lies in it.
//  11. where the JDK asks for an entry barrier: it is there once, aligned to 8, before the text, and
//      the frame counts as complete there;
//  12. there, the nop that HotSpot writes to stands behind every Java call; with a thread slot, the
//      thread is stored behind every call and before every landing pad.
#pragma once
#include "vmagent/hotspot/shell/shell.h"

namespace jitfarm::vmagent::hotspot::shell {

/// `method`: a whole method of `image_sites` sites and `constants` constants, else a stub (then no
/// entry marks). The error names the rule and the pc.
Status check(const AssembledCode& code, const Marks& marks, bool method, std::size_t image_sites,
             std::size_t constants);

}  // namespace jitfarm::vmagent::hotspot::shell
