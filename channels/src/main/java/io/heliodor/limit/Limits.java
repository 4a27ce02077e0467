package io.heliodor.limit;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Every bound of an endpoint: an immutable value, changed by its withers. Times are more than zero, at most 365 days.
 *
 * {@snippet lang="java" :
 * Limits.defaults().channelsPerSocket(10).idle(Duration.ofSeconds(90))
 * }
 */
public final class Limits implements Cloneable {
    /** Far from where nanoseconds overflow a long. */
    private static final Duration LONGEST = Duration.ofDays(365);

    private static final Limits DEFAULTS = new Limits();

    private int messageBytes = 1 << 20;
    private int channelsPerSocket = 100;
    private int mailboxMessages = 1_000;
    private Duration mailboxFull = Duration.ofSeconds(30);
    private OptionalLong connectionBytes = OptionalLong.empty();
    private OptionalLong heapBytes = OptionalLong.empty();
    private OptionalLong directBytes = OptionalLong.empty();
    private Duration stallTimeout = Duration.ofSeconds(10);
    private Duration idle = Duration.ofSeconds(60);
    private Duration handshake = Duration.ofSeconds(5);
    private int connections = Integer.MAX_VALUE;
    private int connectionsPerAddress = Integer.MAX_VALUE;
    private int handshakesPerAddress = 256;
    private int handshakesOfLoopback = Integer.MAX_VALUE;
    private long historyBytes = 64 << 20;
    private @Nullable Rate messageRate;
    private @Nullable Rate joinRate;
    private boolean ratesPerId;

    private Limits() {}

    /**
     * Bounds that suit a server on the open internet.
     *
     * @return the defaults named below
     */
    public static Limits defaults() {
        return DEFAULTS;
    }

    /**
     * The largest message of a client, one frame or reassembled; over it the connection is closed with code 1009.
     *
     * @return 1 MiB by default
     */
    public int messageBytes() {
        return messageBytes;
    }

    /**
     * How many channels one connection may have joined; one more join is refused with the reason {@code too many channels
     * joined}.
     *
     * @return 100 by default
     */
    public int channelsPerSocket() {
        return channelsPerSocket;
    }

    /**
     * How many messages may wait for the handlers of one channel; at this bound the connection is not read.
     *
     * @return 1 000 by default
     */
    public int mailboxMessages() {
        return mailboxMessages;
    }

    /**
     * How long a connection may stay unread because a mailbox or its memory is full; then it is closed with code 1008.
     *
     * @return 30 s by default
     */
    public Duration mailboxFull() {
        return mailboxFull;
    }

    /**
     * How many bytes the endpoint may hold for one client: frames that wait for handlers or are being handled (twice their
     * size, since handlers decode and answer them), and messages that wait for the client's socket. From a quarter of it on
     * (four times {@link #messageBytes()}, if that is more) the connection is not read; bytes that other clients share do
     * not count for that. A connection for which as many
     * bytes wait before a new message is closed with code 4408. The presences of its channels may take a sixteenth of it;
     * tracking more of them throws.
     *
     * @return by default 16 MiB, or a sixteenth of {@link #heapBytes()} if that is less, at least 64 KiB
     */
    public long connectionBytes() {
        return connectionBytes.orElseGet(() -> Math.clamp(heapBytes() / 16, 64 << 10, 16 << 20));
    }

    /**
     * How many bytes of heap the endpoint may hold for all clients together: connections, channels, waiting frames and
     * messages, histories. Bytes that many clients share count once. From three quarters of it on, joins are refused with
     * the reason {@code overloaded}, requests to connect with HTTP status 503, and connections that hold more than a few
     * KiB are not read. If that lasts for 2 s, or all of it is used, the connections that hold most are closed with code
     * 1013.
     *
     * @return by default half of the JVM's maximum heap
     */
    public long heapBytes() {
        return heapBytes.orElseGet(() -> Runtime.getRuntime().maxMemory() / 2);
    }

