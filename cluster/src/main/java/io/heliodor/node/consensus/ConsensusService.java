package io.heliodor.node.consensus;

import io.heliodor.binary.DecodeException;
import io.heliodor.election.Election.Leader;
import io.heliodor.election.Election.Term;
import io.heliodor.link.Link;
import io.heliodor.link.MessageRoutes;
import io.heliodor.link.Peer;
import io.heliodor.link.Time;
import io.heliodor.link.View;
import io.heliodor.node.consensus.RaftClient.Result;
import io.heliodor.node.election.Candidacies;
import io.heliodor.node.election.Elections;
import io.heliodor.node.loop.NodeLoop;
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

/**
 * The consensus of a node: its {@link RaftClient}, the state machine, and the elections that the voters decide. While this
 * node leads the log it evicts nodes that left the view.
 */
public final class ConsensusService implements Candidacies {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.node");
    private static final long CHECK_INTERVAL = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long CONFIRM_TIMEOUT = TimeUnit.SECONDS.toNanos(5);

    private static final long NO_INDEX = -1;

    /** A query that reads only how far the log is: the empty name is never registered. */
    private static final VoterCommand.Lookup READ_INDEX = new VoterCommand.Lookup("");

    private final Peer self;
    private final Time time;
    private final RaftNode raft;
    private final NodeLoop loop;
    private final Supplier<Elections> elections;
    private final Supplier<View> view;
    private final NamesStateMachine names;
    private final RaftClient client;
    private final RetryQueue retries;
    private final ConsensusRegistry registry;

    // On the loop.
    private final Set<String> candidacies = new HashSet<>();
    private final Map<String, Term> leads = new HashMap<>();

    /** Peers that own something and were not members at the last check. */
    private Set<Peer> missing = Set.of();

    /**
     * Whether the local copy is right about the elections that this node leads: false while a majority of the voters is out
     * of view.
     */
    private boolean confirmed = true;

    private boolean confirming;

    /** How often other nodes may have elected leaders without this one: a confirmation from before the last time means nothing. */
    private long doubts;

    /** The index of the local copy at the last check. */
    private long lastIndex = NO_INDEX;

    private long lastCheck;

    public ConsensusService(
            Peer self,
            ConsensusConfig voting,
            Time time,
            NodeLoop loop,
            Supplier<Link> link,
            Processes processes,
            Supplier<Elections> elections,
            Supplier<View> view,
            Consumer<Throwable> failed)
            throws DecodeException {
        this.self = self;
        this.time = time;
        this.loop = loop;
        this.elections = elections;
        this.view = view;
        this.names = new NamesStateMachine(
                changes -> loop.execute(() -> onChanges(changes)),
                () -> loop.execute(() -> lastIndex = NO_INDEX),
                time);
        this.raft = new RaftNode(self, voting, names, link, time, failed);
        this.client = new RaftClient(self, link, raft, time);
        this.retries = new RetryQueue(client, time);
        this.registry = new ConsensusRegistry(client, names, retries, processes, time);
    }

    public ConsensusRegistry registry() {
        return registry;
    }

    public RaftNode raft() {
        return raft;
    }

    public RaftClient client() {
        return client;
    }

    public void route(MessageRoutes routes) {
        raft.route(routes);
        RaftClientMessage.route(routes, (from, message, _) -> client.received(from, message));
    }

    public boolean isQuiescent() {
        return raft.isQuiescent();
    }

    /** How many tasks its loop was given. */
    public long tasks() {
        return raft.tasks();
    }

    public void start() {
        raft.start();
        retries.start();
    }

    /** After {@link #close}, when no message comes any more. */
    public void end() {
        raft.close();
    }

    /** Whether these nodes contain a majority of the voters. */
    public boolean quorum(Set<String> nodes) {
        return raft.voters().majority(nodes);
    }

    /** On the link's thread. */
    public void closed(Peer peer) {
        client.closed(peer);
    }

    // On the loop.

    public void view(View next) {
        if (!quorum(next.byName().keySet())) {
            stepDown();
        }
        lastCheck = 0;
        lastIndex = NO_INDEX;
    }

    /** This node was paused for so long that others may have excluded it. */
    public void paused() {
        stepDown();
    }

