/** Exceptions that are caught where they are compiled: order of handlers, locals in handlers, loops, athrow. */
class HandlerCases {
  static class Near extends RuntimeException {}
  static class Below extends Near {}
  static class Far extends RuntimeException {}
  int x; long y;
  static int helperThrow(int i) { switch (i & 7) { case 0: throw new Near(); case 1: throw new Below(); case 2: throw new Far(); case 3: return 10 / (i & 4); default: return i; } }
  static RuntimeException helperMake(int i) { switch (i & 3) { case 0: return new Near(); case 1: return new Below(); case 2: return new Far(); default: return null; } }
  static int one(int i) { try { return helperThrow(i); } catch (Near e) { return -1; } }
  static int order(int i) { try { return helperThrow(i); } catch (Below e) { return -1; } catch (Near e) { return -2; } catch (ArithmeticException e) { return -3; } catch (RuntimeException e) { return -4; } }
  static int farFirst(int i) { try { return helperThrow(i); } catch (Far e) { return -1; } catch (Near e) { return -2; } }
  static int farLast(int i) { try { return helperThrow(i); } catch (Near e) { return -1; } catch (Far e) { return -2; } }
  static long locals(int[] a, int i, long j, double d, Object o) {
    long s = j; int n = i; Object p = o;
    try { s += helperThrow(n); n++; p = a; s *= 3; s += helperThrow(n); n++; s += helperThrow(n); }
    catch (Near e) { return s * 7 + n + (p == o ? 1 : 2) + (long) d; }
    catch (Far e) { return s * 5 - n + (p == a ? 3 : 4); }
    return s + n;
  }
  static int finallyBlock(int[] a, int i) { int r = 1; try { r += helperThrow(i); } finally { a[0] += r; a[1]++; } return r; }
  static int finallyReturns(int[] a, int i) { try { return helperThrow(i); } finally { a[0]++; if (i > 5) return -1; } }
  static int nested(int[] a, int i) { try { try { return helperThrow(i); } catch (Below e) { a[0]++; return helperThrow(i + 1); } finally { a[1]++; helperThrow(i + 5); } } catch (Near e) { return 100; } catch (Far e) { return a[1]; } }
  static int loop(int[] a, int n) { int s = 0; for (int i = 0; i < (n & 31); i++) { try { s += helperThrow(i + n); a[0]++; } catch (Near e) { s += 5; continue; } catch (Far e) { if (s > 60) break; s += 3; } finally { a[1]++; } s += 2; } return s; }
  static int retry(int[] a, int i) { for (;;) { try { return helperThrow(i); } catch (RuntimeException e) { a[0]++; i += 3; } } }
  static int again(int i) { int k = i; while (true) { try { k += helperThrow(k); if (k > 50 || k < 0) return k; k++; } catch (Near e) { k += 2; } catch (Far e) { k += 3; } catch (ArithmeticException e) { return -k; } } }
  static int inHandler(int[] a, int n) { try { return helperThrow(n); } catch (RuntimeException e) { int s = 0; for (int i = 0; i < a.length && i < 20; i++) { s += a[i]; if (s == 77) s += helperThrow(i); } return s; } }
  static int loopInside(int[] a, int n) { int i = 0; try { for (; i < a.length; i++) { a[i] += n / (a[i] & 3); if ((i & 3) == 3) a[i] += helperThrow(n); } } catch (Near e) { return i; } catch (ArithmeticException e) { return -i; } return i; }
  static int throwIt(int i) { RuntimeException e = helperMake(i); if (i > 3) throw e; return i; }
  static int throwHere(int i) { int k = i; try { RuntimeException e = helperMake(i); k++; if (i > 3) throw e; k += 2; } catch (Near b) { k += 10; } catch (NullPointerException b) { k = -k; } return k; }
  static int throwInLoop(int n) { int s = 0; for (int i = 0; i < (n & 31); i++) { try { RuntimeException e = helperMake(i + n); if (e != null) throw e; s += i; } catch (Near b) { s += 100; } catch (Far b) { s -= 1; } } return s; }
  static int deep(int n) { try { return (n & 15) == 0 ? helperThrow(n >> 4) : deep(n - 1) + 1; } catch (Below e) { return n & 15; } }
  static Object sameObject(int i) { RuntimeException e = helperMake(i); try { if (e != null) throw e; } catch (RuntimeException f) { return f == e ? f : null; } return null; }
  static int typeOfLocal(int i, int[] a) { int r = i; try { r += helperThrow(i); { long w = i * 3L; r += (int) w; } r += helperThrow(i + 4); } catch (Near e) { r += a.length; } return r; }
  static int field(HandlerCases h, int i) { try { h.x = i; h.y += helperThrow(i); h.x++; } catch (Near e) { h.y--; return h.x; } return (int) h.y; }
  static int emptyHandler(int i) { int k = 3; try { k = helperThrow(i); } catch (RuntimeException e) { } return k; }
}
