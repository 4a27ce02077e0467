package io.heliodor.link;

import io.heliodor.link.Link.Sent;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The guarantees of links, as a check: it records the sends, deliveries and notifications of each node, and reports
 * violations. It never compares the times of two nodes, so it also checks records of several machines. Thread-safe.
 */
public final class LinkContract {
    /** The rules of the contract. */
    public enum Rule {
        /** Calls of a listener that must come one at a time overlapped. */
        OVERLAP,
        VIEW_WITHOUT_ITSELF,
        VIEW_DOES_NOT_GROW,
        VIEW_BEFORE_CLOSED,
        OPENED_TO_NO_MEMBER,
        OPENED_TWICE,
        CLOSED_BUT_NOT_OPEN,
        SUSPECTED_NO_MEMBER,
        SUSPECTED_TWICE,
        QUEUED_WITHOUT_SESSION,
        /** A full session had to end, and did not. */
        FULL_WITHOUT_END,
        RECEIVED_FROM_NO_MEMBER,
        NEVER_SENT,
        REPEATED,
        REORDERED,
        /** An envelope was lost although its session did not end, or although a later one arrived. */
        LOST,
        /** An envelope of a session that the receiver had ended. */
        DELIVERED_AFTER_END,
        /** Two members that reach each other have no session. */
        NO_SESSION,
        /** A session ended, although nothing had failed for long. */
        ENDED_IN_CALM
    }

    /** A violation of a rule at a node. */
    public record Violation(Rule rule, Peer at, String what) {
        @Override
        public String toString() {
            return rule + " at " + at + ": " + what;
        }
    }

    /** An event at a node; its position in the log is its time. */
    public sealed interface Event {
        record Viewed(View view) implements Event {}

        record Opened(Peer peer) implements Event {}

        record Closed(Peer peer) implements Event {}

        record Suspected(Peer peer, boolean suspect) implements Event {}

        /** Handed to the link when the log had {@code begun} entries. */
        record Handed(Peer to, Object key, Sent sent, boolean insisted, int begun) implements Event {}

        record Received(Peer from, Object key) implements Event {}

        record Overlapped(String call) implements Event {}

        /** No failure has happened for long, and none will happen from here on. */
        record Calm() implements Event {}
    }

    private final Function<byte[], Object> key;
    private boolean threads;
    private final Map<Peer, Log> logs = new LinkedHashMap<>();

    /** A contract for envelopes that are all different. */
    public LinkContract() {
        this(envelope -> ByteBuffer.wrap(envelope.clone()));
    }

    /** A contract that distinguishes the envelopes of a pair of nodes by a key. */
    public LinkContract(Function<byte[], Object> key) {
        this.key = key;
    }

    /** For nodes with concurrent threads: events of two threads may be recorded in the other order. */
    public LinkContract ofThreads() {
        threads = true;
        return this;
    }

    /** The log of a node, created at the first call. */
    public synchronized Log log(Peer node) {
        return logs.computeIfAbsent(node, Log::new);
    }

    /** Records at all nodes that from now on no session between settled nodes may end. */
    public synchronized void calm() {
        logs.values().forEach(log -> log.add(new Event.Calm()));
    }

    /** The events of all nodes as readable text. */
    public synchronized String logs() {
        StringBuilder all = new StringBuilder();
        logs.forEach((node, log) -> {
            all.append(node).append(":\n");
            log.events().forEach(event -> all.append("  ").append(event).append('\n'));
        });
        return all.toString();
    }

    /** The violations so far. */
    public synchronized List<Violation> violations() {
        return violations(Set.of());
    }

    /** The violations at rest: these nodes have been members of one view for long, without faults or traffic. */
    public synchronized List<Violation> violations(Set<Peer> settled) {
        List<Violation> found = new ArrayList<>();
        logs.values().forEach(log -> new NotificationCheck(log, found).run());
        for (Log from : logs.values()) {
            for (Log to : logs.values()) {
                if (!from.self.equals(to.self)) {
                    boolean quiet = settled.contains(from.self) && settled.contains(to.self);
                    new PairCheck(from, to, quiet, threads, found).run();
                }
            }
        }
        return found;
    }

