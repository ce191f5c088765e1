#!/usr/bin/env python3
"""`jitfarm run` is the JVM: exit code, streams, signals; and it refuses clearly."""

import json
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import time

import farm as e2e

ECHO = """
import java.io.*;
public class Echo {
  static int spin(int[] a) { int s = 0; for (int i = 0; i < a.length; i++) s += a[i]; return s; }
  public static void main(String[] args) throws Exception {
    int[] a = new int[5000];
    int s = 0;
    for (int i = 0; i < 30_000; i++) s += spin(a);
    System.out.println("out " + args.length + " " + s);
    System.err.println("err");
    if (args.length > 0 && args[0].equals("cat")) System.in.transferTo(System.out);
    if (args.length > 0 && args[0].equals("sleep")) { System.out.println("ready"); Thread.sleep(60_000); }
    if (args.length > 0 && args[0].equals("halt")) Runtime.getRuntime().halt(9);
    System.exit(args.length);
  }
}
"""


# Starts JVMs with its own options, one at once and one when its counters have something to lose.
PARENT = """
import java.lang.management.*;
import java.util.*;
public class Parent {
  static int spin(int[] a) { int s = 0; for (int i = 0; i < a.length; i++) s += a[i]; return s; }
  static void work(int rounds) { int[] a = new int[5000]; int s = 0; for (int i = 0; i < rounds; i++) s += spin(a); if (s != 0) throw new AssertionError(); }
  static void child() throws Exception {
    List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java"));
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "Parent", "child"));
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().put("JITFARM_EXCLUDE", "*");
    if (builder.start().waitFor() != 0) throw new AssertionError();
  }
  public static void main(String[] args) throws Exception {
    if (args.length > 0) { work(30_000); System.out.println("child"); return; }
    child();
    work(100_000);
    child();
    work(30_000);
    System.out.println("parent");
  }
}
"""


# Ends with the first call that reaches an entry of the constant pool which was not resolved when the code was made.
LATE = """
public class Late {
  static int work(int n, int kind) {
    int s = 0;
    for (int i = 0; i < n; i++) s += i ^ n;
    return kind == 0 ? s : Rare.f(s);
  }
  static class Rare { static int f(int x) { return x + 1; } }
  public static void main(String[] args) throws Exception {
    int s = 0;
    for (long end = System.nanoTime() + 1_500_000_000L; System.nanoTime() < end; ) s += work(1000, 0);
    if (args.length == 0) s += work(1000, 1);
    System.out.println(s != 1);
    System.exit(0);
  }
}
"""

# Reads where nothing is, in code of ours.
CRASH = """
public class Crash {
  static sun.misc.Unsafe unsafe;
  static int read(long address) { return unsafe.getInt(address) + 1; }
  public static void main(String[] args) throws Exception {
    java.lang.reflect.Field field = sun.misc.Unsafe.class.getDeclaredField("theUnsafe");
    field.setAccessible(true);
    unsafe = (sun.misc.Unsafe) field.get(null);
    long here = unsafe.allocateMemory(8);
    for (int i = 0; i < 30000; i++) read(here);
    System.out.println("ready");
    read(64);
  }
}
"""


def echo(farm):
    folder = farm.folder / "echo"
    folder.mkdir(exist_ok=True)
    (folder / "Echo.java").write_text(ECHO)
    subprocess.run(["javac", "-d", str(folder), str(folder / "Echo.java")], check=True)
    return ["java", "-cp", str(folder), "Echo"]


def jitfarm(farm, *arguments, **options):
    return subprocess.run([str(farm.build / "bin/jitfarm"), *arguments], capture_output=True, text=True, timeout=120, **options)


def children_of(pid):
    """Process ids of all descendants."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            child = int(stat.parent.name)
            found += [child, *children_of(child)]
    return found


def alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def streams_and_exit_code(farm):
    """Standard streams and the exit code are the JVM's own."""
    done = jitfarm(farm, "run", "--", *echo(farm), "cat", "x", input="from standard input\n")
    assert done.returncode == 2, done
    assert done.stdout == "out 2 0\nfrom standard input\n", done.stdout
    assert done.stderr == "err\n", done.stderr
    assert jitfarm(farm, "run", "--", *echo(farm), "halt").returncode == 9


