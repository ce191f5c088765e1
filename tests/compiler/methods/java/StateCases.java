/** Interpreter states that are hard to get right: many arguments on the stack across calls, deep operand stacks, wide locals. */
class StateCases {
  int x; long y; StateCases o; static long total;
  static int helperId(int a) { return a; }
  static long helperSum(int a, int b, int c, int d, int e, int f, long g, int[] h, long i, Object j, float k) { return a + b + c + d + e + f + g + h.length + i + (j == null ? 1 : 2) + (long) k; }
  static long stackArguments(int a, int b, int c, int d, int e, int f, long g, int[] h, long i, Object j, double k, int[] l) { int s = helperId(a); s += h[b & 3]; s += l[c & 7] / f; return s + g + i + helperSum(a, b, c, d, e, f, g, l, i, j, (float) k) + (j == h ? 1 : 0) + l.length + (long) k; }
  static int deepStack(int a, int[] b, long c, double d) { return a + (b[0] + (helperId(a) + (int) (c + (long) (d * (helperId(a + 1) + b[a & 15] / (a & 3)))))); }
  static long compound(long[] a, int i, StateCases x) { a[i & 3] += 3; a[i++ & 3] *= x.y++; x.y += a[--i & 3]--; return a[0] + x.y + (x.x += i); }
  static int postfix(int[] a, int i) { return a[i++] + a[i++] * a[i--] - a[--i]; }
  static long wideLocals(int n) {
    long a0=n,a1=1,a2=2,a3=3,a4=4,a5=5,a6=6,a7=7,a8=8,a9=9,b0=n,b1=1,b2=2,b3=3,b4=4,b5=5,b6=6,b7=7,b8=8,b9=9,c0=n,c1=1,c2=2,c3=3,c4=4,c5=5,c6=6,c7=7,c8=8,c9=9,d0=n,d1=1,d2=2,d3=3,d4=4,d5=5,d6=6,d7=7,d8=8,d9=9;
    long e0=n,e1=1,e2=2,e3=3,e4=4,e5=5,e6=6,e7=7,e8=8,e9=9,f0=n,f1=1,f2=2,f3=3,f4=4,f5=5,f6=6,f7=7,f8=8,f9=9,g0=n,g1=1,g2=2,g3=3,g4=4,g5=5,g6=6,g7=7,g8=8,g9=9,h0=n,h1=1,h2=2,h3=3,h4=4,h5=5,h6=6,h7=7,h8=8,h9=9;
    long i0=n,i1=1,i2=2,i3=3,i4=4,i5=5,i6=6,i7=7,i8=8,i9=9,j0=n,j1=1,j2=2,j3=3,j4=4,j5=5,j6=6,j7=7,j8=8,j9=9,k0=n,k1=1,k2=2,k3=3,k4=4,k5=5,k6=6,k7=7,k8=8,k9=9,l0=n,l1=1,l2=2,l3=3,l4=4,l5=5,l6=6,l7=7,l8=8,l9=9;
    long m0=n,m1=1,m2=2,m3=3,m4=4,m5=5,m6=6,m7=7,m8=8,m9=9; int w = n; w += 1000; w++;
    for (int z = 0; z < (n & 7); z++) { m0 += helperId(w); a0 += m0; b0 ^= a0; c0 += b0; d0 -= c0; w += 300; }
    return a0+b0+c0+d0+e0+f0+g0+h0+i0+j0+k0+l0+m0+a1+b1+c1+d1+e1+f1+g1+h1+i1+j1+k1+l1+m1+m9+l9+a9+w;
  }
  static long manyLive(int[] p, double q, int n) { double a = q + 1, b = q * 2, c = q - 3, d = q / 4, e = a * b, f = c + d, g = e - f, h = a * d; long s = 0; for (int i = 0; i < (n & 31); i++) { s += p[i] + helperId(i); a += b; b -= c; c *= 1.5; d += e; e -= f; f += g; g -= h; h += a; } return s + (long) (a + b + c + d + e + f + g + h); }
  static int nullInLoop(StateCases x, int n) { int s = 0; for (int i = 0; i < (n & 63); i++) { s = s * 3 + x.x; x = (i & 3) == 3 ? x.o : x; } return s; }
  static int conditionalTrap(int[] a, int b, boolean c) { int s = 1; if (c) s += a[b]; else s -= b; if (s > 100) s /= b; return s; }
  static double floatsAcross(float a, double b, int n) { float f = a; double d = b; for (int i = 0; i < (n & 7); i++) { d = d * 0.5 + helperId(i); f = f - i; if (n == 3) total += (long) d; } return f + d; }
  static Object choose(Object a, Object b, int n) { Object c = n > 0 ? a : b; helperId(n); Object d = n > 5 ? b : c; return helperId(n) > 3 ? d : null; }
  static int doubleArray(int[][] a, int i, int j) { return a[i][j] + a[i & 1][j & 1]; }
  static long matrix(int[][] a, int n) { long s = 0; for (int i = 0; i < a.length; i++) { if (a[i] == null) continue; for (int j = 0; j < a[i].length; j++) s += a[i][j] * (long) (i + j); } return s; }
  static int charSwitch(char[] a) { int s = 0; for (char c : a) switch (c) { case 'a': s++; break; case 'b': s += 2; case 'c': s += 3; break; case 65535: s--; break; default: s ^= c; } return s; }
  static boolean logical(boolean[] a, boolean b) { boolean r = b; for (int i = 0; i < a.length; i++) { r ^= a[i]; a[i] &= b; a[i] |= r; } return r; }
  static int hugeStride(int[] a, int from, int step) { int s = 0; for (int i = from; i < a.length; i += 1 + (step & 0x3fffffff)) s += a[i]; return s; }
  static int upToMax(int from) { int n = 0; for (int i = from | 0x7ffffff0; i <= Integer.MAX_VALUE && n < 50; i++) n++; return n; }
  static int wrapping(int[] a, int n) { int s = 0; for (int i = n & 7; i != 20; i++) { s += a[i & 1023]; } return s; }
  static int twoExits(int[] a, int[] b) { int i = 0; while (i < a.length && a[i] != 7) { if (b[i] == 3) return -i; i++; } return i; }
  static int storesBeforeTrap(int[] a, int n) { for (int i = 0; i < n; i++) a[i] = i; return n; }
  static int storesBeforeDivide(int[] a, int n) { int s = 0; for (int i = a.length - 1; i >= -1; i--) { s += n / (i + 1 - (n & 1)); a[i & 3] = s; } return s; }
  static int aliasing(int[] a, int[] b) { for (int i = 0; i + 4 < a.length && i + 4 < b.length; i++) { a[i + 4] = b[i] + 1; b[i] = a[i + 1]; } return a.length; }
}
