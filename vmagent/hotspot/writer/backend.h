// Which shell and which writer does this VM need, and with which numbers?
#pragma once
#include <functional>
#include <memory>

#include "common/base/result.h"
#include "vmagent/hotspot/adapter.h"
#include "vmagent/hotspot/shell/shell.h"
#include "vmagent/hotspot/writer/code_writer.h"

namespace jitfarm::vmagent::hotspot::writer {

/// Sizes of a method's interpreter frame; what a frame state must fit into.
struct MethodBounds {
  std::uint32_t max_locals = 0;
  std::uint32_t max_stack = 0;
  std::uint32_t code_bytes = 0;
};

/// Everything about installing code that differs between JDKs. Immutable; any compiler thread.
struct Backend {
  shell::ShellConfig config;  ///< without the addresses of our own stubs
  std::function<Result<std::unique_ptr<shell::ShellAssembler>>(const shell::ShellConfig&)>
      make_shell;
  std::unique_ptr<CodeWriter> writer;
  std::function<MethodBounds(MethodRef)> bounds;  ///< of a method whose class is alive
};

/// vm_unsupported, with the name of what is missing.
Result<Backend> make_backend(const Adapter& adapter);

}  // namespace jitfarm::vmagent::hotspot::writer
