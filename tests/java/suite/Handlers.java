package suite;

/** Exception handlers in compiled code: chains, finally, nesting, loops, what the locals hold in a handler, athrow; exact stack traces. */
final class Handlers implements Suite.Case {
  static class Base extends RuntimeException { int code; Base(int code) { super("base " + code); this.code = code; } }
  static class Derived extends Base { Derived(int code) { super(code); } }
  static class Checked extends Exception { Checked(String s) { super(s); } }
  interface Marker {}
  static class Marked extends RuntimeException implements Marker { Marked() { super("marked"); } }
  /** In handlers, but hardly ever thrown: its entry stays unresolved for long. */
  static class Rare extends RuntimeException { Rare() { super("rare"); } }

  static int thrower(int i) {
    switch (i & 7) {
      case 0: throw new Base(i);
      case 1: throw new Derived(i);
      case 2: throw new IllegalStateException("ise " + i);
      case 3: throw new Marked();
      case 4: throw new ArithmeticException("/ by " + i);
      default: return i;
    }
  }
  static void rethrower(RuntimeException e) { throw e; }
  static final Base SHARED = new Base(77);

  static int simple(int i) { try { return thrower(i); } catch (Base e) { return -e.code; } }
  static int chain(int i) {
    try { return thrower(i); }
    catch (Derived e) { return 1000 + e.code; }
    catch (Base e) { return 2000 + e.code; }
    catch (IllegalStateException | ArithmeticException e) { return 3000; }
  }
  static int rareFirst(int i) { try { return thrower(i); } catch (Rare e) { return 1; } catch (Base e) { return 2; } catch (RuntimeException e) { return 3; } }
  static int rareLast(int i) { try { return thrower(i); } catch (Base e) { return 1; } catch (Rare e) { return 2; } }
  static int locals(int i, long j, double d, Object o) {
    int a = i; long b = j; double c = d; Object p = o;
    try {
      a += 1; b *= 3; a += thrower(i); c += 0.5; p = null; b += thrower(i + 1); a += 10;
    } catch (Base e) {
      return (int) (a + b + (long) (c * 2) + (p == null ? 7 : 8) + e.code);
    } catch (IllegalStateException e) {
      return (int) (a * 31 + b * 7 + (long) (c * 4) + (p == null ? 70 : 80));
    }
    return a;
  }
  static int finallyInt(int[] t, int i) { int r = 1; try { r += thrower(i); } finally { t[0] += r; t[1]++; } return r; }
  static int finallyOverrides(int[] t, int i) { try { return thrower(i); } finally { t[0]++; if ((i & 1) == 0) return -1; } }
  static int nested(int[] t, int i) {
    try {
      t[0]++;
      try { return thrower(i); }
      catch (Derived e) { t[1]++; return thrower(i + 1); }
      finally { t[2]++; thrower(i + 5); }
    } catch (Base e) { return e.code + 100000; }
    catch (RuntimeException e) { return 5; }
  }
  static int loop(int[] t, int n) {
    int s = 0;
    for (int i = 0; i < n; i++) {
      try { s += thrower(i + n); t[0]++; } catch (Base e) { s += e.code; continue; } catch (IllegalStateException e) { if (s > 5000) break; s += 3; } catch (RuntimeException e) { s ^= 1; } finally { t[1]++; }
      s += 2;
    }
    return s;
  }
  static int retry(int[] t, int i) { for (;;) { try { return thrower(i); } catch (RuntimeException e) { t[0]++; i += 3; } } }
  static int handlerInHandler(int i) { try { return thrower(i); } catch (RuntimeException e) { try { return thrower(i + 2); } catch (RuntimeException f) { return f == e ? 1 : 2; } } }
  static int loopInTry(int[] t, int n) { int i = 0; try { for (; i < n; i++) t[i & 3] += thrower(5 + (i & 1)); thrower(n); } catch (RuntimeException e) { return i * 3; } return i; }
  static int loopInHandler(int[] t, int n) { try { return thrower(n); } catch (RuntimeException e) { int s = 0; for (int i = 0; i < (n & 15) + 3; i++) s += t[i & 3] + i; return s; } }
  static int throwShared(int i) { if (i > 3) throw SHARED; return i; }
  static int throwNull(RuntimeException e, int i) { if (i > 3) throw e; return i; }
  static int throwHere(RuntimeException e, int i) { int k = i; try { k++; if (i > 3) throw e; k += 2; } catch (Base b) { k += b.code * 10; } catch (NullPointerException b) { k = -k; } return k; }
  static int throwInLoop(RuntimeException[] es, int n) { int s = 0; for (int i = 0; i < n; i++) { try { RuntimeException e = es[i % es.length]; if (e != null) throw e; s += i; } catch (Base b) { s += b.code; } catch (IllegalStateException b) { s -= 1; } } return s; }
  static int implicit(int[] t, int i) { int s = 0; try { s = t[i] / (i - 2); s += thrower(7); } catch (ArithmeticException e) { s = 50; } catch (ArrayIndexOutOfBoundsException e) { s = 60; } return s; }
  static int interfaceCatch(int i) { try { return thrower(i); } catch (RuntimeException e) { return e instanceof Marker ? 1 : 0; } }
  static int catchAll(Object lock, int i) { int s = 1; try { s = 2; s += thrower(i); } catch (Throwable t) { s += t.getMessage().length(); } return s; }
  static int checked(int i) { try { return mayThrow(i); } catch (Checked e) { return e.getMessage().length(); } }
  static int mayThrow(int i) throws Checked { if (i % 3 == 0) throw new Checked("checked " + i); return thrower(i | 7); }
  static int deepIntoHandler(int depth, int i) { try { return depth == 0 ? thrower(i) : deepIntoHandler(depth - 1, i) + 1; } catch (Derived e) { return depth; } finally { if (depth == 3) return 33; } }
  static int overflow(int[] t) { try { t[0]++; return overflow(t) + 1; } catch (IllegalStateException e) { return -1; } }
  static int overflowCaught(int[] t) { try { t[0]++; return overflowCaught(t) + 1; } catch (StackOverflowError e) { t[1]++; return 0; } }
  static int longInHandler(long a, long b, int i) { long x = a; try { x += b; x += thrower(i); } catch (Base e) { x ^= b; } catch (RuntimeException e) { x = -x; } return (int) (x ^ x >>> 32); }
  static int deadLocals(int i) { int r; { long dead = i * 3L; r = (int) dead; } try { r += thrower(i); } catch (Base e) { Object reused = e; r += reused.hashCode() == 0 ? 0 : 1; } return r; }

