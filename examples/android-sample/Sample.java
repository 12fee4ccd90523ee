import com.backendless.Backendless;
import com.backendless.async.callback.AsyncCallback;
import com.backendless.exceptions.BackendlessFault;
import com.backendless.rt.messaging.Channel;
import java.util.HashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The Android sample of the Backendless plugin "Stripe Integration", as a program for a desktop's Java: one charge, and the
 * live message that Stripe has made it. What differs from the app's code: the address of the server, printing in place of
 * Android's log, and waiting for the message, since a program ends and an app does not.
 */
public class Sample {
  public static void main(String[] arguments) throws InterruptedException {
    if (arguments.length < 3) {
      System.err.println("Usage: java -cp '<jars>' Sample.java <server address> <app id> <client key> [token] [amount]");
      System.exit(2);
    }
    String token = arguments.length > 3 ? arguments[3] : "tok_visa";
    float amount = arguments.length > 4 ? Float.parseFloat(arguments[4]) : 1999;
    CountDownLatch done = new CountDownLatch(1);

    Backendless.setUrl(arguments[0]);
    Backendless.initApp(arguments[1], arguments[2]);

    HashMap<String, Object> params = new HashMap<String, Object>();
    params.put("token", token);
    params.put("amount", amount);
    Object[] args = new Object[] {params};
    Backendless.CustomService.invoke("Stripe", "charge", args, Object.class,
        new AsyncCallback<Object>() {
          public void handleResponse(Object response) {
            System.out.println("Charge has been submitted");
            // To get a real-time message:
            HashMap responseHash = (HashMap) response;
            String txId = (String) responseHash.get("id");
            Channel channel = Backendless.Messaging.subscribe("stripe");
            channel.addMessageListener("id = '" + txId + "'", new AsyncCallback<HashMap>() {
              public void handleResponse(HashMap message) {
                System.out.println("got webhook callback " + message);
                if ("charge.succeeded".equals(message.get("type"))) done.countDown();
              }

              public void handleFault(BackendlessFault fault) {
                System.out.println("got error " + fault.toString());
                done.countDown();
              }
            }, HashMap.class);
          }

          public void handleFault(BackendlessFault fault) {
            System.out.println("Server returned an error " + fault);
            done.countDown();
          }
        });

    boolean heard = done.await(60, TimeUnit.SECONDS);
    if (!heard) System.out.println("No message came within a minute.");
    // The SDK keeps threads for its connection.
    System.exit(heard ? 0 : 1);
  }
}
