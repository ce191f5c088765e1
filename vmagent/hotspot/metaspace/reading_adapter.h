// How is a JVM read and asked, given its layout and its natives?
#pragma once
#include <memory>

#include "vmagent/hotspot/adapter.h"
#include "vmagent/hotspot/metaspace/layout.h"
#include "vmagent/hotspot/metaspace/vm_calls.h"
#include "vmagent/hotspot/vm_tables.h"

namespace jitfarm::vmagent::hotspot::metaspace {

/// Proves itself (self_test) before it is given out. vm_unsupported says what the VM has that this
/// reader was not made for.
Result<std::unique_ptr<Adapter>> make_adapter(jvmci::Env& env, const VmTables& tables,
                                              Configuration configuration, const Layout& layout,
                                              std::unique_ptr<const VmCalls> calls,
                                              jitfarm::facts::VmConfig vm);

/// Proves the reader on classes that every VM has: name and structure of eight boot classes, their
/// code against the VM's own un-rewriting, their constants' indices against the VM's own mapping.
/// vm_unsupported names the first that differs. ~1 ms.
Status self_test(jvmci::Env& env, const Adapter& adapter, const Layout& layout,
                 const VmTables& tables, const VmCalls& calls);

}  // namespace jitfarm::vmagent::hotspot::metaspace
