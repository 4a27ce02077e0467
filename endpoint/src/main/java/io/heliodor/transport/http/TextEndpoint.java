package io.heliodor.transport.http;

import io.heliodor.log.FailureLog;
import io.heliodor.session.telemetry.Counter;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The texts of one path, computed for each request on a virtual thread, up to a number of requests at a time. Others
 * wait, and the addresses of clients take turns.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends the connection, which is noticed there
public final class TextEndpoint {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");

    /** Further concurrent requests wait, so that clients cannot use all processors. */
    private static final int MAX_CONCURRENT = 4;

    private final String path;
    private final Source source;
    private final FairTasks tasks = new FairTasks(MAX_CONCURRENT);
    private final FailureLog failures = new FailureLog(LOG, System::nanoTime);

    /**
     * A response.
     *
     * @param status its status
     * @param type its media type
     * @param text its body
     * @param headers its further headers
     */
    public record Text(int status, String type, String text, Map<String, String> headers) {}

    /**
     * A request.
     *
     * @param path its path
     * @param params the parameters of its query
     * @param headers its headers, by names in lower case
     * @param remoteAddress the address of the client
     */
    public record Request(
            String path, Map<String, List<String>> params, Map<String, List<String>> headers, String remoteAddress) {}

    /** Computes the text. */
    @FunctionalInterface
    public interface Source {
        /**
         * Computes the text of one response. It may block.
         *
         * @param request the request
         * @return the text
         * @throws Exception any failure
         */
        Text answer(Request request) throws Exception;
    }

    /**
     * The texts of a path.
     *
     * @param path the path
     * @param source computes the texts
     */
    public TextEndpoint(String path, Source source) {
        this.path = path;
        this.source = source;
    }

    public void respond(HttpConnection http, Map<String, List<String>> params, HttpHeaders headers, boolean keepAlive) {
        InetAddress client = http.client().address();
        // Its map of headers is made when the task runs: one that waits holds only the head, which counts.
        Supplier<Request> request = () -> new Request(path, params, HeaderMap.of(headers), client.getHostAddress());
        http.holdRequest(hold -> begin(http, hold, () -> compute(http, request, keepAlive)));
    }

    private void begin(HttpConnection http, ConnectionPermits.Permit hold, Runnable compute) {
        Runnable holding = http.holding(hold, compute);
        FairTasks.Task task = new FairTasks.Task() {
            @Override
            public void work() {
                holding.run();
            }

            @Override
            public void refused() {
                hold.release();
                http.onLoop(() -> http.refuse(Counter.REFUSED_REQUEST, 503, "busy"));
            }

            @Override
            public void inLaterTurn(Runnable next) {
                http.inLaterTurn(next);
            }
        };
        InetAddress client = http.client().address();
        tasks.run(client, task);
        http.onDisconnect(() -> {
            if (tasks.remove(client, task)) {
                hold.release();
            }
        });
    }

    private void compute(HttpConnection http, Supplier<Request> request, boolean keepAlive) {
        if (!http.channel().isActive()) {
            return;
        }
        FullHttpResponse response;
        try {
            Text text = source.answer(request.get());
            response = Responses.of(text.status(), text.type(), text.text());
            text.headers().forEach(response.headers()::set);
        } catch (Throwable e) {
            failures.error("The handler of " + path, e, () -> "failed; the client gets status 500.");
            response = Responses.text(500, "");
        }
        FullHttpResponse made = response;
        http.onLoop(() -> http.respondPaced(made, keepAlive));
    }
}
