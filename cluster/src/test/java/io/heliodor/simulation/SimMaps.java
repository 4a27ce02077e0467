package io.heliodor.simulation;

import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.protocol.MapMessage;
import io.heliodor.protocol.MapsEffects;
import io.heliodor.protocol.ReplicatedMaps;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The owned maps of one node, and a model of the entries that the maps have reported. */
final class SimMaps implements MapsEffects {
    private static final int[] MAX_ENTRIES = {40, 6, 40};
    private static final int KINDS = MAX_ENTRIES.length;

    private record Past(String key, Optional<String> value, long at) {}

    private record Wait(int kind, long version, View view, long since, long deadline) {}

    private final World world;
    private final SimNode node;
    private final ReplicatedMaps state;
    /** The entries of other nodes, as reported. */
    private final Map<Peer, List<Map<String, String>>> reported = new HashMap<>();
    /** The change of each version, for each kind; version 1 is first. */
    private final List<List<Past>> history = new ArrayList<>();

    private final Map<Long, Wait> waits = new TreeMap<>();
    private long tickets;

    SimMaps(World world, SimNode node) {
        this.world = world;
        this.node = node;
        state = new ReplicatedMaps(node.peer(), this, MAX_ENTRIES);
        for (int kind = 0; kind < KINDS; kind++) {
            history.add(new ArrayList<>());
        }
    }

    void view(View view) {
        state.view(view);
        state.checkInvariants();
        reported.forEach((peer, maps) -> world.check(
                view.has(peer) || maps.stream().allMatch(Map::isEmpty),
                () -> node.name() + " kept a copy of " + peer + " which is not in its view"));
    }

    void opened(Peer to) {
        state.opened(to);
        state.checkInvariants();
    }

    void closed(Peer to) {
        state.closed(to);
        state.checkInvariants();
    }

    void received(Peer from, MapMessage message) {
        state.received(from, message);
        state.checkInvariants();
    }

    void tick(long now) {
        state.tick(now);
        state.checkInvariants();
        waits.forEach((ticket, wait) ->
                world.check(now < wait.deadline(), () -> node.name() + " got no end of wait " + ticket));
    }

    void act() {
        int kind = world.random.nextInt(KINDS);
        String key = "k" + world.random.nextInt(world.chance(0.1) ? 60 : 12);
        Optional<String> value = world.chance(0.3) ? Optional.empty() : Optional.of(text());
        long before = state.version(kind);
        switch (state.change(kind, key, value)) {
            case ReplicatedMaps.Change.Made(long version) -> {
                if (version > before) {
                    history.get(kind).add(new Past(key, value, world.now()));
                }
                node.note("maps " + kind + " " + key + " to version " + version);
                if (world.chance(0.3)) {
                    await(kind, world.chance(0.7) ? version : world.random.nextLong(version + 1));
                }
            }
            case ReplicatedMaps.Change.Full _ -> {
                world.saw("full set");
                world.check(state.entries(kind, node.peer()).size() == MAX_ENTRIES[kind], "full too early");
            }
            case ReplicatedMaps.Change.Refused(String problem) -> world.check(false, problem);
        }
        state.checkInvariants();
    }

    private String text() {
        String text = "v" + world.random.nextInt(1_000);
        return world.chance(world.large) ? text.repeat(world.random.nextInt(1, 16_000)) : text;
    }

    private void await(int kind, long version) {
        long deadline = world.now() + world.upTo(4 * World.SECONDS);
        waits.put(++tickets, new Wait(kind, version, node.view(), world.now(), deadline));
        state.awaitAcks(kind, version, tickets, deadline);
    }

    @Override
    public void send(Peer to, MapMessage message) {
        node.send(to, message);
    }

    private Map<String, String> reported(int kind, Peer owner) {
        world.check(node.view().has(owner) || reported.containsKey(owner), "an entry of a node that is not a member");
        return reported.computeIfAbsent(owner, _ -> List.of(new TreeMap<>(), new TreeMap<>(), new TreeMap<>()))
                .get(kind);
    }

    @Override
    public void added(int kind, Peer owner, String key, String value) {
        world.check(reported(kind, owner).put(key, value) == null, "added what was there");
    }

    @Override
    public void changed(int kind, Peer owner, String key, String before, String value) {
        world.check(!before.equals(value), "changed to the same");
        world.check(before.equals(reported(kind, owner).put(key, value)), "changed from something else");
    }

    @Override
    public void removed(int kind, Peer owner, String key, String before) {
        world.check(before.equals(reported(kind, owner).remove(key)), "removed what was not there");
    }

    @Override
    public void acked(long ticket, boolean all) {
        Wait wait = waits.remove(ticket);
        world.check(wait != null, () -> "two ends of wait " + ticket);
        world.saw(all ? "all know" : "not all know in time");
        if (!all) {
            world.check(world.now() >= wait.deadline(), "gave up too early");
            return;
        }
        for (Peer peer : wait.view().members()) {
            SimNode other = node.node(peer);
            // A peer that had another view may have dropped its replica. Then its session ends, and it gets a snapshot.
            if (other != node && other.alive() && node.view().has(peer) && node.intact(other, wait.since())) {
                long version = other.maps.versionOf(wait.kind(), node);
                world.check(
                        version >= wait.version(),
                        () -> peer.node() + " has version " + version + " of " + node.name() + ", not " + wait);
            }
        }
    }

    /** The last version of an owner whose changes were all reported here. */
    private long versionOf(int kind, SimNode owner) {
        Map<String, String> copy =
                reported.containsKey(owner.peer()) ? reported.get(owner.peer()).get(kind) : Map.of();
        List<Past> past = owner.maps.history.get(kind);
        Map<String, String> made = new TreeMap<>();
        long version = made.equals(copy) ? 0 : -1;
        for (int at = 0; at < past.size(); at++) {
            Past change = past.get(at);
            change.value().ifPresentOrElse(text -> made.put(change.key(), text), () -> made.remove(change.key()));
            if (made.equals(copy)) {
                version = at + 1L;
            }
        }
        world.check(version >= 0, () -> node.name() + " has a state that never was of " + owner.name());
        return version;
    }

    /** Checks that the reported entries of the others are their own entries. */
    void checkEqual(List<SimNode> nodes) {
        for (SimNode other : nodes) {
            for (int kind = 0; kind < KINDS; kind++) {
                Map<String, String> theirs = other.maps.state.entries(kind, other.peer());
                Map<String, String> copy = state.entries(kind, other.peer());
                String whose = node.name() + " of " + other.name() + ", kind " + kind;
                world.check(copy.equals(theirs), () -> "the copies differ: " + whose);
                if (other != node) {
                    world.check(reported(kind, other.peer()).equals(theirs), () -> "the reports differ: " + whose);
                }
            }
        }
        world.check(waits.isEmpty(), "waits without an end");
    }
}
