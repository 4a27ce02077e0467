package io.heliodor.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.inspect.FrameObserver;
import io.heliodor.inspect.TracedFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;

/** The frames of one trace on this node. It takes none after its end. Any thread may use it; none waits for long. */
final class FrameLog implements FrameObserver {
    /** The reasons of an end. */
    enum End {
        /** It has run for as long as a trace may. */
        TIME,
        /** It has as many frames as a trace may have. */
        FRAMES,
        /** Its frames take as much memory as those of a trace may. */
        BYTES,
        /** No page has read it for a while. */
        UNREAD
    }

    private final TraceLimits limits;
    private final ShownPayloads shown;
    private final LongSupplier clock;
    private final long begun;

    @GuardedBy("this")
    private final List<Kept> frames = new ArrayList<>();

    private record Kept(LoggedFrame frame, int cost) {}

    @GuardedBy("this")
    private int bytes;

    @GuardedBy("this")
    private long lastRead;

    @GuardedBy("this")
    private Optional<End> end = Optional.empty();

    FrameLog(TraceLimits limits, ShownPayloads shown, LongSupplier clock) {
        this.limits = limits;
        this.shown = shown;
        this.clock = clock;
        this.begun = clock.getAsLong();
        this.lastRead = begun;
    }

    @Override
    public void traced(TracedFrame frame) {
        if (hasEnded()) {
            return;
        }
        // Before the lock: it may be 2 KiB to decode.
        Optional<String> payload = shown.contains(frame.topic(), frame.event())
                ? frame.payload().apply(limits.payload())
                : Optional.empty();
        add(frame, payload);
    }

    private synchronized boolean hasEnded() {
        return end.isPresent();
    }

    private synchronized void add(TracedFrame frame, Optional<String> payload) {
        if (end.isPresent()) {
            return;
        }
        LoggedFrame logged = new LoggedFrame(
                frames.size() + 1,
                System.currentTimeMillis(),
                text(frame.connection()),
                frame.id().map(FrameLog::text).orElse(""),
                text(frame.topic()),
                text(frame.event()),
                frame.kind().isReceived() ? "in" : "out",
                frame.kind().name().toLowerCase(Locale.ROOT),
                frame.bytes(),
                frame.status(),
                frame.count(),
                payload);
        int cost = logged.cost();
        if (bytes + cost > limits.bytes()) {
            end = Optional.of(End.BYTES);
            return;
        }
        frames.add(new Kept(logged, cost));
        bytes += cost;
        if (frames.size() >= limits.frames()) {
            end = Optional.of(End.FRAMES);
        }
    }

    /** A text that an answer can have: a client may send half a pair of surrogates, which no answer could be written with. */
    private static String text(String text) {
        return new String(ShownText.of(text).getBytes(UTF_8), UTF_8);
    }

    /**
     * The frames after a number, at least one of them if there is any.
     *
     * @param maxBytes the heap of the frames beyond which no more are in the report
     */
    synchronized FrameReport read(int after, int maxBytes) {
        lastRead = clock.getAsLong();
        checkTime(lastRead);
        List<LoggedFrame> found = new ArrayList<>();
        int size = 0;
        for (int i = Math.clamp(after, 0, frames.size()); i < frames.size(); i++) {
            size += frames.get(i).cost();
            if (size > maxBytes && !found.isEmpty()) {
                break;
            }
            found.add(frames.get(i).frame());
        }
        return new FrameReport(
                true, found, frames.size(), end.map(FrameLog::name).orElse(""));
    }

    private static String name(End end) {
        return end.name().toLowerCase(Locale.ROOT);
    }

    /** Ends it if its time is over. */
    @GuardedBy("this")
    private void checkTime(long now) {
        if (end.isEmpty() && now - begun >= limits.time().toNanos()) {
            end = Optional.of(End.TIME);
        }
    }

    /** Ends it if its time is over; returns whether it has ended. */
    synchronized boolean endIfDue() {
        long now = clock.getAsLong();
        checkTime(now);
        if (end.isEmpty() && isUnread(now)) {
            end = Optional.of(End.UNREAD);
        }
        return end.isPresent();
    }

    /** Whether no page reads it any more. */
    synchronized boolean isUnread() {
        return isUnread(clock.getAsLong());
    }

    @GuardedBy("this")
    private boolean isUnread(long now) {
        return now - lastRead >= limits.unread().toNanos();
    }
}
