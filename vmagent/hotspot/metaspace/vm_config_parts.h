// Which numbers of a VM are read the same way from every supported JDK?
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "vmagent/hotspot/metaspace/vm_calls.h"

namespace jitfarm::vmagent::hotspot::metaspace {

/// vm_unsupported: `value` is an error, or does not fit.
template <class T>
Status assign(T& to, Result<std::int64_t> value) {
  if (!value) return std::unexpected(std::move(value).error());
  to = static_cast<T>(*value);
  if (static_cast<std::int64_t>(to) != *value && sizeof(T) < 8)
    return fail(Errc::vm_unsupported, "a number of the VM is out of range");
  return {};
}

/// vm_unsupported says which are supported.
Result<jitfarm::facts::GcKind> collector(const Configuration& config);

/// Numbers of the VM that are constants of `config`, by name.
Status read_constants(const Configuration& config,
                      std::initializer_list<std::pair<const char*, std::int32_t*>> wanted);

/// The release that the VM says it is, as "25.0.3+9-LTS".
std::string release(const VmTables& tables);

// Each fails with the first number that the VM does not have.
Status read_encodings(const Configuration& config, jitfarm::facts::VmConfig& vm);
/// After vm.array_length_offset.
Status read_array_bases(jvmci::Env& env, const VmCalls& calls, jitfarm::facts::VmConfig& vm);
Status read_thread(const Configuration& config, std::string_view poll_data_field,
                   jitfarm::facts::VmConfig& vm);
Status read_traps(const Configuration& config, jitfarm::facts::VmConfig& vm);
Status read_class_layout(const Configuration& config, jitfarm::facts::VmConfig& vm);
/// Where objects are made in line, and their first mark word.
Status read_tlab(const Configuration& config, jitfarm::facts::VmConfig& vm);
/// After vm.gc. `g1_region_shift`: the static that holds it.
Status read_barriers(const Configuration& config, std::string_view g1_region_shift,
                     jitfarm::facts::VmConfig& vm);
Status read_hash(const Configuration& config, jitfarm::facts::VmConfig& vm);
Status read_class_init(const Configuration& config, jitfarm::facts::VmConfig& vm);

/// Capabilities that agents have taken. Only while the VM starts can they get these. What the VM
/// does not say is taken for granted.
void read_debugging(const Configuration& config, const VmTables& tables,
                    jitfarm::facts::VmConfig& vm);

/// What the VM has of stubs and functions for copies, clocks and Math.
void read_stubs(jvmci::Env& env, const Configuration& config, const VmCalls& calls,
                jitfarm::facts::VmConfig& vm);
/// Of array_stubs.h.
std::uint64_t array_stubs(const Configuration& config);

/// Whether the user switched intrinsics off. Which ones is said in names that JVMCI has no table
/// of, and in files and per method, where a compiler of JVMCI is not asked.
bool calls_intrinsics(jvmci::Env& env, const VmCalls& calls);

}  // namespace jitfarm::vmagent::hotspot::metaspace