def report(farm):
    """--report has every field that the documentation names, and the numbers fit together."""
    file = farm.folder / "r.json"
    done = jitfarm(farm, "run", "--require", "--report", str(file), "--", *echo(farm))
    assert done.returncode == 0, done.stderr
    r = json.loads(file.read_text())
    m = r["methods"]
    assert m["requested"] >= m["installed"] + sum(m["bailed_out"].values()) + m["failed"] > 0, m
    assert m["installed"] > 0 and m["invalidated"] >= 0
    assert r["messages"]["compile_request"]["count"] >= m["installed"] and r["messages"]["compile_result"]["bytes"] > 0, r["messages"]
    assert set(r["round_trips"]) >= {"mean", "p50", "p99"} and set(r["compile_seconds"]) >= {"p50", "p99"}
    assert 0 < r["compile_seconds"]["p50"] <= r["compile_seconds"]["p99"] < 30, r["compile_seconds"]
    assert 0 < r["farm"]["available_seconds"] < 120, r["farm"]
    assert 0 < r["waits"]["longest_seconds"] < 10.1, r["waits"]  # the deadline
    assert r["jvm"]["cpu_seconds"] > 0 and r["jvm"]["max_rss_bytes"] > 1 << 24 and r["jvm"]["exit_code"] == 0, r["jvm"]


