package io.heliodor.process.engine;

import io.heliodor.link.Peer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * The recipients of a message, grouped by node. Immutable.
 */
public final class Recipients {
    private static final long[] NONE = {};

    private final Peer self;
    private final long[] here;

    /** The other nodes; one with more processes than an envelope may list occurs again. */
    private final List<Peer> peers;

    /** The numbers of the processes at the peer with the same index. */
    private final List<long[]> numbers;

    private Recipients(Peer self, long[] here, List<Peer> peers, List<long[]> numbers) {
        this.self = self;
        this.here = here;
        this.peers = peers;
        this.numbers = numbers;
    }

    /**
     * Groups processes by node.
     *
     * @param self the node that will send
     * @param processes each once, in the order of {@link ProcessId}
     * @return the recipients
     */
    public static Recipients of(Peer self, Collection<ProcessId> processes) {
        List<ProcessId> all = List.copyOf(processes);
        long[] here = NONE;
        List<Peer> peers = new ArrayList<>();
        List<long[]> numbers = new ArrayList<>();
        for (int from = 0, to = 0; from < all.size(); from = to) {
            Peer peer = all.get(from).peer();
            int end =
                    peer.equals(self) ? all.size() : Math.min(all.size(), from + ProcessMessage.SendAll.MAX_PROCESSES);
            while (to < end && all.get(to).peer().equals(peer)) {
                to++;
            }
            long[] some =
                    all.subList(from, to).stream().mapToLong(ProcessId::number).toArray();
            if (peer.equals(self)) {
                here = some;
            } else {
                peers.add(peer);
                numbers.add(some);
            }
        }
        return new Recipients(self, here, List.copyOf(peers), List.copyOf(numbers));
    }

    /**
     * The recipients without one of them.
     *
     * @param process the one to leave out, if it is a recipient
     * @return the others
     */
    public Recipients without(ProcessId process) {
        if (process.peer().equals(self)) {
            return new Recipients(self, without(process.number(), here), peers, numbers);
        }
        List<Peer> otherPeers = new ArrayList<>();
        List<long[]> otherNumbers = new ArrayList<>();
        for (int i = 0; i < peers.size(); i++) {
            boolean there = peers.get(i).equals(process.peer());
            long[] others = there ? without(process.number(), numbers.get(i)) : numbers.get(i);
            if (others.length > 0) {
                otherPeers.add(peers.get(i));
                otherNumbers.add(others);
            }
        }
        return new Recipients(self, here, otherPeers, otherNumbers);
    }

    private static long[] without(long number, long[] numbers) {
        return Arrays.stream(numbers).filter(other -> other != number).toArray();
    }

    /**
     * The recipients on the sending node.
     *
     * @return their ids
     */
    public List<ProcessId> here() {
        return Arrays.stream(here)
                .mapToObj(number -> new ProcessId(self, number))
                .toList();
    }

    /** The numbers of the recipients on the sending node; not to be changed. */
    long[] numbersHere() {
        return here;
    }

    /** The other nodes, one for each envelope. */
    List<Peer> peers() {
        return peers;
    }

    /** The recipients of the envelope with this index; not to be changed. */
    long[] numbers(int envelope) {
        return numbers.get(envelope);
    }
}
