package suite;

/** A collection during every kind of call, with references and derived pointers live across it. */
final class LiveOops implements Suite.Case {
  interface Collector { int collect(int i); }
  static final class Plain implements Collector { public int collect(int i) { return gc(i); } }
  static class Holder { int[] data; Holder next; int id; Holder(int id) { this.id = id; data = new int[] {id, id * 2, id * 3}; } int collectVirtual(int i) { return gc(i) + id; } private int collectPrivate(int i) { return gc(i) * 2 + id; } }
  static final class OtherHolder extends Holder { OtherHolder(int id) { super(id); } @Override int collectVirtual(int i) { return gc(i) - id; } }

  static int counter;
  /** Collects now and then, and always leaves garbage so that objects move. */
  static int gc(int i) { if ((++counter & 63) == 0) System.gc(); else garbage(i); return i & 1; }
  static Object sink;
  static void garbage(int i) { byte[][] g = new byte[8][]; for (int k = 0; k < 8; k++) g[k] = new byte[(i * 37 & 1023) + 16]; sink = g; }

  static int overStatic(int[] a, int[] b, Holder h, int i) { int x = a[0]; int y = gc(i); return x + y + a[1] + b[0] * 3 + h.data[2] + h.id; }
  static int overSpecial(Holder h, int[] a) { int y = h.collectPrivate(a[0]); return y + a[1] + h.data[1]; }
  static int overVirtual(Holder h, int[] a, Object[] keep) { int y = h.collectVirtual(a[0]); return y + a[1] + h.data[0] + (keep[0] == h ? 10 : 0) + keep.length; }
  static int overInterface(Collector c, int[] a, Holder h) { int y = c.collect(a[0]); return y + a[2] + h.next.data[1]; }
  static int derived(int[] a, int from, int to) { int s = 0; for (int i = from; i < to; i++) { s += a[i] * 3; if ((i & 31) == 0) s += gc(i); s ^= a[i]; } return s; }
  static long chase(Holder h, int n) { long s = 0; Holder p = h; for (int i = 0; i < n; i++) { s = s * 31 + p.id + p.data[i % 3]; s += gc(i); p = p.next; } return s; }
  static Holder returned(Holder[] all, int i) { Holder h = all[i % all.length]; gc(i); return h; }
  static int results(Holder[] all, int n) { int s = 0; for (int i = 0; i < n; i++) { Holder a = returned(all, i), b = returned(all, i * 7 + 1); s += a.data[0] * 5 + b.data[1]; } return s; }
  static String text(Object[] parts, int i) { Object p = parts[i]; gc(i); return p.toString(); }

  @Override
  public void run(Suite.Out out) {
    counter = 0;
    Holder[] all = new Holder[7];
    for (int i = 0; i < all.length; i++) { all[i] = (i & 1) == 0 ? new Holder(i + 1) : new OtherHolder(i + 1); }
    for (int i = 0; i < all.length; i++) all[i].next = all[(i + 1) % all.length];
    int[] a = {11, 22, 33};
    Collector c = new Plain(), d = i -> gc(i) + 5;
    for (int i = 0; i < 60; i++) {
      Holder h = all[i % all.length];
      out.add((long) overStatic(a, new int[] {i}, h, i));
      out.add((long) overSpecial(h, a));
      out.add((long) overVirtual(h, a, new Object[] {h, a}));
      out.add((long) overInterface((i & 1) == 0 ? c : d, a, h));
      out.add(text(new Object[] {"text", 12, 'c', 5L}, i & 3));
    }
    int[] big = new int[700];
    for (int i = 0; i < big.length; i++) big[i] = i * i;
    out.add((long) derived(big, 0, big.length));
    out.add(chase(all[0], 200));
    out.add((long) results(all, 100));
  }
}
