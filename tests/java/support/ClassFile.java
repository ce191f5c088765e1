package support;

import static support.Bytecodes.*;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How does a test make a class that javac does not write? A class file without fields and attributes of its own, but for bootstrap methods.
 *
 * <p>There are no stack maps: classes with branches need version 49 or less, whose verifier does without.
 */
public final class ClassFile {
  /** A constant: the handle of a static method of a class. */
  public record Handle(String owner, String name, String descriptor) {}
  /** A constant of this type that a bootstrap method without arguments of its own computes. */
  public record Dynamic(String name, String descriptor, Handle bootstrap) {}
  /** A constant: the MethodType of a descriptor. */
  public record Signature(String descriptor) {}

  private final ByteArrayOutputStream poolBytes = new ByteArrayOutputStream();
  private final DataOutputStream pool = new DataOutputStream(poolBytes);
  private final Map<List<Object>, Integer> entries = new HashMap<>();
  private int next = 1;
  private final Map<Handle, Integer> bootstraps = new LinkedHashMap<>();
  private final List<Code> methods = new ArrayList<>();
  private final int version, access, self, parent;
  private final List<Integer> interfaces = new ArrayList<>();

  public ClassFile(int version, int access, String name, String... interfaces) {
    this.version = version;
    this.access = access;
    self = type(name);
    parent = type("java/lang/Object");
    for (String i : interfaces) this.interfaces.add(type(i));
  }

  /** Adds a method; its code is what is called on the result until bytes(). */
  public Code method(int access, String name, String descriptor) {
    Code code = new Code(this, access, utf8(name), utf8(descriptor), descriptor);
    methods.add(code);
    return code;
  }

  /** Adds the public constructor without arguments. */
  public void constructor() {
    Code c = method(ACC_PUBLIC, "<init>", "()V");
    c.local(ALOAD, 0);
    c.call(INVOKESPECIAL, "java/lang/Object", "<init>", "()V", false);
    c.op(RETURN);
  }

  // ---- the constant pool: the index of each, which is added when it is not there yet
  private interface Content { void write(DataOutputStream out) throws IOException; }
  private int entry(List<Object> key, int slots, Content content) {
    Integer there = entries.get(key);
    if (there != null) return there;
    try {
      content.write(pool);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    int index = next;
    next += slots;
    entries.put(key, index);
    return index;
  }
  private int pair(int tag, int first, int second) {
    return entry(List.of(tag, first, second), 1, out -> { out.writeByte(tag); out.writeShort(first); out.writeShort(second); });
  }
  private int single(int tag, int index) { return entry(List.of(tag, index), 1, out -> { out.writeByte(tag); out.writeShort(index); }); }
  int utf8(String s) { return entry(List.of(1, s), 1, out -> { out.writeByte(1); out.writeUTF(s); }); }
  int type(String name) { return single(7, utf8(name)); }
  private int nameAndType(String name, String descriptor) { return pair(12, utf8(name), utf8(descriptor)); }
  int member(String owner, String name, String descriptor, boolean ofInterface) {
    return pair(ofInterface ? 11 : 10, type(owner), nameAndType(name, descriptor));
  }
  private int handle(Handle h) {
    int target = member(h.owner(), h.name(), h.descriptor(), false);
    return entry(List.of(15, target), 1, out -> { out.writeByte(15); out.writeByte(6); out.writeShort(target); });  // 6: invokestatic
  }
  int callSite(String name, String descriptor, Handle bootstrap) { return pair(18, bootstrap(bootstrap), nameAndType(name, descriptor)); }
  private int bootstrap(Handle h) { return bootstraps.computeIfAbsent(h, unused -> bootstraps.size()); }
  int constant(Object value) {
    if (value instanceof Long v) return entry(List.of(5, v), 2, out -> { out.writeByte(5); out.writeLong(v); });
    if (value instanceof Double v) return entry(List.of(6, v), 2, out -> { out.writeByte(6); out.writeDouble(v); });
    if (value instanceof Handle h) return handle(h);
    if (value instanceof Signature s) return single(16, utf8(s.descriptor()));
    if (value instanceof Dynamic d) return pair(17, bootstrap(d.bootstrap()), nameAndType(d.name(), d.descriptor()));
    throw new IllegalArgumentException("constant " + value);
  }
  static int slots(Object constant) {
    return constant instanceof Long || constant instanceof Double ? 2 : constant instanceof Dynamic d ? size(d.descriptor()) : 1;
  }

  /** The whole file. */
  public byte[] bytes() {
    try {
      ByteArrayOutputStream rest = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(rest);
      out.writeShort(access | ((access & ACC_INTERFACE) == 0 ? ACC_SUPER : 0));
      out.writeShort(self);
      out.writeShort(parent);
      out.writeShort(interfaces.size());
      for (int i : interfaces) out.writeShort(i);
      out.writeShort(0);
      out.writeShort(methods.size());
      for (Code m : methods) m.write(out);
      out.writeShort(bootstraps.isEmpty() ? 0 : 1);
      if (!bootstraps.isEmpty()) {
        out.writeShort(utf8("BootstrapMethods"));
        out.writeInt(2 + 4 * bootstraps.size());
        out.writeShort(bootstraps.size());
        for (Handle h : bootstraps.keySet()) { out.writeShort(handle(h)); out.writeShort(0); }
      }
      ByteArrayOutputStream file = new ByteArrayOutputStream();
      DataOutputStream all = new DataOutputStream(file);
      all.writeInt(0xcafebabe);
      all.writeInt(version);  // minor 0
      all.writeShort(next);
      poolBytes.writeTo(all);
      rest.writeTo(all);
      return file.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
