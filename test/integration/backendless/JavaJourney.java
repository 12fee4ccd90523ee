import com.backendless.Backendless;
import com.backendless.async.callback.AsyncCallback;
import com.backendless.exceptions.BackendlessException;
import com.backendless.exceptions.BackendlessFault;
import com.backendless.persistence.DataQueryBuilder;
import com.backendless.property.ObjectProperty;
import com.backendless.rt.messaging.Channel;
import com.backendless.rt.messaging.MessageInfoCallback;
import com.backendless.messaging.PublishMessageInfo;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Does what it is told on its standard input with the official SDK, and prints what came of it, a line each. */
public class JavaJourney {
  static synchronized void say(String what) {
    System.out.println(what);
  }

  static Object charge(String token, String amount, String order) {
    HashMap<String, Object> params = new HashMap<>();
    params.put("token", token);
    params.put("amount", Float.parseFloat(amount));
    if (!order.equals("-")) params.put("order_id", order);
    return Backendless.CustomService.invoke("Stripe", "charge", new Object[] {params}, Object.class);
  }

  static void listen(String id) {
    Channel channel = Backendless.Messaging.subscribe("stripe");
    channel.addJoinListener(new AsyncCallback<Void>() {
      public void handleResponse(Void none) { say("joined"); }
      public void handleFault(BackendlessFault fault) { say("not joined: " + fault.getMessage()); }
    });
    channel.addMessageListener("id = '" + id + "'", new AsyncCallback<HashMap>() {
      public void handleResponse(HashMap message) { say("message " + message.get("type")); }
      public void handleFault(BackendlessFault fault) { say("no message: " + fault.getMessage()); }
    }, HashMap.class);
    channel.addMessageListener("id = '" + id + "'", new MessageInfoCallback() {
      public void handleResponse(PublishMessageInfo info) { say("info " + info.getHeaders().get("type")); }
      public void handleFault(BackendlessFault fault) { say("no info: " + fault.getMessage()); }
    });
    Backendless.Data.of("StripeEvents").rt().addCreateListener("id = '" + id + "'", new AsyncCallback<Map>() {
      public void handleResponse(Map row) { say("row " + row.get("type")); }
      public void handleFault(BackendlessFault fault) { say("no row: " + fault.getMessage()); }
    });
  }

  static void listenToAll() {
    Backendless.Messaging.subscribe("stripe").addMessageListener(new AsyncCallback<HashMap>() {
      public void handleResponse(HashMap message) { say("heard of others"); }
      public void handleFault(BackendlessFault fault) { say("refused: " + fault.getMessage()); }
    }, HashMap.class);
  }

  static void read(String id) {
    String where = "id = '" + id + "'";
    DataQueryBuilder query = DataQueryBuilder.create().setWhereClause(where).setSortBy("created");
    List<Map> rows = Backendless.Data.of("StripeEvents").find(query);
    Object payload = rows.get(0).get("payload");
    say("found " + rows.size() + " " + rows.get(0).get("___class") + " " + rows.get(0).get("created").getClass().getSimpleName()
        + " " + (payload instanceof Map));
    say("counted " + Backendless.Data.of("StripeEvents").getObjectCount(query));
    Map byId = Backendless.Data.of("StripeEvents").findById((String) rows.get(0).get("objectId"));
    say("by id " + byId.get("objectId").equals(rows.get(0).get("objectId")));
    int columns = 0;
    for (ObjectProperty property : Backendless.Data.describe("StripeEvents"))
      if (property.getType() != null) columns += 1;
    say("described " + (columns > 10));
  }

  public static void main(String[] arguments) throws Exception {
    Backendless.setUrl(arguments[0]);
    Backendless.initApp(arguments[1], arguments[2]);
    BufferedReader orders = new BufferedReader(new InputStreamReader(System.in));
    for (String line = orders.readLine(); line != null; line = orders.readLine()) {
      String[] words = line.split(" ");
      try {
        switch (words[0]) {
          case "charge" -> {
            Map made = (Map) charge(words[1], words[2], words[3]);
            say("charged " + made.get("id") + " " + ((Number) made.get("amount")).longValue() + " " + made.getClass().getSimpleName());
          }
          case "listen" -> listen(words[1]);
          case "listen-to-all" -> listenToAll();
          case "read" -> read(words[1]);
          default -> say("unknown: " + line);
        }
      } catch (BackendlessException fault) {
        say("fault " + fault.getCode() + " " + fault.getDetail() + ": " + fault.getMessage());
      }
    }
    System.exit(0);
  }
}
