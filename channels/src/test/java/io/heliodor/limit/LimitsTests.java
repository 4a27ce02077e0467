package io.heliodor.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LimitsTests {
    private static final Limits DEFAULTS = Limits.openInternet();

    record Time(String concern, String name, Function<Duration, Limits> with) {}

    record Size(String concern, String name, Function<Integer, Limits> with) {}

    private static Stream<Time> times() {
        return Stream.of(
                new Time("sessions", "mailboxTimeout", time -> DEFAULTS.sessions(s -> s.mailboxTimeout(time))),
                new Time("sessions", "stallTimeout", time -> DEFAULTS.sessions(s -> s.stallTimeout(time))),
                new Time(
                        "connections", "handshakeTimeout", time -> DEFAULTS.connections(c -> c.handshakeTimeout(time))),
                new Time(
                        "connections",
                        "keepAliveTimeout",
                        time -> DEFAULTS.connections(c -> c.keepAliveTimeout(time))));
    }

    private static Stream<Size> numbers() {
        return Stream.of(
                new Size("sessions", "maxChannels", number -> DEFAULTS.sessions(s -> s.maxChannels(number))),
                new Size(
                        "sessions",
                        "maxMailboxMessages",
                        number -> DEFAULTS.sessions(s -> s.maxMailboxMessages(number))),
                new Size("memory", "maxConnectionBytes", number -> DEFAULTS.memory(m -> m.maxConnectionBytes(number))),
                new Size("memory", "maxHistoryBytes", number -> DEFAULTS.memory(m -> m.maxHistoryBytes(number))),
                new Size("connections", "max", number -> DEFAULTS.connections(c -> c.max(number))),
                new Size("connections", "maxPerAddress", number -> DEFAULTS.connections(c -> c.maxPerAddress(number))),
                new Size(
                        "connections",
                        "maxHandshakesPerAddress",
                        number -> DEFAULTS.connections(c -> c.maxHandshakesPerAddress(number))),
                new Size(
                        "connections",
                        "maxHandshakesOfLoopback",
                        number -> DEFAULTS.connections(c -> c.maxHandshakesOfLoopback(number))));
    }

    private static final String TEXT = "Limits["
            + "connections=ConnectionLimits[max=2147483647, maxPerAddress=2147483647, maxHandshakesPerAddress=256, "
            + "maxHandshakesOfLoopback=2147483647, handshakeTimeout=PT5S, keepAliveTimeout=PT1M15S], "
            + "sessions=SessionLimits[maxMessageBytes=1048576, maxChannels=100, maxMailboxMessages=1000, "
            + "mailboxTimeout=PT30S, stallTimeout=PT10S, idleTimeout=PT1M], "
            + "memory=MemoryLimits[maxHeapBytes=OptionalLong.empty, maxDirectBytes=OptionalLong.empty, "
            + "maxConnectionBytes=OptionalLong.empty, maxHistoryBytes=100663296], "
            + "rates=RateLimits[messages=Optional.empty, joins=Optional.empty, perId=false]]";

    @Test
    void theDefaultsAreThoseOfTheDocumentation() {
        assertThat(DEFAULTS).hasToString(TEXT);
    }

    @Test
    void insideANetworkFourLimitsDiffer() {
        assertThat(Limits.insideNetwork())
                .isEqualTo(DEFAULTS.connections(c -> c.maxHandshakesPerAddress(Integer.MAX_VALUE))
                        .sessions(s ->
                                s.maxMessageBytes(4 << 20).maxChannels(1_000).stallTimeout(Duration.ofSeconds(30))));
    }

    @Test
    void theBytesOfAConnectionFollowTheHeap() {
        assertThat(DEFAULTS.memory().effectiveHeapBytes())
                .isEqualTo(Runtime.getRuntime().maxMemory() / 2);
        assertThat(connectionBytes(1L << 30)).isEqualTo(16 << 20);
        assertThat(connectionBytes(64 << 20)).isEqualTo(4 << 20);
        assertThat(connectionBytes(1 << 20)).isEqualTo(64 << 10);
    }

    private static long connectionBytes(long heapBytes) {
        return DEFAULTS.memory().maxHeapBytes(heapBytes).effectiveConnectionBytes();
    }

    @Test
    void explicitBytesFollowNoOtherLimit() {
        MemoryLimits set = DEFAULTS.memory().maxConnectionBytes(2).maxHeapBytes(1 << 20);
        assertThat(set.effectiveConnectionBytes()).isEqualTo(2);
        assertThat(set.effectiveHeapBytes()).isEqualTo(1 << 20);
    }

    @Test
    void eachWitherChangesItsOwnLimitAlone() {
        changes(DEFAULTS.sessions(s -> s.maxMessageBytes(2_000)), "maxMessageBytes=1048576", "maxMessageBytes=2000");
        changes(DEFAULTS.sessions(s -> s.maxChannels(2)), "maxChannels=100", "maxChannels=2");
        changes(DEFAULTS.sessions(s -> s.maxMailboxMessages(2)), "maxMailboxMessages=1000", "maxMailboxMessages=2");
        changes(
                DEFAULTS.sessions(s -> s.mailboxTimeout(Duration.ofSeconds(2))),
                "mailboxTimeout=PT30S",
                "mailboxTimeout=PT2S");
        changes(
                DEFAULTS.sessions(s -> s.stallTimeout(Duration.ofSeconds(2))),
                "stallTimeout=PT10S",
                "stallTimeout=PT2S");
        changes(DEFAULTS.sessions(s -> s.idleTimeout(Duration.ofSeconds(2))), "idleTimeout=PT1M", "idleTimeout=PT2S");
        changes(
                DEFAULTS.memory(m -> m.maxConnectionBytes(2)),
                "maxConnectionBytes=OptionalLong.empty",
                "maxConnectionBytes=OptionalLong[2]");
        changes(
                DEFAULTS.memory(m -> m.maxHeapBytes(2 << 20)),
                "maxHeapBytes=OptionalLong.empty",
                "maxHeapBytes=OptionalLong[2097152]");
        changes(
                DEFAULTS.memory(m -> m.maxDirectBytes(2 << 20)),
                "maxDirectBytes=OptionalLong.empty",
                "maxDirectBytes=OptionalLong[2097152]");
        changes(DEFAULTS.memory(m -> m.maxHistoryBytes(2)), "maxHistoryBytes=100663296", "maxHistoryBytes=2");
        changes(
                DEFAULTS.connections(c -> c.handshakeTimeout(Duration.ofSeconds(2))),
                "handshakeTimeout=PT5S",
                "handshakeTimeout=PT2S");
        changes(
                DEFAULTS.connections(c -> c.keepAliveTimeout(Duration.ofSeconds(2))),
                "keepAliveTimeout=PT1M15S",
                "keepAliveTimeout=PT2S");
        changes(DEFAULTS.connections(c -> c.max(2)), "[max=2147483647", "[max=2");
        changes(DEFAULTS.connections(c -> c.maxPerAddress(2)), "maxPerAddress=2147483647", "maxPerAddress=2");
        changes(
                DEFAULTS.connections(c -> c.maxHandshakesPerAddress(2)),
                "maxHandshakesPerAddress=256",
                "maxHandshakesPerAddress=2");
        changes(
                DEFAULTS.connections(c -> c.maxHandshakesOfLoopback(2)),
                "maxHandshakesOfLoopback=2147483647",
                "maxHandshakesOfLoopback=2");
        changes(
                DEFAULTS.rates(r -> r.messages(Rate.perSecond(2))),
                "messages=Optional.empty",
                "messages=Optional[Rate[count=2, per=PT1S, burst=2]]");
        changes(
                DEFAULTS.rates(r -> r.joins(Rate.perSecond(2))),
                "joins=Optional.empty",
                "joins=Optional[Rate[count=2, per=PT1S, burst=2]]");
        changes(DEFAULTS.rates(r -> r.perId(true)), "perId=false", "perId=true");
        assertThat(DEFAULTS).isSameAs(Limits.openInternet()).hasToString(TEXT);
    }

    private static void changes(Limits limits, String before, String after) {
        assertThat(limits).hasToString(TEXT.replace(before, after));
    }

    @ParameterizedTest
    @MethodSource("times")
    void aTimeIsMoreThanZeroAndAtMostAYear(Time time) {
        for (Duration good : List.of(Duration.ofNanos(1), Duration.ofDays(365))) {
            assertThat(time.with().apply(good).toString()).contains(time.name() + "=" + good);
        }
        for (Duration bad : List.of(
                Duration.ZERO,
                Duration.ofSeconds(-1),
                Duration.ofDays(365).plusNanos(1),
                Duration.ofSeconds(Long.MAX_VALUE))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> time.with().apply(bad))
                    .withMessage(
                            "%s.%s is %s; it must be more than zero and at most 365 days.",
                            time.concern(), time.name(), bad);
        }
    }

    @ParameterizedTest
    @MethodSource("numbers")
    void aNumberIsAtLeastOne(Size number) {
        for (int good : List.of(1, Integer.MAX_VALUE)) {
            assertThat(number.with().apply(good).toString()).containsPattern(number.name() + "=\\D*" + good);
        }
        for (int bad : List.of(0, -1, Integer.MIN_VALUE)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> number.with().apply(bad))
                    .withMessage("%s.%s is %d; it must be at least 1.", number.concern(), number.name(), bad);
        }
    }

    @Test
    void aMessageHasOneKibibyteTo64Mebibytes() {
        SessionLimits sessions = DEFAULTS.sessions();
        assertThat(sessions.maxMessageBytes(1_024).maxMessageBytes()).isEqualTo(1_024);
        assertThat(sessions.maxMessageBytes(67_108_864).maxMessageBytes()).isEqualTo(67_108_864);
        for (int bad : List.of(1_023, 67_108_865)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> sessions.maxMessageBytes(bad))
                    .withMessage("sessions.maxMessageBytes is %d; it must be 1024 to 67108864.", bad);
        }
    }

    @Test
    void anIdleTimeoutHasOneSecondAtLeast() {
        assertThat(DEFAULTS.sessions().idleTimeout(Duration.ofSeconds(1)).idleTimeout())
                .isEqualTo(Duration.ofSeconds(1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DEFAULTS.sessions().idleTimeout(Duration.ofMillis(999)))
                .withMessage("sessions.idleTimeout is PT0.999S; it must be at least PT1S.");
    }

    @Test
    void theHeapOfClientsIsNotMoreThanThatOfTheJvm() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DEFAULTS.memory().maxHeapBytes(1L << 60))
                .withMessageContaining("memory.maxHeapBytes is 1152921504606846976")
                .withMessageContaining("-Xmx");
    }

    @Test
    void heapAndDirectMemoryHaveOneMebibyteAtLeast() {
        MemoryLimits memory = DEFAULTS.memory();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> memory.maxHeapBytes((1 << 20) - 1))
                .withMessage("memory.maxHeapBytes is 1048575; it must be at least 1048576.");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> memory.maxDirectBytes((1 << 20) - 1))
                .withMessage("memory.maxDirectBytes is 1048575; it must be at least 1048576.");
    }
}
