package io.heliodor.protocol;

import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
import io.heliodor.protocol.NamesMessage.Accepted;
import io.heliodor.protocol.NamesMessage.Ask;
import io.heliodor.protocol.NamesMessage.Claims;
import io.heliodor.protocol.NamesMessage.Release;
import io.heliodor.protocol.NamesMessage.Tell;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which process has which name, and who leads which election. Each node is the authority for what its own processes have;
 * the coordinator of the view grants, and a process is told that it has something once all members of that view know it,
 * but for those that the coordinator suspects.
 *
 * <p>Each side of a split grants by itself. When it is over the resolver is asked about names that two have.
 */
public final class Names {
    /** The most names of a cluster, and the most wishes of a node. */
    public static final int MOST = 100_000;

    private static final long REQUEST_NANOS = 5_000_000_000L;

    /** What this state wants done. */
    public interface Effects {
        /**
         * A message to a peer to which a session is open.
         *
         * @param to whom
         * @param message what to say
         */
        void send(Peer to, NamesMessage message);

        /**
         * A request was answered. Told once for each ticket, within five seconds.
         *
         * @param ticket which request
         * @param answer the answer
         */
        void answered(long ticket, Answer answer);

        /**
         * A process of this node has a name no longer, though it did not give it up.
         *
         * @param name the name
         * @param process which process
         */
        void lost(String name, long process);

        /**
         * Two sides of a split had the same name. Told on the node of the winner, if there is one and it has the name
         * still, and on that of the loser.
         *
         * @param name the name
         * @param winner who has it
         * @param loser who has it no longer
         */
        void conflict(String name, Optional<Peer> winner, Peer loser);

        /**
         * A process of this node leads.
         *
         * @param election which election
         * @param process which process
         * @param term the label of its leadership
         */
        void leading(String election, long process, Term term);

        /**
         * A process of this node leads no longer, for whatever reason. Told once for each {@link #leading}.
         *
         * @param election which election
         * @param process which process
         * @param term the label of its leadership
         */
        void deposed(String election, long process, Term term);

        /**
         * The local table changed.
         *
         * @param key which row
         * @param owner who has it now
         */
        void changed(Key key, Optional<Claim> owner);

        /**
         * A question to the resolver, to be answered by {@link Names#resolved}. What is not answered within a second is
         * decided for the oldest.
         *
         * @param question its number
         * @param name which name
         * @param claims who claims it: two or more
         */
        void resolve(long question, String name, List<Claim> claims);
    }

    private final Peer self;
    private final Effects effects;
    private final Member member;
    private final Set<Peer> open = new HashSet<>();
    /** Of each peer the last question in a view that is not here yet. */
    private final Map<Peer, Tell> early = new HashMap<>();
    /** In the order of their deadlines. */
    private final Deque<Wish.Request> requests = new ArrayDeque<>();

    private final Set<Peer> suspects = new HashSet<>();
    private final Deque<NamesMessage> toMyself = new ArrayDeque<>();
    private final int most;
    private View view;
    private @Nullable Coordinator coordinator;
    private long questions;

    /**
     * No names, in a view of this node alone.
     *
     * @param self this node
     * @param effects what does what is wanted
     * @param most how many names and elections this node grants while it is coordinator, at most {@link #MOST}
     */
    public Names(Peer self, Effects effects, int most) {
        this.most = most;
        this.self = self;
        this.effects = effects;
        view = new View(new ViewId(0, self), List.of(self), false);
        member = new Member(self, effects, message -> send(view.coordinator(), message));
    }

    /**
     * A view was installed.
     *
     * @param next the view
     */
    public void view(View next) {
        view = next;
        open.retainAll(next.members());
        suspects.retainAll(next.members());
        member.view(next);
        coordinator = null;
        if (next.coordinator().equals(self)) {
            Coordinator own = new Coordinator(next, most, member, this::send, effects, () -> ++questions);
            coordinator = own;
            suspects.forEach(peer -> own.suspected(peer, true));
            own.start();
        }
        Tell tell = early.remove(next.coordinator());
        early.values().removeIf(other -> other.view().number() <= next.id().number());
        if (tell != null) {
            received(next.coordinator(), tell);
        }
        drain();
    }

    /**
     * What this node thinks of another. A coordinator does not wait until its suspects know what it grants.
     *
     * @param peer of whom; any other than this node
     * @param suspect whether it cannot be heard
     */
    public void suspected(Peer peer, boolean suspect) {
        if (view.has(peer) && (suspect ? suspects.add(peer) : suspects.remove(peer)) && coordinator != null) {
            coordinator.suspected(peer, suspect);
            drain();
        }
    }

    /**
     * A session to a peer is open.
     *
     * @param peer whose
     */
    public void opened(Peer peer) {
        open.add(peer);
        if (peer.equals(view.coordinator())) {
            member.repeat();
        }
        if (coordinator != null && view.has(peer)) {
            coordinator.opened(peer);
        }
        drain();
    }

    /**
     * A session to a peer was closed.
     *
     * @param peer whose
     */
    public void closed(Peer peer) {
        open.remove(peer);
    }

    /**
     * A peer said something. What was said in another view counts no longer, or not yet.
     *
     * @param from who
     * @param message what
     */
    public void received(Peer from, NamesMessage message) {
        if (!message.view().equals(view.id())) {
            // Nothing else can come early: a member says nothing in a view before it was asked there.
            if (message instanceof Tell tell && tell.view().number() > view.id().number()) {
                early.put(from, tell);
            }
            return;
        }
        if (view.has(from)) {
            take(from, message);
            drain();
        }
    }

