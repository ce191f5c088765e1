#include "vmagent/agent/agent.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "common/base/version.h"
#include "common/net/zmq_transport.h"
#include "common/protocol/handshake.h"
#include "common/stats/stats_file.h"
#include "vmagent/agent/deferred.h"
#include "vmagent/log/log.h"

namespace jitfarm::vmagent::agent {

namespace {

std::string host_and_process() {
  char host[256] = {};
  if (::gethostname(host, sizeof host - 1) != 0) std::strcpy(host, "unknown");
  return std::string(host) + ":" + std::to_string(::getpid());
}

protocol::Hello make_hello(const jitfarm::facts::VmConfig& vm, bool other_version) {
  protocol::Spoken spoken;
  if (other_version) spoken.version_min = spoken.version_max = protocol::kVersionMax + 1;
  return {.role = protocol::Role::agent,
          .version_min = spoken.version_min,
          .version_max = spoken.version_max,
          .capabilities = spoken.capabilities,
          .name = host_and_process(),
          .build = std::string(build()),
          .vm = vm.vm_version};
}

}  // namespace

Agent& Agent::get() {
  static Agent* agent = new Agent;
  return *agent;
}

Agent::Agent() : settings_(read_settings()) {
  auto stats =
      settings_.stats_file.empty() ? stats::anonymous() : stats::claim(settings_.stats_file);
  if (!stats) {
    JF_AGENT_LOG(warn, "no statistics: {}", stats.error().message());
    stats = stats::anonymous();
  }
  static stats::Layout fallback{};  // when not even memory can be mapped
  stats_ = stats ? *stats : &fallback;
}

void Agent::refuse(const std::string& why) {
  JF_AGENT_LOG(error, "the agent does nothing in this VM: {}", why);
  std::strncpy(stats_->refusal, why.c_str(), sizeof stats_->refusal - 1);
  stats_->agent_state.store(static_cast<std::uint64_t>(stats::AgentState::refused),
                            std::memory_order_release);
}

Parts* Agent::parts(jvmci::Env& env) {
  if (Parts* parts = parts_if_ready()) return parts;
  std::lock_guard lock(mutex_);
  if (tried_) return parts_if_ready();
  tried_ = true;
  for (const std::string& problem : settings_.problems) JF_AGENT_LOG(error, "{}", problem);
  if (settings_.coordinator.empty()) {
    JF_AGENT_LOG(info, "JITFARM_COORDINATOR is not set: the agent stays idle");
    stats_->agent_state.store(static_cast<std::uint64_t>(stats::AgentState::idle),
                              std::memory_order_release);
    return nullptr;
  }
  auto parts = make_parts(env);
  if (!parts) {
    refuse(parts.error().message());
    return nullptr;
  }
  stats_->agent_state.store(static_cast<std::uint64_t>(stats::AgentState::ready),
                            std::memory_order_release);
  ready_.store(parts->release(), std::memory_order_release);  // never freed
  return parts_if_ready();
}

Result<std::unique_ptr<Parts>> Agent::make_parts(jvmci::Env& env) {
  auto parts = std::make_unique<Parts>();
  JF_TRY(parts->adapter,
         settings_.unproved_jdk ? hotspot::create_unproved(env) : hotspot::create(env));
  parts->answerer = std::make_unique<facts::Answerer>(*parts->adapter);
  JF_TRY(parts->installer, install::Installer::create(*parts->adapter));
  JF_TRY(auto curve, net::curve_client_from_environment());
  JF_TRY(
      auto connection,
      net::connect(settings_.coordinator,
                   {.context_end = net::ContextEnd::leave,
                    .on_dropped = [](const std::string& what) { JF_AGENT_LOG(warn, "{}", what); },
                    .curve_client = std::move(curve)}));
  session::SessionOptions options;
  options.deadline = settings_.deadline;
  options.connect_grace = std::min<Duration>(options.connect_grace, settings_.deadline);
  options.seed =
      static_cast<std::uint64_t>(::getpid()) * 0x9e37'79b9'7f4a'7c15u + stats::monotonic_ns();
  parts->session = std::make_unique<session::FarmSession>(std::move(connection),
                                                          make_hello(parts->adapter->vm_config(), settings_.other_version),
                                                          options, *stats_, deferred_thread());
  JF_AGENT_LOG(info, "ready: {}, farm {}", parts->adapter->vm_config().vm_version,
               settings_.coordinator);
  return parts;
}

void Agent::installed_unasked(MethodId method) {
  std::lock_guard lock(methods_mutex_);
  if (unasked_.size() < kUnaskedMax) unasked_.insert(method);
}

bool Agent::was_installed_unasked(MethodId method) {
  std::lock_guard lock(methods_mutex_);
  return unasked_.contains(method);
}

void Agent::invalidated(MethodId method) {
  std::lock_guard lock(methods_mutex_);
  if (invalidated_.size() < kInvalidatedMax) invalidated_.insert(method);
}

bool Agent::take_invalidated(MethodId method) {
  std::lock_guard lock(methods_mutex_);
  return invalidated_.erase(method) != 0;
}

void Agent::compile_begins(MethodId method) {
  std::lock_guard lock(methods_mutex_);
  compiling_.insert(method);
}

void Agent::compile_ends(MethodId method) {
  std::lock_guard lock(methods_mutex_);
  if (const auto one = compiling_.find(method); one != compiling_.end()) compiling_.erase(one);
}

bool Agent::is_compiling(MethodId method) {
  std::lock_guard lock(methods_mutex_);
  return compiling_.contains(method);
}

void Agent::refused_for_good(MethodId method) {
  std::lock_guard lock(methods_mutex_);
  if (hopeless_.size() < kHopelessMax) hopeless_.insert(method);
}

bool Agent::was_refused_for_good(MethodId method) {
  std::lock_guard lock(methods_mutex_);
  return hopeless_.contains(method);
}

std::shared_ptr<jvmci::Runtime> Agent::runtime() { return jvmci::Runtime::any(); }

}  // namespace jitfarm::vmagent::agent
