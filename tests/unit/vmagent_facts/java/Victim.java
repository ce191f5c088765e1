public class Victim implements Probe.Hot {
  int field = 3;
  public int run(int x) { return probeVictim(x) + field; }
  int probeVictim(int x) { int s = 0; for (int i = 0; i < 50; i++) s += x ^ i; return s; }
}
