package suite;

/** getfield, putfield, getstatic, putstatic of every primitive type; reads of references; inherited and shadowed fields. */
final class Fields implements Suite.Case {
  static class Base {
    byte b; boolean z; char c; short s; int i; long j; float f; double d;
    Object o;
    Base next;
    final int fixed;
    Base(int fixed) { this.fixed = fixed; }
  }

  static final class Derived extends Base {
    int i;      // shadows
    long extra;
    Derived(int fixed) { super(fixed * 2); }
  }

  static byte sb; static boolean sz; static char sc; static short ss; static int si; static long sj; static float sf; static double sd;
  static Object so = "static object";
  static final int CONSTANT_AT_RUN_TIME = Integer.parseInt("42");
  static Base head;

  static void write(Base p, int v) { p.b = (byte) v; p.z = (v & 1) != 0; p.c = (char) v; p.s = (short) v; p.i = v; p.j = v * 0x1_0000_0001L; p.f = v * 0.5f; p.d = v * 0.25; }
  static double read(Base p) { return p.b + (p.z ? 1 : 0) + p.c + p.s + p.i + p.j + p.f + p.d + p.fixed; }
  static int shadow(Derived p) { p.i = 11; ((Base) p).i = 22; p.extra = p.i * 100L + ((Base) p).i; return p.i * 1000 + ((Base) p).i; }
  static void writeStatic(int v) { sb = (byte) v; sz = (v & 1) != 0; sc = (char) v; ss = (short) v; si = v; sj = v * 3L; sf = v * 1.5f; sd = v * 2.5; }
  static double readStatic() { return sb + (sz ? 1 : 0) + sc + ss + si + sj + sf + sd + CONSTANT_AT_RUN_TIME; }
  static Object readReference(Base p) { return p.o; }
  static Object readStaticReference() { return so; }
  static int chain(Base p) { int n = 0; while (p != null) { n += p.i; p = p.next; } return n; }
  static long walkStatic() { long s = 0; for (Base p = head; p != null; p = p.next) s = s * 17 + p.j; return s; }
  static void counters(int n) { for (int k = 0; k < n; k++) { si += k; sj ^= (long) si << (k & 31); } }
  static long bump(Base p, int n) { for (int k = 0; k < n; k++) { p.i++; p.j += p.i; p.d *= 1.0000001; } return p.j; }

  @Override
  public void run(Suite.Out out) {
    Base p = new Base(7), q = new Derived(9);
    for (int v : IntArithmetic.EDGES) {
      write(p, v);
      out.add(read(p));
      write(q, ~v);
      out.add(read(q));
      writeStatic(v);
      out.add(readStatic());
    }
    out.add((long) shadow((Derived) q));
    out.add(((Derived) q).extra);
    p.o = "instance";
    out.add((String) readReference(p));
    out.add((String) readStaticReference());
    out.add(readReference(q) == null);
    head = null;
    for (int k = 0; k < 50; k++) { Base n = k % 3 == 0 ? new Derived(k) : new Base(k); n.i = k; n.j = k * 5L; n.next = head; head = n; }
    out.add((long) chain(head));
    out.add(walkStatic());
    si = 0;
    sj = 0;
    counters(300);
    out.add((long) si);
    out.add(sj);
    p.i = 0; p.j = 0; p.d = 1;
    out.add(bump(p, 2500));
    out.add(p.d);
  }
}