    /** Other nodes may elect leaders without this one, so it leads no election until a read confirms the local copy. */
    private void stepDown() {
        doubts++;
        if (confirmed) {
            confirmed = false;
            Map.copyOf(leads).forEach((election, term) -> {
                leads.remove(election);
                elections.get().deposed(election, term);
            });
        }
    }

    private void onChanges(List<Change> changes) {
        for (Change change : changes) {
            switch (change) {
                case Change.LeadChanged(String election, Optional<Lead> lead) -> {
                    elections.get().changed(election, lead.map(ConsensusService::leader));
                    updateOwnLead(election, lead);
                }
                case Change.NameChanged _ -> {}
            }
        }
    }

    private static Leader leader(Lead lead) {
        return new Leader(lead.peer().node(), term(lead));
    }

    private static Term term(Lead lead) {
        return new Term(Long.toString(lead.term()), OptionalLong.of(lead.term()));
    }

    private void updateOwnLead(String election, Optional<Lead> lead) {
        Optional<Term> next =
                lead.filter(now -> now.peer().equals(self) && confirmed).map(ConsensusService::term);
        Optional<Term> before = Optional.ofNullable(leads.get(election));
        if (next.equals(before)) {
            return;
        }
        before.ifPresent(term -> {
            leads.remove(election);
            elections.get().deposed(election, term);
        });
        next.ifPresent(term -> {
            leads.put(election, term);
            elections.get().leading(election, term);
        });
    }

    public void tick(long now) {
        if (lastCheck != 0 && now - lastCheck < CHECK_INTERVAL) {
            return;
        }
        lastCheck = now == 0 ? 1 : now;
        if (!confirmed && !confirming && client.quorum()) {
            confirming = true;
            long before = doubts;
            Thread.ofVirtual().name("confirming").start(() -> confirm(before));
        }
        long index = names.index();
        boolean advanced = index != lastIndex;
        lastIndex = index;
        if (advanced && confirmed && client.quorum()) {
            renewCandidacies();
            registry.sweep();
        }
        if (advanced || !missing.isEmpty()) {
            evictAbsent();
        }
    }

    /** Waits until the copy has all that was decided meanwhile. */
    private void confirm(long before) {
        long begun = time.nanos();
        boolean caughtUp = false;
        try {
            caughtUp = client.read(READ_INDEX, CONFIRM_TIMEOUT) instanceof Result.Answered(long index, var _)
                    && names.awaitIndex(index, CONFIRM_TIMEOUT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            loop.execute(() -> confirming = false);
        }
        boolean now = caughtUp;
        loop.execute(() -> {
            // After a pause this may run before the pause is noticed: an answer from before it is none.
            boolean recent = time.nanos() - begun < CONFIRM_TIMEOUT;
            if (now && recent && doubts == before && client.quorum()) {
                confirmed = true;
                lastIndex = NO_INDEX; // changes that came while this was unconfirmed were not checked
                names.leads().forEach((election, lead) -> updateOwnLead(election, Optional.of(lead)));
            }
        });
    }

    /** Campaigns again in elections that this node was evicted from without having resigned. */
    private void renewCandidacies() {
        if (retries.isEmpty()) {
            candidacies.stream()
                    .filter(election -> !names.isCandidate(self, election))
                    .forEach(election -> retries.add(new VoterCommand.Campaign(election)));
        }
    }

    /**
     * Evicts peers that own something and are absent from the view. They must be absent at two checks: a command of a new
     * node may arrive before the view that contains the node.
     */
    private void evictAbsent() {
        if (!client.leads() || !client.quorum()) {
            missing = Set.of();
            return;
        }
        Set<Peer> absent = new HashSet<>(names.owners());
        absent.removeAll(Set.copyOf(view.get().members()));
        for (Peer peer : absent) {
            if (missing.contains(peer)) {
                LOG.atInfo()
                        .addKeyValue("peer", peer.node())
                        .log("{} is no longer a member: its names are free.", peer.node());
                var _ = client.evict(peer);
            }
        }
        missing = absent;
    }

    @Override
    public void campaign(String election) {
        loop.execute(() -> {
            candidacies.add(election);
            retries.add(new VoterCommand.Campaign(election));
        });
    }

    @Override
    public void resign(String election) {
        loop.execute(() -> {
            candidacies.remove(election);
            retries.add(new VoterCommand.Resign(election));
        });
    }

    public void close() {
        client.close();
        retries.close();
    }
}
