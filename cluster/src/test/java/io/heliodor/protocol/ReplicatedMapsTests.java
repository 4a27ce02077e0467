package io.heliodor.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class ReplicatedMapsTests {
    private static final long SECOND = 1_000_000_000L;

    private record Sent(One from, Peer to, MapMessage message) {}

    private final List<Sent> queue = new ArrayList<>();
    private final Map<Peer, One> nodes = new LinkedHashMap<>();

    private final class One implements MapsEffects {
        private final Peer peer;
        private final ReplicatedMaps maps;
        private final List<String> events = new ArrayList<>();
        private final Map<Long, Boolean> known = new LinkedHashMap<>();

        One(String name) {
            peer = new Peer(name, 1);
            maps = new ReplicatedMaps(peer, this, 3_000, 2);
            nodes.put(peer, this);
        }

        @Override
        public void send(Peer to, MapMessage message) {
            queue.add(new Sent(this, to, message));
        }

        @Override
        public void added(int kind, Peer owner, String key, String value) {
            events.add(owner.node() + " +" + key + "=" + value);
        }

        @Override
        public void changed(int kind, Peer owner, String key, String before, String value) {
            events.add(owner.node() + " " + key + "=" + before + ">" + value);
        }

        @Override
        public void removed(int kind, Peer owner, String key, String before) {
            events.add(owner.node() + " -" + key + "=" + before);
        }

        @Override
        public void acked(long ticket, boolean all) {
            assertThat(known.put(ticket, all)).isNull();
        }

        long put(String key, String value) {
            return ((ReplicatedMaps.Change.Made) maps.change(0, key, Optional.of(value))).version();
        }
    }

    private final One a = new One("a");
    private final One b = new One("b");
    private final One c = new One("c");

    private static View view(long number, One... members) {
        return new View(
                new ViewId(number, members[0].peer),
                List.of(members).stream().map(one -> one.peer).toList(),
                false);
    }

    private void together(One... members) {
        for (One one : members) {
            one.maps.view(view(1, members));
            one.maps.checkInvariants();
        }
        for (One one : members) {
            for (One other : members) {
                if (one != other) {
                    one.maps.opened(other.peer);
                }
            }
        }
    }

    private void deliver(Predicate<Sent> which) {
        boolean some = true;
        while (some) {
            some = false;
            for (Sent sent : List.copyOf(queue)) {
                if (which.test(sent)) {
                    queue.remove(sent);
                    some = true;
                    One to = nodes.get(sent.to());
                    to.maps.received(sent.from().peer, sent.message());
                    to.maps.checkInvariants();
                }
            }
        }
    }

    private void deliver() {
        deliver(_ -> true);
    }

    @Test
    void theEntriesOfANodeAreReplicated() {
        a.put("k", "v");
        together(a, b, c);
        deliver();
        a.put("k", "w");
        a.put("l", "x");
        a.maps.change(0, "k", Optional.empty());
        deliver();
        assertThat(b.events).containsExactly("a +k=v", "a k=v>w", "a +l=x", "a -k=w");
        assertThat(c.maps.entries(0, a.peer)).containsExactlyEntriesOf(Map.of("l", "x"));
        assertThat(a.events).isEmpty();
    }

    @Test
    void aChangeWithoutEffectIsNotSent() {
        together(a, b);
        deliver();
        long version = a.put("k", "v");
        deliver();
        assertThat(a.put("k", "v")).isEqualTo(version);
        assertThat(a.maps.change(0, "none", Optional.empty())).isEqualTo(new ReplicatedMaps.Change.Made(version));
        assertThat(queue).isEmpty();
    }

    @Test
    void theSizeOfAMapIsLimited() {
        a.maps.change(1, "k", Optional.of("v"));
        a.maps.change(1, "l", Optional.of("v"));
        assertThat(a.maps.change(1, "m", Optional.of("v"))).isEqualTo(new ReplicatedMaps.Change.Full(2));
        assertThat(a.maps.change(1, "k", Optional.of("w"))).isEqualTo(new ReplicatedMaps.Change.Made(3));
        a.maps.change(1, "k", Optional.empty());
        assertThat(a.maps.change(1, "m", Optional.of("v"))).isEqualTo(new ReplicatedMaps.Change.Made(5));
    }

    @Test
    void anEntryThatCannotBeSentIsRefused() {
        assertThat(a.maps.change(0, "é".repeat(513), Optional.of("")))
                .isInstanceOf(ReplicatedMaps.Change.Refused.class);
        assertThat(a.maps.change(0, "k", Optional.of("v".repeat(65_537))))
                .isEqualTo(new ReplicatedMaps.Change.Refused("The value has 65537 bytes, at most 65536 are allowed"));
        assertThat(a.maps.change(0, "\udc00", Optional.of(""))).isInstanceOf(ReplicatedMaps.Change.Refused.class);
        assertThat(a.maps.change(0, "k".repeat(1_024), Optional.of("v".repeat(65_536))))
                .isEqualTo(new ReplicatedMaps.Change.Made(1));
    }

    @Test
    void aSnapshotThatReplacesAReplicaReportsTheDifference() {
        a.put("same", "1");
        a.put("other", "1");
        a.put("gone", "1");
        together(a, b);
        deliver();
        b.events.clear();
        a.maps.closed(b.peer);
        a.put("other", "2");
        a.maps.change(0, "gone", Optional.empty());
        a.put("new", "1");
        for (int change = 0; change < 600; change++) {
            a.put("short", "1");
            a.maps.change(0, "short", Optional.empty());
        }
        a.maps.opened(b.peer);
        deliver();
        assertThat(b.events).containsExactly("a -gone=1", "a other=1>2", "a +new=1");
    }

    @Test
    void aReplicaIsRemovedWithItsOwner() {
        a.put("k", "v");
        together(a, b);
        deliver();
        b.maps.view(view(2, b));
        assertThat(b.events).containsExactly("a +k=v", "a -k=v");
        a.put("l", "v");
        deliver();
        assertThat(b.events).hasSize(2);
    }

    private void large(One one) {
        for (int entry = 0; entry < 300; entry++) {
            one.put("k" + entry, "v".repeat(1_000));
        }
    }

    private long bytes() {
        return queue.stream()
                .filter(sent ->
                        sent.message() instanceof MapMessage.Snapshot || sent.message() instanceof MapMessage.Delta)
                .mapToLong(sent -> sent.message().toString().length())
                .sum();
    }

    @Test
    void aNewSessionSendsOnlyTheChangesSinceTheLast() {
        large(a);
        together(a, b);
        deliver();
        b.events.clear();
        a.maps.closed(b.peer);
        a.put("k1", "w");
        a.maps.change(0, "k2", Optional.empty());
        a.maps.opened(b.peer);
        a.put("k3", "x");
        long[] sent = {0};
        while (!queue.isEmpty()) {
            sent[0] += bytes();
            List<Sent> now = List.copyOf(queue);
            deliver(now::contains);
        }
        assertThat(b.maps.entries(0, a.peer)).isEqualTo(a.maps.entries(0, a.peer));
        assertThat(b.events).hasSize(3);
        assertThat(sent[0]).isLessThan(10_000);
    }

    @Test
    void aNewSessionSendsNothingIfNothingChanged() {
        large(a);
        together(a, b);
        deliver();
        a.maps.closed(b.peer);
        a.maps.opened(b.peer);
        a.maps.awaitAcks(0, a.maps.version(0), 1, SECOND);
        deliver(_ -> {
            assertThat(bytes()).isZero();
            return true;
        });
        assertThat(a.known).containsExactly(Map.entry(1L, true));
    }

    @Test
    void aWaitContinuesInTheNextSessionAndEndsWithItsAck() {
        together(a, b);
        deliver();
        a.maps.closed(b.peer);
        a.maps.awaitAcks(0, a.put("k", "v"), 1, SECOND);
        a.maps.opened(b.peer);
        deliver();
        assertThat(a.known).containsExactly(Map.entry(1L, true));
    }

    @Test
    void aPullWithoutASessionIsSentWhenOneOpens() {
        a.put("k", "v");
        a.maps.view(view(1, a, b));
        b.maps.view(view(1, a, b));
        a.maps.opened(b.peer);
        deliver(sent -> sent.from() == a);
        queue.clear();
        b.maps.opened(a.peer);
        deliver();
        assertThat(b.maps.entries(0, a.peer)).containsOnlyKeys("k");
    }

    @Test
    void anAnswerThatWasLostIsRequestedInTheNextSession() {
        a.put("k", "v");
        together(a, b);
        deliver(sent -> sent.from() == a);
        deliver(sent -> sent.from() == b);
        queue.clear();
        a.maps.closed(b.peer);
        a.maps.opened(b.peer);
        deliver();
        assertThat(b.maps.entries(0, a.peer)).containsOnlyKeys("k");
    }

    @Test
    void aSnapshotThatTheEndOfItsSessionCutOffBeginsAgain() {
        for (int entry = 0; entry < 30; entry++) {
            a.put("k" + entry, "v".repeat(60_000));
        }
        together(a, b);
        deliver(sent -> sent.from() == a || sent.message() instanceof MapMessage.Pull);
        queue.clear();
        a.maps.closed(b.peer);
        a.maps.opened(b.peer);
        deliver();
        assertThat(b.maps.entries(0, a.peer)).hasSize(30);
    }

    @Test
    void aGapIsPulled() {
        together(a, b);
        deliver();
        a.put("k", "v");
        queue.clear();
        a.put("l", "w");
        a.put("m", "x");
        deliver();
        assertThat(b.maps.entries(0, a.peer)).containsOnlyKeys("k", "l", "m");
    }

    @Test
    void aDigestBringsMissedChanges() {
        together(a, b);
        a.maps.tick(0);
        deliver();
        a.put("k", "v");
        queue.clear();
        a.maps.tick(10 * SECOND - 1);
        deliver();
        assertThat(b.events).isEmpty();
        a.maps.tick(10 * SECOND);
        deliver();
        assertThat(b.events).containsExactly("a +k=v");
    }

    @Test
    void aLargeMapIsSentPageByPageAndChangesFollow() {
        for (int entry = 0; entry < 30; entry++) {
            a.put("k" + entry, "v".repeat(60_000));
        }
        together(a, b);
        deliver(sent -> sent.from() == a || sent.message() instanceof MapMessage.Pull);
        assertThat(queue.stream().filter(sent -> sent.message() instanceof MapMessage.Ack known && known.parts() > 0))
                .hasSize(Pages.WINDOW);
        a.put("k1", "w");
        a.put("later", "w");
        assertThat(queue).noneMatch(sent -> sent.message() instanceof MapMessage.Delta);
        deliver(sent -> sent.from() == a || !(sent.message() instanceof MapMessage.Pull));
        assertThat(b.maps.entries(0, a.peer))
                .isEqualTo(a.maps.entries(0, a.peer))
                .hasSize(31);
        assertThat(queue).as("no gap").isEmpty();
    }

    @Test
    void moreChangesThanAreRememberedAreSentAsAnotherSnapshot() {
        for (int entry = 0; entry < 30; entry++) {
            a.put("k" + entry, "v".repeat(60_000));
        }
        together(a, b);
        deliver(sent -> sent.from() == a || sent.message() instanceof MapMessage.Pull);
        for (int entry = 0; entry < 2_000; entry++) {
            a.put("l" + entry, "w");
        }
        deliver(sent -> sent.from() == a || !(sent.message() instanceof MapMessage.Pull));
        assertThat(b.maps.entries(0, a.peer))
                .isEqualTo(a.maps.entries(0, a.peer))
                .hasSize(2_030);
        assertThat(queue).as("no gap").isEmpty();
    }

    @Test
    void anAcknowledgementThatWasLostIsRepeatedInTheNextSession() {
        for (int entry = 0; entry < 30; entry++) {
            a.put("k" + entry, "v".repeat(60_000));
        }
        together(a, b);
        deliver(sent -> sent.from() == a || sent.message() instanceof MapMessage.Pull);
        queue.clear();
        b.maps.closed(a.peer);
        b.maps.opened(a.peer);
        deliver();
        assertThat(b.maps.entries(0, a.peer)).hasSize(30);
    }

    @Test
    void aWaitEndsWhenAllHaveAcknowledged() {
        together(a, b, c);
        deliver();
        a.maps.awaitAcks(0, a.put("k", "v"), 1, SECOND);
        deliver(sent -> sent.from() != c);
        assertThat(a.known).isEmpty();
        deliver();
        assertThat(a.known).containsExactly(Map.entry(1L, true));
        a.maps.awaitAcks(0, a.maps.version(0), 2, SECOND);
        assertThat(a.known).containsEntry(2L, true);
        a.maps.tick(SECOND);
        assertThat(a.known).hasSize(2);
    }

    @Test
    void aWaitIncludesMembersWithoutASession() {
        a.maps.view(view(1, a, b));
        b.maps.view(view(1, a, b));
        a.maps.awaitAcks(0, a.put("k", "v"), 1, SECOND);
        assertThat(a.known).isEmpty();
        a.maps.opened(b.peer);
        b.maps.opened(a.peer);
        deliver();
        assertThat(a.known).containsExactly(Map.entry(1L, true));
    }

    @Test
    void aWaitExcludesMembersThatLeave() {
        together(a, b, c);
        deliver(sent -> sent.from() != c);
        a.maps.awaitAcks(0, a.put("k", "v"), 1, SECOND);
        deliver(sent -> sent.from() != c);
        assertThat(a.known).isEmpty();
        a.maps.view(view(2, a, b));
        assertThat(a.known).containsExactly(Map.entry(1L, true));
    }

    @Test
    void aWaitDoesNotIncludeSuspects() {
        together(a, b, c);
        deliver();
        a.maps.suspected(c.peer, true);
        a.maps.awaitAcks(0, a.put("k", "v"), 1, SECOND);
        assertThat(a.known).isEmpty();
        deliver(sent -> sent.from() != c);
        assertThat(a.known).as("not all have it").containsExactly(Map.entry(1L, false));
        a.maps.awaitAcks(0, a.maps.version(0), 2, SECOND);
        assertThat(a.known).as("at once").containsEntry(2L, false);
        a.maps.suspected(c.peer, false);
        a.maps.awaitAcks(0, a.maps.version(0), 3, SECOND);
        assertThat(a.known).hasSize(2);
        deliver();
        assertThat(a.known).containsEntry(3L, true);
    }

    @Test
    void aWaitEndsWhenTheLastMissingMemberIsSuspected() {
        together(a, b, c);
        deliver();
        a.maps.awaitAcks(0, a.put("k", "v"), 1, SECOND);
        deliver(sent -> sent.from() != c);
        assertThat(a.known).isEmpty();
        a.maps.suspected(c.peer, true);
        assertThat(a.known).containsExactly(Map.entry(1L, false));
        deliver();
        a.maps.view(view(2, a, b));
        a.maps.tick(SECOND);
        assertThat(a.known).as("once for a ticket").hasSize(1);
    }

    @Test
    void aWaitEndsAtItsTimeout() {
        together(a, b);
        a.maps.awaitAcks(0, a.put("k", "v"), 1, SECOND);
        a.maps.tick(SECOND - 1);
        assertThat(a.known).isEmpty();
        a.maps.tick(SECOND);
        assertThat(a.known).containsExactly(Map.entry(1L, false));
        deliver();
        assertThat(a.known).hasSize(1);
    }

    @Test
    void manyWaitsShareADigest() {
        together(a, b);
        deliver();
        for (int entry = 0; entry < 100; entry++) {
            a.maps.awaitAcks(0, a.put("k" + entry, ""), entry, SECOND);
        }
        assertThat(queue.stream().filter(sent -> sent.message() instanceof MapMessage.Digest))
                .hasSize(1);
        deliver();
        assertThat(a.known).hasSize(100).doesNotContainValue(false);
    }
}
