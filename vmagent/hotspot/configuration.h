// What does the VM say to its JVMCI compiler? `CompilerToVM.readConfiguration`, flat.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "vmagent/jvmci/env.h"

namespace jitfarm::vmagent::hotspot {

/// Immutable after read(), any thread. Names are the VM's ("JavaThread::_pending_deoptimization",
/// "UseG1GC").
class Configuration {
 public:
  /// One native call and its decoding, about 1.2 ms. vm_unsupported when the answer has another
  /// form.
  static Result<Configuration> read(jvmci::Env& env);

  // Each fails with vm_unsupported and the name that the VM does not have.
  Result<std::int32_t> offset(std::string_view field) const;           ///< of an instance field
  Result<std::uint64_t> static_address(std::string_view field) const;  ///< of a static field
  Result<std::int64_t> static_value(
      std::string_view field) const;  ///< of a static field, when the VM was started
  Result<std::int64_t> constant(std::string_view name) const;
  Result<std::uint64_t> address(std::string_view name) const;  ///< of a function or stub
  Result<std::int64_t> flag(std::string_view name) const;      ///< a numeric or boolean (0, 1) flag

 private:
  struct Field {
    std::int64_t offset = 0;
    std::uint64_t address = 0;
    std::int64_t value = 0;
    bool has_value = false;
  };
  std::map<std::string, Field, std::less<>> fields_;
  std::map<std::string, std::int64_t, std::less<>> constants_;
  std::map<std::string, std::uint64_t, std::less<>> addresses_;
  std::map<std::string, std::int64_t, std::less<>> flags_;
};

}  // namespace jitfarm::vmagent::hotspot
