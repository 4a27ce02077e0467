package io.heliodor.transport.http;

import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.telemetry.Counter;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The response to a request for a file, on a virtual thread of its own. It sends the file in chunks, and reads the next one
 * when the client has taken the last: one chunk is in memory, however large the file and slow the client.
 *
 * @param http the connection
 * @param files the folder
 * @param path the decoded path of the request
 * @param request the request
 * @param keepAlive whether another request may follow
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the connection, which is noticed there
public record FileResponse(HttpConnection http, StaticFiles files, String path, HttpRequest request, boolean keepAlive)
        implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");

    /** The bytes that a client must take within the stall timeout. */
    private static final int PIECE = 16 << 10;

    /** A piece that waits for the client, and the thread that waits with it. */
    private static final long MEMORY_BYTES = 2 * PIECE;

    @Override
    public void run() {
        Optional<StaticFiles.Found> found;
        try {
            found = files.find(path);
        } catch (IOException | RuntimeException e) {
            // A RuntimeException comes from a closed file system.
            LOG.error("A file of {} cannot be read; the client gets status 404.", files.folder(), e);
            found = Optional.empty();
        }
        if (found.isEmpty()) {
            http.onLoop(() -> http.refuse(Counter.REFUSED_REQUEST, 404, ""));
        } else if (isCached(found.get().tag())) {
            respond(HttpResponseStatus.NOT_MODIFIED, found.get());
        } else if (request.method().equals(HttpMethod.HEAD)) {
            respond(HttpResponseStatus.OK, found.get());
        } else if (http.hub().memory().tight()) {
            http.onLoop(() -> http.refuse(Counter.REFUSED_OVERLOADED, 503, "overloaded"));
        } else {
            send(found.get());
        }
    }

    /** Whether the client has the current file in its cache. */
    private boolean isCached(String tag) {
        List<String> tags = request.headers().getAll(HttpHeaderNames.IF_NONE_MATCH);
        return tags.stream().anyMatch(each -> each.contains(tag) || each.equals("*"));
    }

    private void respond(HttpResponseStatus status, StaticFiles.Found file) {
        FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.EMPTY_BUFFER);
        setHeaders(file, response);
        http.onLoop(() -> http.respond(response, keepAlive));
    }

    private static void setHeaders(StaticFiles.Found file, HttpResponse response) {
        response.headers().set(HttpHeaderNames.ETAG, file.tag());
        if (response.status().equals(HttpResponseStatus.NOT_MODIFIED)) {
            return;
        }
        response.headers()
                .set(HttpHeaderNames.CONTENT_LENGTH, file.size())
                .set(HttpHeaderNames.CONTENT_TYPE, file.type());
        if (file.type().startsWith("text/html")) {
            // Other sites may not embed the page.
            response.headers().set(HttpHeaderNames.CONTENT_SECURITY_POLICY, "frame-ancestors 'none'");
        }
    }

    private void send(StaticFiles.Found file) {
        HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        setHeaders(file, response);
        Channel channel = http.channel();
        MemoryBudget memory = http.hub().memory();
        memory.add(MEMORY_BYTES);
        try {
            // Close the file before its end is sent: after that, users may remove it.
            byte[] end = sendAllBut(PIECE, file, HttpConnection.withDefaultHeaders(response, keepAlive));
            ChannelFuture sent = channel.writeAndFlush(new DefaultLastHttpContent(Unpooled.wrappedBuffer(end)));
            sent.addListener(written -> {
                if (written.isSuccess()) {
                    http.responseWritten(keepAlive);
                }
            });
            requireTaken(sent);
        } catch (IOException | RuntimeException e) {
            LOG.debug("A file was not sent to its end.", e);
            channel.close();
        } finally {
            memory.add(-MEMORY_BYTES);
        }
    }

    /** Sends the head and all but the last bytes of the file, and returns these. */
    private byte[] sendAllBut(int max, StaticFiles.Found file, HttpResponse head) throws IOException {
        try (FileReads.Pieces in = files.reads().open(file.path())) {
            http.channel().write(head, http.channel().voidPromise());
            long left = file.size();
            for (; left > max; left -= max) {
                byte[] piece = read(in, max);
                requireTaken(http.channel().writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(piece))));
            }
            return read(in, (int) left);
        }
    }

    private static byte[] read(FileReads.Pieces in, int length) throws IOException {
        byte[] piece = in.next(length);
        if (piece.length < length) {
            throw new IOException("the file became shorter while it was sent");
        }
        return piece;
    }

    private void requireTaken(ChannelFuture piece) throws IOException {
        if (!piece.awaitUninterruptibly(http.stallTimeout().toMillis()) || !piece.isSuccess()) {
            throw new IOException("the client does not take it");
        }
    }
}
