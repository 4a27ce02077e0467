package io.heliodor.link.jgroups;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jgroups.Address;
import org.jgroups.Header;
import org.jgroups.Message;
import org.jgroups.View;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.raft.ELECTION2;
import org.jgroups.protocols.raft.RaftHeader;
import org.jgroups.util.Bits;
import org.jgroups.util.ByteArrayDataInputStream;
import org.jgroups.util.ByteArrayDataOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds a leader of the voters. That of the library asks all members of the view and counts them all; this one knows of
 * voters only, takes no vote for another term than the one that is asked for, lets nobody who may have lost its log elect one
 * who may know less, and begins anew when an answer did not come.
 */
final class Voters extends ELECTION2 {
    // The classes are not to be seen from here, their numbers are.
    private static final short VOTE_REQUEST = 3000;
    private static final short VOTE_RESPONSE = 3001;

    private static final long ROUND_MILLIS = 500;

    private final Voting voting;

    /** Who has voted in this round, and whether its log has anything. */
    private final Map<Address, Boolean> round = new ConcurrentHashMap<>();

    private boolean complained;

    /** Since when there has been nobody who leads, while there could be; 0 if that is not so. */
    private long missingSince;

    Voters(Voting voting) {
        this.voting = voting;
        setId(ClassConfigurator.getProtocolId(ELECTION2.class));
    }

    @Override
    protected void handleView(View next) {
        super.handleView(votersOf(next));
        ((Raft) raft).greet();
    }

    /** Of two addresses of one voter the later counts, as everywhere. */
    private View votersOf(View next) {
        Map<String, Address> found = new LinkedHashMap<>();
        for (Address member : next.getMembers()) {
            var peer = Addresses.peer(member);
            if (peer != null && voting.voters().contains(peer.node())) {
                found.put(peer.node(), member);
            }
        }
        List<Address> members = new ArrayList<>(found.values());
        return new View(next.getViewId(), members);
    }

    @Override
    protected void handleMessage(Message message, RaftHeader header) {
        short kind = header.getMagicId();
        if (kind == VOTE_RESPONSE && header.currTerm() != raft.currentTerm()) {
            return;
        }
        if (kind == VOTE_RESPONSE) {
            round.put(message.getSrc(), lastIndex(header) > 0);
        }
        if (kind == VOTE_REQUEST) {
            synchronized (((Raft) raft).lock()) {
                super.handleMessage(message, header);
            }
        } else {
            super.handleMessage(message, header);
        }
    }

    private static long lastIndex(RaftHeader vote) {
        var out = new ByteArrayDataOutputStream(64);
        try {
            vote.writeTo(out);
            var in = new ByteArrayDataInputStream(out.buffer(), 0, out.position());
            new RaftHeader() {
                @Override
                public short getMagicId() {
                    return vote.getMagicId();
                }

                @Override
                public Supplier<? extends Header> create() {
                    throw new UnsupportedOperationException("It is only read.");
                }
            }.readFrom(in);
            Bits.readLongCompressed(in); // the term of that entry
            return Bits.readLongCompressed(in);
        } catch (IOException | ClassNotFoundException e) {
            throw new IllegalStateException("A vote cannot be read.", e);
        }
    }

    @Override
    protected void sendVoteRequest(long term) {
        round.clear();
        super.sendVoteRequest(term);
    }

    /**
     * Whose log is empty may have lost it. It counts where nobody has anything, in a cluster that begins, or where all
     * voters answer, since then no one else can know more.
     */
    @Override
    protected @Nullable Address determineLeader() {
        long filled = round.values().stream().filter(some -> some).count();
        if (filled == 0
                || filled >= voting.majority()
                || round.size() >= voting.voters().size()) {
            complained = false;
            return super.determineLeader();
        }
        if (!complained) {
            complained = true;
            Sockets.log.warn(
                    "{} of {} voters that answer have an empty log. They wait for the others, who may know more.",
                    round.size() - filled,
                    round.size());
        }
        try {
            Thread.sleep(ROUND_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return null;
    }

    @Override
    protected void sendLeaderElectedMessage(@Nullable Address leader, long term) {
        if (leader != null) {
            super.sendLeaderElectedMessage(leader, term);
        }
    }

    /** Those that are members, but for this one. */
    List<Address> others() {
        View present = view;
        return present == null
                ? List.of()
                : present.getMembers().stream()
                        .filter(member -> !member.equals(local_addr))
                        .toList();
    }

    boolean quorum() {
        View present = view;
        return present != null && present.size() >= voting.majority();
    }

    /** Time passes. One thread. */
    void tick(long now) {
        @Nullable View present = view;
        boolean due = quorum()
                && raft.leader() == null
                && present != null
                && local_addr != null
                && local_addr.equals(present.getCoord())
                && !isVotingThreadRunning();
        if (!due) {
            missingSince = 0;
        } else if (missingSince == 0) {
            missingSince = now == 0 ? 1 : now;
        } else if (now - missingSince > TimeUnit.SECONDS.toNanos(2)) {
            missingSince = 0;
            runVotingThread();
        }
    }
}
