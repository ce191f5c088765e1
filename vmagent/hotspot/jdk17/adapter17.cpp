#include "vmagent/hotspot/jdk17/adapter17.h"

#include "vmagent/hotspot/jdk17/layout17.h"
#include "vmagent/hotspot/jdk17/natives17.h"
#include "vmagent/hotspot/jdk17/vm_config17.h"
#include "vmagent/hotspot/metaspace/reading_adapter.h"

namespace jitfarm::vmagent::hotspot::jdk17 {

Result<std::unique_ptr<Adapter>> create(jvmci::Env& env, const VmTables& tables,
                                        Configuration configuration) {
  JF_TRY(const metaspace::Layout layout, read_layout(tables));
  auto calls = make_calls();
  JF_TRY(jitfarm::facts::VmConfig vm, read_vm_config(env, tables, configuration, *calls));
  return metaspace::make_adapter(env, tables, std::move(configuration), layout, std::move(calls),
                                 std::move(vm));
}

}  // namespace jitfarm::vmagent::hotspot::jdk17
