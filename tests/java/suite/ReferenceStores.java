package suite;

import java.io.Serializable;

/** putfield and putstatic of references, aastore with its checks, in heaps whose old and young parts point at each other. */
final class ReferenceStores implements Suite.Case {
  static class Node {
    Object value;
    Node left, right;
    int key;
    String[] names;
    Node(int key) { this.key = key; }
  }
  static final class Leaf extends Node { Leaf(int key) { super(key); } }
  static Object statics;
  static Node root;
  static String[] staticArray;
  interface Marker {}
  static class Marked implements Marker, Serializable {}
  static class MarkedMore extends Marked {}

  static void put(Node n, Object v) { n.value = v; }
  static void clear(Node n) { n.value = null; n.left = null; }
  static void link(Node n, Node l, Node r) { n.left = l; n.right = r; }
  static void names(Node n, String[] v) { n.names = v; }
  static void putStatic(Object v) { statics = v; }
  static void putStaticArray(String[] v) { staticArray = v; }
  static Object swap(Node n, Object v) { Object old = n.value; n.value = v; return old; }
  static void set(Object[] a, int i, Object v) { a[i] = v; }
  static void setNull(Object[] a, int i) { a[i] = null; }
  static void setString(String[] a, int i, String v) { a[i] = v; }
  static void setMarker(Marker[] a, int i, Marker v) { a[i] = v; }
  static void setRow(Object[][] a, int i, Object[] v) { a[i] = v; }
  static void fill(Object[] a, Object v) { for (int i = 0; i < a.length; i++) a[i] = v; }
  static void copy(Object[] from, Object[] to, int n) { for (int i = 0; i < n; i++) to[i] = from[i]; }
  static void reverse(Object[] a) { for (int i = 0, j = a.length - 1; i < j; i++, j--) { Object t = a[i]; a[i] = a[j]; a[j] = t; } }
  static Object[] pair(Object a, Object b) { return new Object[] {a, b}; }
  static String[][] table(String a, String b) { return new String[][] {{a}, {b, a}, null}; }
  static Node insert(Node at, int key) {
    if (at == null) return key % 3 == 0 ? new Leaf(key) : new Node(key);
    Node n = at;
    while (true) {
      if (key == n.key) { n.value = at; return at; }
      Node next = key < n.key ? n.left : n.right;
      if (next == null) {
        Node made = new Node(key);
        made.value = n;
        if (key < n.key) n.left = made; else n.right = made;
        return at;
      }
      n = next;
    }
  }
  static Node reverseList(Node n) { Node r = null; while (n != null) { Node next = n.left; n.left = r; r = n; n = next; } return r; }
  static Node list(int n) { Node head = null; for (int i = 0; i < n; i++) { Node x = new Node(i); x.left = head; head = x; } return head; }
  static long sum(Node n) { long s = 0; for (; n != null; n = n.left) s = s * 31 + n.key; return s; }
  static long tree(Node n) { return n == null ? 1 : n.key * 7L + tree(n.left) * 31 + tree(n.right) * 17 + (n.value == null ? 0 : 3); }
  static void both(Node n, Object a, Object b) { n.value = a; n.value = b; }
  static int storeInHandler(Object[] a, int i, Object v) { try { a[i] = v; return 1; } catch (ArrayStoreException e) { return 2; } catch (ArrayIndexOutOfBoundsException e) { return 3; } catch (NullPointerException e) { return 4; } }

  private static void attempt(Suite.Out out, String what, Object[] a, int i, Object v) {
    try {
      set(a, i, v);
      out.add(a[i] == v);
    } catch (ArrayStoreException | NullPointerException | ArrayIndexOutOfBoundsException e) {
      out.thrown(what, e);
    }
  }

