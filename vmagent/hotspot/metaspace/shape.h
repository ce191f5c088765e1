// Which canonical bytes does a class in metaspace have? docs/reference/class-shape.md is the
// format.
#pragma once
#include "common/base/bytes.h"
#include "common/base/result.h"
#include "vmagent/hotspot/metaspace/views.h"

namespace jitfarm::vmagent::hotspot::metaspace {

/// Writes the shape of a linked class that is not an array; 13-21 us for a class of 5 kB. Fails
/// with class_unreadable where no shape exists: not linked, a breakpoint set, or memory that
/// contradicts itself. Methods with subroutines are as the VM has moved them: nobody compiles them.
Result<Bytes> write_shape(const Layout& layout, const ClassView& klass);

/// The class file's number of constants: the VM appends some for overpass methods and for the name
/// of a hidden class.
int file_pool_length(const Layout& layout, const ClassView& klass, const PoolView& pool);

/// Appends the method's original bytecode to `out`; a class that is rewritten, i.e. linked.
Status append_canonical_code(const MethodView& method, const PoolView& pool, bool rewritten,
                             Bytes& out);

}  // namespace jitfarm::vmagent::hotspot::metaspace