    /** The events at one node. */
    public final class Log implements LinkRecorder.Book {
        private final Peer self;
        private final List<Event> events = new ArrayList<>();
        private final LinkRecorder recorder = new LinkRecorder(this, key);

        private Log(Peer self) {
            this.self = self;
        }

        Peer self() {
            return self;
        }

        /** All events so far. */
        public synchronized List<Event> events() {
            return List.copyOf(events);
        }

        /** Adds an event that was recorded elsewhere. */
        @Override
        public synchronized void add(Event event) {
            events.add(event);
        }

        @Override
        public synchronized int handing(Peer to, Object key) {
            return events.size();
        }

        /** Records the notifications of a link, and passes them on. */
        public Link.Listener listener(Link.Listener next) {
            return recorder.listener(next);
        }

        /** Records the envelopes that are handed to a link. */
        public Link link(Link link) {
            return recorder.link(link);
        }
    }

    /** Checks the notifications that one node received. */
    private static final class NotificationCheck {
        private final Log log;
        private final List<Violation> found;
        private final Set<Peer> open = new HashSet<>();
        private final Set<Peer> suspects = new HashSet<>();
        private @Nullable View view;

        NotificationCheck(Log log, List<Violation> found) {
            this.log = log;
            this.found = found;
        }

        private void require(boolean held, Rule rule, Object what) {
            if (!held) {
                found.add(new Violation(rule, log.self, what + ", in view " + view));
            }
        }

        private boolean member(Peer peer) {
            return view != null && view.has(peer) && !peer.equals(log.self);
        }

        void run() {
            for (Event event : log.events()) {
                switch (event) {
                    case Event.Viewed(View next) -> {
                        require(next.has(log.self), Rule.VIEW_WITHOUT_ITSELF, next);
                        require(view == null || next.id().number() > view.id().number(), Rule.VIEW_DOES_NOT_GROW, next);
                        require(next.members().containsAll(open), Rule.VIEW_BEFORE_CLOSED, next);
                        suspects.retainAll(next.members());
                        view = next;
                    }
                    case Event.Opened(Peer peer) -> {
                        require(member(peer), Rule.OPENED_TO_NO_MEMBER, peer);
                        require(open.add(peer), Rule.OPENED_TWICE, peer);
                    }
                    case Event.Closed(Peer peer) -> require(open.remove(peer), Rule.CLOSED_BUT_NOT_OPEN, peer);
                    case Event.Suspected(Peer peer, boolean suspect) -> {
                        require(member(peer), Rule.SUSPECTED_NO_MEMBER, peer);
                        require(suspect ? suspects.add(peer) : suspects.remove(peer), Rule.SUSPECTED_TWICE, event);
                    }
                    case Event.Received(Peer from, Object _) ->
                        require(member(from), Rule.RECEIVED_FROM_NO_MEMBER, event);
                    case Event.Overlapped(String call) -> require(false, Rule.OVERLAP, call);
                    case Event.Handed _, Event.Calm _ -> {}
                }
            }
        }
    }

    /** A queued envelope and its session; the session is unknown if one began or ended meanwhile. */
    private static final class Queued {
        final Event.Handed handed;
        final int at;
        final int session;
        boolean delivered;

        Queued(Event.Handed handed, int at, int session) {
            this.handed = handed;
            this.at = at;
            this.session = session;
        }

        @Override
        public String toString() {
            return handed.key() + (session < 0 ? "" : " of session " + session);
        }
    }

    /** Checks the envelopes that one node sent to one other. */
    private static final class PairCheck {
        private static final int UNSURE = -1;

        private final Log from;
        private final Log to;
        private final boolean quiet;
        private final boolean threads;
        private final List<Violation> found;
        private final Map<Object, Queued> queued = new LinkedHashMap<>();
        private int sessions;
        private boolean open;

        PairCheck(Log from, Log to, boolean quiet, boolean threads, List<Violation> found) {
            this.from = from;
            this.to = to;
            this.quiet = quiet;
            this.threads = threads;
            this.found = found;
        }

