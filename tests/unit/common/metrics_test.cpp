// Are the metrics what their catalogue says, and does the server give them to those who ask?
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <thread>

#include "common/code/bailout.h"
#include "common/facts/fact.h"
#include "common/metrics/http_server.h"
#include "common/metrics/registry.h"
#include "common/metrics/traffic.h"
#include "common/protocol/catalogue.h"

namespace jitfarm::metrics {
namespace {

/// A connection to 127.0.0.1, or -1.
int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0) return fd;
  ::close(fd);
  return -1;
}

/// One HTTP exchange; the whole answer, empty when nobody listens.
std::string ask(std::uint16_t port, const std::string& request) {
  const int fd = connect_to(port);
  if (fd < 0) return "";
  std::string answer;
  if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) ==
      static_cast<ssize_t>(request.size())) {
    char buffer[4096];
    for (ssize_t n; (n = ::recv(fd, buffer, sizeof buffer, 0)) > 0;)
      answer.append(buffer, static_cast<std::size_t>(n));
  }
  ::close(fd);
  return answer;
}
std::string get(std::uint16_t port, const std::string& path) {
  return ask(port, "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST_CASE(
    "metrics: every series of a program is there from the start, at zero, and none of the other's",
    "[metrics]") {
  const Registry registry(Program::coordinator);
  const std::string text = registry.text();
  CHECK(has_line(text, "jitfarm_coordinator_queue_length 0"));
  CHECK(has_line(text, "jitfarm_coordinator_bailouts_total{reason=\"monitor\"} 0"));
  CHECK(has_line(text, "jitfarm_coordinator_compile_seconds_count 0"));
  for (const Description& d : catalogue()) {
    INFO(d.name);
    CHECK((text.find("# TYPE " + std::string(d.name) + " ") != std::string::npos) ==
          (d.program == Program::coordinator || d.program == Program::agent));
  }
  protocol::AllMessages::for_each([&]<protocol::Message M>() {
    CHECK(has_line(text, "jitfarm_coordinator_messages_total{direction=\"in\",type=\"" +
                             std::string(M::kRecord.name) + "\"} 0"));
  });
}

TEST_CASE("metrics: what is counted is exported", "[metrics]") {
  Registry registry(Program::worker);
  Counter hits = registry.counter(Metric::worker_fact_cache_hits_total, {"class_info"});
  hits.increment();
  hits.increment(2);
  registry.gauge(Metric::worker_shape_bytes).set(4096);
  registry.histogram(Metric::worker_compile_seconds).observe(0.02);
  const std::string text = registry.text();
  CHECK(hits.value() == 3);
  CHECK(has_line(text, "jitfarm_worker_fact_cache_hits_total{kind=\"class_info\"} 3"));
  CHECK(has_line(text, "jitfarm_worker_shape_bytes 4096"));
  CHECK(has_line(text, "jitfarm_worker_compile_seconds_bucket{le=\"0.01\"} 0"));
  CHECK(has_line(text, "jitfarm_worker_compile_seconds_bucket{le=\"0.025\"} 1"));
}

TEST_CASE("metrics: counters of one label are indexed by the enum's numbers", "[metrics]") {
  Registry registry(Program::coordinator);
  auto keys = registry.counters(Metric::coordinator_fact_keys_total);
#define JF_FACT(id, kind, record, lifetime, subject, index, detail, doc)  \
  keys.at(static_cast<std::size_t>(facts::FactKind::kind)).increment(id); \
  CHECK(registry.counter(Metric::coordinator_fact_keys_total, {#kind}).value() == (id));
#include "common/facts/facts.def"
#undef JF_FACT
  keys[0].increment();  // no kind: counts nothing
  auto bailouts = registry.counters(Metric::coordinator_bailouts_total);
  bailouts[static_cast<std::size_t>(code::BailoutReason::monitor)].increment();
  CHECK(registry.counter(Metric::coordinator_bailouts_total, {"monitor"}).value() == 1);
  auto failures = registry.counters(Metric::coordinator_failures_total);
  failures[static_cast<std::size_t>(Errc::worker_lost)].increment();
  CHECK(registry.counter(Metric::coordinator_failures_total, {"worker_lost"}).value() == 1);
}

TEST_CASE("metrics: a default handle counts nothing", "[metrics]") {
  Counter counter;
  counter.increment();
  CHECK(counter.value() == 0);
  Histogram().observe(1);
  Gauge().set(1);
}

TEST_CASE("metrics: names follow the conventions", "[metrics]") {
  std::set<std::string_view> names;
  for (const Description& d : catalogue()) {
    INFO(d.name);
    CHECK(names.insert(d.name).second);
    CHECK(d.name.starts_with(d.program == Program::coordinator ? "jitfarm_coordinator_"
                             : d.program == Program::agent     ? "jitfarm_agent_"
                                                               : "jitfarm_worker_"));
    CHECK(d.name.ends_with("_total") == (d.type == Type::counter));
    if (d.type == Type::seconds || d.type == Type::minutes) CHECK(d.name.ends_with("_seconds"));
    CHECK_FALSE(d.help.empty());
  }
}

TEST_CASE("metrics: labels are bounded", "[metrics]") {
  std::size_t series = 0;
  for (const Description& d : catalogue()) {
    std::size_t n =
        d.type == Type::counter || d.type == Type::gauge ? 1 : buckets(d.type).size() + 3;
    for (Label l : d.labels) n *= values(l).size();
    series += n;
  }
  CHECK(series < 1500);
}

TEST_CASE("metrics: a peer's text finds a counter only if it is one's name and labels",
          "[metrics]") {
  Registry registry(Program::coordinator);
  auto named = registry.counter_named("agent_messages_total", "fact_query,in");
  REQUIRE(named);
  named->increment(3);
  CHECK(registry.counter(Metric::agent_messages_total, {"fact_query", "in"}).value() == 3);
  REQUIRE(registry.counter_named("agent_requests_total", ""));
  for (const auto& [metric, label] : std::vector<std::pair<std::string, std::string>>{
           {"agent_messages_total", "fact_query"},
           {"agent_messages_total", "fact_query,in,"},
           {"agent_messages_total", "in,fact_query"},
           {"agent_failures_total", ""},
           {"agent_failures_total", "no_such_error"},
           {"agent_breakers", "open"},  // a gauge
           {"jitfarm_agent_requests_total", ""},
           {"worker_compilations_total", "compiled"},  // another program's
           {"", ""}})
    CHECK_FALSE(registry.counter_named(metric, label));
}

TEST_CASE("traffic: messages are counted by type and direction, unknown ones together",
          "[metrics]") {
  Registry registry(Program::coordinator);
  Traffic traffic(registry, Program::coordinator);
  traffic.count(protocol::FactAnswer::kRecord.id, Way::in, 100);
  traffic.count(protocol::FactAnswer::kRecord.id, Way::out, 50);
  traffic.count(0, Way::in, 1);
  traffic.count(255, Way::in, 1);
  traffic.count(65'535, Way::in, 1);
  CHECK(registry.counter(Metric::coordinator_messages_total, {"fact_answer", "in"}).value() == 1);
  CHECK(registry.counter(Metric::coordinator_message_bytes_total, {"fact_answer", "out"}).value() ==
        50);
  CHECK(registry.counter(Metric::coordinator_messages_total, {"unknown", "in"}).value() == 3);
  const auto totals = traffic.totals();
  REQUIRE(totals.size() == 3);  // directions apart
  CHECK(totals[0].name == "fact_answer");
  CHECK_FALSE(totals[0].sent);
  CHECK(totals[0].count == 1);
  CHECK(totals[0].bytes == 100);
  CHECK(totals[1].name == "fact_answer");
  CHECK(totals[1].sent);
  CHECK(totals[1].bytes == 50);
  CHECK(totals[2].count == 3);
}

TEST_CASE("http: metrics and health are served, nothing else", "[metrics]") {
  Registry registry(Program::coordinator);
  std::atomic<bool> healthy = true;
  const auto server = HttpServer::start(
      "127.0.0.1:0", {[&] { return registry.text(); },
                      [&] { return Health{healthy, healthy ? "ok" : "no worker"}; }});
  REQUIRE(server);
  const std::uint16_t port = (*server)->port();
  REQUIRE(port != 0);
  CHECK((*server)->url() == "http://127.0.0.1:" + std::to_string(port));

  const std::string metrics = get(port, "/metrics");
  CHECK(metrics.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(metrics.find("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n") !=
        std::string::npos);
  CHECK(metrics.ends_with(registry.text()));
  CHECK(get(port, "/healthz").starts_with("HTTP/1.1 200 OK"));
  CHECK(get(port, "/healthz").ends_with("\r\n\r\nok\n"));
  healthy = false;
  CHECK(get(port, "/healthz").starts_with("HTTP/1.1 503 Service Unavailable"));
  CHECK(get(port, "/healthz").ends_with("\r\n\r\nno worker\n"));
  for (const char* path : {"/", "/metrics/", "/etc/passwd", "/../../etc/passwd"}) {
    INFO(path);
    CHECK(get(port, path).starts_with("HTTP/1.1 404"));
  }
  CHECK(ask(port, "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx")
            .starts_with("HTTP/1.1 405"));
  const std::string head = ask(port, "HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(head.starts_with("HTTP/1.1 200"));
  CHECK(head.ends_with("\r\n\r\n"));
  CHECK(ask(port, "garbage\r\n\r\n").empty());  // cut off
  CHECK(ask(port, "GET /metrics HTTP/1.1\r\nX: " + std::string(10'000, 'x') + "\r\n")
            .starts_with("HTTP/1.1 431"));
  CHECK(get(port, "/metrics?collect=all").starts_with("HTTP/1.1 200"));
  CHECK(get(port, "/healthz").starts_with("HTTP/1.1 503"));  // still there
}

TEST_CASE("http: a port that is taken and an address that is none are errors", "[metrics]") {
  const auto pages = [] {
    return HttpServer::Pages{[] { return std::string(); }, [] { return Health{}; }};
  };
  const auto first = HttpServer::start("127.0.0.1:0", pages());
  REQUIRE(first);
  const auto second = HttpServer::start("127.0.0.1:" + std::to_string((*first)->port()), pages());
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Errc::io_failure);
  INFO(second.error().detail);
  CHECK(second.error().detail.starts_with("cannot listen on 127.0.0.1:"));
  CHECK(second.error().detail.ends_with("Address already in use"));
  for (const char* bad : {"", "x", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:80s",
                          "127.0.0.1:0,127.0.0.1:0", "some host:80", ":80"}) {
    INFO(bad);
    const auto none = HttpServer::start(bad, pages());
    REQUIRE_FALSE(none);
    CHECK(none.error().code == Errc::bad_configuration);
  }
}

TEST_CASE("http: after the end nobody listens, and the port can be taken again", "[metrics]") {
  const HttpServer::Pages pages{[] { return std::string("x"); }, [] { return Health{true, "ok"}; }};
  std::uint16_t port = 0;
  {
    const auto server = HttpServer::start("127.0.0.1:0", pages);
    REQUIRE(server);
    port = (*server)->port();
    CHECK(get(port, "/healthz").starts_with("HTTP/1.1 200"));
  }
  CHECK(get(port, "/healthz").empty());
  const auto again = HttpServer::start(std::to_string(port), pages);
  REQUIRE(again);
  CHECK(get(port, "/healthz").starts_with("HTTP/1.1 200"));
}

TEST_CASE("http: the end does not wait for clients", "[metrics]") {
  auto server = HttpServer::start(
      "127.0.0.1:0", {[] { return std::string("x"); }, [] { return Health{true, "ok"}; }});
  REQUIRE(server);
  std::vector<int> silent;
  for (int i = 0; i < 10; ++i) silent.push_back(connect_to((*server)->port()));
  CHECK(get((*server)->port(), "/healthz").starts_with("HTTP/1.1 200"));
  server->reset();
  for (const int fd : silent) {  // all cut off by now: nothing to wait for
    char byte;
    const ssize_t n = ::recv(fd, &byte, 1, MSG_DONTWAIT);
    CHECK((n == 0 || (n < 0 && errno == ECONNRESET)));
    ::close(fd);
  }
}

TEST_CASE("http: an IPv6 address is served", "[metrics]") {
  const auto server = HttpServer::start(
      "[::1]:0", {[] { return std::string("x"); }, [] { return Health{true, "ok"}; }});
  if (!server) {
    WARN("no IPv6 here: " << server.error().detail);
    return;
  }
  CHECK((*server)->url() == "http://[::1]:" + std::to_string((*server)->port()));
}

TEST_CASE("http: clients that say nothing do not hold up others", "[metrics]") {
  const auto server = HttpServer::start(
      "127.0.0.1:0", {[] { return std::string("x"); }, [] { return Health{true, "ok"}; }});
  REQUIRE(server);
  std::vector<int> silent;
  for (int i = 0; i < 10; ++i) {
    silent.push_back(connect_to((*server)->port()));
    CHECK(::send(silent.back(), "GET /met", 8, MSG_NOSIGNAL) == 8);
  }
  CHECK(get((*server)->port(), "/healthz").starts_with("HTTP/1.1 200"));
  for (const int fd : silent) ::close(fd);
}

TEST_CASE("http: the seventeenth client waits for a place, and gets it", "[metrics]") {
  const auto server = HttpServer::start(
      "127.0.0.1:0", {[] { return std::string("x"); }, [] { return Health{true, "ok"}; }});
  REQUIRE(server);
  std::vector<int> silent;
  for (int i = 0; i < 16; ++i) silent.push_back(connect_to((*server)->port()));
  std::string answer;
  std::jthread waiting([&] { answer = get((*server)->port(), "/healthz"); });
  ::close(silent.back());
  waiting.join();
  CHECK(answer.starts_with("HTTP/1.1 200"));
  silent.pop_back();
  for (const int fd : silent) ::close(fd);
}

TEST_CASE("http: many askers at once get whole answers", "[metrics]") {
  Registry registry(Program::coordinator);
  Counter requests = registry.counter(Metric::coordinator_requests_total);
  const auto server = HttpServer::start(
      "127.0.0.1:0", {[&] { return registry.text(); }, [] { return Health{true, "ok"}; }});
  REQUIRE(server);
  std::atomic<int> whole = 0;
  std::vector<std::jthread> askers;
  for (int t = 0; t < 8; ++t)
    askers.emplace_back([&] {
      for (int i = 0; i < 10; ++i) {
        requests.increment();
        whole += get((*server)->port(), "/metrics").find("jitfarm_coordinator_requests_total ") !=
                 std::string::npos;
      }
    });
  askers.clear();
  CHECK(whole == 80);
  CHECK(requests.value() == 80);
}

TEST_CASE("metrics: promtool finds nothing to criticise", "[metrics]") {
  if (std::system("command -v promtool > /dev/null 2>&1") != 0) {
    WARN("promtool is not installed: not checked");
    return;
  }
  for (const Program program : {Program::coordinator, Program::worker}) {
    FILE* promtool = ::popen("promtool check metrics", "w");
    REQUIRE(promtool);
    const std::string text = Registry(program).text();
    CHECK(std::fwrite(text.data(), 1, text.size(), promtool) == text.size());
    CHECK(::pclose(promtool) == 0);
  }
}

}  // namespace
}  // namespace jitfarm::metrics
