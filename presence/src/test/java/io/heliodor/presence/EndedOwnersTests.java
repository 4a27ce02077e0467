package io.heliodor.presence;

import static io.heliodor.presence.Waits.await;
import static io.heliodor.presence.Waits.awaitEvents;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.fixtures.HeldLock;
import io.heliodor.presence.announce.Announcement;
import io.heliodor.pubsub.PubSub;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Owners that end while a step takes long: the thread that ends them is an event loop, and must not wait. */
class EndedOwnersTests {
    private static final String ROOM = "room:1";
    /** A topic of the same shard. */
    private static final String OTHER = Stream.iterate(2, n -> n + 1)
            .map(n -> "room:" + n)
            .filter(topic -> ShardIndex.of(topic) == ShardIndex.of(ROOM))
            .findFirst()
            .orElseThrow();

    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private final PubSub pubsub = PubSub.local();
    private final TestPause pause = new TestPause();
    private final List<String> events = Listener.log();
    private final List<Announcement> diffs = new CopyOnWriteArrayList<>();
    private Presence<String> presence =
            Presence.builder(pubsub, String.class).pause(pause).build();

    @BeforeEach
    void listen() {
        Announcement.scope(pubsub).subscribeInline(Announcement.DIFFS, diff -> {
            diffs.add(diff);
            events.add(Listener.diff(diff));
        });
    }

    @AfterEach
    void close() {
        presence.close();
        pause.end();
        pubsub.close();
    }

    /** Returns whether a task returns on a thread like that of an event loop. */
    private static boolean returns(Runnable work) throws InterruptedException {
        return Thread.ofPlatform().daemon().start(work).join(DEADLINE);
    }

    private void windowIsOpen() {
        await(() -> pause.waiting() == 1, () -> pause.waiting() + " windows");
    }

    private Owner tracked(String topic, String key) {
        Owner owner = Owner.of(topic);
        presence.track(owner, key, "web");
        return owner;
    }

    @Test
    void anOwnerEndsWithoutWaitingForAStep() throws InterruptedException {
        Listener ann = new Listener(ROOM, events);
        presence.track(ann, "ann", "web");
        awaitEvents(events, "state {ann=web}", "diff +{ann=web} -{}");
        windowIsOpen();
        try (HeldLock _ = HeldLock.hold(presence.lock(ROOM))) {
            assertThat(returns(ann::ends)).as("the end returned").isTrue();
        }
        pause.end();
        awaitEvents(events, "diff +{} -{ann=web}");
    }

    @Test
    void noReadSeesAnOwnerThatHasEndedThoughAStepTakesLong() throws InterruptedException {
        Owner ann = tracked(ROOM, "ann");
        Owner annsPhone = tracked(ROOM, "ann");
        Owner bob = tracked(ROOM, "bob");
        presence.track(bob, OTHER, "bob", "tv");
        tracked(ROOM, "cat");
        try (HeldLock _ = HeldLock.hold(presence.lock(ROOM))) {
            assertThat(returns(annsPhone::close)).isTrue();
            assertThat(presence.get(ROOM, "ann")).containsExactly("web");
            assertThat(presence.size()).isEqualTo(4);
            assertThat(returns(bob::close)).isTrue();
            assertThat(returns(ann::close)).isTrue();
            assertThat(presence.list(ROOM)).isEqualTo(Map.of("cat", List.of("web")));
            assertThat(presence.get(ROOM, "ann")).isEmpty();
            assertThat(presence.count(ROOM)).isEqualTo(1);
            assertThat(presence.count(OTHER)).isZero();
            assertThat(presence.size()).isEqualTo(1);
        }
        assertThat(presence.owners()).isEqualTo(1);
        assertThat(presence.list(ROOM)).containsOnlyKeys("cat");
    }