    /**
     * How many bytes of direct memory the buffers of all connections may use together. At the limit the connections for
     * which most waits are closed with code 4408.
     *
     * @return empty by default, which is half of the JVM's {@code MaxDirectMemorySize}
     */
    public OptionalLong directBytes() {
        return directBytes;
    }

    /**
     * How long bytes may wait without the client's socket taking any before the connection is closed with code 4408. In half
     * of this time a socket for which 1 MiB or more waits must take 16 KiB a second.
     *
     * @return 10 s by default
     */
    public Duration stallTimeout() {
        return stallTimeout;
    }

    /**
     * How long a client may be silent, heartbeats included, before the connection is closed with code 1001.
     *
     * @return 60 s by default, twice what phoenix.js needs
     */
    public Duration idle() {
        return idle;
    }

    /**
     * How long a connection may take from its acceptance to the end of its handshake.
     *
     * @return 5 s by default
     */
    public Duration handshake() {
        return handshake;
    }

    /**
     * How many clients may be connected, by WebSocket or polling; one more is refused with HTTP status 503, before the
     * connect handler is asked.
     *
     * @return no bound by default, which is {@link Integer#MAX_VALUE}: how many are right depends on the machine
     */
    public int connections() {
        return connections;
    }

    /**
     * How many clients of one address may be connected, by WebSocket or polling; one more is refused with HTTP status 429,
     * before the connect handler is asked. An address is one of IPv4, or the first 64 bits of one of IPv6. Clients behind
     * a proxy have the address of the proxy, unless the proxy is trusted.
     *
     * @return no bound by default, which is {@link Integer#MAX_VALUE}: a whole company may share one address
     */
    public int connectionsPerAddress() {
        return connectionsPerAddress;
    }

    /**
     * How many connections of one address may be unfinished: accepted, but neither a WebSocket nor being answered yet. One
     * more is closed before any byte of it is read; or refused with HTTP status 429 when only its request tells the
     * address. An address is what it is for {@link #connectionsPerAddress()}. Not for loopback: see
     * {@link #handshakesOfLoopback()}.
     *
     * @return 256 by default
     */
    public int handshakesPerAddress() {
        return handshakesPerAddress;
    }

    /**
     * How many connections of each loopback address may be unfinished, as of {@link #handshakesPerAddress()}.
     *
     * @return no bound by default, which is {@link Integer#MAX_VALUE}: a proxy on the same machine brings everybody
     */
    public int handshakesOfLoopback() {
        return handshakesOfLoopback;
    }

    /**
     * How many bytes the histories of all topics may keep together; beyond it the oldest of topics without members go
     * first, then the oldest of the topic that grows.
     *
     * @return 64 MiB by default
     */
    public long historyBytes() {
        return historyBytes;
    }

    /**
     * The rate of one client's events: messages on all its channels, heartbeats, joins and leaves. An event over it is not
     * handled: it is answered with the error {@code rate_limited} and {@code retry_after_ms}, or dropped if it has no ref.
     * A leave takes a token too, but is never refused. After 1 000 refusals, of which ten a second are forgiven, the
     * connection is closed with code 4429.
     *
     * @return no limit by default
     */
    public Optional<Rate> messageRate() {
        return Optional.ofNullable(messageRate);
    }

    /**
     * The rate of one client's joins, which count for {@link #messageRate()} as well; a join over either is refused as a
     * message is.
     *
     * @return no limit by default
     */
    public Optional<Rate> joinRate() {
        return Optional.ofNullable(joinRate);
    }

    /**
     * Whether the connections of one id share {@link #messageRate()} and {@link #joinRate()}, those on this node: the tabs of a user have
     * one rate together. A user who connects again goes on with what was left. Connections without an id have a rate each.
     *
     * @return false by default: each connection has rates of its own
     */
    public boolean ratesPerId() {
        return ratesPerId;
    }