  /** Long-lived tables whose entries are replaced by young objects, while others collect. */
  private static void churn(Suite.Out out) throws InterruptedException {
    Thread collector = new Thread(() -> { for (int i = 0; i < 2; i++) System.gc(); });
    collector.start();
    long[] sums = new long[3];
    Thread[] threads = new Thread[sums.length];
    for (int t = 0; t < threads.length; t++) {
      int id = t;
      threads[t] = new Thread(() -> {
        Object[] table = new Object[500];
        Node[] holders = new Node[500];
        int[] wanted = new int[500];
        for (int i = 0; i < table.length; i++) { set(table, i, new int[] {i, 0}); holders[i] = new Node(i); put(holders[i], table[i]); }
        long seed = id + 1;
        for (int k = 1; k < 3000; k++) {
          seed = seed * 6364136223846793005L + 1442695040888963407L;
          int i = (int) (seed >>> 40) % 500;
          int[] fresh = {i, k};
          set(table, i, fresh);
          put(holders[i], fresh);
          names(holders[i], new String[] {"a", "b"});
          wanted[i] = k;
          int j = (int) (seed >>> 20 & 0x7fffffff) % 500;
          int[] seen = (int[]) table[j];
          if (seen[0] != j || seen[1] != wanted[j] || holders[j].value != seen && wanted[j] != 0) throw new IllegalStateException("lost " + j);
          if (k % 7 == 0) { Object o = swap(holders[j], null); put(holders[j], o); }
          sums[id] = sums[id] * 31 + seen[1];
        }
      });
      threads[t].start();
    }
    for (Thread t : threads) t.join();
    collector.join();
    for (long s : sums) out.add(s);
  }

  @Override
  public void run(Suite.Out out) throws Throwable {
    Node n = new Node(1);
    put(n, "value");
    out.add((String) n.value);
    out.add((String) swap(n, n));
    out.add(n.value == n);
    clear(n);
    out.add(n.value == null && n.left == null);
    link(n, new Leaf(2), new Node(3));
    out.add((long) n.left.key * 10 + n.right.key);
    names(n, new String[] {"x"});
    out.add(n.names[0]);
    putStatic(n);
    out.add(statics == n);
    putStaticArray(n.names);
    putStaticArray(null);
    out.add(staticArray == null);
    both(n, "first", "second");
    out.add((String) n.value);
    try {
      put(null, "x");
    } catch (NullPointerException e) {
      out.thrown("put", e);
    }
    Object[] objects = new Object[3];
    Object[] strings = new String[3];
    Object[] markers = new Marker[3];
    Object[] marked = new Marked[3];
    Object[] rows = new int[3][];
    Object[] nested = new Object[3][];
    Object[] serial = new Serializable[3];
    Object[][] targets = {objects, strings, markers, marked, rows, nested, serial, null};
    Object[] values = {null, "s", new Marked(), new MarkedMore(), new int[1], new long[1], new Object[1], new String[1], new Marked[2], 5, new Object()};
    for (Object[] target : targets)
      for (int v = 0; v < values.length; v++)
        for (int i : new int[] {1, -1, 3}) {
          attempt(out, (target == null ? "null" : target.getClass().getSimpleName()) + "[" + i + "] = " + v, target, i, values[v]);
          out.add((long) storeInHandler(target, i, values[v]));
        }
    setNull(objects, 0);
    setString((String[]) strings, 2, "t");
    setMarker((Marker[]) markers, 1, new MarkedMore());
    setRow((Object[][]) nested, 0, new String[] {"q"});
    out.add(((String[]) nested[0])[0]);
    fill(objects, "f");
    out.add((String) objects[2]);
    Object[] many = new Object[300];
    for (int i = 0; i < many.length; i++) many[i] = "m" + i % 7;
    Object[] copied = new Object[300];
    copy(many, copied, 300);
    reverse(copied);
    for (Object o : copied) out.add((String) o);
    try {
      copy(many, new Integer[300], 300);
    } catch (ArrayStoreException e) {
      out.thrown("copy", e);
    }
    out.add((String) pair("a", "b")[1]);
    out.add(table("a", "b")[1][0]);
    root = null;
    for (int i = 0; i < 60; i++) root = insert(root, i * 37 % 61);
    out.add(tree(root));
    out.add(sum(reverseList(list(100))));
    churn(out);
  }
}
