package io.heliodor.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.session.SessionClosing;
import io.heliodor.testkit.ClientCodec.ServerFrame;
import io.heliodor.testkit.Transcript.Received;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadOutcome;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection to the socket of a {@link ChannelKit}, with the behaviour of phoenix.js and version 2.0.0 of the protocol.
 *
 * <p>It sends a heartbeat every 30 s of the kit's clock, or after half of the idle time if that is less, until it
 * {@link #hang hangs}. It does not reconnect or rejoin by itself.
 *
 * <p><b>Failures</b> are {@link AssertionError}s with the frames that this client sent and received. <b>Threads:</b> any thread
 * may use it, except threads that run handlers. <b>Blocking:</b> methods that wait do so until the {@linkplain
 * ChannelKit.Builder#deadline deadline} at most.
 */
public final class TestClient {
    private static final byte[] HEARTBEAT = "[null,\"heartbeat\",\"phoenix\",\"heartbeat\",{}]".getBytes(UTF_8);

    /** The close code of a connection that ends without a close frame. */
    private static final int LOST = 1006;

    private static final String JOIN_CRASHED = "join crashed";

    private final ClientEnvironment kit;
    private @Nullable KitConnection connection;

    // Guarded by this.
    private final Transcript transcript = new Transcript();
    private final Map<String, TestChannel> joins = new HashMap<>();
    private final Map<String, TestChannel> topics = new HashMap<>();
    private final Set<String> asked = new HashSet<>();
    private final Map<String, ServerFrame> replies = new HashMap<>();

    /** The joins that tests hold. */
    private final List<HeldJoin> held = new ArrayList<>();

    /** The events for the connection itself. */
    private final List<Received> inbox = new ArrayList<>();

    private int lastRef;
    private @Nullable String end;
    private int code;

    /** Only the loop uses it. */
    private long lastHeartbeat;

    private volatile boolean heartbeatsStopped;

    TestClient(ClientEnvironment kit, long now) {
        this.kit = kit;
        this.lastHeartbeat = now;
    }

    /** Opens the session; on the loop, before any other method. */
    void open(KitConnection opened) {
        connection = opened;
        opened.session().open();
    }

    ClientEnvironment kit() {
        return kit;
    }

    private KitConnection connection() {
        if (connection == null) {
            throw new AssertionError("a client without a connection");
        }
        return connection;
    }

    /** Sends a heartbeat if it is due; on the loop. */
    void sendHeartbeatIfDue(long now, long interval) {
        if (!heartbeatsStopped && now - lastHeartbeat >= interval) {
            lastHeartbeat = now;
            connection().send(HEARTBEAT);
        }
    }

    // Input, on the loop.

    KitConnection.Listener listener() {
        return new KitConnection.Listener() {
            @Override
            public void received(byte[] message) {
                TestClient.this.received(ClientCodec.read(message));
            }

            @Override
            public void closed(int with, String reason) {
                boolean _ = ended("The server closed the connection with " + with + " (" + reason + ").", with);
            }
        };
    }

    private synchronized void received(ServerFrame received) {
        boolean ofProtocol = received.topic().equals("phoenix");
        boolean isEvent = received.status().isEmpty();
        // Replies to heartbeats have no ref.
        boolean isExpected = isEvent || received.ref().filter(asked::contains).isPresent();
        if (end != null || (ofProtocol && !isExpected)) {
            return;
        }
        Received line = transcript.line(received);
        if (isEvent && (ofProtocol || kit.isPushTopic(received.topic()))) {
            line.waits = true;
            inbox.add(line);
            notifyAll();
            return;
        }
        if (received.status().isPresent()) {
            received.ref().filter(asked::contains).ifPresent(ref -> replies.put(ref, received));
            TestChannel joining = received.ref().map(joins::get).orElse(null);
            if (joining != null && received.is("ok")) {
                joining.joined(received.payload());
                topics.put(joining.topic(), joining);
            }
        } else {
            // As in phoenix.js: a frame of another join of the topic is not for the current one.
            TestChannel channel = received.joinRef().isPresent()
                    ? joins.get(received.joinRef().get())
                    : topics.get(received.topic());
            if (channel != null && !channel.ended()) {
                channel.received(line);
                if (channel.ended()) {
                    topics.remove(received.topic(), channel);
                }
            }
        }
        notifyAll();
    }

    /** Marks the connection as ended; false if it was already. */
    private synchronized boolean ended(String why, int with) {
        if (end != null) {
            return false;
        }
        end = why;
        code = with;
        transcript.note(why);
        topics.clear();
        notifyAll();
        return true;
    }

    /** The topics that it has joined. */
    synchronized Collection<String> topics() {
        return List.copyOf(topics.keySet());
    }

    // For tests.

    /**
     * Joins a topic without params, and waits for the reply. {@code onJoined} hooks may still run then; see
     * {@link ChannelKit#settle}.
     *
     * @param topic the topic
     * @return the channel
     * @throws AssertionError if the join is refused, or has no reply in time; its cause is the exception of the join handler
     */
    public TestChannel join(String topic) {
        Objects.requireNonNull(topic, "topic");
        return join(topic, Empty.EMPTY);
    }

    /**
     * Joins a topic, and waits for the reply. A former channel of this client on the topic is closed.
     *
     * @param topic the topic
     * @param params the params of the join
     * @return the channel
     * @throws AssertionError if the join is refused, or has no reply in time; its cause is the exception of the join handler
     */
    public TestChannel join(String topic, Object params) {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(params, "params");
        return awaitJoined(begin(topic, JoinParams.of(params, kit.codec())));
    }

    /**
     * Joins the topic of a channel that has ended, of this connection or a former one, as a reconnecting client does: with the
     * same params, and with the channel's position in a history. If the channel has {@linkplain TestChannel#recovered
     * recovered}, the missed messages can be expected.
     *
     * @param before the former channel
     * @return the new channel
     * @throws AssertionError if the join is refused, or has no reply in time; its cause is the exception of the join handler
     */
    public TestChannel rejoin(TestChannel before) {
        Objects.requireNonNull(before, "before");
        return awaitJoined(begin(before.topic(), JoinParams.again(before.params(), before.token())));
    }

    TestChannel awaitJoined(TestChannel channel) {
        String topic = channel.topic();
        ServerFrame received = await(() -> take(channel.joinRef()), "an answer to the join of " + topic, null);
        if (!received.is("ok")) {
            forget(channel);
            throw failed(
                    "Expected to join " + topic + "; it was refused with " + Transcript.text(received.payload())
                            + ". If intended, use joinRefused.",
                    topic);
        }
        return channel;
    }

    /**
     * Joins without params and expects a refusal.
     *
     * @param topic the topic
     * @return the refusal
     * @throws AssertionError if the client has joined, has no reply in time, or the join handler failed: then its
     *     exception is the cause
     */
    public Refusal joinRefused(String topic) {
        Objects.requireNonNull(topic, "topic");
        return joinRefused(topic, Empty.EMPTY);
    }

    /**
     * Joins and expects a refusal.
     *
     * @param topic the topic
     * @param params the params of the join
     * @return the refusal
     * @throws AssertionError if the client has joined, has no reply in time, or the join handler failed: then its
     *     exception is the cause
     */
    public Refusal joinRefused(String topic, Object params) {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(params, "params");
        return awaitRefused(begin(topic, JoinParams.of(params, kit.codec())));
    }

    Refusal awaitRefused(TestChannel channel) {
        String topic = channel.topic();
        ServerFrame received = await(() -> take(channel.joinRef()), "the join of " + topic + " to be refused", null);
        if (!received.is("error")) {
            throw failed("Expected the join of " + topic + " to be refused; the client has joined.", topic);
        }
        forget(channel);
        Refusal refusal = Refusals.of(received.payload(), kit.codec());
        if (refusal.equals(new Refusal.Plain(JOIN_CRASHED))) {
            throw failed("Expected the join of " + topic + " to be refused; the join handler failed.", topic);
        }
        return refusal;
    }

    /**
     * Joins a topic without params, and holds the join before its handler runs.
     *
     * @param topic the topic
     * @return the join
     * @throws AssertionError as for {@link #holdJoin(String, Object)}
     */
    public HeldJoin holdJoin(String topic) {
        Objects.requireNonNull(topic, "topic");
        return holdJoin(topic, Empty.EMPTY);
    }

    /**
     * Joins a topic, and holds the join before its handler runs: to broadcast while a join handler waits. The server has begun the
     * join when this method returns.
     *
     * @param topic the topic
     * @param params the params of the join
     * @return the join, which {@link HeldJoin#joined} lets go on
     * @throws AssertionError if the join is answered without its handler, or the handler is not called in time
     */
    public HeldJoin holdJoin(String topic, Object params) {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(params, "params");
        JoinParams encoded = JoinParams.of(params, kit.codec());
        HeldJoin join;
        synchronized (this) {
            join = new HeldJoin(this, begin(topic, encoded));
            held.add(join);
        }
        String ref = join.channel().joinRef();
        boolean called = await(
                () -> join.isAtHandler() ? Boolean.TRUE : replies.containsKey(ref) ? Boolean.FALSE : null,
                "the join handler of " + topic + " to be called",
                null);
        if (!called) {
            synchronized (this) {
                held.remove(join);
                forget(join.channel());
            }
            throw failed(
                    "Expected the join handler of " + topic + " to be called; the join was answered before.", topic);
        }
        return join;
    }

    /** The join of a topic that a test holds and whose handler was not called yet. */
    synchronized Optional<HeldJoin> takeHeld(String topic) {
        return held.stream()
                .filter(join -> join.channel().topic().equals(topic) && !join.isAtHandler())
                .findFirst();
    }

    /**
     * Sends a fresh token, as {@link UserSocket.Builder#onRefresh} describes it, and waits until it is accepted.
     * Channels that lose their rights may end later; see {@link ChannelKit#settle}.
     *
     * @param token the token
     * @throws AssertionError if the token is refused, or has no reply in time
     */
    public void refresh(String token) {
        ServerFrame received = sendToken(token);
        if (!received.is("ok")) {
            throw failed(
                    "Expected the token to be accepted; it was refused with " + Transcript.text(received.payload())
                            + ". If intended, use refreshRefused.",
                    null);
        }
    }

    /**
     * Sends a fresh token and expects a refusal.
     *
     * @param token the token
     * @return the refusal, with the fields {@code status} and {@code reason}
     * @throws AssertionError if the token is accepted, or has no reply in time
     */
    public Refusal refreshRefused(String token) {
        ServerFrame received = sendToken(token);
        if (!received.is("error")) {
            throw failed("Expected the token to be refused; it was accepted.", null);
        }
        return Refusals.of(received.payload(), kit.codec());
    }

    private ServerFrame sendToken(String token) {
        Objects.requireNonNull(token, "token");
        Payload.Json payload = JoinParams.json(Map.of("token", token), kit.codec());
        String ref;
        synchronized (this) {
            ref = nextRef();
            asked.add(ref);
            transcript.sent("phoenix", "refresh", ref, payload);
            connection().send(ClientCodec.text(Optional.empty(), ref, "phoenix", "refresh", payload));
        }
        return await(() -> take(ref), "an answer to the fresh token", null);
    }

    private synchronized TestChannel begin(String topic, JoinParams params) {
        String ref = nextRef();
        TestChannel channel = new TestChannel(this, topic, ref, params.kept());
        joins.put(ref, channel);
        asked.add(ref);
        transcript.sent(topic, "phx_join", ref, params.sent());
        connection().send(ClientCodec.text(Optional.of(ref), ref, topic, "phx_join", params.sent()));
        return channel;
    }

    private synchronized void forget(TestChannel channel) {
        joins.remove(channel.joinRef());
    }

    /**
     * Takes the oldest occurrence of an event for the connection itself, as {@code Channels.push} and {@code Channels.kick} send it, or
     * of one under a topic of {@link io.heliodor.channel.Channel.Builder#pushTopics}, or waits for one.
     *
     * @param event the expected event
     * @param <T> the type of the payload
     * @return its payload
     * @throws AssertionError if none comes in time, if the payload does not match its type, or if the connection ends
     */
    public <T> T expect(Event<T> event) {
        Objects.requireNonNull(event, "event");
        Predicate<ServerFrame> wanted = each -> each.event().equals(event.name());
        ServerFrame came =
                await(() -> Received.take(inbox, wanted), "the event '" + event.name() + "' for the connection", null);
        return switch (kit.codec().decode(event.type(), came.payload())) {
            case PayloadOutcome.Valid<T>(var value) -> value;
            case PayloadOutcome.Invalid<T>(var field, var message) ->
                throw failed(
                        "The payload of '" + event.name() + "' does not fit " + event.type() + ": "
                                + (field.isEmpty() ? "it" : "'" + field + "'") + " " + message,
                        null);
        };
    }

    /**
     * Waits until all caused work is done, as {@link ChannelKit#settle} does, and checks that no event for the connection itself was
     * received, apart from those that were taken.
     *
     * @throws AssertionError if such an event came, or if a handler still runs at the deadline
     */
    public void expectNothing() {
        kit.settle();
        ServerFrame came;
        synchronized (this) {
            came = Received.take(inbox, _ -> true);
        }
        if (came != null) {
            throw failed(
                    "Expected nothing more for the connection; '" + came.event() + "' came: "
                            + Transcript.text(came.payload()) + ".",
                    null);
        }
    }

    /**
     * Waits until the server has closed the connection, even if this client does not read.
     *
     * @return the close code; 1006 if the node of the server was {@linkplain ClusterKit#crash killed}
     * @throws AssertionError if there is no close in time, or this client has disconnected itself
     */
    public int expectClose() {
        return await(() -> code == 0 ? null : code, "the end of the connection by the server", null);
    }

    /** Whether the connection has ended. */
    synchronized boolean hasEnded() {
        return end != null;
    }

    /** Closes the connection, as {@code socket.disconnect()} does. Its channels end with {@code LeaveReason.Disconnected}. */
    public void disconnect() {
        end("This client disconnected.", closing -> closing.disconnected(1000, "closed by the client"));
    }

    /**
     * Loses the connection without a close frame. Channels end as with {@link #disconnect}; messages to the client are lost, and
     * a presence with a grace remains during it.
     */
    public void drop() {
        end("The connection of this client was lost.", SessionClosing::disconnected);
    }

    /** Cuts the connection, because the process of the server was killed; the session of the server stays as it is. */
    void killed(String node) {
        connection().cut();
        boolean _ = ended("The node " + node + " of the server was killed.", LOST);
    }

    /** At the end of the kit. */
    void finish() {
        boolean _ = ended("The kit was closed.", 0);
        synchronized (this) {
            held.forEach(HeldJoin::end);
        }
        kit.loop().perform(connection().session().closing()::disconnected);
    }

    private void end(String why, Consumer<SessionClosing> how) {
        if (ended(why, 0)) {
            kit.loop().perform(() -> connection().end(how));
        }
    }

    /**
     * Stops reading, like a client whose network is blocked. Messages caused before this call have been read when it returns,
     * except those of handlers that block. Further messages wait in the server, by its rules for slow clients and the kit's
     * clock: the client lags 250 ms after the first of them, and the server closes the connection with 4408 at a limit of its
     * {@link io.heliodor.limit.Limits}. The client still sends, including heartbeats.
     *
     * <p>A kit has no network buffers; a real connection first fills some hundred KiB of them. Does nothing if the client has
     * stopped already.
     */
    public void stopReading() {
        kit.awaitIdle();
        kit.loop().perform(() -> connection().clientReads(false));
    }

    /**
     * Resumes reading after {@link #stopReading}: messages that wait in the server have been read when it returns. Does nothing
     * if the client reads, or if the connection has ended, whose waiting messages are lost.
     */
    public void resumeReading() {
        kit.loop().perform(() -> connection().clientReads(true));
    }

    /**
     * Stops the heartbeats, like a machine that sleeps: after the idle timeout of the kit's clock, the server closes the
     * connection with 1001.
     */
    public void hang() {
        heartbeatsStopped = true;
    }

    // For its channels.

    String send(TestChannel channel, String event, Payload payload, boolean asks) {
        synchronized (this) {
            String ref = nextRef();
            if (asks) {
                asked.add(ref);
            }
            transcript.sent(channel.topic(), event, ref, payload);
            connection()
                    .send(
                            switch (payload) {
                                case Payload.Json json ->
                                    ClientCodec.text(Optional.of(channel.joinRef()), ref, channel.topic(), event, json);
                                case Payload.Binary binary ->
                                    ClientCodec.binary(channel.joinRef(), ref, channel.topic(), event, binary);
                            });
            return ref;
        }
    }

    private String nextRef() {
        return String.valueOf(++lastRef);
    }

    /** Takes the reply to a request; under the monitor. */
    @Nullable
    ServerFrame take(String ref) {
        ServerFrame received = replies.remove(ref);
        if (received != null) {
            asked.remove(ref);
        }
        return received;
    }

    synchronized @Nullable ServerFrame replied(String ref) {
        return take(ref);
    }

    /** Waits until a lookup, which runs under the monitor, returns a value. */
    <T> T await(Supplier<@Nullable T> look, String what, @Nullable TestChannel of) {
        long end = kit.nanoTime() + kit.deadline().toNanos();
        String topic = of == null ? null : of.topic();
        String why = null;
        while (why == null) {
            synchronized (this) {
                T found = look.get();
                if (found != null) {
                    return found;
                }
                why = waitOrExplain(end - kit.nanoTime(), of);
            }
            // Without the monitor: a due task may send to this client.
            kit.turn();
        }
        throw failed("Expected " + what + "; " + why + ".", topic);
    }

    /** Waits for a while, or returns the reason why waiting is useless. */
    private @Nullable String waitOrExplain(long left, @Nullable TestChannel of) {
        if (this.end != null) {
            return "the connection has ended";
        }
        if (of != null && of.ended()) {
            return of.end();
        }
        if (left <= 0) {
            return "it did not come within " + Seconds.text(kit.deadline());
        }
        try {
            TimeUnit.NANOSECONDS.timedWait(this, Math.min(left, kit.pollInterval()));
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "the thread of the test was interrupted";
        }
    }

    /** A failure with the transcript of this client. */
    AssertionError failed(String message, @Nullable String topic) {
        return kit.failed(message + "\n" + this, topic);
    }

    /** The frames that the client sent and received. */
    @Override
    public synchronized String toString() {
        return transcript.toString();
    }
}
