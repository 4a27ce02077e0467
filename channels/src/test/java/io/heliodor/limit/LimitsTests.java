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
                new Time("mailboxFull", time -> DEFAULTS.mailbox(1, 1, time)),
                new Time("stalled", DEFAULTS::stalled),
                new Time("idle", DEFAULTS::idle),
                new Time("handshake", DEFAULTS::handshake));
    }

    private static Stream<Size> numbers() {
        return Stream.of(
                new Size("channelsPerSocket", DEFAULTS::channelsPerSocket),
                new Size("mailboxMessages", number -> DEFAULTS.mailbox(number, 1, Duration.ofSeconds(1))),
                new Size("mailboxBytes", number -> DEFAULTS.mailbox(1, number, Duration.ofSeconds(1))),
                new Size("queuedBytesPerSocket", DEFAULTS::queuedBytesPerSocket));
    }

    @Test
    void theDefaultsAreWhatTheDocumentationSays() {
        assertThat(DEFAULTS)
                .isEqualTo(new Limits(
                        1_048_576,
                        100,
                        1_000,
                        1_048_576,
                        Duration.ofSeconds(30),
                        1_048_576,
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(5),
                        67_108_864));
    }

    @Test
    void eachWitherChangesItsOwnBoundAlone() {
        assertThat(DEFAULTS.messageBytes(2_000)).isEqualTo(limits(0, 2_000));
        assertThat(DEFAULTS.channelsPerSocket(2)).isEqualTo(limits(1, 2));
        assertThat(DEFAULTS.mailbox(2, 1_048_576, Duration.ofSeconds(30))).isEqualTo(limits(2, 2));
        assertThat(DEFAULTS.mailbox(1_000, 2, Duration.ofSeconds(30))).isEqualTo(limits(3, 2));
        assertThat(DEFAULTS.mailbox(1_000, 1_048_576, Duration.ofSeconds(2))).isEqualTo(limits(4, 2));
        assertThat(DEFAULTS.queuedBytesPerSocket(2)).isEqualTo(limits(5, 2));
        assertThat(DEFAULTS.stalled(Duration.ofSeconds(2))).isEqualTo(limits(6, 2));
        assertThat(DEFAULTS.idle(Duration.ofSeconds(2))).isEqualTo(limits(7, 2));
        assertThat(DEFAULTS.handshake(Duration.ofSeconds(2))).isEqualTo(limits(8, 2));
        assertThat(DEFAULTS.historyBytes(2)).isEqualTo(limits(9, 2));
        assertThat(DEFAULTS).isSameAs(Limits.defaults());
    }

    /** The defaults with one of the ten replaced. */
    private static Limits limits(int which, int value) {
        var all = new int[] {1_048_576, 100, 1_000, 1_048_576, 30, 1_048_576, 10, 60, 5, 67_108_864};
        all[which] = value;
        return new Limits(
                all[0],
                all[1],
                all[2],
                all[3],
                Duration.ofSeconds(all[4]),
                all[5],
                Duration.ofSeconds(all[6]),
                Duration.ofSeconds(all[7]),
                Duration.ofSeconds(all[8]),
                all[9]);
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