  static void check(Suite.Out out, String what, java.util.function.IntUnaryOperator f, int from, int to) {
    for (int i = from; i < to; i++) {
      try { out.add((long) f.applyAsInt(i)); } catch (RuntimeException e) { out.thrown(what + " " + i, e); }
    }
  }

  @Override
  public void run(Suite.Out out) {
    int[] t = new int[4];
    Base mine = new Base(5);
    RuntimeException[] es = {null, mine, new IllegalStateException("x"), null, new Derived(9)};
    check(out, "simple", Handlers::simple, 0, 8);
    check(out, "chain", Handlers::chain, 0, 8);
    check(out, "rareFirst", Handlers::rareFirst, 0, 8);
    check(out, "rareLast", Handlers::rareLast, 0, 8);
    check(out, "locals", i -> locals(i, i * 1000003L, i / 3.0, i % 2 == 0 ? "s" : null), 0, 8);
    check(out, "finallyInt", i -> finallyInt(t, i), 0, 8);
    check(out, "finallyOverrides", i -> finallyOverrides(t, i), 0, 8);
    check(out, "nested", i -> nested(t, i), 0, 8);
    check(out, "loop", i -> loop(t, i * 5), 0, 8);
    check(out, "retry", i -> retry(t, i), 0, 8);
    check(out, "handlerInHandler", Handlers::handlerInHandler, 0, 8);
    check(out, "loopInTry", i -> loopInTry(t, i * 4), 0, 8);
    check(out, "loopInHandler", i -> loopInHandler(t, i), 0, 8);
    check(out, "throwNull", i -> throwNull(i % 2 == 0 ? null : mine, i), 0, 8);
    check(out, "throwHere", i -> throwHere(es[i % 5], i), 0, 12);
    check(out, "throwInLoop", i -> throwInLoop(es, i * 3), 0, 8);
    check(out, "implicit", i -> implicit(t, i), 0, 8);
    check(out, "interfaceCatch", Handlers::interfaceCatch, 0, 8);
    check(out, "catchAll", i -> catchAll(t, i), 0, 8);
    check(out, "checked", Handlers::checked, 0, 8);
    check(out, "deepIntoHandler", i -> deepIntoHandler(i, i), 0, 8);
    check(out, "longInHandler", i -> longInHandler(i * 77777777777L, ~i, i), 0, 8);
    check(out, "deadLocals", Handlers::deadLocals, 0, 8);
    for (int i = 0; i < 6; i++) {
      try { out.add((long) throwShared(i)); } catch (Base e) { out.add(e == SHARED); }
      try { rethrower(i < 3 ? mine : new Marked()); } catch (Marked e) { out.thrown("marked", e); } catch (Base e) { out.add(e == mine); }
    }
    for (int v : t) out.add((long) v);
    t[0] = t[1] = 0;
    try { overflow(t); } catch (StackOverflowError e) { out.add(t[0] > 100); }
    overflowCaught(t);
    out.add(t[1] > 0);
  }
}
