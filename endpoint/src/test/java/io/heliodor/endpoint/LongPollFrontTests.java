package io.heliodor.endpoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.limit.Limits;
import io.heliodor.pubsub.PubSub;
import io.heliodor.session.Hub;
import io.heliodor.transport.longpoll.PollLimits;
import io.heliodor.wire.PayloadCodec;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that disconnect while their endpoint requests their session from its owner, whose answers the test permits. */
class LongPollFrontTests extends LiveTest {
    private static final byte NO = 0;
    private static final byte YES = 1;
    private static final int KNOWN = 1;
    private static final int POLL = 2;
    private static final int POST = 4;
    private static final byte ANSWER = 5;
    private static final int ARRIVING = 7;

    private static final String FRAME = "[\"1\",\"2\",\"room:a\",\"echo\",{\"x\":\"" + "x".repeat(10_000) + "\"}]";

    @AutoClose
    private final PubSub pubsub = PubSub.local();

    @AutoClose
    private final Hub owner = new Hub(pubsub, PayloadCodec.strict(), Limits.openInternet(), System::nanoTime);

    private final String token = "poll." + owner.endpoints().self() + "." + "A".repeat(32);

    /** The owner takes one permit for each answer. */
    private final Semaphore answers = new Semaphore(0);

    /** The requests of the front, each a kind and the text of its message if it is a post. */
    private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();

    private final AtomicInteger connects = new AtomicInteger();
    private volatile boolean found = true;

    @BeforeEach
    void answerRequests() {
        owner.endpoints().handle(request -> {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(request));
            int kind = in.readByte();
            in.readUTF(); // the token
            in.readUTF(); // the path
            if (kind == POST) {
                return takePost(in);
            }
            if (kind == ARRIVING) {
                return new byte[] {YES};
            }
            requests.add(String.valueOf(kind));
            answers.acquireUninterruptibly();
            return new byte[] {found ? YES : NO};
        });
    }

    /** Takes a post of one text, and answers it with 200. */
    private byte[] takePost(DataInputStream in) throws IOException {
        String front = in.readUTF();
        long number = in.readLong();
        in.readBoolean(); // a text
        requests.add(POST + new String(in.readNBytes(in.readInt()), UTF_8));
        byte[] answer = ByteBuffer.allocate(16)
                .put(ANSWER)
                .putLong(number)
                .putShort((short) 200)
                .put((byte) 1)
                .array();
        Thread.startVirtualThread(() -> owner.endpoints().request(front, answer, Duration.ofSeconds(5)));
        return new byte[] {YES};
    }

    private Live front() {
        return start(builder -> builder.pubsub(pubsub)
                .loops(1)
                .polls(PollLimits.defaults().body(Duration.ofMillis(200)))
                .limits(Limits.openInternet().connections(c -> c.maxHandshakesOfLoopback(10)))
                .socket(
                        "/counted",
                        UserSocket.<Object>connect(connect -> {
                                    connects.incrementAndGet();
                                    return Connect.ok(Empty.EMPTY);
                                })
                                .channel(
                                        "room:*",
                                        Channel.join(join -> Join.ok("")).build())
                                .build()));
    }

    private String head(String method, String headers) {
        return method + " /counted/longpoll?vsn=2.0.0&token=" + token + " HTTP/1.1\r\nHost: localhost\r\n" + headers
                + "\r\n";
    }

    private void awaitRequest(Object request) throws InterruptedException {
        assertThat(requests.poll(RawClient.DEADLINE_MILLIS, TimeUnit.MILLISECONDS))
                .isEqualTo(request.toString());
    }

    /** Whether the transport detects a FIN on a connection that is not read. */
    private boolean detectsFin() {
        return transport != Transport.NIO;
    }

    /** Waits until the server has closed the connection for the client's FIN, if it does so now. */
    private void awaitEnd(RawClient client) {
        if (detectsFin()) {
            client.ends();
        }
    }

    private static void holdsNothing(Live front) {
        Live.eventually().untilAsserted(() -> {
            assertThat(front.endpoint.addresses()).isZero();
            assertThat(front.gauge("heliodor.memory.used")).isZero();
        });
    }

    private static String length(int bytes) {
        return "Content-Length: " + bytes + "\r\n";
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPostThatArrivesWithAFinIsForwarded(boolean chunked) throws InterruptedException {
        Live front = front();
        RawClient client = connect(front);
        if (chunked) {
            client.send(head("POST", "Transfer-Encoding: chunked\r\n") + Integer.toHexString(FRAME.length()) + "\r\n"
                    + FRAME + "\r\n0\r\n\r\n");
        } else {
            client.send(head("POST", length(FRAME.length())) + FRAME);
        }
        client.endsOutput();
        awaitRequest(KNOWN);
        awaitEnd(client);
        if (detectsFin()) {
            assertThat(front.gauge("heliodor.memory.used")).isGreaterThan(FRAME.length());
        }
        answers.release();
        awaitRequest(POST + FRAME);
        holdsNothing(front);
        assertThat(front.count("refused_request")).isZero();
    }

    @Test
    void aPostThatArrivesWithAFinAndHasNoSessionIsReleased() throws InterruptedException {
        found = false;
        Live front = front();
        RawClient client = connect(front)
                .send(head("POST", length(FRAME.length())) + FRAME)
                .endsOutput();
        awaitRequest(KNOWN);
        awaitEnd(client);
        answers.release();
        holdsNothing(front);
        assertThat(requests).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[\"1\",\"2\""})
    void aPostThatEndsBeforeItsBodyHasArrivedIsReleasedAndNotRefused(String part) throws InterruptedException {
        Live front = front();
        RawClient client =
                connect(front).send(head("POST", length(10_000)) + part).endsOutput();
        awaitRequest(KNOWN);
        awaitEnd(client);
        answers.release();
        holdsNothing(front);
        // The body of this one is awaited for longer than that of the first could be.
        RawClient slow = connect(front).send(head("POST", length(10_000)));
        answers.release();
        assertThat(slow.response().status()).isEqualTo(408);
        assertThat(front.count("refused_request")).isEqualTo(1);
        slow.close();
        holdsNothing(front);
    }

    @Test
    void aPollWhoseClientHasGoneOpensNoSession() throws InterruptedException {
        assumeThat(detectsFin()).isTrue();
        found = false;
        Live front = front();
        RawClient client = connect(front).send(head("GET", "")).endsOutput();
        awaitRequest(POLL);
        client.ends();
        answers.release();
        holdsNothing(front);
        assertThat(connects).hasValue(0);
    }
}