        void run() {
            send();
            receive();
            lose();
            if (quiet && !open) {
                found.add(new Violation(Rule.NO_SESSION, from.self, "to " + to.self));
            }
        }

        private void send() {
            boolean calm = false;
            int changed = -1; // the index at which a session last began or ended
            int insisted = -1; // the index at which an insistent sender last found it full
            List<Event> events = from.events();
            for (int at = 0; at < events.size(); at++) {
                switch (events.get(at)) {
                    case Event.Opened(Peer peer)
                    when peer.equals(to.self) -> {
                        sessions++;
                        open = true;
                        changed = at;
                    }
                    case Event.Closed(Peer peer)
                    when peer.equals(to.self) -> {
                        open = false;
                        changed = at;
                        insisted = -1;
                        if (calm && quiet) {
                            found.add(new Violation(Rule.ENDED_IN_CALM, from.self, "to " + to.self));
                        }
                    }
                    case Event.Calm _ -> calm = true;
                    case Event.Handed handed
                    when handed.to().equals(to.self) -> {
                        boolean sure = changed < handed.begun();
                        if (handed.sent() == Sent.QUEUED) {
                            boolean early = sure && !open;
                            // Another thread may send after the session opens and before the listener is notified.
                            boolean opening = early && threads && opensNext(events, at);
                            if (early && !opening) {
                                found.add(new Violation(Rule.QUEUED_WITHOUT_SESSION, from.self, handed.toString()));
                            }
                            queued.put(handed.key(), new Queued(handed, at, sure && !opening ? sessions : UNSURE));
                        } else if (handed.sent() == Sent.FULL && handed.insisted() && sure) {
                            insisted = at;
                        }
                    }
                    default -> {}
                }
            }
            if (quiet && insisted >= 0) {
                found.add(new Violation(Rule.FULL_WITHOUT_END, from.self, "to " + to.self));
            }
        }

        private boolean opensNext(List<Event> events, int after) {
            for (Event event : events.subList(after + 1, events.size())) {
                if (event instanceof Event.Opened(Peer peer) && peer.equals(to.self)) {
                    return true;
                }
                if (event instanceof Event.Closed(Peer peer) && peer.equals(to.self)) {
                    return false;
                }
            }
            return false;
        }

        private void receive() {
            Map<Integer, Integer> memberships = new HashMap<>();
            int membership = 0;
            int latest = -1;
            for (Event event : to.events()) {
                if (event instanceof Event.Viewed(View view) && !view.has(from.self)) {
                    membership++;
                } else if (event instanceof Event.Received received
                        && received.from().equals(from.self)) {
                    Queued what = queued.get(received.key());
                    if (what == null) {
                        violated(Rule.NEVER_SENT, received);
                        continue;
                    }
                    if (what.delivered) {
                        violated(Rule.REPEATED, what);
                    } else if (what.at < latest) {
                        violated(Rule.REORDERED, what);
                    }
                    what.delivered = true;
                    latest = Math.max(latest, what.handed.begun());
                    if (what.session != UNSURE
                            && memberships.computeIfAbsent(what.session, membershipNow(membership)) != membership) {
                        violated(Rule.DELIVERED_AFTER_END, what);
                    }
                }
            }
        }

        private static Function<Integer, Integer> membershipNow(int membership) {
            return session -> membership;
        }

        private void violated(Rule rule, Object what) {
            found.add(new Violation(rule, to.self, what + " from " + from.self));
        }

        private void lose() {
            Map<Integer, Integer> latest = new HashMap<>();
            for (Queued what : queued.values()) {
                if (what.delivered && what.session != UNSURE) {
                    latest.merge(what.session, what.handed.begun(), Math::max);
                }
            }
            for (Queued what : queued.values()) {
                boolean passed = what.at < latest.getOrDefault(what.session, -1);
                boolean forgotten = quiet && open && what.session == sessions;
                if (!what.delivered && what.session != UNSURE && (passed || forgotten)) {
                    violated(Rule.LOST, what);
                }
            }
        }
    }
}
