import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;

/** A Tomcat on a free port of the loopback interface, and clients in the same JVM that ask it thousands of times. */
public final class WebServer {
  private static final class Pages extends HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
      int n = Integer.parseInt(request.getParameter("n"));
      if (n % 50 == 49) {
        response.sendError(404, "no page " + n);
        return;
      }
      response.setContentType("text/html;charset=UTF-8");
      response.setHeader("X-Number", Integer.toString(n));
      var out = response.getWriter();
      out.print("<html><body><h1>" + request.getServletPath() + " " + n + "</h1><table>");
      for (int i = 0; i < n % 40; i++) out.printf("<tr><td>%d</td><td>%s</td><td>%.3f</td></tr>%n", i, Integer.toString(i * n, 36), n / (i + 1.0));
      out.print("</table></body></html>");
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
      var names = new TreeMap<String, String>();
      for (String name : Collections.list(request.getParameterNames())) names.put(name, String.join("+", request.getParameterValues(name)));
      var session = request.getSession();
      Integer visits = (Integer) session.getAttribute("visits");
      session.setAttribute("visits", visits == null ? 1 : visits + 1);
      response.setContentType("text/plain;charset=UTF-8");
      response.getWriter().print(names + " " + visits);
    }
  }

  private static int ask(int port, String path, String body) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
    if (body != null) {
      connection.setDoOutput(true);
      connection.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
    }
    int code = connection.getResponseCode();
    try (InputStream in = code < 400 ? connection.getInputStream() : connection.getErrorStream()) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return code * 31 + text.hashCode() + (connection.getHeaderField("X-Number") == null ? 0 : 7);
    }
  }

  public static void main(String[] arguments) throws Exception {
    int requests = Integer.parseInt(arguments[0]);
    java.util.logging.LogManager.getLogManager().reset();
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(arguments[1]);
    tomcat.setHostname("127.0.0.1");
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("address", InetAddress.getLoopbackAddress().getHostAddress());
    Context context = tomcat.addContext("", new File(arguments[1]).getAbsolutePath());
    Tomcat.addServlet(context, "pages", new Pages()).addMapping("/pages/*");
    tomcat.start();
    int port = tomcat.getConnector().getLocalPort();
    ExecutorService clients = Executors.newFixedThreadPool(4);
    Future<?>[] sums = new Future<?>[4];
    for (int client = 0; client < sums.length; client++) {
      int number = client;
      sums[client] = clients.submit(() -> {
        long sum = 0;
        for (int i = 0; i < requests; i++) {
          sum = sum * 31 + (i % 4 == 3 ? ask(port, "/pages/form", "a=" + i + "&b=caf%C3%A9+" + number + "&a=2") : ask(port, "/pages/list?n=" + (i * 4 + number), null));
        }
        return sum;
      });
    }
    for (Future<?> sum : List.of(sums)) System.out.println("client " + sum.get());
    clients.shutdown();
    tomcat.stop();
    tomcat.destroy();
    System.out.println("served " + 4 * requests);
  }
}
