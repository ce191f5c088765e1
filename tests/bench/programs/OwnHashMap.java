/** Hash maps of our own: open addressing from long to int, and chains of entries with generic keys. */
final class OwnHashMap implements Program {
  private static final class LongMap {
    private long[] keys = new long[16];
    private int[] values = new int[16];
    private int size;

    private int slot(long key) {
      int mask = keys.length - 1, i = (int) ((key * 0x9e3779b97f4a7c15L) >>> 40) & mask;
      while (keys[i] != 0 && keys[i] != key) i = i + 1 & mask;
      return i;
    }

    int get(long key) {
      int i = slot(key);
      return keys[i] == key ? values[i] : -1;
    }

    void put(long key, int value) {
      int i = slot(key);
      if (keys[i] == 0) {
        if (++size * 2 > keys.length) {
          grow();
          i = slot(key);
        }
        keys[i] = key;
      }
      values[i] = value;
    }

    private void grow() {
      long[] oldKeys = keys;
      int[] oldValues = values;
      keys = new long[oldKeys.length * 2];
      values = new int[keys.length];
      for (int j = 0; j < oldKeys.length; j++) {
        if (oldKeys[j] == 0) continue;
        int i = slot(oldKeys[j]);
        keys[i] = oldKeys[j];
        values[i] = oldValues[j];
      }
    }
  }

  private static final class Point {
    final int x, y;

    Point(int x, int y) {
      this.x = x;
      this.y = y;
    }

    @Override
    public int hashCode() {
      return x * 31 + y;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Point && ((Point) other).x == x && ((Point) other).y == y;
    }
  }

  private static final class ChainMap<K, V> {
    private static final class Entry<K, V> {
      final K key;
      V value;
      final Entry<K, V> next;

      Entry(K key, V value, Entry<K, V> next) {
        this.key = key;
        this.value = value;
        this.next = next;
      }
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private final Entry<K, V>[] table = new Entry[4096];

    private static int index(Object key) {
      int hash = key.hashCode();
      return (hash ^ hash >>> 12) & 4095;
    }

    V get(K key) {
      for (Entry<K, V> e = table[index(key)]; e != null; e = e.next) if (e.key.equals(key)) return e.value;
      return null;
    }

    void put(K key, V value) {
      int i = index(key);
      for (Entry<K, V> e = table[i]; e != null; e = e.next) {
        if (e.key.equals(key)) {
          e.value = value;
          return;
        }
      }
      table[i] = new Entry<>(key, value, table[i]);
    }
  }

  @Override
  public long run() {
    LongMap map = new LongMap();
    Numbers numbers = new Numbers(9);
    for (int i = 0; i < 20_000; i++) map.put(1 + numbers.below(30_000), i);
    long sum = 0;
    for (int i = 1; i <= 60_000; i++) sum = sum * 3 + map.get(i);
    ChainMap<Point, Integer> points = new ChainMap<>();
    for (int i = 0; i < 20_000; i++) points.put(new Point(numbers.below(100), numbers.below(100)), i);
    for (int x = 0; x < 100; x++) {
      for (int y = 0; y < 100; y++) {
        Integer value = points.get(new Point(x, y));
        sum = sum * 31 + (value == null ? -1 : value);
      }
    }
    return sum;
  }
}
