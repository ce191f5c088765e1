// Do only those get in who are on the list, and does a client recognise its server?
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "common/net/zmq_transport.h"
#include "tests/unit/net/net_testing.h"

namespace jitfarm::net {
namespace {

using namespace std::chrono_literals;

CurveKeyPair keys() { return make_curve_keys().value(); }

ZmqOptions server(const CurveKeyPair& own, const std::vector<AllowedKey>& clients) {
  ZmqOptions o = quick();
  o.curve_server = CurveServer{own.secret_key, clients};
  return o;
}
ZmqOptions client(const std::string& server_key, const CurveKeyPair& own) {
  ZmqOptions o = quick();
  o.curve_client = CurveClient{server_key, own};
  return o;
}

/// True when something gets through while an accepted peer makes three round trips: then the other
/// had its chance as well.
bool gets_in(Listener& l, Connection& accepted, Connection& suspect) {
  bool in = false;
  for (int trips = 0; trips < 3;) {
    suspect.wait(1ms);
    (void)suspect.send(packet(66, "let me in"));
    (void)accepted.send(packet(1, "x"));
    accepted.wait(1ms);
    while (auto got = l.receive()) {
      if (got->packet.envelope.type == 66)
        in = true;
      else
        ++trips;
    }
  }
  return in || suspect.connected();
}

TEST_CASE("curve: a listed key gets in, packets arrive both ways") {
  const auto s = keys(), c = keys();
  Pair p = Pair::make(server(s, {{c.public_key}}), client(s.public_key, c));
  send(*p.connection, packet(1, "secret", {Blob(Bytes(100'000, 3))}));
  const Incoming in = receive(*p.listener);
  CHECK(in.packet.blobs.at(0).size() == 100'000);
  REQUIRE(p.listener->send(in.peer, packet(2, "back")));
  CHECK(receive(*p.connection).envelope.type == 2);
}

TEST_CASE("curve: an unlisted key, a plain client and a client of another server stay out") {
  const auto s = keys(), c = keys();
  Pair p = Pair::make(server(s, {{c.public_key}}), client(s.public_key, c));
  const std::string at = p.listener->endpoint();
  SECTION("unlisted key") {
    auto stranger = connect(at, client(s.public_key, keys())).value();
    CHECK_FALSE(gets_in(*p.listener, *p.connection, *stranger));
  }
  SECTION("no encryption") {
    auto plain = connect(at, quick()).value();
    CHECK_FALSE(gets_in(*p.listener, *p.connection, *plain));
  }
  SECTION("it expects another server: ours cannot serve it code") {
    auto elsewhere = connect(at, client(keys().public_key, c)).value();
    CHECK_FALSE(gets_in(*p.listener, *p.connection, *elsewhere));
  }
}

TEST_CASE("curve: the list of one listener does not open another of the same context") {
  const auto s = keys(), agent = keys(), worker = keys();
  ZmqOptions agents = server(s, {{agent.public_key}}), workers = server(s, {{worker.public_key}});
  agents.context = workers.context = make_context().value();
  auto other = listen("tcp://127.0.0.1:0", agents).value();
  Pair p = Pair::make(workers, client(s.public_key, worker));
  auto wrong_door = connect(p.listener->endpoint(), client(s.public_key, agent)).value();
  CHECK_FALSE(gets_in(*p.listener, *p.connection, *wrong_door));
  auto right_door = connect(other->endpoint(), client(s.public_key, agent)).value();
  send(*right_door, packet(1, "x"));
  CHECK(receive(*other).packet.envelope.type == 1);
}

TEST_CASE("curve: keys are read from texts, with comments and names; errors name the line") {
  const auto s = keys(), a = keys(), b = keys();
  const auto parsed = parse_curve_server(
      s.secret_key + "\n", "# who\n\n" + a.public_key + " client  agents of the build farm\r\n" +
                               b.public_key + " worker\n");
  REQUIRE(parsed);
  REQUIRE(parsed->clients.size() == 2);
  CHECK(parsed->clients[0].name == "agents of the build farm");
  CHECK(parsed->clients[1].public_key == b.public_key);
  REQUIRE(for_door(*parsed, Door::worker).clients.size() == 1);
  CHECK(for_door(*parsed, Door::worker).clients[0].public_key == b.public_key);
  CHECK(for_door(*parsed, Door::client).clients[0].public_key == a.public_key);
  CHECK_FALSE(parse_curve_server(s.secret_key, a.public_key + " root\n"));
  CHECK_FALSE(parse_curve_server(
      s.secret_key, a.public_key + "\n"));  // a door must be named: the default would be a guess
  CHECK(curve_public_key(s.secret_key).value() == s.public_key);
  CHECK(parse_curve_server("short", "").error().code == Errc::bad_configuration);
  const auto broken = parse_curve_server(s.secret_key, a.public_key + " any\nnonsense\n");
  REQUIRE_FALSE(broken);
  CHECK(broken.error().detail.find("line 2") != std::string::npos);
  CHECK(load_curve_server("/nonexistent", "/nonexistent").error().code == Errc::bad_configuration);
}

/// A folder of the test's own, gone with it.
struct Folder {
  Folder() {
    path = (std::filesystem::temp_directory_path() / "jitfarm-curve-XXXXXX").string();
    REQUIRE(mkdtemp(path.data()));
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string operator/(const char* name) const { return path + "/" + name; }
  std::string path;
};

TEST_CASE("curve: half of the environment's keys is an error, never plain text") {
  const Folder folder;
  const auto s = keys(), c = keys();
  REQUIRE(write_curve_secret(folder / "key", c.secret_key));
  CHECK(curve_client_from_environment().value() == std::nullopt);
  setenv("JITFARM_CURVE_SERVER_KEY", s.public_key.c_str(), 1);
  CHECK(curve_client_from_environment().error().code == Errc::bad_configuration);
  setenv("JITFARM_CURVE_SECRET_KEY_FILE", (folder / "key").c_str(), 1);
  const auto all = curve_client_from_environment();
  REQUIRE(all);
  CHECK((*all)->own.secret_key == c.secret_key);
  CHECK((*all)->own.public_key == c.public_key);
  // A secret in the environment would go on to every child of the application.
  setenv("JITFARM_CURVE_SECRET_KEY", c.secret_key.c_str(), 1);
  const auto shown = curve_client_from_environment();
  REQUIRE_FALSE(shown);
  CHECK(shown.error().detail.find("JITFARM_CURVE_SECRET_KEY_FILE") != std::string::npos);
  CHECK(shown.error().detail.find(c.secret_key) == std::string::npos);
  for (const char* name :
       {"JITFARM_CURVE_SERVER_KEY", "JITFARM_CURVE_SECRET_KEY_FILE", "JITFARM_CURVE_SECRET_KEY"})
    unsetenv(name);
}

TEST_CASE("curve: a secret key file that others can read is refused") {
  const Folder folder;
  const auto c = keys();
  const std::string file = folder / "key";
  REQUIRE(write_curve_secret(file, c.secret_key));
  CHECK((std::filesystem::status(file).permissions() & std::filesystem::perms::mask) ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  CHECK(read_curve_secret(file).value() == c.secret_key);
  CHECK_FALSE(write_curve_secret(file, keys().secret_key));  // a key in use stays
  for (const mode_t mode : {0640, 0604, 0620}) {
    chmod(file.c_str(), mode);
    const auto refused = read_curve_secret(file);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::bad_configuration);
    CHECK(refused.error().detail.find("chmod 600") != std::string::npos);
    CHECK(load_curve_server(file, "/dev/null").error().detail == refused.error().detail);
  }
  chmod(file.c_str(), 0400);
  CHECK(read_curve_secret(file));
  CHECK(read_curve_secret(folder.path).error().detail.find("no regular file") != std::string::npos);
  CHECK_FALSE(read_curve_secret(folder / "absent"));
}

}  // namespace
}  // namespace jitfarm::net