    private void take(Peer from, NamesMessage message) {
        switch (message) {
            case Claims claims when coordinator != null -> coordinator.claims(from, claims);
            case Accepted accepted when coordinator != null -> coordinator.accepted(from, accepted);
            case Ask ask when coordinator != null -> coordinator.asked(from, ask);
            case Release release when coordinator != null -> coordinator.released(from, release);
            case Claims _, Accepted _, Ask _, Release _ -> {}
            case NamesMessage told when from.equals(view.coordinator()) -> member.told(told);
            default -> {}
        }
    }

    private boolean send(Peer to, NamesMessage message) {
        if (to.equals(self)) {
            toMyself.add(message);
            return true;
        }
        boolean session = open.contains(to);
        if (session) {
            effects.send(to, message);
        }
        return session;
    }

    /** What this node says to itself is heard when it has done what it was at. */
    private void drain() {
        while (!toMyself.isEmpty()) {
            NamesMessage message = toMyself.remove();
            if (message.view().equals(view.id())) {
                take(self, message);
            }
        }
    }

    /**
     * Asks for a name for a process of this node. To ask again for what it has, or was not answered, is safe.
     *
     * @param name the name; at most {@link Key#BYTES} bytes
     * @param process which process; it is alive
     * @param ticket what the answer is told with
     * @param now what time it is
     */
    public void register(String name, long process, long ticket, long now) {
        var request = request(ticket, now);
        var key = key(false, name);
        if (member.full() && member.wishes().find(key, process) == null) {
            request.answer(effects, new Answer.Full());
            return;
        }
        Wish wish = member.wishes().make(key, process);
        Term since = wish.since;
        if (wish.confirmed && since != null) {
            request.answer(effects, new Answer.Held(new Claim(self, process, wish.number, since)));
            return;
        }
        if (wish.requests.stream().allMatch(Wish.Request::answered)) {
            wish.asked = false;
        }
        wish.requests.add(request);
        member.ask(wish);
        drain();
    }

    /**
     * Gives a name up. It has it no longer when this returns; when the answer comes all know that.
     *
     * @param name the name
     * @param process which process of this node has it
     * @param ticket what the answer is told with
     * @param now what time it is
     */
    public void release(String name, long process, long ticket, long now) {
        var request = request(ticket, now);
        @Nullable Wish wish = member.wishes().find(new Key(false, name), process);
        if (wish == null) {
            request.answer(effects, new Answer.NotOwner());
        } else {
            member.give(wish, List.of(request));
            drain();
        }
    }

    /**
     * A process of this node wants to lead. It is told when it does.
     *
     * @param election which election; at most {@link Key#BYTES} bytes
     * @param process which process; it is alive
     * @return false if this node has too many wishes
     */
    public boolean campaign(String election, long process) {
        if (member.full()) {
            return false;
        }
        member.ask(member.wishes().make(key(true, election), process));
        drain();
        return true;
    }

    /**
     * A process of this node does not want to lead any more.
     *
     * @param election which election
     * @param process which process
     */
    public void resign(String election, long process) {
        @Nullable Wish wish = member.wishes().find(new Key(true, election), process);
        if (wish != null) {
            member.give(wish, List.of());
            drain();
        }
    }

    /**
     * A process of this node ended: what it had is free.
     *
     * @param process which process
     */
    public void ended(long process) {
        member.wishes().of(process).forEach(wish -> member.give(wish, List.of()));
        drain();
    }

    private static Key key(boolean election, String name) {
        Texts.problem("The name", name, Key.BYTES).ifPresent(problem -> {
            throw new IllegalArgumentException(problem + ".");
        });
        return new Key(election, name);
    }

    private Wish.Request request(long ticket, long now) {
        var request = new Wish.Request(ticket, now + REQUEST_NANOS);
        requests.addLast(request);
        return request;
    }

    /**
     * The resolver answered a question.
     *
     * @param question which
     * @param winner who has the name; none if nobody shall
     */
    public void resolved(long question, Optional<Claim> winner) {
        if (coordinator != null) {
            coordinator.resolved(question, winner);
            drain();
        }
    }

    /**
     * Time passes.
     *
     * @param now what time it is
     */
    public void tick(long now) {
        while (!requests.isEmpty() && (requests.getFirst().answered() || now - requests.getFirst().deadline >= 0)) {
            requests.removeFirst().answer(effects, new Answer.Unknown());
        }
        if (coordinator != null) {
            coordinator.tick(now);
            drain();
        }
    }

    /**
     * Who has a name, as far as is known here.
     *
     * @param name the name
     * @return who; none if nobody
     */
    public Optional<Claim> lookup(String name) {
        return Optional.ofNullable(member.table().get(new Key(false, name)));
    }

    /**
     * Who leads, as far as is known here.
     *
     * @param election which election
     * @return who; none if nobody
     */
    public Optional<Claim> leader(String election) {
        return Optional.ofNullable(member.table().get(new Key(true, election)));
    }

    /**
     * All names that somebody has, as far as is known here.
     *
     * @return the names, sorted
     */
    public List<String> names() {
        return member.table().keySet().stream()
                .filter(key -> !key.election())
                .map(Key::name)
                .sorted()
                .toList();
    }

    /**
     * The names that processes of this node have, and were told that they have.
     *
     * @return the names, sorted
     */
    public List<String> ownNames() {
        return member.own().values().stream()
                .filter(wish -> wish.firm && !wish.key.election())
                .map(wish -> wish.key.name())
                .sorted()
                .toList();
    }

    /**
     * Whether the table of the view is here: until then names are those of the view before, without those that left.
     *
     * @return true if it is
     */
    public boolean settled() {
        return member.settled();
    }
}