    @Test
    void ownersThatEndDuringAStepAreRemovedTogether() throws InterruptedException {
        List<Owner> some = new ArrayList<>();
        List<Owner> others = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            (i % 2 == 0 ? some : others).add(tracked(i % 3 == 0 ? ROOM : OTHER, "user " + i));
        }
        pausesAreOver();
        try (HeldLock _ = HeldLock.hold(presence.lock(ROOM))) {
            Thread loop = Thread.ofPlatform().daemon().start(() -> some.forEach(Owner::close));
            assertThat(returns(() -> others.forEach(Owner::close))).isTrue();
            assertThat(loop.join(DEADLINE)).isTrue();
        }
        await(() -> pause.waiting() == 2, () -> pause.waiting() + " windows");
        assertThat(presence.owners()).isZero();
        assertThat(diffs)
                .as("one diff for each topic")
                .hasSize(2)
                .allSatisfy(diff -> assertThat(diff.joins()).isEmpty());
        assertThat(diffs.stream().mapToInt(diff -> diff.leaves().size()).sum()).isEqualTo(2_000);
    }

    /** Ends windows until no topic has an open one. */
    private void pausesAreOver() {
        await(
                () -> {
                    pause.end();
                    return presence.announcers() == 0;
                },
                presence::announcers);
        diffs.clear();
        events.clear();
    }

    @Test
    void anOwnerThatEndedBeforeItsDiffIsNotInIt() throws InterruptedException {
        Owner ann = tracked(ROOM, "ann");
        awaitEvents(events, "diff +{ann=web} -{}");
        windowIsOpen();
        Owner bob = tracked(ROOM, "bob");
        tracked(ROOM, "cat");
        try (HeldLock _ = HeldLock.hold(presence.lock(ROOM))) {
            pause.end();
            assertThat(returns(bob::close)).isTrue();
            assertThat(returns(ann::close)).isTrue();
        }
        awaitEvents(events, "diff +{cat=web} -{ann=web}");
    }

    @Test
    void anOwnerThatEndedDuringAStepIsNotPresentAgainThoughItsHandlerStillTracks() throws InterruptedException {
        Listener ann = new Listener(ROOM, events);
        presence.track(ann, "ann", "web");
        awaitEvents(events, "state {ann=web}", "diff +{ann=web} -{}");
        List<Thread> handlers = new ArrayList<>();
        List<Boolean> done = new CopyOnWriteArrayList<>();
        try (HeldLock _ = HeldLock.hold(presence.lock(ROOM))) {
            assertThat(returns(ann::ends)).isTrue();
            handlers.add(Thread.startVirtualThread(() -> presence.track(ann, "anna", "web")));
            handlers.add(Thread.startVirtualThread(() -> done.add(presence.update(ann, "ann", meta -> "phone"))));
            handlers.add(Thread.startVirtualThread(() -> done.add(presence.untrack(ann, "ann"))));
            handlers.add(Thread.startVirtualThread(() -> presence.untrackAll(ann)));
        }
        for (Thread handler : handlers) {
            assertThat(handler.join(DEADLINE)).isTrue();
        }
        assertThat(done).containsExactly(false, false);
        assertThat(presence.size()).isZero();
        assertThat(presence.owners()).isZero();
        windowIsOpen();
        pause.end();
        awaitEvents(events, "diff +{} -{ann=web}");
    }

    /** An owner that has ended. Virtual threads that register its end wait until they may continue. */
    private class Over implements PresenceOwner {
        final CountDownLatch registering = new CountDownLatch(1);
        final CountDownLatch goOn = new CountDownLatch(1);
        final List<Thread> handlers = new CopyOnWriteArrayList<>();

        @Override
        public String topic() {
            return ROOM;
        }

        @Override
        public void onEnd(Runnable done) {
            if (Thread.currentThread().isVirtual()) {
                registering.countDown();
                awaits(goOn);
            }
            done.run();
        }

        /** Tracks this owner on a virtual thread. */
        void isTrackedElsewhere() {
            handlers.add(Thread.startVirtualThread(() -> presence.track(this, "over", "web")));
            awaits(registering);
        }

        void isPresentNowhere() throws InterruptedException {
            assertThat(presence.list(ROOM)).isEmpty();
            goOn.countDown();
            for (Thread handler : handlers) {
                assertThat(handler.join(DEADLINE)).isTrue();
            }
            assertThat(presence.list(ROOM)).isEmpty();
            assertThat(presence.owners()).isZero();
        }

        private static void awaits(CountDownLatch latch) {
            try {
                assertThat(latch.await(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new AssertionError("a handler was interrupted", e);
            }
        }
    }

    @Test
    void anOwnerThatHasEndedIsNotPresentThoughAnotherThreadIsStillRegisteringItsEnd() throws InterruptedException {
        Over over = new Over();
        over.isTrackedElsewhere();
        presence.track(over, "also over", "web");
        over.isPresentNowhere();
    }

    @Test
    void anOwnerThatHasEndedIsNotPresentThoughAnotherThreadRegistersItAgain() throws InterruptedException {
        Over over = new Over() {
            @Override
            public void onEnd(Runnable done) {
                super.onEnd(done);
                if (handlers.isEmpty()) {
                    isTrackedElsewhere();
                }
            }
        };
        presence.track(over, "also over", "web");
        over.isPresentNowhere();
    }

    /** Threads come, go and read at random while others change the same topic. */
    @Test
    void noReadSeesAnOwnerAfterItsEnd() throws InterruptedException {
        presence.close();
        presence = Presence.builder(pubsub, String.class).pause(Thread::yield).build();
        List<String> ghosts = new CopyOnWriteArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            String own = "user " + t;
            threads.add(Thread.startVirtualThread(() -> {
                for (int i = 0; i < 2_000; i++) {
                    Owner owner = tracked(ROOM, own);
                    presence.track(owner, OTHER, own, "tv");
                    if (!presence.list(ROOM).containsKey(own)
                            || presence.get(OTHER, own).size() != 1) {
                        ghosts.add(own + " was not seen in turn " + i);
                    }
                    owner.close();
                    if (!presence.get(ROOM, own).isEmpty()
                            || presence.list(OTHER).containsKey(own)) {
                        ghosts.add(own + " was seen in turn " + i);
                    }
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(ghosts).isEmpty();
        assertThat(presence.size()).isZero();
        await(() -> presence.announcers() == 0, presence::announcers);
        assertThat(presence.owners()).isZero();
    }
}
