#include "tests/unit/reference/pages.h"

#include <cstdio>
#include <set>

#include "common/code/bailout.h"
#include "common/code/code_image.h"
#include "common/code/replay_bundle.h"
#include "common/facts/values.h"
#include "common/metrics/registry.h"
#include "common/protocol/catalogue.h"
#include "common/protocol/envelope.h"
#include "tests/unit/reference/type_name.h"

namespace jitfarm::reference {
namespace {

constexpr std::string_view kNotice = "<!-- Generated from the code: run `ninja reference`. -->\n\n";

std::string cell(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

/// Sections of the records and enums that were mentioned, each once, in the order of first mention.
class Mentioned {
 public:
  template <class T>
  void add() {
    visit_inner<T>([&]<class Inner>() {
      const std::string name = type_name<Inner>();
      if (!seen_.insert(name).second) return;
      const std::size_t at = sections_.size();
      sections_.emplace_back();
      std::string section = "### " + name + "\n\n";
      if constexpr (wire::Record<Inner>) {
        section += std::string(Inner::kRecord.doc) + "\n\n" + fields<Inner>();
      } else {
        section += "| value | name |\n|---|---|\n";
        for (const Enumerator& e : enumerators<Inner>())
          section += "| " + std::to_string(e.value) + " | `" + e.name + "` |\n";
      }
      sections_[at] = section + "\n";
    });
  }

  /// The table of a record's fields.
  template <wire::Record T>
  std::string fields() {
    std::string out;
    int position = 0;
    std::apply(
        [&](const auto&... f) {
          const auto row = [&]<class S, class M>(const wire::Field<S, M>& f1) {
            out += "| " + std::to_string(position++) + " | `" + std::string(f1.name) + "` | " +
                   type_name<M>() + " | " + cell(f1.doc) + " |\n";
            add<M>();
          };
          (row(f), ...);
        },
        T::kRecord.fields);
    return position == 0 ? "No fields.\n"
                         : "| | field | type | meaning |\n|---|---|---|---|\n" + out;
  }

  /// The record has its own place in the page.
  void leave_out(std::string_view name) { seen_.emplace(name); }

  std::string text() const {
    std::string out;
    for (const std::string& s : sections_) out += s;
    return out;
  }

 private:
  std::set<std::string> seen_;
  std::vector<std::string> sections_;
};

std::string_view direction_text(protocol::Direction d) {
  using enum protocol::Direction;
  switch (d) {
    case agent_to_coordinator:
      return "agent to coordinator";
    case coordinator_to_agent:
      return "coordinator to agent";
    case worker_to_coordinator:
      return "worker to coordinator";
    case coordinator_to_worker:
      return "coordinator to worker";
    case agent_to_worker:
      return "agent to worker, through the coordinator undecoded";
    case worker_to_agent:
      return "worker to agent, through the coordinator undecoded";
    case peer_to_coordinator:
      return "agent, worker or command line to coordinator";
    case coordinator_to_peer:
      return "coordinator to agent, worker or command line";
  }
  return "";
}

Page messages() {
  Mentioned mentioned;
  mentioned.leave_out("code_image");
  std::string list = "| id | message | from and to | meaning |\n|---|---|---|---|\n", sections;
  protocol::AllMessages::for_each([&]<protocol::Message M>() {
    const std::string name(M::kRecord.name);
    list += "| " + std::to_string(M::kRecord.id) + " | [`" + name + "`](#" + name + ") | " +
            std::string(direction_text(M::kRecord.direction)) + " | " + cell(M::kRecord.doc) +
            " |\n";
    sections += "### " + name + "\n\n" + std::string(M::kRecord.doc) + " Id " +
                std::to_string(M::kRecord.id) + ", " +
                std::string(direction_text(M::kRecord.direction)) + ".\n\n" +
                mentioned.fields<M>() + "\n";
  });
  const std::string envelope = mentioned.fields<protocol::Envelope>();
  const wire::Limits limits;
  const auto mib = [](std::size_t bytes) { return std::to_string(bytes >> 20) + " MiB"; };
  return {"messages.md",
          "# Messages\n\n" + std::string(kNotice) +
              "A message is a ZeroMQ multipart message: the envelope, the body, then one frame for "
              "each blob. Envelope and body are MessagePack "
              "arrays of the fields in the order below. Fields are only ever appended: a reader "
              "ignores what it does not know and keeps the default "
              "of what is missing. A `blob` is the position of its frame; an `_id` and a "
              "`u..`/`i..` are integers of that range; "
              "a `digest` is 32 bytes of BLAKE2b-256. How to add one: "
              "[add-a-message.md](../how-to/add-a-message.md).\n\n"
              "Limits: body " +
              mib(limits.body_bytes) + ", one array " + std::to_string(limits.array_elements) +
              " elements, one string " + mib(limits.string_bytes) + ", nesting " +
              std::to_string(limits.depth) + ", " + std::to_string(limits.blobs) + " blobs of " +
              mib(limits.blob_bytes) + " together, memory while decoding " +
              mib(limits.memory_bytes) + ". Over a limit, the message is an error.\n\n" + list +
              "\n## Envelope\n\n" + envelope + "\n## Messages\n\n" + sections +
              "## Records and enumerations\n\n" + mentioned.text()};
}

std::string_view lifetime_text(facts::Lifetime l) {
  switch (l) {
    case facts::Lifetime::session:
      return "session";
    case facts::Lifetime::monotone:
      return "monotone";
    case facts::Lifetime::dependency:
      return "dependency";
    case facts::Lifetime::compilation:
      return "compilation";
  }
  return "";
}

Page facts_page() {
  Mentioned mentioned;
  std::string list =
      "| id | kind | value | lifetime | subject | index | detail | meaning "
      "|\n|---|---|---|---|---|---|---|---|\n";
#define JF_FACT(id, kind, value, lifetime_, subject, index, detail, doc)     \
  list += "| " #id " | `" #kind "` | " + type_name<facts::value>() + " | " + \
          std::string(lifetime_text(facts::Lifetime::lifetime_)) +           \
          " | " subject " | " index " | " detail " | " + cell(doc) + " |\n"; \
  mentioned.add<facts::value>();
#include "common/facts/facts.def"
#undef JF_FACT
  return {"facts.md", "# Facts\n\n" + std::string(kNotice) +
                          "What the compiler may know about a client's VM. A fact is named by "
                          "kind, subject, index and detail; its value is a record. A fact that is "
                          "not known is an answer too.\n\n"
                          "Lifetimes: *session*: constant while the session lasts. *monotone*: may "
                          "go from unknown to known once; a known value never "
                          "changes. *dependency*: holds now, and code that uses it carries an "
                          "assumption that the VM watches. *compilation*: a snapshot for "
                          "one compilation.\n\n" +
                          list + "\n## Values\n\n" + mentioned.text()};
}

Page code_page() {
  Mentioned mentioned;
  std::string text = "# CodeImage and replay bundle\n\n" + std::string(kNotice) +
                     "What the worker hands to the JVM, and how a compilation is kept. Encoded as "
                     "messages are. The rules that a CodeImage must "
                     "keep are listed in `common/code/verify.cpp`.\n\n## CodeImage\n\n" +
                     std::string(code::CodeImage::kRecord.doc) + "\n\n" +
                     mentioned.fields<code::CodeImage>() + "\n## ReplayBundle\n\n" +
                     std::string(code::ReplayBundle::kRecord.doc) +
                     " A file: `JFBUNDLE`, then parts, each after its length in 8 bytes, little "
                     "endian: the body, then the blobs.\n\n" +
                     mentioned.fields<code::ReplayBundle>() + "\n## Records and enumerations\n\n";
  return {"code-image.md", text + mentioned.text()};
}

Page bailouts() {
  std::string list = "| reason | meaning |\n|---|---|\n";
  for (int i = 0; i < static_cast<int>(code::BailoutReason::kCount); ++i) {
    const auto reason = static_cast<code::BailoutReason>(i);
    list += "| `" + std::string(name(reason)) + "` | " + cell(text(reason)) + " |\n";
  }
  return {"bailouts.md", "# Bail-out reasons\n\n" + std::string(kNotice) +
                             "Why the compiler leaves a method to the JVM. The reason is the label "
                             "`reason` of the metrics and a key of "
                             "`methods.bailed_out` in a report.\n\n" +
                             list};
}

Page errors() {
  static constexpr std::pair<Errc, std::string_view> kAll[] = {
#define JF_ERROR(code, disposition_, text) {Errc::code, #disposition_},
#include "common/base/errors.def"
#undef JF_ERROR
  };
  std::string list = "| error | disposition | meaning |\n|---|---|---|\n";
  for (const auto& [code, disposition_name] : kAll)
    list += "| `" + std::string(name(code)) + "` | " + std::string(disposition_name) + " | " +
            cell(text(code)) + " |\n";
  return {"errors.md",
          "# Errors\n\n" + std::string(kNotice) +
              "Every way in which a function of ours fails. Dispositions: *retry_elsewhere*: "
              "another worker may succeed. *leave_to_jvm*: the "
              "method stays in C1, the session goes on. *fatal_for_session*: the peer or its "
              "connection is given up. "
              "*fatal_for_process*: the program, or the agent inside a JVM, stops working.\n\n" +
              list};
}

Page metrics_page() {
  std::string text = "# Metrics\n\n" + std::string(kNotice) +
                     "Exported at `/metrics` of the coordinator and of each worker. Every series "
                     "exists from the start, at zero; labels take only the "
                     "values below. A JVM opens no port: what its agent counts travels to the "
                     "coordinator, which exports the sum over all clients.\n";
  for (const auto& [program, title] : {std::pair{metrics::Program::coordinator, "Coordinator"},
                                       {metrics::Program::agent, "Agents, at the coordinator"},
                                       {metrics::Program::worker, "Worker"}}) {
    text += "\n## " + std::string(title) +
            "\n\n| metric | type | labels | meaning |\n|---|---|---|---|\n";
    for (const metrics::Description& d : metrics::catalogue()) {
      if (d.program != program) continue;
      std::string labels;
      for (metrics::Label l : d.labels)
        labels += (labels.empty() ? "`" : ", `") + std::string(name(l)) + "`";
      const std::string type = d.type == metrics::Type::counter ? "counter"
                               : d.type == metrics::Type::gauge ? "gauge"
                                                                : "histogram";
      text += "| `" + std::string(d.name) + "` | " + type + " | " + labels + " | " + cell(d.help) +
              " |\n";
    }
  }
  text += "\n## Labels\n\n| label | meaning | values |\n|---|---|---|\n";
  using enum metrics::Label;
  for (metrics::Label l : {type, direction, error, reason, kind, outcome, result, stage, breaker,
                           peer, source, eviction, rank}) {
    std::string all;
    for (std::string_view v : values(l)) all += (all.empty() ? "`" : ", `") + std::string(v) + "`";
    text += "| `" + std::string(name(l)) + "` | " + std::string(doc(l)) + " | " + all + " |\n";
  }
  text += "\n## Buckets\n\n";
  for (const auto& [type_of, title] : {std::pair{metrics::Type::seconds, "Seconds"},
                                       {metrics::Type::minutes, "Long times, in seconds"},
                                       {metrics::Type::counts, "Counts"}}) {
    text += std::string(title) + ":";
    for (double bound : metrics::buckets(type_of)) {
      char number[32];
      std::snprintf(number, sizeof number, " %g", bound);
      text += number;
    }
    text += ".\n\n";
  }
  text.pop_back();
  return {"metrics.md", text};
}

}  // namespace

std::vector<Page> pages() {
  return {messages(), facts_page(),   code_page(),      bailouts(),
          errors(),   metrics_page(), bytecodes_page(), intrinsics_page()};
}

}  // namespace jitfarm::reference
