package io.heliodor.link.jgroups;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The routes to members whose link is broken: for each, the third member through which packets go. The rules are in
 * {@code docs/design/detour.md}. Times come with the calls. Thread-safe; {@link #hop} takes no lock, and
 * {@link #direct} none unless the packet ends a detour.
 *
 * @param <A> the address of a member
 */
final class DetourTable<A> {
    /** A member is silent after this number of heartbeat intervals without a direct packet. */
    static final double SILENT = 2.9;

    /** A report about a member counts for this number of heartbeat intervals. */
    static final double FRESH = 3.2;

    /**
     * The route to a member.
     *
     * @param through the member that forwards the packets
     * @param deaf whether no packet arrives directly from the destination
     * @param <A> the address of a member
     */
    record Hop<A>(A through, boolean deaf) {}

    /** Called for each change of a route, inside the table's monitor; must not block. */
    interface Listener<A> {
        /** Packets to a member go through another one from now on; directly if that is empty. */
        void changed(A member, Optional<A> through);
    }

    /** A packet that came through another member, and when. */
    private record Report<A>(A from, long at) {}

    /** The observations about one member. */
    private static final class Path<A> {
        /** When a packet last came directly. */
        private volatile long direct;
        /** Whether the next direct packet changes the route. */
        private volatile boolean watched;

        /** Whether a connection has ended, and no packet came directly since. */
        private volatile boolean ended;
        // Guarded by the table, which @GuardedBy cannot name here.
        /** When each member last reported that it reaches this one. */
        private final Map<A, Long> answers = new LinkedHashMap<>();

        private @Nullable Report<A> returned;
        private @Nullable Report<A> deaf;

        Path(long now) {
            direct = now;
        }
    }

    private final long silent;
    private final long fresh;
    private final Listener<A> listener;
    private final Map<A, Path<A>> paths = new ConcurrentHashMap<>();
    private volatile Map<A, Hop<A>> hops = Map.of();

    DetourTable(long intervalNanos, Listener<A> listener) {
        this.silent = (long) (SILENT * intervalNanos);
        this.fresh = (long) (FRESH * intervalNanos);
        this.listener = listener;
    }

    /** The route to a member that is not reached directly; null for others. */
    @Nullable
    Hop<A> hop(A member) {
        return hops.get(member);
    }

    /** The routes to all members that are not reached directly. */
    Map<A, Hop<A>> hops() {
        return hops;
    }

    /** Installs the other members of a view. */
    synchronized void members(Collection<A> others, long now) {
        paths.keySet().retainAll(others);
        others.forEach(member -> paths.computeIfAbsent(member, _ -> new Path<>(now)));
        update(now);
    }

    /** Records a packet that came directly. */
    void direct(A member, long now) {
        Path<A> path = paths.get(member);
        if (path == null) {
            return;
        }
        path.direct = now;
        if (path.watched) {
            synchronized (this) {
                path.ended = false;
                update(now);
            }
        }
    }

    /** Records the end of a connection: the process has ended, or the network failed. */
    synchronized void ended(A member, long now) {
        Path<A> path = paths.get(member);
        if (path != null) {
            path.ended = true;
            path.watched = true;
            update(now);
        }
    }

    /** Whether a connection of a member has ended, and no packet came directly since. */
    boolean hasEnded(A member) {
        Path<A> path = paths.get(member);
        return path != null && path.ended;
    }

    /** Whether no packets come directly from a member. */
    boolean silent(A member, long now) {
        Path<A> path = paths.get(member);
        return path != null && isSilent(path, now);
    }

    private boolean isSilent(Path<A> path, long now) {
        return path.ended || now - path.direct > silent;
    }

    /** Whether a packet came directly within a time, or another member reported lately that it reaches it. */
    boolean reaches(A member, long within, long now) {
        Path<A> path = paths.get(member);
        return path != null && (now - path.direct <= within || isAnswered(member, now));
    }

    /** Records a report of {@code by} that it reaches a member. */
    synchronized void answered(A member, A by, long now) {
        Path<A> path = paths.get(member);
        if (path != null && !member.equals(by)) {
            path.answers.put(by, now);
            update(now);
        }
    }

    /** Whether another member reported lately that it reaches one. */
    synchronized boolean isAnswered(A member, long now) {
        Path<A> path = paths.get(member);
        return path != null && path.answers.values().stream().anyMatch(at -> now - at <= fresh);
    }

    /** Records a packet of a member that came through another one. */
    void returned(A member, A through, boolean deaf, long now) {
        Path<A> path = paths.get(member);
        if (path == null || member.equals(through)) {
            return;
        }
        synchronized (this) {
            // Called for each detoured packet: only the first one of a route changes anything.
            boolean first = !isFresh(path.returned, through, now) || (deaf && !isFresh(path.deaf, through, now));
            path.returned = new Report<>(through, now);
            if (deaf) {
                path.deaf = path.returned;
            }
            if (first) {
                update(now);
            }
        }
    }

    private boolean isFresh(@Nullable Report<A> report, A from, long now) {
        return report != null && report.from().equals(from) && now - report.at() <= fresh;
    }

    /** Updates the routes after time has passed. */
    synchronized void tick(long now) {
        update(now);
    }

    private void update(long now) {
        Map<A, Hop<A>> next = new HashMap<>();
        paths.forEach((member, path) -> {
            path.answers
                    .entrySet()
                    .removeIf(answer -> !paths.containsKey(answer.getKey()) || now - answer.getValue() > fresh);
            Hop<A> hop = decide(path, hops.get(member), now);
            if (hop != null) {
                next.put(member, hop);
            }
            path.watched = path.ended || (hop != null && hop.deaf());
        });
        Map<A, Hop<A>> before = hops;
        if (next.equals(before)) {
            return;
        }
        hops = Map.copyOf(next);
        paths.keySet().forEach(member -> {
            Optional<A> through = Optional.ofNullable(next.get(member)).map(Hop::through);
            if (!Objects.equals(through, Optional.ofNullable(before.get(member)).map(Hop::through))) {
                listener.changed(member, through);
            }
        });
    }

    private @Nullable Hop<A> decide(Path<A> path, @Nullable Hop<A> present, long now) {
        if (!isSilent(path, now)) {
            return hop(path.deaf, false, now);
        }
        // The present hop stays while it answers.
        if (present != null && path.answers.containsKey(present.through()) && isReached(present.through(), now)) {
            return new Hop<>(present.through(), true);
        }
        for (A member : path.answers.keySet()) {
            if (isReached(member, now)) {
                return new Hop<>(member, true);
            }
        }
        return hop(path.returned, true, now);
    }

    private @Nullable Hop<A> hop(@Nullable Report<A> report, boolean deaf, long now) {
        return report != null && now - report.at() <= fresh && isReached(report.from(), now)
                ? new Hop<>(report.from(), deaf)
                : null;
    }

    private boolean isReached(A member, long now) {
        Path<A> path = paths.get(member);
        return path != null && !isSilent(path, now);
    }
}