    /**
     * With another messageBytes: see {@link #messageBytes()}.
     *
     * @param bytes 1 KiB to 64 MiB
     * @return new limits
     * @throws IllegalArgumentException if it is out of range
     */
    public Limits messageBytes(int bytes) {
        within("messageBytes", bytes, 1 << 10, 1 << 26);
        Limits next = clone();
        next.messageBytes = bytes;
        return next;
    }

    /**
     * With another channelsPerSocket: see {@link #channelsPerSocket()}.
     *
     * @param count at least 1
     * @return new limits
     * @throws IllegalArgumentException if it is out of range
     */
    public Limits channelsPerSocket(int count) {
        within("channelsPerSocket", count, 1, Integer.MAX_VALUE);
        Limits next = clone();
        next.channelsPerSocket = count;
        return next;
    }

    /**
     * With another connectionBytes: see {@link #connectionBytes()}.
     *
     * @param bytes at least 1
     * @return new limits
     * @throws IllegalArgumentException if it is out of range
     */
    public Limits connectionBytes(long bytes) {
        within("connectionBytes", bytes, 1, Long.MAX_VALUE);
        Limits next = clone();
        next.connectionBytes = OptionalLong.of(bytes);
        return next;
    }

    /**
     * With another heapBytes: see {@link #heapBytes()}.
     *
     * @param bytes at least 1 MiB
     * @return new limits
     * @throws IllegalArgumentException if it is out of range
     */
    public Limits heapBytes(long bytes) {
        within("heapBytes", bytes, 1 << 20, Long.MAX_VALUE);
        Limits next = clone();
        next.heapBytes = OptionalLong.of(bytes);
        return next;
    }

    /**
     * With another directBytes: see {@link #directBytes()}.
     *
     * @param bytes at least 1 MiB
     * @return new limits
     * @throws IllegalArgumentException if it is out of range
     */
    public Limits directBytes(long bytes) {
        within("directBytes", bytes, 1 << 20, Long.MAX_VALUE);
        Limits next = clone();
        next.directBytes = OptionalLong.of(bytes);
        return next;
    }

    /**
     * With another stallTimeout: see {@link #stallTimeout()}.
     *
     * @param time more than zero, at most 365 days
     * @return new limits
     * @throws IllegalArgumentException if it is out of range
     */
    public Limits stallTimeout(Duration time) {
        within("stallTimeout", time);
        Limits next = clone();
        next.stallTimeout = time;
        return next;
    }

    /**
     * With another idle: see {@link #idle()}.
     *
     * @param time more than zero, at most 365 days
     * @return new limits
     * @throws IllegalArgumentException if it is out of range
     */
    public Limits idle(Duration time) {
        within("idle", time);
        Limits next = clone();
        next.idle = time;
        return next;
    }

    /**
     * With another handshake: see {@link #handshake()}.
     *
     * @param time more than zero, at most 365 days
     * @return new limits
     * @throws IllegalArgumentException if it is out of range
     */
    public Limits handshake(Duration time) {
        within("handshake", time);
        Limits next = clone();
        next.handshake = time;
        return next;
    }

    /**
     * With another bound for all connections: see {@link #connections()}.
     *
     * @param count at least 1
     * @return new limits
     * @throws IllegalArgumentException if it is out of range
     */
    public Limits connections(int count) {
        within("connections", count, 1, Integer.MAX_VALUE);
        Limits next = clone();
        next.connections = count;
        return next;
    }

    /**
     * With another connectionsPerAddress: see {@link #connectionsPerAddress()}.
     *
     * @param count at least 1
     * @return new limits
     * @throws IllegalArgumentException if it is out of range
     */
    public Limits connectionsPerAddress(int count) {
        within("connectionsPerAddress", count, 1, Integer.MAX_VALUE);
        Limits next = clone();
        next.connectionsPerAddress = count;
        return next;
    }

