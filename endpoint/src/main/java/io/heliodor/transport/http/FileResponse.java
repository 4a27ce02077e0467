package io.heliodor.transport.http;

import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.type.text.EscapedException;
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
import java.nio.file.NoSuchFileException;
import java.time.Duration;
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
    private static final long MEMORY_BYTES = 2 * PIECE + 1_024;

    /** The time after which a client may request a file again that changes. */
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    @Override
    public void run() {
        if (!http.channel().isActive()) {
            return;
        }
        try {
            try {
                answer();
            } catch (FileReads.ChangedException e) {
                answer();
            }
        } catch (FileReads.ChangedException e) {
            files.log().warn("A file of {} changes while it is read; the client gets status 503.", files.folder());
            http.onLoop(() -> http.refuse(Counter.REFUSED_REQUEST, 503, "the file changes", Optional.of(RETRY_AFTER)));
        } catch (NoSuchFileException e) {
            http.onLoop(() -> http.refuse(Counter.REFUSED_REQUEST, 404, ""));
        } catch (IOException | RuntimeException e) {
            // A RuntimeException comes from a closed file system.
            files.log()
                    .write(() -> LOG.error(
                            "A file of {} cannot be read; the client gets status 404.",
                            files.folder(),
                            EscapedException.of(e)));
            http.onLoop(() -> http.refuse(Counter.REFUSED_REQUEST, 404, ""));
        }
    }

    /** Answers the request, or throws before a byte of the response is sent. */
    private void answer() throws IOException {
        Optional<StaticFiles.Found> found = files.find(path);
        if (found.isEmpty()) {
            http.onLoop(() -> http.refuse(Counter.REFUSED_REQUEST, 404, ""));
        } else if (FileTags.isCached(request.headers(), found.get().tag())) {
            respond(HttpResponseStatus.NOT_MODIFIED, found.get());
        } else if (request.method().equals(HttpMethod.HEAD)) {
            respond(HttpResponseStatus.OK, found.get());
        } else if (http.hub().memory().tight()) {
            http.onLoop(() -> http.refuse(Counter.REFUSED_OVERLOADED, 503, "overloaded"));
        } else {
            send(found.get());
        }
    }

    private void respond(HttpResponseStatus status, StaticFiles.Found file) {
        FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.EMPTY_BUFFER);
        setHeaders(file, response);
        http.onLoop(() -> http.respond(response, keepAlive));
    }

    private static void setHeaders(StaticFiles.Found file, HttpResponse response) {
        file.tag().ifPresent(tag -> response.headers().set(HttpHeaderNames.ETAG, tag));
        if (response.status().equals(HttpResponseStatus.NOT_MODIFIED)) {
            return;
        }
        response.headers()
                .set(HttpHeaderNames.CONTENT_LENGTH, file.version().size())
                .set(HttpHeaderNames.CONTENT_TYPE, file.type());
        if (file.type().startsWith("text/html")) {
            // Other sites may not embed the page.
            response.headers().set(HttpHeaderNames.CONTENT_SECURITY_POLICY, "frame-ancestors 'none'");
        }
    }

    private void send(StaticFiles.Found file) throws IOException {
        MemoryBudget memory = http.hub().memory();
        memory.add(MEMORY_BYTES);
        try (FileReads.Pieces in = files.reads().open(file.path(), file.version())) {
            long left = file.version().size();
            byte[] first = read(in, (int) Math.min(left, PIECE));
            send(file, in, first, left - first.length);
        } finally {
            memory.add(-MEMORY_BYTES);
        }
    }

    /** Sends the head, the first piece and those that follow. */
    private void send(StaticFiles.Found file, FileReads.Pieces in, byte[] first, long rest) {
        Channel channel = http.channel();
        HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        setHeaders(file, response);
        try {
            channel.write(http.withDefaultHeaders(response, keepAlive), channel.voidPromise());
            byte[] piece = first;
            for (long left = rest; left > 0; left -= piece.length) {
                requireTaken(channel.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(piece))));
                piece = read(in, (int) Math.min(left, PIECE));
            }
            // Close the file before its end is sent: after that, users may remove it.
            in.close();
            ChannelFuture sent = channel.writeAndFlush(new DefaultLastHttpContent(Unpooled.wrappedBuffer(piece)));
            sent.addListener(written -> {
                if (written.isSuccess()) {
                    http.responseWritten(keepAlive);
                }
            });
            requireTaken(sent);
        } catch (IOException | RuntimeException e) {
            LOG.debug("A file was not sent to its end.", e);
            channel.close();
        } catch (Error e) {
            channel.close();
            files.log()
                    .write(() ->
                            LOG.error("A file of {} was not sent to its end.", files.folder(), EscapedException.of(e)));
        }
    }

    private static byte[] read(FileReads.Pieces in, int length) throws IOException {
        byte[] piece = in.next(length);
        if (piece.length < length) {
            throw new FileReads.ChangedException();
        }
        return piece;
    }

    private void requireTaken(ChannelFuture piece) throws IOException {
        if (!piece.awaitUninterruptibly(http.stallTimeout().toMillis()) || !piece.isSuccess()) {
            throw new IOException("the client does not take it");
        }
    }
}
