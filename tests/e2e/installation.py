#!/usr/bin/env python3
"""Does what `cmake --install` leaves behind work on its own, wherever it is put?"""

import os
import subprocess

import farm as e2e

HOT = """
public class Hot {
  static int sum(int[] a) { int s = 0; for (int i = 0; i < a.length; i++) s += a[i]; return s; }
  public static void main(String[] args) {
    int[] a = new int[5000];
    int s = 0;
    for (int i = 0; i < 30_000; i++) s += sum(a);
    System.out.println(s);
  }
}
"""
# Below the prefix. GNUInstallDirs: the folder of libraries has another name on other systems.
FILES = ["bin/jitfarm", "bin/jitfarm-coordinator", "bin/jitfarm-worker", "lib*/**/jitfarm/libjvmcicompiler.so", "share/jitfarm/compose.yaml",
         "share/jitfarm/dashboards/prometheus/rules.yml", "share/jitfarm/dashboards/grafana/dashboards/overview.json",
         "share/jitfarm/dashboards/grafana/provisioning/datasources/prometheus.yaml", "share/doc/jitfarm/README.md",
         "share/doc/jitfarm/CHANGELOG.md", "share/doc/jitfarm/docs/how-to/close-a-farm.md", "share/doc/jitfarm/examples/Kernels.java"]


def works(farm, prefix):
    for pattern in FILES:
        assert list(prefix.glob(pattern)), f"no {pattern} in {prefix}"
    # compose.yaml finds the files that it mounts beside itself.
    for line in (prefix / "share/jitfarm/compose.yaml").read_text().splitlines():
        if line.strip().startswith("- ./"):
            assert (prefix / "share/jitfarm" / line.split("- ")[1].split(":")[0]).exists(), line
    source = farm.folder / "Hot.java"
    source.write_text(HOT)
    subprocess.run(["javac", "-d", str(farm.folder), str(source)], check=True)
    done = subprocess.run([str(prefix / "bin/jitfarm"), "run", "--require", "--", "java", "-cp", str(farm.folder), "Hot"],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and done.stdout == "0\n" and done.stderr == "", done


def install(farm, *arguments, **environment):
    done = subprocess.run(["cmake", "--install", str(farm.build), *arguments], capture_output=True, text=True, env={**os.environ, **environment})
    assert done.returncode == 0, done


def below_a_prefix(farm):
    """--prefix: everything is there, and a hot program runs with the installed farm."""
    prefix = farm.folder / "prefix"
    install(farm, "--prefix", str(prefix))
    works(farm, prefix)


def below_a_destdir(farm):
    """DESTDIR, as packages are made: nothing refers to the place where it will be."""
    install(farm, "--prefix", "/usr", DESTDIR=str(farm.folder / "root"))
    works(farm, farm.folder / "root/usr")


if __name__ == "__main__":
    e2e.main({f.__name__: f for f in [below_a_prefix, below_a_destdir]})
