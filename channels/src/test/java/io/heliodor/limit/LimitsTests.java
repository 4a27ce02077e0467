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
    private static final Limits DEFAULTS = Limits.defaults();

    record Time(String name, Function<Duration, Limits> with) {}

    record Size(String name, Function<Integer, Limits> with) {}

    private static Stream<Time> times() {
        return Stream.of(
                new Time("mailboxFull", time -> DEFAULTS.mailbox(1, time)),
                new Time("stallTimeout", DEFAULTS::stallTimeout),
                new Time("idle", DEFAULTS::idle),
                new Time("handshake", DEFAULTS::handshake));
    }

    private static Stream<Size> numbers() {
        return Stream.of(
                new Size("channelsPerSocket", DEFAULTS::channelsPerSocket),
                new Size("mailboxMessages", number -> DEFAULTS.mailbox(number, Duration.ofSeconds(1))),
                new Size("connectionBytes", DEFAULTS::connectionBytes),
                new Size("connections", DEFAULTS::connections),
                new Size("connectionsPerAddress", DEFAULTS::connectionsPerAddress),
                new Size("handshakesPerAddress", DEFAULTS::handshakesPerAddress),
                new Size("handshakesOfLoopback", DEFAULTS::handshakesOfLoopback));
    }

    private static final String TEXT = "Limits[messageBytes=1048576, channelsPerSocket=100, mailboxMessages=1000, "
            + "mailboxFull=PT30S, connectionBytes=derived, heapBytes=derived, directBytes=derived, stallTimeout=PT10S, idle=PT1M, handshake=PT5S, "
            + "connections=2147483647, connectionsPerAddress=2147483647, handshakesPerAddress=256, "
            + "handshakesOfLoopback=2147483647, historyBytes=67108864, "
            + "messageRate=null, joinRate=null, ratesPerId=false]";

    @Test
    void theDefaultsAreWhatTheDocumentationSays() {
        assertThat(DEFAULTS).hasToString(TEXT);
    }

    @Test
    void theBytesOfAConnectionFollowTheHeap() {
        assertThat(DEFAULTS.heapBytes()).isEqualTo(Runtime.getRuntime().maxMemory() / 2);
        assertThat(DEFAULTS.heapBytes(1L << 30).connectionBytes()).isEqualTo(16 << 20);
        assertThat(DEFAULTS.heapBytes(64 << 20).connectionBytes()).isEqualTo(4 << 20);
        assertThat(DEFAULTS.heapBytes(1 << 20).connectionBytes()).isEqualTo(64 << 10);
    }

    @Test
    void eachWitherChangesItsOwnBoundAlone() {
        changes(DEFAULTS.messageBytes(2_000), "messageBytes=1048576", "messageBytes=2000");
        changes(DEFAULTS.channelsPerSocket(2), "channelsPerSocket=100", "channelsPerSocket=2");
        changes(DEFAULTS.mailbox(2, Duration.ofSeconds(30)), "mailboxMessages=1000", "mailboxMessages=2");
        changes(DEFAULTS.mailbox(1_000, Duration.ofSeconds(2)), "mailboxFull=PT30S", "mailboxFull=PT2S");
        changes(DEFAULTS.connectionBytes(2), "connectionBytes=derived", "connectionBytes=2");
        changes(DEFAULTS.heapBytes(2 << 20), "heapBytes=derived", "heapBytes=2097152");
        changes(DEFAULTS.directBytes(2 << 20), "directBytes=derived", "directBytes=2097152");
        changes(DEFAULTS.stallTimeout(Duration.ofSeconds(2)), "stallTimeout=PT10S", "stallTimeout=PT2S");
        changes(DEFAULTS.idle(Duration.ofSeconds(2)), "idle=PT1M", "idle=PT2S");
        changes(DEFAULTS.handshake(Duration.ofSeconds(2)), "handshake=PT5S", "handshake=PT2S");
        changes(DEFAULTS.connections(2), " connections=2147483647", " connections=2");
        changes(DEFAULTS.connectionsPerAddress(2), "connectionsPerAddress=2147483647", "connectionsPerAddress=2");
        changes(DEFAULTS.handshakesPerAddress(2), "handshakesPerAddress=256", "handshakesPerAddress=2");
        changes(DEFAULTS.handshakesOfLoopback(2), "handshakesOfLoopback=2147483647", "handshakesOfLoopback=2");
        changes(DEFAULTS.historyBytes(2), "historyBytes=67108864", "historyBytes=2");
        changes(
                DEFAULTS.messageRate(Rate.perSecond(2)),
                "messageRate=null",
                "messageRate=Rate[count=2, per=PT1S, burst=2]");
        changes(DEFAULTS.joinRate(Rate.perSecond(2)), "joinRate=null", "joinRate=Rate[count=2, per=PT1S, burst=2]");
        changes(DEFAULTS.ratesPerId(true), "ratesPerId=false", "ratesPerId=true");
        assertThat(DEFAULTS).isSameAs(Limits.defaults()).hasToString(TEXT);
    }

    private static void changes(Limits limits, String before, String after) {
        assertThat(limits).hasToString(TEXT.replace(before, after));
    }

    @ParameterizedTest
    @MethodSource("times")
    void aTimeIsMoreThanZeroAndAtMostAYear(Time time) {
        for (Duration good : List.of(Duration.ofNanos(1), Duration.ofDays(365))) {
            assertThat(time.with().apply(good).toString()).contains(good.toString());
        }
        for (Duration bad : List.of(
                Duration.ZERO,
                Duration.ofSeconds(-1),
                Duration.ofDays(365).plusNanos(1),
                Duration.ofSeconds(Long.MAX_VALUE))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> time.with().apply(bad))
                    .withMessage("%s is %s; it must be more than zero and at most 365 days.", time.name(), bad);
        }
    }

    @ParameterizedTest
    @MethodSource("numbers")
    void aNumberIsAtLeastOne(Size number) {
        for (int good : List.of(1, Integer.MAX_VALUE)) {
            assertThat(number.with().apply(good).toString()).contains(number.name() + "=" + good);
        }
        for (int bad : List.of(0, -1, Integer.MIN_VALUE)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> number.with().apply(bad))
                    .withMessage("%s is %d; it must be at least 1.", number.name(), bad);
        }
    }

    @Test
    void aMessageHasOneKibibyteTo64Mebibytes() {
        assertThat(DEFAULTS.messageBytes(1_024).messageBytes()).isEqualTo(1_024);
        assertThat(DEFAULTS.messageBytes(67_108_864).messageBytes()).isEqualTo(67_108_864);
        for (int bad : List.of(1_023, 67_108_865)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> DEFAULTS.messageBytes(bad))
                    .withMessage("messageBytes is %d; it must be 1024 to 67108864.", bad);
        }
    }
}