def signals(farm):
    """A signal sent to jitfarm reaches the JVM; its death is ours; the embedded farm is gone with it."""
    for number, expected in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
        process = subprocess.Popen([str(farm.build / "bin/jitfarm"), "run", "--", *echo(farm), "sleep"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        farm.processes.append(process)
        while process.stdout.readline() != "ready\n":
            assert process.poll() is None
        family = children_of(process.pid)
        assert len(family) >= 3, family  # JVM, coordinator, worker
        os.kill(process.pid, number)
        process.communicate(timeout=30)
        # HotSpot ends with code 128 + n after its shutdown hooks.
        assert process.returncode == expected, process.returncode
        e2e.wait_until(lambda: not any(alive(p) for p in family), 10, "every process is gone")


def killed(farm):
    """kill -9 of the JVM or of jitfarm itself leaves nothing behind."""
    for victim in ("jvm", "jitfarm"):
        file = farm.folder / f"{victim}.json"
        process = subprocess.Popen([str(farm.build / "bin/jitfarm"), "run", "--report", str(file), "--", *echo(farm), "sleep"], stdout=subprocess.PIPE, text=True, stderr=subprocess.PIPE)
        farm.processes.append(process)
        while process.stdout.readline() != "ready\n":
            assert process.poll() is None
        family = children_of(process.pid)
        if victim == "jvm":
            jvm = [p for p in family if b"Echo" in pathlib.Path(f"/proc/{p}/cmdline").read_bytes()]
            os.kill(jvm[0], signal.SIGKILL)
            process.communicate(timeout=30)
            assert process.returncode == -signal.SIGKILL, process.returncode
            r = json.loads(file.read_text())
            assert r["jvm"]["exit_code"] == 137 and r["methods"]["requested"] > 0, r
        else:
            os.kill(process.pid, signal.SIGKILL)
            process.communicate(timeout=30)
        e2e.wait_until(lambda: not any(alive(p) for p in family), 10, "every process is gone")


def refusals(farm):
    """No JDK, a wrong JDK, an unsupported collector, a missing library: one clear sentence each."""
    done = jitfarm(farm, "run", "--", "no-such-java", "-version")
    assert done.returncode == 125 and "no-such-java" in done.stderr and "17" in done.stderr, done
    fake = farm.folder / "jdk"
    (fake / "bin").mkdir(parents=True)
    (fake / "bin/java").write_text("#!/bin/sh\n")
    (fake / "bin/java").chmod(0o755)
    (fake / "release").write_text('JAVA_VERSION="11.0.22"\n')
    done = jitfarm(farm, "run", "--", str(fake / "bin/java"), "-version")
    assert done.returncode == 125 and "11.0.22" in done.stderr and "supported: JDK 17" in done.stderr, done
    done = jitfarm(farm, "run", "--", *echo(farm)[:1], "-XX:+UseZGC", *echo(farm)[1:])
    assert done.returncode == 0 and done.stdout == "out 0 0\n" and "ZGC is not supported" in done.stderr, done
    done = jitfarm(farm, "run", "--require", "--", *echo(farm)[:1], "-XX:+UseZGC", *echo(farm)[1:])
    assert done.returncode == 125 and done.stdout == "", done
    done = jitfarm(farm, "run", "--summary", "--", *echo(farm)[:1], "-Xcheck:jni", *echo(farm)[1:])
    assert done.returncode == 0 and "out 0 0\n" in done.stdout and "-Xcheck:jni is on" in done.stderr, done
    lonely = farm.folder / "bin"
    lonely.mkdir()
    for name in ("jitfarm", "jitfarm-coordinator", "jitfarm-worker"):
        (lonely / name).write_bytes((farm.build / "bin" / name).read_bytes())
        (lonely / name).chmod(0o755)
    done = subprocess.run([str(lonely / "jitfarm"), "run", "--", *echo(farm)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 125 and "libjvmcicompiler.so" in done.stderr, done
    done = jitfarm(farm, "run", "--require", "--coordinator", f"tcp://127.0.0.1:{e2e.free_port()}", "--", *echo(farm))
    assert done.returncode == 125 and "--require" in done.stderr and done.stdout == "out 0 0\n", done


def wrong_options(farm):
    """What cannot work is refused before the JVM starts, with code 125 and a sentence."""
    java = echo(farm)
    file = farm.folder / "file"
    file.write_text("")
    for options, sentence in ((["--coordinator", "nonsense"], "'nonsense' is no address"),
                              (["--coordinator", "tcp://host:0"], "no port"),
                              (["--coordinator", "tcp://127.0.0.1:1", "--record", str(farm.folder)], "--record works with the embedded farm"),
                              (["--record", str(file)], f"no bundles can be written to {file}"),
                              (["--record", str(file / "below")], f"no bundles can be written to {file}/below"),
                              (["--farm-log", "/nonexistent/x"], "cannot write to /nonexistent/x"),
                              (["--report", "/nonexistent/x"], "cannot write to /nonexistent/x"),
                              (["--report", str(farm.folder)], "is a folder"),
                              (["--no-such-option"], "--no-such-option")):
        done = jitfarm(farm, "run", *options, "--", *java)
        assert done.returncode == 125 and sentence in done.stderr and done.stdout == "", (options, done)
    for arguments in (["run"], ["run", "--"], ["status"], ["replay"], ["nonsense"], []):
        done = jitfarm(farm, *arguments, env={k: v for k, v in os.environ.items() if k != "JITFARM_COORDINATOR"})
        assert done.returncode == 125 and done.stderr, (arguments, done)
    for arguments in (["--help"], ["run", "--help"], ["--version"]):
        assert jitfarm(farm, *arguments).returncode == 0, arguments
    done = jitfarm(farm, "status", "--coordinator", f"tcp://127.0.0.1:{e2e.free_port()}")
    assert done.returncode == 1 and "cannot reach tcp://127.0.0.1:" in done.stderr and "no answer within 2 s" in done.stderr, done


def jvm_options(farm):
    """A JVM that cannot have the farm is found wherever its options stand; --require fails before the program runs."""
    java, *arguments = echo(farm)
    words = farm.folder / "options"
    words.write_text("-XX:+UseZGC\n")
    for command, environment, sentence in (
            ([java, *arguments[:2], "-XX:+UseZGC", *arguments[2:]], {}, "ZGC is not supported"),
            ([java, f"@{words}", *arguments], {}, "ZGC is not supported"),
            ([java, *arguments], {"JDK_JAVA_OPTIONS": "-XX:+UseZGC"}, "JDK_JAVA_OPTIONS"),
            ([java, *arguments], {"JAVA_TOOL_OPTIONS": "-XX:+UseZGC"}, "JAVA_TOOL_OPTIONS"),
            ([java, *arguments], {"_JAVA_OPTIONS": "-XX:+UseZGC"}, "_JAVA_OPTIONS"),
            ([java, *arguments[:2], "-Xint", *arguments[2:]], {}, "only interprets"),
            ([java, "-XX:TieredStopAtLevel=1", *arguments], {}, "fourth tier"),
            ([java, "-XX:+UnlockExperimentalVMOptions", "-XX:-EnableJVMCI", *arguments], {}, "switched off")):
        environment = {**os.environ, **environment}
        done = jitfarm(farm, "run", "--require", "--", *command, env=environment)
        assert done.returncode == 125 and sentence in done.stderr and done.stdout == "", (command, done)
        done = jitfarm(farm, "run", "--", *command, env=environment)
        assert done.returncode == 0 and sentence in done.stderr and done.stdout == "out 0 0\n", (command, done)
    done = jitfarm(farm, "run", "--", *echo(farm), "-XX:+UseZGC")  # the program's own argument
    assert done.returncode == 1 and done.stderr == "err\n", done


def farm_troubles(farm):
    """Whoever of the farm fails is named on standard error and in the report; the exit code stays the JVM's."""
    java = echo(farm)
    report = farm.folder / "trouble.json"

    def run(*options, environment=None, expected=0):
        done = jitfarm(farm, "run", "--report", str(report), *options, "--", *java, env={**os.environ, **(environment or {})})
        assert done.returncode == expected, (options, done)
        return done, json.loads(report.read_text())["farm"]
    done, r = run("--coordinator", f"tcp://127.0.0.1:{e2e.free_port()}")
    assert "no session with the farm" in done.stderr and "no session" in r["problems"][0] and not r["used"], (done, r)
    # What only the agent finds out, here that a socket cannot have such a name: its own sentence.
    unfit = f"ipc:///{'x' * 200}"
    done, r = run("--coordinator", unfit)
    assert r["agent"] == "refused" and "the agent did nothing in this JVM" in done.stderr and unfit in r["problems"][0], (done, r)
    done, r = run("--require", "--coordinator", unfit, expected=125)
    assert "--require" in done.stderr and unfit in done.stderr.splitlines()[-1], done
    # A worker that ends by itself.
    done, r = run(environment={"JITFARM_TEST_FAULT": "no-such-fault"})
    assert "the embedded worker ended early with exit code 64" in done.stderr and "exit code 64" in r["problems"][0], (done, r)
    done, r = run("--require")
    assert r["agent"] == "ready" and r["problems"] == [] and r["used"], r


def client_only(farm):
    """With a farm elsewhere the client needs no coordinator and no worker of its own."""
    farm.start_coordinator()
    farm.start_worker()
    farm.wait_for_workers(1)
    client = farm.folder / "client"
    (client / "bin").mkdir(parents=True)
    (client / "lib").mkdir()
    for name in ("bin/jitfarm", "lib/libjvmcicompiler.so"):
        (client / name).write_bytes((farm.build / name).read_bytes())
        (client / name).chmod(0o755)
    run = [str(client / "bin/jitfarm"), "run", "--require"]
    done = subprocess.run([*run, "--coordinator", farm.endpoints["agents"], "--", *echo(farm)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done
    done = subprocess.run([*run, "--", *echo(farm)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 125 and "jitfarm-coordinator" in done.stderr, done


ENVIRONMENT = """
public class Env {
  static int sum(int[] a) { int s = 0; for (int i = 0; i < a.length; i++) s += a[i]; return s; }
  public static void main(String[] args) throws Exception {
    int[] a = new int[5000];
    for (int i = 0; i < 30_000; i++) sum(a);
    new ProcessBuilder("env").inheritIO().start().waitFor();
    var key = java.nio.file.Path.of(System.getenv("JITFARM_CURVE_SECRET_KEY_FILE"));
    System.out.println("mode=" + java.nio.file.attribute.PosixFilePermissions.toString(java.nio.file.Files.getPosixFilePermissions(key)));
    System.out.println("key=" + java.nio.file.Files.readString(key).trim());
  }
}
"""


def keys(farm):
    """A farm that is closed with keys lets only their owners in, and no secret key stands in the application's environment."""
    (farm.folder / "Env.java").write_text(ENVIRONMENT)
    subprocess.run(["javac", "-d", str(farm.folder), str(farm.folder / "Env.java")], check=True)
    java = ["java", "-cp", str(farm.folder), "Env"]

    def check_environment(output):
        values = dict(line.split("=", 1) for line in output.splitlines() if "=" in line)
        secret = values.pop("key")
        assert len(secret) == 40 and values.pop("mode") == "rw-------", output
        assert secret not in values.values(), output
        assert {n for n in values if "CURVE" in n} == {"JITFARM_CURVE_SERVER_KEY", "JITFARM_CURVE_SECRET_KEY_FILE"}, output
    done = jitfarm(farm, "run", "--require", "--", *java)
    assert done.returncode == 0, done
    check_environment(done.stdout)

    def make_key(name):
        out = subprocess.run([str(farm.build / "bin/jitfarm-coordinator"), "--make-curve-keys", str(farm.folder / name)], capture_output=True, text=True)
        assert out.returncode == 0, out
        return out.stdout.strip()
    public = {name: make_key(name) for name in ("coordinator", "worker", "client", "stranger")}
    (farm.folder / "clients").write_text(f"{public['worker']} worker\n{public['client']} client\n")
    farm.start_coordinator(["--curve-secret-key-file", str(farm.folder / "coordinator"), "--curve-clients-file", str(farm.folder / "clients")])

    def environment(name):
        return {**os.environ, "JITFARM_CURVE_SERVER_KEY": public["coordinator"], "JITFARM_CURVE_SECRET_KEY_FILE": str(farm.folder / name)}
    worker = subprocess.Popen([str(farm.build / "bin/jitfarm-worker"), "--coordinator", farm.endpoints["workers"]], env=environment("worker"),
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    farm.processes.append(worker)

    def status(name):
        return jitfarm(farm, "status", "--json", "--coordinator", farm.endpoints["agents"], env=environment(name))
    e2e.wait_until(lambda: (s := status("client")).returncode == 0 and json.loads(s.stdout)["workers"], 20, "a worker")
    done = jitfarm(farm, "run", "--require", "--coordinator", farm.endpoints["agents"], "--", *java, env=environment("client"))
    assert done.returncode == 0, done
    check_environment(done.stdout)
    done = status("stranger")
    assert done.returncode == 1 and "cannot reach" in done.stderr and "keys" in done.stderr, done
    (farm.folder / "client").chmod(0o644)
    done = jitfarm(farm, "run", "--coordinator", farm.endpoints["agents"], "--", *java, env=environment("client"))
    assert done.returncode == 125 and "chmod 600" in done.stderr and done.stdout == "", done


def breaker_log(farm):
    """The agent's log tells when the breaker opens and closes, as the dashboards say."""
    farm.start_coordinator()
    farm.start_worker()
    farm.wait_for_workers(1)
    log = farm.folder / "agent.log"
    run = farm.start_run([*echo(farm), "sleep"])
    e2e.wait_until(lambda: (s := farm.status()) and s["clients"] and s["clients"][0]["installed"] > 0, 30, "a client with code")
    farm.coordinator.kill()
    farm.coordinator.wait()
    e2e.wait_until(lambda: "breaker open" in log.read_text(), 30, "the breaker is open")
    farm.start_coordinator()
    e2e.wait_until(lambda: "breaker closed" in log.read_text(), 60, "the breaker is closed")
    run.process.terminate()
    run.finish(30)


def exclude(farm):
    """--exclude leaves methods to C1."""
    file = farm.folder / "x.json"
    done = jitfarm(farm, "run", "--exclude", "Echo::spin", "--report", str(file), "--", *echo(farm))
    assert done.returncode == 0
    assert json.loads(file.read_text())["methods"]["bailed_out"].get("excluded", 0) >= 1


def children(farm):
    """JVMs that the program starts with its own options and environment leave its counters alone."""
    (farm.folder / "Parent.java").write_text(PARENT)
    subprocess.run(["javac", "-d", str(farm.folder), str(farm.folder / "Parent.java")], check=True)
    run = farm.start_run(["java", "-cp", str(farm.folder), "Parent"], ["--require"], environment={"JITFARM_LOG": "debug"}).finish()
    assert run.process.returncode == 0 and run.output.split() == ["child", "child", "parent"], (run.output, run.errors)
    assert (farm.folder / "agent.log").read_text().count("is process ") == 2  # both children had the agent, and were told
    methods = run.report()["methods"]
    assert methods["installed"] > 0 and "excluded" not in methods["bailed_out"], methods


def endings(farm):
    """What HotSpot threw away after the last compilation is counted; what the end of the JVM cut off is no failure."""
    (farm.folder / "Late.java").write_text(LATE)
    subprocess.run(["javac", "-d", str(farm.folder), str(farm.folder / "Late.java")], check=True)
    command = ["java", "-XX:CompileCommand=quiet", "-XX:CompileCommand=dontinline,Late::work", "-cp", str(farm.folder), "Late"]
    run = farm.start_run(command, ["--require"], environment={"JITFARM_LOG": "debug"}).finish()
    assert run.process.returncode == 0, run.errors
    log = (farm.folder / "agent.log").read_text()
    assert re.search(r"Late\.work.*: installed", log), log
    methods = run.report()["methods"]
    assert methods["invalidated"] >= 1, methods
    farm.start_coordinator()
    farm.start_worker("never-answer")
    farm.wait_for_workers(1)
    run = farm.start_run([*command, "exit"], environment={"JITFARM_DEADLINE_MS": "60000"}).finish()
    assert run.process.returncode == 0, run.errors
    methods = run.report()["methods"]
    assert methods["cancelled"] > 0 and methods["failed"] == 0, methods


def loops(farm):
    """Loops are replaced while they run, and their methods get code, under default flags."""
    folder = farm.folder / "kernels"
    subprocess.run(["javac", "-d", str(folder), str(e2e.ROOT / "examples/Kernels.java")], check=True)
    kernels = ["count", "saxpy", "scale", "multiply", "collatz", "mandelbrot"]
    command = ["java", "-cp", str(folder), "Kernels"]
    expected = {line.split()[0]: line.split()[2] for line in subprocess.run(
        [*command, "50", *kernels], capture_output=True, text=True, check=True).stdout.splitlines()}
    run = farm.start_run([*command, "3000", *kernels], environment={"JITFARM_LOG": "debug"}).finish()
    assert run.process.returncode == 0, run.errors
    assert {line.split()[0]: line.split()[2] for line in run.output.splitlines()} == expected, run.output
    log = (farm.folder / "agent.log").read_text()
    for kernel in kernels:
        installed = re.findall(rf"compile (\d+) Kernels\.{kernel}\(.*: installed", log)
        assert installed, (kernel, [line for line in log.splitlines() if "Kernels" in line])
    methods = run.report()["methods"]
    assert methods["bailed_out"].get("osr_entry", 0) == 0 and methods["installed"] >= len(kernels), methods


def status(farm):
    """jitfarm status shows clients and workers of a running farm."""
    farm.start_coordinator()
    farm.start_worker()
    farm.wait_for_workers(1)
    run = farm.start_run([*echo(farm), "sleep"])
    s = e2e.wait_until(lambda: (s := farm.status()) and s["clients"] and s["clients"][0]["installed"] > 0 and s, 30, "a client with code")
    client, worker, messages = s["clients"][0], s["workers"][0], s["messages"]
    assert worker["completed"] > 0, s
    # Every request comes in and goes out once, but for those in the queue; it is code, a bail-out, or not there yet.
    assert 0 < messages["compile_request"]["sent"]["count"] <= messages["compile_request"]["received"]["count"] == client["requested"], s
    assert client["failed"] == 0 and worker["failed"] == 0, s
    assert client["bailed_out"] + worker["completed"] + client["in_flight"] <= client["requested"], s
    version = jitfarm(farm, "--version").stdout.strip()
    assert client["build"] and worker["build"] and version == s["build"] == client["build"] == worker["build"], (version, s)
    table = jitfarm(farm, "status", "--coordinator", farm.endpoints["agents"])
    assert table.returncode == 0 and "CLIENT" in table.stdout and "compile_request" in table.stdout and table.stdout.count(version) >= 3, table
    run.process.terminate()
    run.finish(30)


def top(farm):
    """jitfarm top ranks messages, kinds, clients and workers; in a terminal its keys drill into a client and end it; other uses are refused."""
    farm.start_coordinator()
    farm.start_worker()
    farm.wait_for_workers(1)
    run = farm.start_run([*echo(farm), "sleep"])
    e2e.wait_until(lambda: (s := farm.status()) and s["clients"] and s["clients"][0]["installed"] > 0, 30, "a client with code")
    where = ["--coordinator", farm.endpoints["agents"]]
    once = jitfarm(farm, "top", "--once", *where)
    assert once.returncode == 0 and "\x1b" not in once.stdout, once
    for words in (r"^message +count ", r"^compile_request +\d+ ", r"^kind +asked ", r"^class_info +\d+ ", r"^client +session ", r"^worker +id ", r"requests \d+"):
        assert re.search(words, once.stdout, re.M), (words, once.stdout)
    session = f'{farm.status()["clients"][0]["session"]:x}'
    assert session in once.stdout
    kinds = jitfarm(farm, "top", "--once", "--client", session, "--sort", "kind", *where)
    names = [line.split()[0] for line in kinds.stdout.splitlines()[3:]]
    assert kinds.returncode == 0 and names == sorted(names), kinds
    clients = jitfarm(farm, "top", "--once", "--kind", "class_info", *where)
    assert clients.returncode == 0 and session in clients.stdout and "message " not in clients.stdout, clients
    for wrong in (["--sort", "beauty"], ["--client", "xyz"], ["--panel", "all"]):
        assert jitfarm(farm, "top", "--once", *wrong, *where).returncode != 0, wrong
    refused = jitfarm(farm, "top", *where)
    assert refused.returncode == 1 and "--once" in refused.stderr, refused

    near, far = pty.openpty()
    live = subprocess.Popen([str(farm.build / "bin/jitfarm"), "top", "--interval", "0.1", *where], stdin=far, stdout=far, stderr=far,
                            env={**os.environ, "TERM": "xterm", "LINES": "30", "COLUMNS": "200"})
    farm.processes.append(live)
    os.close(far)
    seen = b""

    def shows(*words):
        nonlocal seen
        if select.select([near], [], [], 0.1)[0]:
            seen += os.read(near, 1 << 16)
        return all(word in seen for word in words)
    for keys, words in ((b"", [b"compile_request", b"jitfarm "]), (b"c", [b"clients", session.encode()]),
                        (b"\r", [b"kinds of client", b"class_info"]), (b"w", [b"workers", b"slots"])):
        seen = b""
        os.write(near, keys + b"\x0c")  # Ctrl-L: everything is drawn, not only what is new
        e2e.wait_until(lambda: shows(*words), 20, (keys, words))
    os.write(near, b"q")
    assert live.wait(10) == 0
    os.close(near)
    run.process.terminate()
    run.finish(30)


def replay(farm):
    """--record keeps bundles; jitfarm replay repeats them offline to the same bytes."""
    folder = farm.folder / "bundles"
    done = jitfarm(farm, "run", "--require", "--record", str(folder), "--", *echo(farm))
    assert done.returncode == 0, done.stderr
    bundles = sorted(folder.glob("*spin*"))
    assert bundles, list(folder.iterdir())
    for form, wanted in (("ir", "define"), ("optimised", "define"), ("asm", "ret"), ("image", "text")):
        out = jitfarm(farm, "replay", str(bundles[-1]), "--print", form)
        assert out.returncode == 0 and wanted in out.stdout, (form, out)
    out = jitfarm(farm, "replay", str(bundles[-1]), "--print", "bundle")
    assert out.returncode == 0 and "vm_config" in out.stdout and "recorded result: image " in out.stdout and "same bytes" in out.stdout, out
    # A method that is not compiled tells what is known instead: the request, the facts, the reason.
    given_up = [b for b in folder.iterdir() if jitfarm(farm, "replay", str(b)).stdout.count(": bails out, ")]
    for form in ("ir", "asm", "image") if given_up else ():
        out = jitfarm(farm, "replay", str(given_up[0]), "--print", form)
        assert out.returncode == 0 and f"ended before stage '{form}'" in out.stdout and ": bails out, " in out.stdout, out
        assert re.search(r"method_info \d+ index 0 detail 0: holder=\d+ name=\S+ descriptor=\(", out.stdout) and "recorded result: " in out.stdout, out
    same = jitfarm(farm, "replay", str(bundles[-1]))
    assert same.returncode == 0 and "same bytes" in same.stdout, same
    broken = farm.folder / "broken"
    broken.write_bytes(bundles[-1].read_bytes()[:-7])
    out = jitfarm(farm, "replay", str(broken))
    assert out.returncode != 0 and str(broken) in out.stderr, out


def crash_report(farm):
    """A JVM that crashes in compiled code names a compilation; its bundle is known, and repeats it to the same bytes."""
    folder = farm.folder / "crash"
    folder.mkdir()
    (folder / "Crash.java").write_text(CRASH)
    subprocess.run(["javac", "-nowarn", "-XDignore.symbol.file", "-d", str(folder), str(folder / "Crash.java")], check=True)
    report, log, bundles = folder / "hs_err.log", folder / "agent.log", folder / "bundles"
    done = jitfarm(farm, "run", "--record", str(bundles), "--", "java", "-Xmx64m", "-Xbatch", "-XX:-CreateCoredumpOnCrash", f"-XX:ErrorFile={report}",
                   "-cp", str(folder), "Crash", env={**os.environ, "JITFARM_LOG": "debug", "JITFARM_LOG_FILE": str(log)})
    assert done.returncode != 0 and "ready" in done.stdout, done
    crashed = re.search(r"^# J (\d+) jvmci Crash\.read", report.read_text(errors="replace"), re.M)
    assert crashed, report.read_text(errors="replace")[:2000]
    told = subprocess.run([str(e2e.ROOT / "scripts/explain-crash"), str(report), str(log)], capture_output=True, text=True, check=True).stdout
    named = re.search(rf"compile {crashed[1]}: Crash\.read\(J\)I, bundle \*-r(\d+)-\*: code \+0x[0-9a-f]+, text \+(0x[0-9a-f]+)", told)
    assert named, told
    bundle, = bundles.glob(f"*-r{named[1]}-*")
    same = jitfarm(farm, "replay", str(bundle))
    assert same.returncode == 0 and "Crash.read(J)I" in same.stdout and "same bytes" in same.stdout, same
    # The instruction at that offset is the one that the report shows.
    instruction = re.search(rf"^\s+{int(named[2], 16):x}:\s+(\S+)", jitfarm(farm, "replay", str(bundle), "--print", "asm").stdout, re.M)
    shown = re.search(r"^(?:=> |   )0x[0-9a-f]+ (\S+)", told[told.index("=> ") if "=> " in told else told.index("from the pc on"):], re.M)
    assert instruction and shown and instruction[1] == shown[1], (instruction, told)


if __name__ == "__main__":
    e2e.main({f.__name__: f for f in [streams_and_exit_code, report, signals, killed, refusals, wrong_options, jvm_options, farm_troubles, client_only, keys, breaker_log, exclude, children, endings, loops, status, top, replay, crash_report]})
