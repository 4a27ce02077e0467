package io.heliodor.link;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The order of views, sessions and suspicions for the listener of a link: sessions with members that left end before a view, those
 * with new members begin after it, and the next view waits for that. Confined to the tasks of an executor, but for {@link #left}.
 */
final class ViewChanges {
    private static final Logger log = LoggerFactory.getLogger(SessionLink.class);

    private final Peer self;

    /** Its monitor guards it. */
    private final Sessions sessions;

    private final SerialExecutor events;
    private final Link.Listener listener;

    /** The peers that left since the last view. */
    @GuardedBy("sessions")
    private final List<PeerSender> departed = new ArrayList<>();

    private final Set<Peer> suspects = new HashSet<>();

    /** Events of the wire that wait until the present view change ends. */
    private final ArrayDeque<Runnable> arrived = new ArrayDeque<>();

    private @Nullable View view;
    private boolean changing;

    ViewChanges(Peer self, Sessions sessions, SerialExecutor events, Link.Listener listener) {
        this.self = self;
        this.sessions = sessions;
        this.events = events;
        this.listener = listener;
    }

    /** Takes a view of the wire. */
    void view(View next) {
        process(() -> leave(next));
    }

    /** Takes a suspicion of the wire, or its end. */
    void suspected(Peer peer, boolean suspect) {
        process(() -> dispatchSuspicion(peer, suspect));
    }

    /** Closes the deliveries of a peer with the next view. Called inside the monitor of the sessions. */
    void left(PeerSender sender) {
        synchronized (sessions) {
            departed.add(sender);
        }
    }

    private void process(Runnable event) {
        arrived.add(event);
        processArrived();
    }

    /** Processes the events of the wire in order, up to a view, and on when that is entered. */
    private void processArrived() {
        while (!changing && !arrived.isEmpty()) {
            arrived.remove().run();
        }
    }

    /** Ends the sessions with peers that are not in the view. The events of that come before the view. */
    private void leave(View next) {
        if (!next.has(self)) {
            log.error("The wire of {} delivered a view without it, which is ignored: {}.", self, next);
            return;
        }
        changing = true;
        synchronized (sessions) {
            sessions.leave(next);
            List<PeerSender> closing = List.copyOf(departed);
            departed.clear();
            events.execute(() -> install(next, closing));
            events.execute(() -> enter(next));
        }
    }

    private void install(View next, List<PeerSender> closing) {
        closing.forEach(PeerSender::close);
        suspects.retainAll(next.members());
        view = next;
        listener.view(next);
    }

    /** After the listener got the view, so that no envelope of a new member comes before it. */
    private void enter(View next) {
        synchronized (sessions) {
            sessions.enter(next);
        }
        changing = false;
        processArrived();
    }

    private void dispatchSuspicion(Peer peer, boolean suspect) {
        if (view != null
                && view.has(peer)
                && !peer.equals(self)
                && (suspect ? suspects.add(peer) : suspects.remove(peer))) {
            listener.suspected(peer, suspect);
        }
    }
}