    /**
     * With another handshakesPerAddress: see {@link #handshakesPerAddress()}.
     *
     * @param count at least 1
     * @return new limits
     * @throws IllegalArgumentException if it is out of range
     */
    public Limits handshakesPerAddress(int count) {
        within("handshakesPerAddress", count, 1, Integer.MAX_VALUE);
        Limits next = clone();
        next.handshakesPerAddress = count;
        return next;
    }

    /**
     * With another handshakesOfLoopback: see {@link #handshakesOfLoopback()}.
     *
     * @param count at least 1
     * @return new limits
     * @throws IllegalArgumentException if it is out of range
     */
    public Limits handshakesOfLoopback(int count) {
        within("handshakesOfLoopback", count, 1, Integer.MAX_VALUE);
        Limits next = clone();
        next.handshakesOfLoopback = count;
        return next;
    }

    /**
     * With another historyBytes: see {@link #historyBytes()}.
     *
     * @param bytes at least 1
     * @return new limits
     * @throws IllegalArgumentException if it is out of range
     */
    public Limits historyBytes(long bytes) {
        within("historyBytes", bytes, 1, Long.MAX_VALUE);
        Limits next = clone();
        next.historyBytes = bytes;
        return next;
    }

    /**
     * With a rate for the messages of each connection: see {@link #messageRate()}.
     *
     * @param rate how often
     * @return new limits
     */
    public Limits messageRate(Rate rate) {
        Limits next = clone();
        next.messageRate = rate;
        return next;
    }

    /**
     * With a rate for the joins of each connection: see {@link #joinRate()}.
     *
     * @param rate how often
     * @return new limits
     */
    public Limits joinRate(Rate rate) {
        Limits next = clone();
        next.joinRate = rate;
        return next;
    }

    /**
     * With rates that the connections of one id share: see {@link #ratesPerId()}.
     *
     * @param shared whether they share them
     * @return new limits
     */
    public Limits ratesPerId(boolean shared) {
        Limits next = clone();
        next.ratesPerId = shared;
        return next;
    }

    /**
     * With other limits for the frames that wait for a channel's handlers.
     *
     * @param messages at least 1: see {@link #mailboxMessages()}
     * @param full more than zero, at most 365 days: see {@link #mailboxFull()}
     * @return new limits
     * @throws IllegalArgumentException if one is out of range
     */
    public Limits mailbox(int messages, Duration full) {
        within("mailboxMessages", messages, 1, Integer.MAX_VALUE);
        within("mailboxFull", full);
        Limits next = clone();
        next.mailboxMessages = messages;
        next.mailboxFull = full;
        return next;
    }

    private static void within(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be "
                    + (most >= Integer.MAX_VALUE ? "at least " + least : least + " to " + most) + ".");
        }
    }

    private static void within(String name, Duration value) {
        if (!value.isPositive() || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    name + " is " + value + "; it must be more than zero and at most 365 days.");
        }
    }

    @Override
    protected Limits clone() {
        try {
            return (Limits) super.clone();
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }

    private static String text(OptionalLong bytes) {
        return bytes.isPresent() ? String.valueOf(bytes.getAsLong()) : "derived";
    }

    @Override
    public String toString() {
        return "Limits["
                + "messageBytes=" + messageBytes
                + ", channelsPerSocket=" + channelsPerSocket
                + ", mailboxMessages=" + mailboxMessages
                + ", mailboxFull=" + mailboxFull
                + ", connectionBytes=" + text(connectionBytes)
                + ", heapBytes=" + text(heapBytes)
                + ", directBytes=" + text(directBytes)
                + ", stallTimeout=" + stallTimeout
                + ", idle=" + idle
                + ", handshake=" + handshake
                + ", connections=" + connections
                + ", connectionsPerAddress=" + connectionsPerAddress
                + ", handshakesPerAddress=" + handshakesPerAddress
                + ", handshakesOfLoopback=" + handshakesOfLoopback
                + ", historyBytes=" + historyBytes
                + ", messageRate=" + messageRate
                + ", joinRate=" + joinRate
                + ", ratesPerId=" + ratesPerId
                + "]";
    }
}
