package io.heliodor.presence;

import static io.heliodor.presence.Waits.await;
import static io.heliodor.presence.Waits.awaitEvents;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.heliodor.presence.announce.Announcement;
import io.heliodor.presence.announce.PresenceMeta;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PresenceTests {
    private static final String ROOM = "room:1";

    private final PubSub pubsub = PubSub.local();
    private final TestPause pause = new TestPause();
    private final List<String> events = Listener.log();
    private final List<Announcement> diffs = new CopyOnWriteArrayList<>();
    private Presence<String> presence = presence(Optional.empty());

    private Presence<String> presence(Optional<Enrichment<String>> enrichment) {
        Presence.Builder<String> builder =
                Presence.builder(pubsub, String.class).pause(pause);
        enrichment.ifPresent(builder::enrichment);
        return builder.build();
    }

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

    private void windowIsOpen() {
        await(() -> pause.waiting() == 1, () -> pause.waiting() + " windows");
    }

    @Test
    void theStateIsSentToAnOwnerBeforeItsFirstPresenceOnly() {
        Listener ann = new Listener(ROOM, events);
        presence.track(ann, "ann", "web");
        awaitEvents(events, "state {ann=web}", "diff +{ann=web} -{}");
        presence.track(ann, "bob", "app");
        windowIsOpen();
        pause.end();
        awaitEvents(events, "diff +{bob=app} -{}");
    }

    @Test
    void anOwnerIsSentTheStateEachTimeItFollowsAndNotWhenItIsTracked() {
        Listener ann = new Listener(ROOM, events);
        presence.follow(ann);
        awaitEvents(events, "state {}");
        windowIsOpen();
        presence.track(ann, "ann", "web");
        pause.end();
        awaitEvents(events, "diff +{ann=web} -{}");
        windowIsOpen();
        presence.follow(ann);
        pause.end();
        awaitEvents(events, "state {ann=web}");
    }

    /** Keys are texts of clients, and exceptions of handlers are logged. */
    @Test
    void exceptionsEscapeControlsInKeys() {
        Owner ann = Owner.of(ROOM);
        presence.track(ann, "x\n2026 ERROR forged", "web");
        assertThatIllegalStateException()
                .isThrownBy(() -> presence.track(ann, "x\n2026 ERROR forged", "web"))
                .withMessageContaining("'x\\u000a2026 ERROR forged'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> presence.track(ann, "\n".repeat(2_000), "web"))
                .withMessageNotContaining("\n");
    }

    @Test
    void trackedPresencesAreListed() {
        Owner ann = Owner.of(ROOM);
        Owner annsPhone = Owner.of(ROOM);
        Owner bob = Owner.of("room:2");
        presence.track(ann, "ann", "web");
        presence.track(annsPhone, "ann", "phone");
        presence.track(bob, "bob", "web");
        assertThat(presence.list(ROOM)).isEqualTo(Map.of("ann", List.of("web", "phone")));
        assertThat(presence.get(ROOM, "ann")).containsExactly("web", "phone");
        assertThat(presence.get(ROOM, "bob")).isEmpty();
        assertThat(presence.count(ROOM)).isEqualTo(1);
        assertThat(presence.count("room:3")).isZero();
        assertThat(presence.list("room:3")).isEmpty();
    }

    @Test
    void anOwnerIsTrackedUnderAKeyOnce() {
        Owner ann = Owner.of(ROOM);
        presence.track(ann, "ann", "web");
        assertThatIllegalStateException()
                .isThrownBy(() -> presence.track(ann, "ann", "again"))
                .withMessageContaining("'room:1'")
                .withMessageContaining("'ann'")
                .withMessageContaining("update");
        assertThat(presence.get(ROOM, "ann")).containsExactly("web");
        presence.track(ann, "ann's other name", "web");
        presence.track(ann, "room:2", "ann", "web");
        assertThat(presence.count(ROOM)).isEqualTo(2);
        assertThat(presence.count("room:2")).isEqualTo(1);
    }

    @Test
    void thePresencesOfAnOwnerEndWithIt() {
        Owner ann = Owner.of(ROOM);
        presence.track(ann, "ann", "web");
        presence.track(ann, "room:2", "ann", "web");
        Owner bob = Owner.of(ROOM);
        presence.track(bob, "bob", "web");
        ann.close();
        assertThat(presence.list(ROOM)).containsOnlyKeys("bob");
        assertThat(presence.count("room:2")).isZero();
        assertThat(presence.update(ann, "ann", meta -> "late")).isFalse();
    }

    @Test
    void anOwnerThatHasEndedIsNotTrackedAndNothingIsPublished() {
        windowOf("room:1");
        Owner ann = Owner.of(ROOM);
        ann.close();
        presence.track(ann, "ann", "web");
        assertThat(presence.count(ROOM)).isZero();
        pause.end();
        await(() -> presence.announcers() == 0, presence::announcers);
        assertThat(events).isEmpty();
    }

    /** Opens a window on an empty topic. */
    private void windowOf(String topic) {
        Owner somebody = Owner.of(topic);
        presence.track(somebody, "somebody", "");
        windowIsOpen();
        presence.untrackAll(somebody);
        pause.end();
        windowIsOpen();
        events.clear();
    }

    @Test
    void untrackingEndsOnePresenceOrAll() {
        Owner ann = Owner.of(ROOM);
        presence.track(ann, "ann", "web");
        presence.track(ann, "anna", "web");
        presence.track(ann, "room:2", "ann", "web");
        assertThat(presence.untrack(ann, "ann")).isTrue();
        assertThat(presence.untrack(ann, "ann")).isFalse();
        assertThat(presence.untrack(Owner.of(ROOM), "anna")).isFalse();
        assertThat(presence.list(ROOM)).containsOnlyKeys("anna");
        presence.untrackAll(ann);
        presence.untrackAll(Owner.of(ROOM));
        assertThat(presence.count(ROOM)).isZero();
        assertThat(presence.count("room:2")).isZero();
        presence.track(ann, "ann", "again");
        assertThat(presence.count(ROOM)).isEqualTo(1);
    }

    @Test
    void anUpdateIsOneDiffWithAJoinAndALeave() {
        Owner ann = Owner.of(ROOM);
        presence.track(ann, "ann", "web");
        awaitEvents(events, "diff +{ann=web} -{}");
        PresenceMeta before = diffs.getFirst().joins().get("ann").getFirst();
        windowIsOpen();
        assertThat(presence.update(ann, "ann", meta -> meta + ", away")).isTrue();
        assertThat(presence.get(ROOM, "ann")).containsExactly("web, away");
        pause.end();
        awaitEvents(events, "diff +{ann=web, away} -{ann=web}");
        PresenceMeta after = diffs.getLast().joins().get("ann").getFirst();
        assertThat(after.previous()).contains(before.ref());
        assertThat(after.ref()).isNotEqualTo(before.ref());
        assertThat(before.previous()).isEmpty();
        assertThat(diffs.getLast().leaves().get("ann").getFirst().ref()).isEqualTo(before.ref());
        assertThat(presence.update(ann, "nobody", meta -> meta)).isFalse();
        assertThatNullPointerException()
                .isThrownBy(() -> presence.update(ann, "ann", meta -> null))
                .withMessage("The changed meta of a presence is null; untrack removes it.");
        assertThat(presence.update(Owner.of(ROOM), "ann", meta -> meta)).isFalse();
    }

    @Test
    void theFirstChangeIsPublishedAtOnceAndOthersOnceInAWindow() {
        presence.track(Owner.of(ROOM), "a", "1");
        awaitEvents(events, "diff +{a=1} -{}");
        windowIsOpen();
        presence.track(Owner.of(ROOM), "b", "2");
        presence.track(Owner.of(ROOM), "c", "3");
        Owner passing = Owner.of(ROOM);
        presence.track(passing, "d", "4");
        passing.close();
        assertThat(events).isEmpty();
        pause.end();
        awaitEvents(events, "diff +{b=2,c=3} -{}");
        windowIsOpen();
        pause.end();
        // No window is open: the next change does not wait.
        await(() -> presence.announcers() == 0, presence::announcers);
        presence.track(Owner.of(ROOM), "e", "5");
        awaitEvents(events, "diff +{e=5} -{}");
    }

    @Test
    void topicsDoNotWaitForEachOther() {
        presence.track(Owner.of(ROOM), "a", "1");
        awaitEvents(events, "diff +{a=1} -{}");
        windowIsOpen();
        presence.track(Owner.of("room:2"), "b", "2");
        awaitEvents(events, "diff +{b=2} -{}");
    }

    @Test
    void anOwnerThatListensGetsTheStateAndThenDiffs() {
        Listener ann = new Listener(ROOM, events);
        presence.track(ann, "ann", "web");
        awaitEvents(events, "state {ann=web}", "diff +{ann=web} -{}");
        windowIsOpen();
        Listener bob = new Listener(ROOM, events);
        Listener cat = new Listener(ROOM, events);
        presence.track(bob, "bob", "web");
        presence.follow(cat);
        presence.track(bob, "room:2", "bob", "elsewhere");
        awaitEvents(events, "diff +{bob=elsewhere} -{}");
        await(() -> pause.waiting() == 2, () -> pause.waiting() + " windows");
        pause.end();
        awaitEvents(events, "state {ann=web,bob=web}", "state {ann=web,bob=web}", "diff +{bob=web} -{}");
        windowIsOpen();
        ann.ends();
        pause.end();
        awaitEvents(events, "diff +{} -{ann=web}");
    }

    @Test
    void followingAnEmptyTopicSendsAnEmptyState() {
        presence.follow(new Listener(ROOM, events));
        awaitEvents(events, "state {}");
        presence.follow(Owner.of(ROOM));
    }

    @Test
    void aSubscriberGetsTheStateAndThenDiffs() {
        presence.track(Owner.of(ROOM), "a", "1");
        List<Diff<String>> got = new CopyOnWriteArrayList<>();
        Subscription subscription = presence.subscribe(ROOM, got::add);
        await(() -> got.size() == 1, () -> got);
        await(() -> pause.waiting() == 2, pause::waiting);
        Owner b = Owner.of(ROOM);
        presence.track(b, "b", "2");
        pause.end();
        // Both have published, or the end would remove a join that one of them has not published yet.
        await(() -> got.size() == 2 && events.size() == 2, () -> got + " " + events);
        await(() -> pause.waiting() == 2, pause::waiting);
        subscription.close();
        b.close();
        pause.end();
        await(() -> events.size() == 3, () -> events);
        assertThat(got)
                .containsExactly(
                        new Diff<>(Map.of("a", List.of("1")), Map.of(), Map.of("a", List.of("1"))),
                        new Diff<>(Map.of("b", List.of("2")), Map.of(), Map.of("a", List.of("1"), "b", List.of("2"))));
    }

    @Test
    void aSubscriberIsNotifiedOfEachPresenceThatComesAndGoes() {
        List<Diff<String>> got = new CopyOnWriteArrayList<>();
        Subscription subscription = presence.subscribe(ROOM, got::add);
        windowIsOpen();
        Owner web = Owner.of(ROOM);
        Owner phone = Owner.of(ROOM);
        assertThat(afterTheWindow(got, () -> presence.track(web, "a", "web")))
                .isEqualTo(new Diff<>(Map.of("a", List.of("web")), Map.of(), Map.of("a", List.of("web"))));
        assertThat(afterTheWindow(got, () -> presence.track(phone, "a", "phone")))
                .isEqualTo(new Diff<>(Map.of("a", List.of("phone")), Map.of(), Map.of("a", List.of("web", "phone"))));
        assertThat(afterTheWindow(got, web::close))
                .isEqualTo(new Diff<>(Map.of(), Map.of("a", List.of("web")), Map.of("a", List.of("phone"))));
        assertThat(afterTheWindow(got, () -> presence.update(phone, "a", meta -> meta + ", away")))
                .isEqualTo(new Diff<>(
                        Map.of("a", List.of("phone, away")),
                        Map.of("a", List.of("phone")),
                        Map.of("a", List.of("phone, away"))));
        assertThat(afterTheWindow(got, () -> presence.untrack(phone, "a")))
                .isEqualTo(new Diff<>(Map.of(), Map.of("a", List.of("phone, away")), Map.of()));
        assertThat(presence.count(ROOM)).isZero();
        assertThat(got).as("diffs with the first, empty one").hasSize(6);
        Map<String, List<String>> before = got.get(2).present();
        assertThat(before).as("the state at the time of the diff").hasSize(1).containsOnlyKeys("a");
        assertThat(before.get("a")).containsExactly("web", "phone");
        assertThat(before.get("b")).isNull();
        assertThat(before.containsKey("b")).isFalse();

        subscription.close();
        endsTheWindowsOf(() -> presence.track(phone, "a", "phone"));
        await(() -> presence.announcers() == 0, presence::announcers);
        assertThat(got).hasSize(6);
    }

    /** Returns the notification of the subscriber about a change. */
    private Diff<String> afterTheWindow(List<Diff<String>> got, Runnable change) {
        int before = got.size();
        endsTheWindowsOf(change);
        await(() -> got.size() > before, () -> got);
        return got.getLast();
    }

    /** Makes a change, and ends the windows of the subscriber and of the clients when both are open. */
    private void endsTheWindowsOf(Runnable change) {
        change.run();
        await(() -> pause.waiting() == 2, () -> pause.waiting() + " windows");
        pause.end();
    }

    @Test
    void aSubscriberOfAnEmptyTopicGetsAnEmptyStateAndOneThatThrowsStaysSubscribed() {
        List<Diff<String>> got = new CopyOnWriteArrayList<>();
        presence.subscribe(ROOM, diff -> {
            got.add(diff);
            throw new IllegalStateException("the subscriber was asked to throw");
        });
        await(() -> got.size() == 1, () -> got);
        assertThat(got.getFirst().isEmpty()).isTrue();
        windowIsOpen();
        presence.track(Owner.of(ROOM), "a", "1");
        pause.end();
        await(() -> got.size() == 2, () -> got);
    }

    @Test
    void anEnrichmentAddsToStatesAndDiffs() {
        presence.close();
        presence = presence(Optional.of((topic, present) -> {
            Map<String, String> additions = new TreeMap<>();
            present.forEach((key, metas) -> additions.put(key, topic + " " + metas));
            return additions;
        }));
        Listener ann = new Listener(ROOM, events);
        presence.track(ann, "ann", "web");
        awaitEvents(events, "state {ann=web} & {ann=room:1 [web]}", "diff +{ann=web} -{} & {ann=room:1 [web]}");
        windowIsOpen();
        presence.update(ann, "ann", meta -> "phone");
        pause.end();
        awaitEvents(events, "diff +{ann=phone} -{ann=web} & {ann=room:1 [phone, web]}");
    }

    @Test
    void anEnrichmentThatFailsIsLeftOut() {
        presence.close();
        presence = presence(Optional.of((topic, present) -> {
            throw new IllegalStateException("the enrichment was asked to fail");
        }));
        presence.track(Owner.of(ROOM), "ann", "web");
        awaitEvents(events, "diff +{ann=web} -{}");
    }

    @Test
    void anEnrichmentThatBlocksHoldsUpItsTopicAlone() {
        CountDownLatch gate = new CountDownLatch(1);
        presence.close();
        presence = presence(Optional.of((topic, present) -> {
            if (topic.equals(ROOM)) {
                gate.await();
            }
            return Map.of();
        }));
        presence.track(Owner.of(ROOM), "a", "1");
        presence.track(Owner.of("room:2"), "b", "2");
        awaitEvents(events, "diff +{b=2} -{}");
        presence.track(Owner.of(ROOM), "c", "3");
        assertThat(presence.count(ROOM)).isEqualTo(2);
        gate.countDown();
        awaitEvents(events, "diff +{a=1} -{}");
    }

    @Test
    void aClosedPresenceTracksAndPublishesNothing() {
        Owner ann = Owner.of(ROOM);
        presence.track(ann, "ann", "web");
        awaitEvents(events, "diff +{ann=web} -{}");
        presence.close();
        presence.close();
        assertThatIllegalStateException().isThrownBy(() -> presence.track(Owner.of(ROOM), "b", ""));
        assertThatIllegalStateException().isThrownBy(() -> presence.subscribe(ROOM, diff -> {}));
        presence.follow(new Listener(ROOM, events));
        ann.close();
        pause.end();
        assertThat(presence.count(ROOM)).isZero();
        assertThat(events).isEmpty();
    }

    @Test
    void keysAndOwnersHaveBounds() {
        Owner ann = Owner.of(ROOM);
        presence.track(ann, "k".repeat(1_000), "");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> presence.track(ann, "ann\ud83d", ""))
                .withMessageContaining("half of a surrogate pair");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> presence.track(ann, "k".repeat(1_001), ""))
                .withMessageContaining("1000 bytes");
        assertThatIllegalArgumentException().isThrownBy(() -> presence.track(ann, "é".repeat(501), ""));
        presence.track(ann, "é".repeat(500), "");
        presence.track(ann, "", "");
        for (int i = 3; i < 1_000; i++) {
            presence.track(ann, "key " + i, "");
        }
        assertThatIllegalStateException()
                .isThrownBy(() -> presence.track(ann, "one more", ""))
                .withMessageContaining("1000 presences");
    }

    /** Threads come and go at random; all diffs give the state in the end, and no ref comes twice. */
    @Test
    void applyingAllDiffsGivesTheState() throws InterruptedException {
        presence.close();
        presence = Presence.builder(pubsub, String.class).pause(Thread::yield).build();
        List<Thread> threads = new ArrayList<>();
        List<Owner> staying = new CopyOnWriteArrayList<>();
        for (int t = 0; t < 4; t++) {
            int seed = t;
            threads.add(Thread.startVirtualThread(() -> {
                Random random = new Random(seed);
                for (int i = 0; i < 2_000; i++) {
                    Owner owner = Owner.of(ROOM);
                    presence.track(owner, "k" + random.nextInt(20), seed + "." + i);
                    if (random.nextInt(3) == 0) {
                        presence.track(owner, "extra", seed + ":" + i);
                        presence.update(owner, "extra", meta -> meta + "'");
                    }
                    if (random.nextInt(50) == 0) {
                        staying.add(owner);
                    } else {
                        owner.close();
                    }
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        await(() -> presence.announcers() == 0, presence::announcers);

        Map<String, Map<String, Object>> mirror = new TreeMap<>();
        Set<String> refs = new HashSet<>();
        for (Announcement diff : diffs) {
            diff.joins()
                    .forEach((key, presents) -> presents.forEach(present -> {
                        assertThat(refs.add(present.ref())).as("a new ref").isTrue();
                        mirror.computeIfAbsent(key, name -> new TreeMap<>()).put(present.ref(), present.meta());
                    }));
            diff.leaves()
                    .forEach((key, presents) -> presents.forEach(present -> {
                        Map<String, Object> ofKey = mirror.getOrDefault(key, new TreeMap<>());
                        assertThat(ofKey.remove(present.ref())).isNotNull();
                        if (ofKey.isEmpty()) {
                            mirror.remove(key);
                        }
                    }));
        }
        assertThat(mirror.keySet()).isEqualTo(presence.list(ROOM).keySet());
        mirror.forEach((key, metas) ->
                assertThat(metas.values()).containsExactlyInAnyOrderElementsOf(List.copyOf(presence.get(ROOM, key))));
        staying.forEach(Owner::close);
        assertThat(presence.count(ROOM)).isZero();
        assertThat(presence.owners()).isZero();
    }

    @Test
    void changesAfterThePubSubWasClosedAreNotPublished() {
        pubsub.close();
        presence.announcer.publish(presence.announcer.diff(ROOM, new PendingDiff<>()));
        assertThat(diffs).isEmpty();
    }

    @Test
    void anOwnerThatHasEndedIsNeverPresent() {
        Listener gone = new Listener(ROOM, events);
        gone.ends();
        Owner over = Owner.of(ROOM);
        over.close();
        presence.track(gone, "gone", "web");
        presence.track(over, "over", "web");
        presence.track(Owner.of(ROOM), "here", "web");
        awaitEvents(events, "diff +{here=web} -{}");
        assertThat(presence.list(ROOM)).containsOnlyKeys("here");
        assertThat(presence.size()).isOne();
    }
}
