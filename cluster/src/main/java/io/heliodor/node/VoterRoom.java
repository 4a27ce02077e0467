package io.heliodor.node;

import io.heliodor.election.Election.Leader;
import io.heliodor.election.Election.Term;
import io.heliodor.link.DecodeException;
import io.heliodor.link.Link;
import io.heliodor.link.Peer;
import io.heliodor.link.Routes;
import io.heliodor.link.Time;
import io.heliodor.link.View;
import io.heliodor.node.VoterAsking.Asked;
import io.heliodor.process.engine.Processes;
import io.heliodor.protocol.VoterCommand;
import io.heliodor.protocol.VoterNames.Change;
import io.heliodor.protocol.VoterNames.Lead;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a node does about voters: asks them, follows what they decide, and keeps their table clean while it leads. */
final class VoterRoom implements Candidacies {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.node");
    private static final long EACH = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long CONFIRM = TimeUnit.SECONDS.toNanos(5);

    private static final long NEVER = -1;

    /** Never a name: asked for to see how far the log is. */
    private static final VoterCommand.Lookup NOTHING = new VoterCommand.Lookup("");

    /** Is told of elections. On the loop. */
    interface Effects {
        void changed(String election, Optional<Leader> leader);

        void leading(String election, Term term);

        void deposed(String election, Term term);
    }

    private final Peer self;
    private final Consensus consensus;
    private final NodeLoop loop;
    private final Effects effects;
    private final VoterReplica replica;
    private final VoterAsking asking;
    private final VoterWishes wishes;
    private final VoterRegistry registry;

    // On the loop.
    private final Set<String> stands = new HashSet<>();
    private final Map<String, Term> leads = new HashMap<>();
    private Set<Peer> members = Set.of();

    /** Who has something and was no member when that was looked at last. */
    private Set<Peer> missing = Set.of();

    /** Whether what the copy says of this node's leads is true: not while too few voters are seen. */
    private boolean sure = true;

    private boolean confirming;

    /** How many views had too few voters: a confirmation from before the last one means nothing. */
    private long doubts;

    /** How far the copy was when it was looked at last. */
    private long seen = NEVER;

    private long looked;

    VoterRoom(
            Peer self,
            Voting voting,
            Time time,
            NodeLoop loop,
            Supplier<Link> link,
            Processes processes,
            Effects effects,
            Consumer<Throwable> failed) {
        this.self = self;
        this.loop = loop;
        this.effects = effects;
        this.replica = new VoterReplica(
                changes -> loop.execute(() -> follow(changes)), () -> loop.execute(() -> seen = NEVER), time);
        try {
            this.consensus = new Consensus(self, voting, replica, link, time, failed);
        } catch (DecodeException e) {
            throw new StartException(
                    StartException.Problem.BAD_DIRECTORY,
                    "The snapshot in the directory of this voter cannot be read: " + e.getMessage());
        }
        this.asking = new VoterAsking(self, link, consensus, time);
        this.wishes = new VoterWishes(asking, time);
        this.registry = new VoterRegistry(self, asking, replica, wishes, processes, time);
    }

    VoterRegistry registry() {
        return registry;
    }

    Consensus consensus() {
        return consensus;
    }

    VoterAsking asking() {
        return asking;
    }

    void route(Routes routes) {
        consensus.route(routes);
        routes.add(
                        VoterMessage.Append.TYPE,
                        VoterMessage.Append::read,
                        (from, message, _) -> asking.received(from, message))
                .add(
                        VoterMessage.Appended.TYPE,
                        VoterMessage.Appended::read,
                        (from, message, _) -> asking.received(from, message));
    }

    boolean rests() {
        return consensus.rests();
    }

    void start() {
        consensus.start();
        wishes.start();
    }

    /** After {@link #close}, when no message comes any more. */
    void end() {
        consensus.close();
    }

    /** Whether most of the voters are among these nodes. */
    boolean quorum(Set<String> nodes) {
        return consensus.voters().majority(nodes);
    }

    /** On the link's thread. */
    void closed(Peer peer) {
        asking.closed(peer);
    }

