#include "common/metrics/labels.h"

#include "common/base/result.h"
#include "common/code/bailout.h"
#include "common/facts/fact.h"
#include "common/protocol/catalogue.h"

namespace jitfarm::metrics {
namespace {

std::vector<std::string_view> message_types() {
  std::vector<std::string_view> names;
  protocol::AllMessages::for_each([&]<protocol::Message M>() { names.push_back(M::kRecord.name); });
  names.push_back(protocol::message_name(0));
  return names;
}

std::vector<std::string_view> install_outcomes() {
  std::vector<std::string_view> names;
  for (int i = 0; i < static_cast<int>(protocol::InstallOutcome::kCount); ++i)
    names.push_back(name(static_cast<protocol::InstallOutcome>(i)));
  return names;
}

}  // namespace

std::string_view name(Label label) {
  switch (label) {
    case Label::type:
      return "type";
    case Label::direction:
      return "direction";
    case Label::error:
      return "error";
    case Label::reason:
      return "reason";
    case Label::kind:
      return "kind";
    case Label::outcome:
      return "outcome";
    case Label::result:
      return "result";
    case Label::stage:
      return "stage";
    case Label::breaker:
      return "breaker";
    case Label::peer:
      return "peer";
    case Label::source:
      return "source";
    case Label::eviction:
      return "cause";
    case Label::rank:
      return "rank";
  }
  return "unknown";
}

std::string_view doc(Label label) {
  switch (label) {
    case Label::type:
      return "name of a message (messages.md), or `unknown`";
    case Label::direction:
      return "as the program sees it";
    case Label::error:
      return "name of an error (errors.md)";
    case Label::reason:
      return "name of a bail-out reason (bailouts.md)";
    case Label::kind:
      return "name of a fact kind (facts.md)";
    case Label::outcome:
      return "what HotSpot did with the code";
    case Label::result:
      return "how a compilation ended";
    case Label::stage:
      return "stage of the compiler, in their order";
    case Label::breaker:
      return "state of an agent's circuit breaker: only a closed one lets requests out";
    case Label::peer:
      return "who";
    case Label::source:
      return "who brings a class shape: the coordinator's depot, the client that it is asked of "
             "already (`awaited`), or the worker's own client";
    case Label::eviction:
      return "least recently used when there was no `room`, or above the `size` that is kept";
    case Label::rank:
      return "place of a client in the last window of ten seconds; `jitfarm top` names it";
  }
  return "";
}

const std::vector<std::string_view>& values(Label label) {
  static const std::vector<std::string_view> kTypes = message_types();
  static const std::vector<std::string_view> kDirections = {"in", "out"};
  static const std::vector<std::string_view> kErrors = {
#define JF_ERROR(code, disposition, text) #code,
#include "common/base/errors.def"
#undef JF_ERROR
  };
  static const std::vector<std::string_view> kReasons = {
#define JF_BAILOUT(reason, text) #reason,
#include "common/code/bailouts.def"
#undef JF_BAILOUT
  };
  static const std::vector<std::string_view> kKinds = {
#define JF_FACT(id, kind, value, lifetime, subject, index, detail, doc) #kind,
#include "common/facts/facts.def"
#undef JF_FACT
  };
  static const std::vector<std::string_view> kOutcomes = install_outcomes();
  static const std::vector<std::string_view> kResults = {"compiled", "bailed_out", "failed",
                                                         "cancelled"};
  static const std::vector<std::string_view> kStages = {
      "translate", "verify", "optimise", "statepoints", "lower", "generate", "link"};
  static const std::vector<std::string_view> kBreakers = {"closed", "open", "half_open"};
  static const std::vector<std::string_view> kPeers = {"client", "worker"};
  static const std::vector<std::string_view> kSources = {"depot", "awaited", "client"};
  static const std::vector<std::string_view> kEvictions = {"room", "size"};
  static const std::vector<std::string_view> kRankNames = {"1", "2", "3", "4", "5",
                                                           "6", "7", "8", "9", "10"};
  switch (label) {
    case Label::type:
      return kTypes;
    case Label::direction:
      return kDirections;
    case Label::error:
      return kErrors;
    case Label::reason:
      return kReasons;
    case Label::kind:
      return kKinds;
    case Label::outcome:
      return kOutcomes;
    case Label::result:
      return kResults;
    case Label::stage:
      return kStages;
    case Label::breaker:
      return kBreakers;
    case Label::peer:
      return kPeers;
    case Label::source:
      return kSources;
    case Label::eviction:
      return kEvictions;
    case Label::rank:
      return kRankNames;
  }
  return kDirections;
}

std::size_t enum_number(Label label, std::size_t position) {
  static constexpr std::size_t kKindIds[] = {
#define JF_FACT(id, kind, value, lifetime, subject, index, detail, doc) id,
#include "common/facts/facts.def"
#undef JF_FACT
  };
  return label == Label::kind ? kKindIds[position] : position;
}

}  // namespace jitfarm::metrics
