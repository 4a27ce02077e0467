package io.heliodor.transport.http;

import io.heliodor.session.budget.MemoryBudget;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/** Reads the bodies of a connection's requests, in time and while there is memory. On the loop of the connection. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends the connection, which is noticed there
final class BodyReader {
    /** An unfinished body is refused if two checks find memory tight, before sessions are closed for it. */
    private static final long CHECK_NANOS = 500_000_000;

    private record ArrivingBody(RequestBody content, BodyDeadline due) {}

    private final Channel channel;
    private final RequestGate gate;
    private final MemoryBudget memory;
    private final Deadline deadline;
    private final ObjIntConsumer<String> refuse;

    /** The body of the current request, while it is read. */
    private @Nullable ArrivingBody body;

    /** Reads the body of the current request when the connection ends, if it shall be read then. */
    private @Nullable Runnable atEnd;

    private boolean ended;

    /** {@code refuse} gets the text and the status of the response to the current request. */
    BodyReader(
            Channel channel, RequestGate gate, MemoryBudget memory, Deadline deadline, ObjIntConsumer<String> refuse) {
        this.channel = channel;
        this.gate = gate;
        this.memory = memory;
        this.deadline = deadline;
        this.refuse = refuse;
    }

    /** Whether a request announces a body. */
    static boolean hasBody(HttpRequest request) {
        return HttpUtil.isTransferEncodingChunked(request) || HttpUtil.getContentLength(request, 0L) != 0;
    }

    /** Reads the body of the current request: see {@link HttpConnection#read}. */
    void read(HttpRequest request, RequestBody wanted, Duration time) {
        if (ended) {
            // Nothing arrives any more, and nothing would release the body or cancel its deadline.
            wanted.release();
            return;
        }
        if (!hasBody(request)) {
            // The decoder may have emitted its end before this call.
            wanted.finish();
            return;
        }
        body = new ArrivingBody(wanted, new BodyDeadline(time, System.nanoTime()));
        if (channel.isActive()) {
            check(body, false);
            if (HttpUtil.is100ContinueExpected(request)) {
                channel.writeAndFlush(
                        new DefaultFullHttpResponse(
                                HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER),
                        channel.voidPromise());
            }
            channel.config().setAutoRead(true);
        }
        // Also if the connection is closed, and its end comes with a later task of the loop: all may have arrived.
        pass(request);
    }

    private void pass(HttpRequest request) {
        if (HttpUtil.isTransferEncodingChunked(request)) {
            gate.passChunks();
        } else {
            gate.passBody(HttpUtil.getContentLength(request, 0L));
        }
    }

    /** Reads the body when the connection ends: see {@link HttpConnection#readAtEnd}. */
    void readAtEnd(HttpRequest request, RequestBody wanted) {
        atEnd = () -> {
            body = new ArrivingBody(wanted, new BodyDeadline(Duration.ZERO, System.nanoTime()));
            pass(request);
        };
    }

    void cancelReadAtEnd() {
        atEnd = null;
    }

    /** The gate has all bytes that the client has sent. */
    void gateEnded() {
        Runnable read = atEnd;
        atEnd = null;
        if (read != null) {
            read.run();
        }
    }

    /** Refuses a body that does not arrive in time, or that is unfinished while memory is tight. */
    private void check(ArrivingBody arriving, boolean wasTight) {
        boolean tight = memory.tight();
        long left = arriving.due.left(System.nanoTime());
        if (tight && wasTight) {
            refuse(503, "overloaded");
        } else if (left <= 0) {
            refuse(408, "");
        } else {
            deadline.set(Duration.ofNanos(Math.min(left, CHECK_NANOS)), () -> check(arriving, tight));
        }
    }

    /** A part has arrived, of a body that is read or not. */
    void arrived(HttpContent part) {
        ArrivingBody arriving = body;
        if (arriving == null) {
            return;
        }
        if (part.decoderResult().isFailure()) {
            refuse(400, "the body cannot be decoded");
            return;
        }
        int bytes = part.content().readableBytes();
        OptionalInt refusal = arriving.content.add(part.content());
        if (refusal.isPresent()) {
            refuse(refusal.getAsInt(), "");
        } else if (part instanceof LastHttpContent) {
            body = null;
            gate.close();
            deadline.cancel();
            channel.config().setAutoRead(false);
            arriving.content.finish();
        } else {
            arriving.due.arrived(bytes, System.nanoTime());
            arriving.content.partArrived();
        }
    }

    private void refuse(int status, String text) {
        drop();
        refuse.accept(text, status);
    }

    private void drop() {
        if (body != null) {
            body.content.release();
            body = null;
        }
    }

    /** The connection has ended: no body arrives any more. */
    void end() {
        ended = true;
        drop();
    }
}
