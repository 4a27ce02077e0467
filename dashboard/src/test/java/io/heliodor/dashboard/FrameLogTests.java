package io.heliodor.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.inspect.TracedFrame;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FrameLogTests {
    private static final int ALL = 1 << 20;
    private static final TraceLimits LIMITS =
            new TraceLimits(1, Duration.ofSeconds(30), 5, 2_000, Duration.ofSeconds(10), 16);

    private final AtomicLong clock = new AtomicLong();
    private final AtomicInteger decoded = new AtomicInteger();
    private final ShownPayloads shown = new ShownPayloads();
    private final FrameLog log = new FrameLog(LIMITS, shown, clock::get);

    private void frame(String topic, String event) {
        log.traced(new TracedFrame(
                "f00", Optional.of("users:ana"), topic, event, TracedFrame.Kind.MESSAGE, 20, "", 1, max -> {
                    decoded.incrementAndGet();
                    return Optional.of("x".repeat(max));
                }));
    }

    private List<Integer> numbers(int after, int maxBytes) {
        return log.read(after, maxBytes).frames().stream()
                .map(LoggedFrame::number)
                .toList();
    }

    private void pass(Duration time) {
        clock.addAndGet(time.toNanos());
    }

    @Test
    void framesAreReadAfterANumber() {
        frame("room:1", "said");
        frame("room:1", "said");
        frame("room:1", "said");
        assertThat(numbers(0, ALL)).containsExactly(1, 2, 3);
        assertThat(numbers(2, ALL)).containsExactly(3);
        assertThat(numbers(3, ALL)).isEmpty();
        assertThat(numbers(99, ALL)).isEmpty();
        assertThat(numbers(-1, ALL)).containsExactly(1, 2, 3);
        assertThat(log.read(1, ALL).total()).isEqualTo(3);
    }

    @Test
    void aReportHasALimitAndAtLeastOneFrame() {
        frame("room:1", "said");
        frame("room:1", "said");
        frame("room:1", "said");
        assertThat(numbers(0, 1)).containsExactly(1);
        assertThat(numbers(1, 600)).containsExactly(2, 3);
        assertThat(numbers(0, 600)).containsExactly(1, 2);
    }

    @Test
    void itEndsAtItsFrames() {
        for (int i = 0; i < 9; i++) {
            frame("room:1", "said");
        }
        assertThat(numbers(0, ALL)).containsExactly(1, 2, 3, 4, 5);
        assertThat(log.read(0, ALL).ended()).isEqualTo("frames");
        assertThat(log.endIfDue()).isTrue();
    }

    @Test
    void itEndsAtItsBytes() {
        frame("room:1", "said");
        frame("x".repeat(1_800), "said");
        frame("x".repeat(1_800), "x".repeat(2_000));
        frame("room:" + "y".repeat(255), "y".repeat(255));
        frame("room:" + "y".repeat(255), "y".repeat(255));
        frame("room:1", "said");
        FrameReport report = log.read(0, ALL);
        assertThat(report.ended()).isEqualTo("bytes");
        assertThat(report.frames()).hasSize(3);
        assertThat(report.frames().stream().mapToInt(LoggedFrame::cost).sum()).isLessThanOrEqualTo(2_000);
    }

    @Test
    void itEndsAtItsTimeThoughItIsRead() {
        for (int i = 0; i < 5; i++) {
            assertThat(log.endIfDue()).isFalse();
            assertThat(log.read(0, ALL).ended()).isEmpty();
            pass(Duration.ofSeconds(6));
        }
        assertThat(log.endIfDue()).isTrue();
        assertThat(log.read(0, ALL).ended()).isEqualTo("time");
        frame("room:1", "said");
        assertThat(numbers(0, ALL)).isEmpty();
    }

    @Test
    void itEndsWhenNoPageReadsIt() {
        pass(Duration.ofSeconds(9));
        assertThat(log.read(0, ALL).ended()).isEmpty();
        pass(Duration.ofSeconds(9));
        assertThat(log.endIfDue()).isFalse();
        pass(Duration.ofSeconds(1));
        assertThat(log.endIfDue()).isTrue();
        assertThat(log.isUnread()).isTrue();
        assertThat(log.read(0, ALL).ended()).isEqualTo("unread");
    }

    @Test
    void aTextThatCannotBeWrittenIsShownWithoutItsHalfCharacters() {
        frame("room:\ud800", "\udc00x");
        assertThat(AnswerFormat.read(FrameReport.class, AnswerFormat.write(log.read(0, ALL)))
                        .orElseThrow()
                        .frames())
                .singleElement()
                .satisfies(frame -> {
                    assertThat(frame.topic()).isEqualTo("room:?");
                    assertThat(frame.event()).isEqualTo("?x");
                });
    }

    @Test
    void aReportIsNoLargerThanItsLimitThoughItsTextsAreEscaped() {
        FrameLog large = new FrameLog(TraceLimits.DEFAULTS, shown, clock::get);
        for (String text : List.of("\u0001", "\"", "\\", "\u20ac", "x")) {
            for (int i = 0; i < 150; i++) {
                large.traced(new TracedFrame(
                        "f00",
                        Optional.of(text.repeat(255)),
                        text.repeat(255),
                        text.repeat(255),
                        TracedFrame.Kind.MALFORMED,
                        1 << 20,
                        "error",
                        100_000,
                        _ -> Optional.empty()));
            }
        }
        int max = 256 << 10;
        int after = 0;
        do {
            FrameReport report = large.read(after, max);
            assertThat(AnswerFormat.write(report)).hasSizeLessThan(max + 100);
            after += report.frames().size();
        } while (after < large.read(after, max).total());
    }

    @Test
    void onlyPayloadsThatTheApplicationDeclaresAreDecoded() {
        shown.add("room:*", List.of("said", "ask"));
        shown.add("lobby", List.of("news"));
        frame("room:1", "said");
        frame("room:1", "secret");
        frame("lobby", "said");
        frame("lobby", "news");
        frame("lobby:1", "news");
        assertThat(log.read(0, ALL).frames())
                .extracting(each -> each.payload().orElse("none"))
                .containsExactly("x".repeat(16), "none", "none", "x".repeat(16), "none");
        assertThat(decoded).hasValue(2);
    }
}
