#include "vmagent/hotspot/jdk25/adapter25.h"

#include "vmagent/hotspot/jdk25/layout25.h"
#include "vmagent/hotspot/jdk25/natives25.h"
#include "vmagent/hotspot/jdk25/vm_config25.h"
#include "vmagent/hotspot/metaspace/reading_adapter.h"

namespace jitfarm::vmagent::hotspot::jdk25 {

Result<std::unique_ptr<Adapter>> create(jvmci::Env& env, const VmTables& tables,
                                        Configuration configuration) {
  auto calls = make_calls();
  // First, as it says most clearly what is not supported.
  JF_CHECK_OK(check_modes(env, configuration, *calls));
  JF_TRY(const metaspace::Layout layout, read_layout(tables, configuration));
  JF_TRY(jitfarm::facts::VmConfig vm, read_vm_config(env, tables, configuration, *calls));
  return metaspace::make_adapter(env, tables, std::move(configuration), layout, std::move(calls),
                                 std::move(vm));
}

}  // namespace jitfarm::vmagent::hotspot::jdk25
