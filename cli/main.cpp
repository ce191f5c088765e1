// `jitfarm`: the command line.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "cli/doctor/doctor.h"
#include "cli/replay/replay.h"
#include "cli/run/run.h"
#include "cli/status/status.h"
#include "cli/top/top.h"
#include "cli/trace/timeline.h"
#include "common/base/version.h"

namespace {

using namespace jitfarm;

int report_failure(const Error& error, int code) {
  // The detail is a whole sentence for the user; the code is for logs.
  std::fprintf(stderr, "jitfarm: %s\n",
               error.detail.empty() ? std::string(text(error.code)).c_str() : error.detail.c_str());
  return code;
}

void add_run(CLI::App& app, int& code) {
  auto* command = app.add_subcommand(
      "run", "Run a Java command line with the farm: jitfarm run [options] -- java ...");
  auto* o = new cli::RunOptions;  // lives as long as the program
  command
      ->add_option("--coordinator", o->coordinator,
                   "tcp://host:port of a running farm (default: an embedded one)")
      ->envname("JITFARM_COORDINATOR");
  command->add_option("--report", o->report, "Write the summary as JSON to this file")
      ->type_name("FILE.json");
  command->add_flag("--summary", o->summary, "Print the summary to standard error at the end");
  command->add_flag("--require", o->require, "Fail with exit code 125 when the farm was not used");
  command->add_option("--workers", o->workers, "Workers of the embedded farm")
      ->check(CLI::Range(1u, 64u))
      ->capture_default_str();
  command
      ->add_option("--jvm-threads", o->jvm_threads,
                   "Compiler threads of the JVM that may wait for the farm at once")
      ->check(CLI::Range(1u, 64u))
      ->capture_default_str();
  command
      ->add_option("--exclude", o->exclude,
                   "Methods to leave to C1, e.g. java.util.*::hash* (repeatable)")
      ->type_name("PATTERN");
  command
      ->add_option("--record", o->record,
                   "Keep every compilation of the embedded farm as a replay bundle in this folder")
      ->type_name("DIR");
  command->add_option("--farm-log", o->farm_log, "Log of the embedded farm and the agent")
      ->type_name("FILE");
  command
      ->add_option("--trace", o->trace,
                   "Write a timeline of the compilations to this file, for Perfetto or "
                   "chrome://tracing; the log that it is made of to FILE.log")
      ->type_name("FILE");
  command
      ->add_option("--trace-method", o->trace_method, "Trace only methods whose name contains this")
      ->type_name("TEXT");
  command->add_option("command", o->command, "java and its arguments, after --")->required();
  command->positionals_at_end();
  command->callback([o, &code] { code = report_failure(cli::run(*o), cli::kRunFailed); });
}

void add_doctor(CLI::App& app, int& code) {
  auto* command = app.add_subcommand(
      "doctor", "Whether the farm works for a java, and why not: jitfarm doctor [--] [java ...]");
  auto* java = new std::vector<std::string>{"java"};
  command->add_option("command", *java,
                      "java, and the arguments that it is to have (default: java)");
  command->positionals_at_end();
  command->callback([java, &code] {
    const cli::Diagnosis diagnosis = cli::diagnose(*java, cli::environment_variable);
    std::fputs(diagnosis.text.c_str(), stdout);
    code = diagnosis.works ? 0 : 1;
  });
}

void add_status(CLI::App& app, int& code) {
  auto* command =
      app.add_subcommand("status", "Clients, workers, queue and messages of a running farm");
  auto* o = new cli::StatusOptions;
  command->add_option("--coordinator", o->coordinator, "tcp://host:port where agents connect")
      ->envname("JITFARM_COORDINATOR")
      ->required();
  command->add_flag("--json", o->json, "For programs");
  command->callback([o, &code] {
    auto status = cli::ask_status(*o);
    if (!status) {
      code = report_failure(status.error(), 1);
      return;
    }
    std::fputs((o->json ? cli::status_json(*status) : cli::status_table(*status)).c_str(), stdout);
  });
}

void add_top(CLI::App& app, int& code) {
  auto* command = app.add_subcommand(
      "top", "What makes the traffic of a running farm: messages, questions, clients, workers");
  auto* o = new cli::top::TopOptions;
  command->add_option("--coordinator", o->coordinator, "tcp://host:port where agents connect")
      ->envname("JITFARM_COORDINATOR")
      ->required();
  command->add_flag("--once", o->once,
                    "Print once and end, for scripts; rates are over the coordinator's life");
  command->add_option("--panel", o->panel, "What to show; --once: nothing else")
      ->check(CLI::IsMember({"messages", "kinds", "clients", "workers"}));
  command->add_option("--sort", o->sort, "Title of the column to sort by");
  command->add_option("--client", o->client, "Show the kinds that this client was asked")
      ->type_name("SESSION");
  command->add_option("--kind", o->kind, "Rank the clients by questions of this kind");
  auto* seconds = new double(1);
  command->add_option("--interval", *seconds, "Seconds between two looks")
      ->check(CLI::Range(0.1, 5.0))
      ->capture_default_str();
  command->callback([o, seconds, &code] {
    o->interval = std::chrono::milliseconds(static_cast<int>(*seconds * 1000));
    if (auto shown = cli::top::top(*o); !shown) code = report_failure(shown.error(), 1);
  });
}

void add_trace(CLI::App& app, int& code) {
  auto* command = app.add_subcommand(
      "trace", "Make a timeline of compilations of logs of agent, coordinator and workers");
  auto* o = new cli::trace::TraceOptions;
  command->add_option("logs", o->logs, "Of level debug and format json")->required();
  command->add_option("--out", o->out, "For Perfetto or chrome://tracing")
      ->type_name("FILE")
      ->required();
  command->add_option("--method", o->method, "Only methods whose name contains this")
      ->type_name("TEXT");
  command->callback([o, &code] {
    const auto traced = cli::trace::write_timeline(*o);
    if (!traced)
      code = report_failure(traced.error(), 1);
    else
      std::printf("%s: %zu compilations\n", o->out.c_str(), *traced);
  });
}

void add_replay(CLI::App& app, int& code) {
  auto* command = app.add_subcommand(
      "replay",
      "Repeat a recorded compilation offline; fails when the code differs from the recorded one");
  auto* o = new cli::ReplayOptions;
  command
      ->add_option("bundle", o->bundle,
                   "File of `jitfarm run --record` or `jitfarm-worker --record`")
      ->required();
  command
      ->add_option("--print", o->print,
                   "Print the method after this stage; bundle: the recorded request, facts and "
                   "result, as when the compilation ends before the stage")
      ->check(
          CLI::IsMember({"bundle", "ir", "optimised", "statepoints", "lowered", "asm", "image"}));
  command->add_option("--write-image", o->image, "Write the encoded CodeImage")->type_name("FILE");
  command->add_flag("--times", o->times, "Print the CPU time of every stage");
  command->callback([o, &code] {
    if (auto done = cli::replay(*o); !done) code = report_failure(done.error(), 1);
  });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"jitfarm: a remote LLVM tier for stock OpenJDK"};
  app.set_version_flag("--version", std::string(build()));
  app.require_subcommand(1);
  app.footer(
      "Exit codes: run gives that of the JVM; 125 when jitfarm itself fails, is used wrongly or "
      "--require is not met.\n"
      "doctor, status, top and replay: 0, or 1 when the farm does not work for this java, the "
      "coordinator does not answer or the code differs; 125 when used wrongly.");
  int code = 0;
  add_run(app, code);
  add_doctor(app, code);
  add_status(app, code);
  add_top(app, code);
  add_trace(app, code);
  add_replay(app, code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : cli::kRunFailed;  // 0: --help and --version
  }
  return code;
}
