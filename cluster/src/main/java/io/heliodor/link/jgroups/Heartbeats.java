package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.Event;
import org.jgroups.Message;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.util.MessageBatch;
import org.jspecify.annotations.Nullable;

/**
 * Failure detection that reports on every member: JGroups tells its suspicions to the one only that would be coordinator.
 * All that comes from below passes here, so any word of a suspect absolves it.
 *
 * <p>That one asks the others to probe who cannot be heard, as SWIM does: when it has been silent for half of the time, again
 * in each interval, and when a connection ended. Who answers any of them lives, and stays a member: the link of one pair is
 * broken, which is no reason to exclude either, and two that exclude each other would tear the others apart.
 */
final class Heartbeats extends FD_ALL3 {
    /** Of these many intervals: after so long others are asked. */
    private static final double SILENT = 1.9;

    /** An answer counts for so long: one of two may be lost. */
    private static final double FRESH = 2.2;

    private final Reports reports;
    private final Consumer<Peer> silent;
    private final VERIFY_SUSPECT2 verify;

    /** About whom others were asked, and when it last answered one of them; at first long ago. Members only. */
    private final Map<Peer, Long> asked = new ConcurrentHashMap<>();

    /**
     * One for a stack.
     *
     * @param silent told of a member that fell silent, once
     * @param verify asks suspects themselves before they are excluded
     */
    Heartbeats(Reports reports, Consumer<Peer> silent, VERIFY_SUSPECT2 verify) {
        this.reports = reports;
        this.silent = silent;
        this.verify = verify;
        setId(ClassConfigurator.getProtocolId(FD_ALL3.class));
    }

    /** A connection ended: of a process that has ended, or on the way. */
    @Override
    public Object up(Event event) {
        if (event.getType() == Event.SUSPECT) {
            Collection<Address> suspects = event.arg();
            for (Address suspect : suspects) {
                Peer peer = Addresses.peer(suspect);
                if (peer != null) {
                    reports.suspect(peer);
                    ask(peer, suspect);
                }
            }
        }
        return up_prot.up(event);
    }

    @Override
    public Object down(Event event) {
        if (event.getType() == Event.UNSUSPECT) {
            absolve(event.arg());
        }
        return super.down(event);
    }

    @Override
    public Object up(Message message) {
        if (message.getHeader(id) != null) {
            listen(message);
        }
        return super.up(message);
    }

    @Override
    public void up(MessageBatch batch) {
        for (Message message : batch) {
            if (message.getHeader(id) != null) {
                listen(message);
            }
        }
        super.up(batch);
    }

    @Override
    protected void retainKeys(List<Address> members) {
        super.retainKeys(members);
        asked.keySet().removeIf(peer -> members.stream().noneMatch(member -> peer.equals(Addresses.peer(member))));
    }

    /** Called for each member in each interval. */
    @Override
    protected <T> boolean needsToBeSuspected(Address member, T value) {
        Peer peer = Addresses.peer(member);
        if (peer != null && value instanceof Times times && !times.heardWithin(intervals(SILENT))) {
            ask(peer, member);
        }
        return super.needsToBeSuspected(member, value);
    }

    private void ask(Peer peer, Address member) {
        List<Address> others = others(member);
        if (!others.isEmpty()) {
            asked.putIfAbsent(peer, System.nanoTime() - intervals(FRESH) - 1);
            others.forEach(other -> say(other, new Word.Question(peer)));
        }
    }

    /** Who can be asked, by the one that decides; nobody else asks. */
    private List<Address> others(Address member) {
        synchronized (this) {
            List<Address> others = new ArrayList<>(members);
            others.removeAll(suspected_mbrs);
            others.remove(member);
            boolean decides = !others.isEmpty() && others.getFirst().equals(local_addr);
            others.remove(local_addr);
            return decides ? others : List.of();
        }
    }

    @Override
    protected void suspect(List<Address> suspects) {
        List<Address> lost = new ArrayList<>();
        for (Address suspect : suspects) {
            Peer peer = Addresses.peer(suspect);
            if (peer == null || !isHeard(peer)) {
                lost.add(suspect);
            }
            if (peer != null && reports.suspect(peer)) {
                // After a loss, TCP tries again more and more seldom: a new connection is back much sooner.
                silent.accept(peer);
            }
        }
        if (!lost.isEmpty()) {
            super.suspect(lost);
        }
    }

    /** By one of the others, after one of the last two questions. */
    private boolean isHeard(Peer peer) {
        Long said = asked.get(peer);
        return said != null && System.nanoTime() - said < intervals(FRESH);
    }

    private long intervals(double count) {
        return (long) (count * TimeUnit.MILLISECONDS.toNanos(getInterval()));
    }

    private void say(Address to, Word word) {
        down_prot.down(new BytesMessage(to, word.toBytes()).putHeader(id, new HeartbeatHeader()));
    }

    /** A heartbeat may carry a word. */
    private void listen(Message heartbeat) {
        Address from = heartbeat.getSrc();
        Word word = heartbeat.hasArray()
                ? Word.of(heartbeat.getArray(), heartbeat.getOffset(), heartbeat.getLength())
                : null;
        Peer sender = Addresses.peer(from);
        if (word == null || sender == null) {
            return;
        }
        switch (word) {
            case Word.Question(Peer doubtful) ->
                member(doubtful).ifPresent(address -> say(address, new Word.Probe(sender)));
            case Word.Probe(Peer asker) -> say(from, new Word.Alive(asker));
            case Word.Alive(Peer asker) -> member(asker).ifPresent(address -> say(address, new Word.Heard(sender)));
            case Word.Heard(Peer doubtful) -> {
                if (asked.replace(doubtful, System.nanoTime()) != null) {
                    member(doubtful).ifPresent(verify::unsuspect);
                }
            }
        }
    }

    private Optional<Address> member(Peer peer) {
        return timestamps.keySet().stream()
                .filter(address -> peer.equals(Addresses.peer(address)))
                .findFirst();
    }

    @Override
    protected boolean unsuspect(@Nullable Address member) {
        boolean news = super.unsuspect(member);
        if (news) {
            absolve(member);
        }
        return news;
    }

    @Override
    protected void update(@Nullable Address sender, boolean heartbeat, boolean onlyIfAbsent) {
        if (sender != null && !sender.equals(local_addr)) {
            Bitmap heard = timestamps.get(sender);
            if (heard == null) {
                timestamps.putIfAbsent(sender, new Times(num_bits));
            } else if (!onlyIfAbsent) {
                heard.set();
            }
        }
        if (!onlyIfAbsent && reports.anySuspect()) {
            absolve(sender);
        }
    }

    /** In which of the last intervals something was heard, and when last. */
    private static final class Times extends Bitmap {
        private volatile long last = System.nanoTime();

        Times(int intervals) {
            super(intervals);
        }

        @Override
        public Bitmap set() {
            last = System.nanoTime();
            return super.set();
        }

        boolean heardWithin(long nanos) {
            return System.nanoTime() - last < nanos;
        }
    }

    private void absolve(@Nullable Address member) {
        Peer peer = Addresses.peer(member);
        if (peer != null) {
            reports.alive(peer);
        }
    }
}
