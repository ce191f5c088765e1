public class Redefined {
  int a = 5;
  static int total;
  int probeRedefined(int x) { int s = a; for (int i = 0; i < 100; i++) s += x ^ i; total += s; return s; }
}
