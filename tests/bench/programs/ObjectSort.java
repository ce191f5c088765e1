import java.util.Arrays;
import java.util.Comparator;

/** Objects sorted by the library, with comparators. */
final class ObjectSort implements Program {
  private static final class Person {
    final String name;
    final int age;

    Person(String name, int age) {
      this.name = name;
      this.age = age;
    }

    String name() {
      return name;
    }

    int age() {
      return age;
    }
  }

  private final Person[] people = new Person[10_000];

  ObjectSort() {
    Numbers numbers = new Numbers(6);
    for (int i = 0; i < people.length; i++) {
      people[i] = new Person("n" + Integer.toString(numbers.below(5_000), 36), numbers.below(90));
    }
  }

  @Override
  public long run() {
    Person[] byName = people.clone(), byAge = people.clone();
    Arrays.sort(byName, Comparator.comparing(Person::name).thenComparingInt(Person::age));
    Arrays.sort(byAge, (a, b) -> a.age != b.age ? Integer.compare(b.age, a.age) : a.name.compareTo(b.name));
    long hash = 0;
    for (int i = 0; i < people.length; i++) hash = hash * 31 + byName[i].age * 101 + byAge[i].name.hashCode();
    return hash;
  }
}
