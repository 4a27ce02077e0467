package io.heliodor.transport;

import io.heliodor.session.Count;
import io.netty.handler.codec.http.FullHttpResponse;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is computed for each request of a path, on a virtual thread; so many at a time, and no more. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends the connection, which is noticed there
public final class Computed {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");

    /** Who asks for more at once is told to come later: nobody can have a server compute without end. */
    private static final int MOST_AT_ONCE = 4;

    private final String path;
    private final Callable<Text> source;
    private final Semaphore free = new Semaphore(MOST_AT_ONCE);

    /**
     * An answer as text.
     *
     * @param type its media type
     * @param text what it says
     */
    public record Text(String type, String text) {}

    /**
     * What is computed.
     *
     * @param path where
     * @param source by what; it may block
     */
    public Computed(String path, Callable<Text> source) {
        this.path = path;
        this.source = source;
    }

    void answer(HttpConnection http, boolean keepAlive) {
        if (!free.tryAcquire()) {
            http.refuse(Count.REFUSED_REQUEST, 503, "busy");
            return;
        }
        HttpConnection.onThread(() -> {
            FullHttpResponse response;
            try {
                Text text = source.call();
                response = HttpConnection.response(200, text.type(), text.text());
            } catch (Throwable e) {
                LOG.error("What is to be answered at {} cannot be computed; the client gets status 500.", path, e);
                response = HttpConnection.response(500, "text/plain; charset=utf-8", "");
            } finally {
                free.release();
            }
            FullHttpResponse made = response;
            http.onLoop(() -> http.respond(made, keepAlive, http.stalled()));
        });
    }
}
