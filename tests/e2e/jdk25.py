#!/usr/bin/env python3
"""What only JDK 25 has: virtual threads in code of the farm, modes that are declined, AOT caches, many JVMCI runtimes."""

import pathlib
import subprocess

import farm as e2e

PROGRAMS = pathlib.Path(__file__).resolve().parent / "programs"
JAVA = e2e.find_java(25)
UNPROVED = {"JITFARM_UNPROVED_JDK": "1"}

SHORT = """
public class Short {
  static int sum(int[] a) { int s = 0; for (int i = 0; i < a.length; i++) s += a[i]; return s; }
  public static void main(String[] args) throws Exception {
    int[] a = new int[5000];
    int s = 0;
    for (String pause : args) {
      for (int i = 0; i < 20_000; i++) s += sum(a);
      Thread.sleep(Integer.parseInt(pause));
    }
    System.out.println("sum " + s);
  }
}
"""


def compiled(farm, source):
    """Class folder of a Java file."""
    folder = farm.folder / "classes"
    subprocess.run([str(pathlib.Path(JAVA).parent / "javac"), "-d", str(folder), str(source)], check=True)
    return str(folder)


def short_program(farm):
    source = farm.folder / "Short.java"
    source.write_text(SHORT)
    return compiled(farm, source)


def outcome(run):
    return run.process.returncode, run.output, run.errors


def virtual_threads(farm):
    """Thousands park in frames of the farm, above handlers and holding monitors, while garbage is collected."""
    classes = compiled(farm, PROGRAMS / "VirtualThreads.java")
    program = ["-Xmx512m", "-cp", classes, "VirtualThreads", "20000", "16", "5"]
    expected = subprocess.run([JAVA, *program], capture_output=True, text=True, check=True, timeout=200).stdout
    assert expected.endswith(" together 0\n"), expected
    for collector in ("-XX:+UseG1GC", "-XX:+UseSerialGC", "-XX:+UseParallelGC"):
        log = farm.folder / "agent.log"
        log.unlink(missing_ok=True)
        run = farm.start_run([JAVA, collector, "-XX:CompileThresholdScaling=0.05", *program], environment={**UNPROVED, "JITFARM_LOG": "debug"}).finish()
        assert outcome(run) == (0, expected, ""), (collector, outcome(run))
        text = log.read_text(errors="replace")
        for method in ("chain(II)J", "guarded(II)J", "throwing(II)J"):
            assert f"VirtualThreads.{method}: installed" in text, (collector, method)


def modes(farm):
    """A mode that is none of ours is named in one line, and the JVM is the plain one."""
    classes = short_program(farm)
    for options, sentence in ((["-XX:+UseZGC"], "ZGC is not supported"),
                              (["-XX:+UseShenandoahGC"], "ShenandoahGC is not supported"),
                              (["-XX:+UseCompactObjectHeaders"], "compact object headers are not supported"),
                              (["-XX:LockingMode=1"], "of LockingMode only 2"),
                              (["-XX:+UnlockDiagnosticVMOptions", "-XX:+UseObjectMonitorTable"], "UseObjectMonitorTable is not supported")):
        command = [JAVA, *options, "-Xlog:disable", "-XX:+PrintFlagsFinal", "-cp", classes, "Short", "0"]
        run = farm.start_run(command, environment=UNPROVED).finish()
        assert run.process.returncode == 0 and "sum 0\n" in run.output, (options, outcome(run))
        (line,) = [x for x in run.errors.splitlines() if x.startswith("jitfarm:")]
        assert sentence in line, (options, line)
        assert not [x for x in run.output.splitlines() if " UseJVMCICompiler " in x and "= true" in x], options


def closed(farm):
    """Who does not ask for a JDK that was not proved is refused, and told how to ask."""
    run = farm.start_run([JAVA, "-version"]).finish()
    assert run.process.returncode == 125 and "JITFARM_UNPROVED_JDK=1 tries it" in run.errors, outcome(run)


def archives(farm):
    """An AOT cache and a CDS archive that were made without the farm are used with it: these options end a JVM that cannot."""
    classes = short_program(farm)
    jar = farm.folder / "short.jar"
    subprocess.run([str(pathlib.Path(JAVA).parent / "jar"), "--create", "--file", str(jar), "-C", classes, "Short.class"], check=True)
    program = ["-cp", str(jar), "Short", "0"]
    cache, archive = farm.folder / "short.aot", farm.folder / "short.jsa"
    for making in (f"-XX:AOTCacheOutput={cache}", f"-XX:ArchiveClassesAtExit={archive}"):
        subprocess.run([JAVA, making, *program], capture_output=True, check=True, timeout=200)
    for using in ([f"-XX:AOTCache={cache}", "-XX:AOTMode=on"], [f"-XX:SharedArchiveFile={archive}", "-Xshare:on"]):
        run = farm.start_run([JAVA, "-Xbatch", *using, *program], environment=UNPROVED).finish()
        assert outcome(run) == (0, "sum 0\n", ""), (using, outcome(run))
        assert run.report()["methods"]["installed"] > 0, (using, run.report())


def runtimes(farm):
    """A compiler runtime for each thread, the main one among them, made and destroyed: code is installed all the same."""
    classes = short_program(farm)
    options = ["-Xbatch", "-XX:JVMCIThreadsPerNativeLibraryRuntime=1", "-XX:JVMCICompilerIdleDelay=50", "-XX:+EagerJVMCI", "-XX:JVMCIThreads=4",
               "-XX:CompileThresholdScaling=0.1", "-Xlog:jit+compilation=debug:file=" + str(farm.folder / "jit.log")]
    for pauses in (["0"], ["300", "300", "300", "0"]):
        run = farm.start_run([JAVA, *options, "-cp", classes, "Short", *pauses], environment=UNPROVED).finish()
        assert outcome(run) == (0, "sum 0\n", ""), (pauses, outcome(run))
        assert run.report()["methods"]["installed"] > 0, (pauses, run.report())


if __name__ == "__main__":
    e2e.main({f.__name__: f for f in [virtual_threads, modes, closed, archives, runtimes]})
