/** Branches, switches, loops, stack shuffles. */
class Control {
  static int table(int a) { switch (a) { case 0: return 10; case 1: return 11; case 2: return 77; case 3: a++; case 4: return a * 3; case 6: return -1; default: return a; } }
  static int lookup(int a) { switch (a) { case -1: return 10; case 127: return 11; case 65535: return 77; case Integer.MIN_VALUE: return 5; case Integer.MAX_VALUE: return 6; default: return a; } }
  static int nested(int a, int b) { if (a > b) { if (a > 0) return 1; return b > 5 ? 2 : 3; } else if (a == b) return 4; return 5; }
  static int both(boolean a, boolean b) { return a && b ? 1 : a || b ? 2 : 3; }
  static int sumTo(int n) { n &= 255; int s = 0; for (int i = 0; i < n; i++) s += i * i; return s; }
  static int collatz(int n) { n = n & 0xffff | 1; int steps = 0; while (n != 1 && steps < 500) { n = (n & 1) == 0 ? n >> 1 : 3 * n + 1; steps++; } return steps; }
  static long nestedLoops(int a, int b) { a &= 31; b &= 31; long s = 0; for (int i = 0; i < a; i++) for (int j = 0; j < b; j++) { if ((i ^ j) == 5) continue; if (s > 40000) break; s += i * j; } return s; }
  static int doWhile(int a) { int n = 0; do { n++; a >>>= 1; } while (a != 0); return n; }
  static int downwards(int a) { int s = 0; for (int i = a & 127; i >= 0; i -= 3) s ^= i << 3; return s; }
  static long longCounter(long a) { long s = 1; for (long i = a & 63; i > 0; i--) s = s * 31 + i; return s; }
  static double floatLoop(double x, int n) { n &= 63; double s = 0; for (int i = 0; i < n; i++) { s = s * x + i; } return s; }
  static int shuffle(int a, int b) { int c; int d = c = a += b; b = a++ + ++c; return d * b - c ^ a; }
  static long gcd(long a, long b) { while (b != 0) { long t = a % b; a = b; b = t; } return a; }
  static int trapInLoop(int[] a, int b) { int s = 0; for (int i = 0; ; i++) { s = s * 31 + a[i] + i; if (s == b) return i; } }
  static int countdownDivide(int a, int n) { n &= 15; int s = a; for (int i = n; i >= 0; i--) s = s * 7 + a / i; return s; }
}
