package io.heliodor.node.consensus;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.binary.DecodeException;
import io.heliodor.link.Peer;
import io.heliodor.link.Signal;
import io.heliodor.link.Time;
import io.heliodor.protocol.VoterAnswer.Owner;
import io.heliodor.protocol.VoterNames;
import io.heliodor.protocol.VoterNames.Change;
import io.heliodor.protocol.VoterNames.Lead;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The state machine of the log of the voters: the local copy of names and elections. Written by the log, read by any thread.
 */
public final class NamesStateMachine implements ConsensusLog.StateMachine {
    private final Consumer<List<Change>> changes;
    private final Runnable led;
    private final Signal changed = new Signal();
    private final Time time;

    @GuardedBy("this")
    private VoterNames names = new VoterNames();

    /**
     * An empty copy.
     *
     * @param changes receives the changes, in order; must not block
     * @param led called when the leader of the log changed; must not block
     * @param time by which waits end
     */
    public NamesStateMachine(Consumer<List<Change>> changes, Runnable led, Time time) {
        this.time = time;
        this.changes = changes;
        this.led = led;
    }

    @Override
    public synchronized byte[] apply(long index, byte[] command) throws DecodeException {
        VoterNames.Applied applied = names.apply(index, command);
        publish(applied.changes());
        return applied.answer();
    }

    @Override
    public synchronized byte[] read(byte[] query) throws DecodeException {
        return names.read(query).toBytes();
    }

    /** Called under the lock, so that changes are reported in order. */
    private void publish(List<Change> all) {
        if (!all.isEmpty()) {
            changes.accept(all);
        }
        changed.signalAll();
    }

    @Override
    public synchronized byte[] snapshot() {
        return names.snapshot();
    }

    @Override
    public synchronized void restore(byte[] snapshot) throws DecodeException {
        VoterNames next = VoterNames.of(snapshot);
        if (next.index() >= names.index()) {
            List<Change> all = names.changesTo(next);
            names = next;
            publish(all);
        }
    }

    @Override
    public void leaderChanged(Optional<Peer> leader) {
        led.run();
    }

    public synchronized Optional<Owner> owner(String name) {
        return Optional.ofNullable(names.names().get(name));
    }

    public synchronized List<String> names() {
        return List.copyOf(names.names().keySet());
    }

    /** How many names there are. */
    public synchronized int size() {
        return names.names().size();
    }

    public synchronized Map<String, Lead> leads() {
        return names.leads();
    }

    public synchronized Set<Peer> owners() {
        return names.owners();
    }

    /** The processes of a peer that have names. */
    public synchronized Set<Long> processes(Peer peer) {
        return names.names().values().stream()
                .filter(owner -> owner.peer().equals(peer))
                .map(Owner::process)
                .collect(Collectors.toSet());
    }

    public synchronized boolean isCandidate(Peer peer, String election) {
        return names.isCandidate(peer, election);
    }

    @Override
    public synchronized long index() {
        return names.index();
    }

    /** Waits until this copy has the command of an index. False when it took longer. */
    public boolean awaitIndex(long index, long nanos) throws InterruptedException {
        return changed.await(() -> index() >= index, nanos, time);
    }

    /** Waits until a name has an owner in this copy, up to a timeout. */
    public void awaitOwner(String name, long nanos) throws InterruptedException {
        boolean _ = changed.await(() -> owner(name).isPresent(), nanos, time);
    }
}
