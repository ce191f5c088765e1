#!/usr/bin/env python3
"""What does a Java program see of the agent while a farm works for it? Nothing."""

import subprocess

import farm as e2e

CENSUS = """
import java.lang.management.*;
import java.util.*;

public class Census {
  static int[] numbers = new int[4000];
  // A loop with an operand below it on the stack has no on-stack replacement: the method is compiled unasked.
  static int once(int n) {
    return 7 + switch (n & 1) {
      default -> {
        int s = 0;
        for (int i = 0; i < n; i++) s += numbers[i % numbers.length] + (s >> 3);
        yield s;
      }
    };
  }
  static int again(int n) { int s = 1; for (int i = 0; i < n; i++) s = s * 31 + numbers[i % numbers.length]; return s; }
  static int often(int n) { return n * 3 + (n >> 2); }

  public static void main(String[] a) throws Exception {
    ThreadMXBean beans = ManagementFactory.getThreadMXBean();
    Set<String> names = new TreeSet<>();
    int most = 0, sum = 0;
    long end = System.nanoTime() + Long.parseLong(a[0]) * 1_000_000;
    while (System.nanoTime() < end) {
      // Too few calls for HotSpot to ask for anything but the loops.
      sum += once(4_000_000) + again(4_000_000);
      for (int i = 0; i < 3000; i++) sum += often(i);
      for (Thread thread : Thread.getAllStackTraces().keySet()) names.add(thread.getName());
      most = Math.max(most, beans.getThreadCount());
    }
    System.err.println(sum);
    Thread[] group = new Thread[100];
    ThreadGroup top = Thread.currentThread().getThreadGroup();
    while (top.getParent() != null) top = top.getParent();
    int listed = top.enumerate(group, true);
    long heap = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      heap = Math.min(heap, Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
    }
    Set<String> modules = new TreeSet<>();
    for (Module module : ModuleLayer.boot().modules()) modules.add(module.getName());
    System.out.println("threads " + String.join(",", names));
    System.out.println("now " + beans.getThreadCount());
    System.out.println("most " + most);
    System.out.println("peak " + beans.getPeakThreadCount());
    System.out.println("started " + beans.getTotalStartedThreadCount());
    System.out.println("daemons " + beans.getDaemonThreadCount());
    System.out.println("listed " + listed);
    System.out.println("class_path " + System.getProperty("java.class.path") + " " + System.getProperty("java.library.path"));
    System.out.println("modules " + String.join(",", modules));
    System.out.println("classes " + ManagementFactory.getClassLoadingMXBean().getLoadedClassCount());
    System.out.println("heap " + heap);
  }
}
"""

# Objects of the thread that HotSpot makes for a JVMCI compiler, and what a few resolved strings and lambdas differ from run to run.
HEAP_TOLERANCE = 8 * 1024
COUNTS = ("now", "most", "peak", "started", "daemons")


def census(output):
    seen = dict(line.split(" ", 1) for line in output.splitlines())
    names = set(seen["threads"].split(","))
    # HotSpot 17 hides its compiler threads, but not those of a JVMCI compiler. They are not ours to hide.
    compilers = {name for name in names if name.startswith("JVMCI-native CompilerThread")}
    seen["threads"] = sorted(names - compilers)
    for key in COUNTS:
        seen[key] = int(seen[key]) - len(compilers)
    seen["modules"] = set(seen["modules"].split(","))
    return seen


def unseen(farm):
    """Threads, class path and live heap are those of a run without the farm, while methods are compiled and installed, also unasked."""
    (farm.folder / "Census.java").write_text(CENSUS)
    subprocess.run(["javac", "-d", str(farm.folder), str(farm.folder / "Census.java")], check=True)
    # HotSpot's compiler threads come and go otherwise, and are counted.
    command = ["java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:-UseDynamicNumberOfCompilerThreads", "-cp", str(farm.folder), "Census", "2500"]
    # The same VM with HotSpot's JVMCI switched on, its module and a compiler that refuses everything.
    idle = [command[0], "-XX:+UnlockExperimentalVMOptions", "-XX:+EnableJVMCI", "-XX:+UseJVMCICompiler", "-XX:+UseJVMCINativeLibrary",
            f"-XX:JVMCILibPath={farm.build}/lib", *command[1:]]
    # HotSpot's module alone: what any java --add-modules costs.
    module = [command[0], "--add-modules", "jdk.internal.vm.ci", *command[1:]]
    plain, jvmci, module = (census(subprocess.run(c, capture_output=True, text=True, check=True, timeout=120).stdout) for c in (command, idle, module))
    run = farm.start_run(command, ["--require"], environment={"JITFARM_LOG": "debug"}).finish()
    assert run.process.returncode == 0, run.errors
    active = census(run.output)
    methods = run.report()["methods"]
    assert methods["installed"] > methods["deferred_installed"] > 0, methods
    for key in ("threads", *COUNTS, "listed", "class_path"):
        assert active[key] == plain[key], (key, active[key], plain[key])
    assert active["modules"] - plain["modules"] == {"jdk.internal.vm.ci"}, active["modules"] ^ plain["modules"]
    assert active["classes"] == jvmci["classes"], (active["classes"], jvmci["classes"])
    for other in (jvmci, module):
        assert abs(int(active["heap"]) - int(other["heap"])) <= HEAP_TOLERANCE, (active["heap"], other["heap"])


if __name__ == "__main__":
    e2e.main({"unseen": unseen})
