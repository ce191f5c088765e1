import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** A Derby database in memory: tables, indexes, joins, transactions that roll back, triggers, prepared statements. */
public final class Database {
  private static void show(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(query)) {
      int columns = rows.getMetaData().getColumnCount();
      for (int n = 0; rows.next(); n++) {
        StringBuilder line = new StringBuilder();
        for (int i = 1; i <= columns; i++) line.append(i == 1 ? "" : " | ").append(rows.getString(i));
        System.out.println(line);
        if (n == 40) break;
      }
    }
    System.out.println("-- " + query);
  }

  public static void main(String[] arguments) throws Exception {
    int rows = Integer.parseInt(arguments[0]);
    try (Connection connection = DriverManager.getConnection("jdbc:derby:memory:test;create=true")) {
      try (Statement s = connection.createStatement()) {
        s.execute("create table customer (id int primary key, name varchar(40) not null, city varchar(20), balance decimal(12, 2))");
        s.execute("create table purchase (id int generated always as identity primary key, customer int references customer, amount decimal(10, 2), day date)");
        s.execute("create table journal (text varchar(100))");
        s.execute("create index by_city on customer (city, balance)");
        s.execute("create trigger log_big after insert on purchase referencing new as n for each row when (n.amount > 990) insert into journal values ('big ' || char(n.customer))");
      }
      connection.setAutoCommit(false);
      try (PreparedStatement insert = connection.prepareStatement("insert into customer values (?, ?, ?, ?)");
          PreparedStatement buy = connection.prepareStatement("insert into purchase (customer, amount, day) values (?, ?, ?)")) {
        long seed = 11;
        for (int i = 0; i < rows; i++) {
          seed = seed * 6364136223846793005L + 1442695040888963407L;
          int number = (int) (seed >>> 33);
          insert.setInt(1, i);
          insert.setString(2, "name " + Integer.toString(number, 36));
          insert.setString(3, "city" + number % 23);
          insert.setBigDecimal(4, java.math.BigDecimal.valueOf(number % 1_000_000, 2));
          insert.executeUpdate();
          for (int k = number % 5; k > 0; k--) {
            buy.setInt(1, i);
            buy.setBigDecimal(2, java.math.BigDecimal.valueOf((number >>> k) % 100_000, 2));
            buy.setDate(3, java.sql.Date.valueOf(java.time.LocalDate.of(2024, 1, 1).plusDays(number % 366)));
            buy.executeUpdate();
          }
          if (i % 500 == 499) connection.commit();
        }
      }
      connection.commit();
      show(connection, "select city, count(*), sum(balance), max(name) from customer group by city order by city");
      show(connection, "select c.city, count(*), avg(p.amount) from customer c join purchase p on p.customer = c.id where p.amount > 100 group by c.city having count(*) > 3 order by 2 desc, 1");
      show(connection, "select month(day), sum(amount) from purchase group by month(day) order by 1");
      show(connection, "select c.id, c.name from customer c where not exists (select 1 from purchase p where p.customer = c.id) and c.name like '%a1%' order by c.name");
      show(connection, "select a.id, b.id from customer a, customer b where a.city = b.city and a.balance = b.balance and a.id < b.id order by 1, 2");
      show(connection, "select count(*) from journal");
      try (Statement s = connection.createStatement()) {
        System.out.println("updated " + s.executeUpdate("update customer set balance = balance * 1.05 where city in ('city3', 'city4') and balance > 100"));
        System.out.println("deleted " + s.executeUpdate("delete from purchase where amount < 50"));
        connection.rollback();
        System.out.println("updated " + s.executeUpdate("update customer set name = upper(name) || trim(city) where mod(id, 7) = 0"));
        try {
          s.executeUpdate("insert into purchase (customer, amount) values (-1, 1)");
        } catch (SQLException e) {
          System.out.println("refused " + e.getSQLState());
        }
      }
      connection.commit();
      show(connection, "select sum(balance), min(name), max(length(name)) from customer");
      try (PreparedStatement find = connection.prepareStatement("select c.name, sum(p.amount) from customer c left outer join purchase p on p.customer = c.id where c.id = ? group by c.name")) {
        long hash = 0;
        for (int i = 0; i < rows; i++) {
          find.setInt(1, i);
          try (ResultSet found = find.executeQuery()) {
            while (found.next()) hash = hash * 31 + found.getString(1).hashCode() + (found.getBigDecimal(2) == null ? 0 : found.getBigDecimal(2).unscaledValue().longValue());
          }
        }
        System.out.println("found " + hash);
      }
      connection.commit();
    }
    try {
      DriverManager.getConnection("jdbc:derby:memory:test;drop=true");
    } catch (SQLException e) {
      System.out.println("dropped " + e.getSQLState());
    }
  }
}
