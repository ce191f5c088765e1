// Which VM do compiler tests compile for, when there is none?
#pragma once
#include "common/facts/vm_config.h"

namespace jitfarm::tests::compiler {

/// The numbers of a JDK 17.0.15 with G1, compressed oops (base 0, shift 3), on a CPU with AVX2.
facts::VmConfig sample_vm();

}  // namespace jitfarm::tests::compiler