    // On the loop.

    void view(View view) {
        members = Set.copyOf(view.members());
        Set<String> nodes = new HashSet<>();
        members.forEach(member -> nodes.add(member.node()));
        if (!quorum(nodes)) {
            doubts++;
            doubt();
        }
        looked = 0;
        seen = NEVER;
    }

    /** Others may decide without this node: it leads nothing until it knows better. */
    private void doubt() {
        if (sure) {
            sure = false;
            Map.copyOf(leads).forEach((election, term) -> {
                leads.remove(election);
                effects.deposed(election, term);
            });
        }
    }

    private void follow(List<Change> changes) {
        for (Change change : changes) {
            switch (change) {
                case Change.OfLead(String election, Optional<Lead> lead) -> {
                    effects.changed(election, lead.map(VoterRoom::leader));
                    own(election, lead);
                }
                case Change.OfName _ -> {}
            }
        }
    }

    private static Leader leader(Lead lead) {
        return new Leader(lead.peer().node(), term(lead));
    }

    private static Term term(Lead lead) {
        return new Term(Long.toString(lead.term()), OptionalLong.of(lead.term()));
    }

    private void own(String election, Optional<Lead> lead) {
        Optional<Term> next =
                lead.filter(now -> now.peer().equals(self) && sure).map(VoterRoom::term);
        Optional<Term> before = Optional.ofNullable(leads.get(election));
        if (next.equals(before)) {
            return;
        }
        before.ifPresent(term -> {
            leads.remove(election);
            effects.deposed(election, term);
        });
        next.ifPresent(term -> {
            leads.put(election, term);
            effects.leading(election, term);
        });
    }

    void tick(long now) {
        if (looked != 0 && now - looked < EACH) {
            return;
        }
        looked = now == 0 ? 1 : now;
        if (!sure && !confirming && asking.quorum()) {
            confirming = true;
            long before = doubts;
            Thread.ofVirtual().name("confirming").start(() -> confirm(before));
        }
        long index = replica.index();
        boolean news = index != seen;
        seen = index;
        if (news && sure && asking.quorum()) {
            stand();
            registry.sweep();
        }
        if (news || !missing.isEmpty()) {
            clean();
        }
    }

    /** Waits until the copy has all that was decided meanwhile. */
    private void confirm(long before) {
        boolean confirmed = false;
        try {
            confirmed = asking.read(NOTHING, CONFIRM) instanceof Asked.Answered(long index, var _)
                    && replica.awaitIndex(index, CONFIRM);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        boolean now = confirmed;
        loop.execute(() -> {
            confirming = false;
            if (now && doubts == before && asking.quorum()) {
                sure = true;
                seen = NEVER; // what came while it was not sure was not looked at
                replica.leads().forEach((election, lead) -> own(election, Optional.of(lead)));
            }
        });
    }

    /** Who was declared gone stands no longer, though it never resigned: it stands again. */
    private void stand() {
        if (wishes.isEmpty()) {
            stands.stream()
                    .filter(election -> !replica.stands(self, election))
                    .forEach(election -> wishes.add(new VoterCommand.Campaign(election)));
        }
    }

    /** Frees what peers have that are gone. Twice seen: a command of one may be quicker than the view with it. */
    private void clean() {
        if (!asking.leads() || !asking.quorum()) {
            missing = Set.of();
            return;
        }
        Set<Peer> absent = new HashSet<>(replica.owners());
        absent.removeAll(members);
        for (Peer peer : absent) {
            if (missing.contains(peer)) {
                LOG.atInfo().addKeyValue("peer", peer.node()).log("A node is gone: its names are free.");
                var _ = asking.gone(peer);
            }
        }
        missing = absent;
    }

    @Override
    public void campaign(String election) {
        loop.execute(() -> {
            stands.add(election);
            wishes.add(new VoterCommand.Campaign(election));
        });
    }

    @Override
    public void resign(String election) {
        loop.execute(() -> {
            stands.remove(election);
            wishes.add(new VoterCommand.Resign(election));
        });
    }

    void close() {
        asking.close();
        wishes.close();
    }
}
