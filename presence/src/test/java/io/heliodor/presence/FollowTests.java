package io.heliodor.presence;

import static io.heliodor.presence.Waits.await;
import static io.heliodor.presence.Waits.awaitEvents;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.heliodor.presence.CountFollower.Count;
import io.heliodor.presence.announce.Announcement;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Channels that follow the presences of other topics, or their numbers. */
@Timeout(60)
class FollowTests {
    private static final String DESK = "desk:1";
    private static final String AGENTS = "agents:all";

    private final PubSub pubsub = PubSub.local();
    private final TestPause pause = new TestPause();
    private final TestPause countPause = new TestPause();
    private final List<String> events = Listener.log();
    private final List<String> members = Listener.log();
    private final Listener desk = new Listener(DESK, events);
    private final Presence<String> presence = Presence.builder(pubsub, String.class)
            .pause(pause)
            .countPause(countPause)
            .build();

    @BeforeEach
    void listen() {
        Announcement.scope(pubsub)
                .subscribeInline(Announcement.DIFFS, diff -> members.add(diff.topic() + " " + Listener.diff(diff)));
    }

    @AfterEach
    void close() {
        presence.close();
        pause.end();
        countPause.end();
        pubsub.close();
    }

    private void endWindow(TestPause of) {
        await(() -> of.waiting() == 1, () -> of.waiting() + " windows");
        of.end();
    }

    /** Waits until no round is due, and none is running. */
    private void quiet() {
        await(
                () -> {
                    pause.end();
                    return presence.announcers() == 0;
                },
                () -> presence.announcers() + " announcers");
    }

    private void quietCounts() {
        await(
                () -> {
                    countPause.end();
                    return presence.countAnnouncers() == 0;
                },
                () -> presence.countAnnouncers() + " announcers of counts");
    }

    @Test
    void aFollowerGetsTheStateOfTheOtherTopicAndThenItsDiffs() {
        Owner ann = Owner.of(AGENTS);
        presence.track(ann, "ann", "ticket 1");
        quiet();
        Subscription _ = presence.follow(desk, AGENTS, "agents");
        awaitEvents(events, "agents_state {ann=ticket 1}");
        presence.update(ann, "ann", _ -> "ticket 2");
        endWindow(pause);
        awaitEvents(events, "agents_diff +{ann=ticket 2} -{ann=ticket 1}");
        ann.close();
        endWindow(pause);
        awaitEvents(events, "agents_diff +{} -{ann=ticket 2}");
        // Members get a diff after the followers.
        await(() -> members.size() >= 3, () -> members);
        assertThat(members)
                .containsExactly(
                        AGENTS + " diff +{ann=ticket 1} -{}",
                        AGENTS + " diff +{ann=ticket 2} -{ann=ticket 1}",
                        AGENTS + " diff +{} -{ann=ticket 2}");
    }

    @Test
    void aChangeInTheRoundOfTheStateIsInTheStateOnly() {
        presence.track(Owner.of(AGENTS), "ann", "web");
        await(() -> pause.waiting() == 1, () -> "no window");
        presence.track(Owner.of(AGENTS), "ben", "web");
        Subscription _ = presence.follow(desk, AGENTS, "agents");
        pause.end();
        await(() -> members.size() == 2, () -> members);
        awaitEvents(events, "agents_state {ann=web,ben=web}");
        presence.track(Owner.of(AGENTS), "cyd", "web");
        endWindow(pause);
        awaitEvents(events, "agents_diff +{cyd=web} -{}");
    }

    @Test
    void severalTopicsHaveEventsOfTheirOwn() {
        Subscription _ = presence.follow(desk, "ticket:1", "ticket:1");
        awaitEvents(events, "ticket:1_state {}");
        Subscription _ = presence.follow(desk, "ticket:2", "ticket:2");
        awaitEvents(events, "ticket:2_state {}");
        presence.follow(desk);
        awaitEvents(events, "state {}");
        quiet();
        presence.track(Owner.of("ticket:2"), "ann", "web");
        awaitEvents(events, "ticket:2_diff +{ann=web} -{}");
        presence.track(Owner.of(DESK), "ben", "web");
        await(() -> members.size() == 2, () -> members);
        assertThat(events).as("the diff of its own topic is for all members").isEmpty();
    }

    @Test
    void aFollowerEndsWithItsSubscriptionOrItsChannel() {
        Subscription first = presence.follow(desk, AGENTS, "agents");
        awaitEvents(events, "agents_state {}");
        Listener other = new Listener(DESK, Listener.log());
        Subscription _ = presence.follow(other, AGENTS, "agents");
        Subscription _ = presence.followCount(other, AGENTS, "online");
        assertThat(presence.followedTopics()).isEqualTo(2);
        first.close();
        first.close();
        other.ends();
        assertThat(presence.followedTopics()).isZero();
        quiet();
        presence.track(Owner.of(AGENTS), "ann", "web");
        await(() -> !members.isEmpty(), () -> members);
        assertThat(events).isEmpty();
        Subscription _ = presence.follow(desk, AGENTS, "agents");
        endWindow(pause);
        awaitEvents(events, "agents_state {ann=web}");
    }

    @Test
    void anOwnerThatHasEndedOrHasNoClientFollowsNothing() {
        desk.ends();
        List<Subscription> all = List.of(
                presence.follow(desk, AGENTS, "agents"),
                presence.followCount(desk, AGENTS, "online"),
                presence.follow(Owner.of(DESK), AGENTS, "agents"),
                presence.followCount(Owner.of(DESK), AGENTS, "online"));
        assertThat(presence.followedTopics()).isZero();
        assertThat(events).isEmpty();
        all.forEach(Subscription::close);
    }

    @Test
    void noFollowerIsLeftWhateverTheOrderOfFollowAndEnd() throws InterruptedException {
        for (int i = 0; i < 500; i++) {
            Listener each = new Listener(DESK, Listener.log());
            List<Thread> threads = List.of(
                    Thread.ofVirtual().start(() -> presence.follow(each, AGENTS, "agents")),
                    Thread.ofVirtual().start(() -> presence.followCount(each, AGENTS, "online")),
                    Thread.ofVirtual().start(each::ends));
            for (Thread thread : threads) {
                thread.join();
            }
        }
        assertThat(presence.followedTopics()).isZero();
    }

    @Test
    void aNameIsUsedOnceAndIsOneOfAnEvent() {
        Subscription agents = presence.follow(desk, AGENTS, "agents");
        awaitEvents(events, "agents_state {}");
        assertThatIllegalStateException()
                .isThrownBy(() -> presence.followCount(desk, "viewers:7", "agents"))
                .withMessage(
                        "The channel 'desk:1' follows 'agents:all' as 'agents' already; close that subscription, or"
                                + " choose another name.");
        assertThat(presence.followedTopics()).isEqualTo(1);
        agents.close();
        Subscription _ = presence.followCount(desk, "viewers:7", "agents");
        awaitEvents(events, "agents_count 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> presence.follow(desk, AGENTS, "presence"))
                .withMessage("The events presence_state and presence_diff are those of the channel's own topic; choose"
                        + " another name than 'presence'.");
        for (String wrong : List.of("", "phx_agents", "a\nb", "\ud800", "x".repeat(201))) {
            assertThatIllegalArgumentException().isThrownBy(() -> presence.follow(desk, AGENTS, wrong));
            assertThatIllegalArgumentException().isThrownBy(() -> presence.followCount(desk, AGENTS, wrong));
        }
    }

    @Test
    void aChannelFollowsAThousandTopicsAtMost() {
        List<Subscription> all = IntStream.range(0, Presence.MAX_PER_OWNER)
                .mapToObj(i -> presence.followCount(desk, "viewers:" + i, "v" + i))
                .toList();
        assertThatIllegalStateException()
                .isThrownBy(() -> presence.follow(desk, AGENTS, "agents"))
                .withMessage("The channel 'desk:1' follows 1000 topics; close the subscriptions of some.");
        assertThat(presence.followedTopics()).isEqualTo(1_000);
        all.getFirst().close();
        Subscription _ = presence.follow(desk, AGENTS, "agents");
        desk.ends();
        assertThat(presence.followedTopics()).isZero();
    }

    // Counts.

    @Test
    void aCountIsSentAtOnceAndThenOnceInAWindowWhileItChanges() {
        List<Owner> viewers = new ArrayList<>(List.of(Owner.of(AGENTS)));
        presence.track(viewers.getFirst(), "0", "web");
        Subscription _ = presence.followCount(desk, AGENTS, "viewers");
        assertThat(events).as("before the method returns").containsExactly("viewers_count 1");
        events.clear();
        for (int i = 1; i < 10_000; i++) {
            viewers.add(Owner.of(AGENTS));
            presence.track(viewers.getLast(), "" + i, "web");
        }
        await(() -> !events.isEmpty(), () -> events);
        endWindow(countPause);
        await(() -> events.getLast().equals("viewers_count 10000"), () -> events);
        assertThat(events).as("one at once, and one after the window").hasSizeBetween(1, 2);
        events.clear();
        quietCounts();
        viewers.getFirst().close();
        awaitEvents(events, "viewers_count 9999");
    }

    @Test
    void aNumberThatHasNotChangedIsNotSent() {
        Owner ann = Owner.of(AGENTS);
        presence.track(ann, "ann", "web");
        Subscription _ = presence.followCount(desk, AGENTS, "viewers");
        awaitEvents(events, "viewers_count 1");
        presence.update(ann, "ann", _ -> "phone");
        presence.track(Owner.of(AGENTS), "ann", "a second tab");
        quietCounts();
        assertThat(events).isEmpty();
        presence.track(Owner.of(AGENTS), "ben", "web");
        awaitEvents(events, "viewers_count 2");
    }

    @Test
    void aTopicWithoutFollowersHasNoRoundsOfCounts() {
        Subscription viewers = presence.followCount(desk, AGENTS, "viewers");
        viewers.close();
        presence.track(Owner.of(AGENTS), "ann", "web");
        await(() -> !members.isEmpty(), () -> members);
        assertThat(presence.countAnnouncers()).isZero();
        awaitEvents(events, "viewers_count 0");
    }

    @Test
    void aCountOfAnOlderStateIsNotSentAfterOneOfANewer() {
        TopicFollowers<CountFollower> none = new TopicFollowers<>();
        CountFollower follower = new CountFollower(AGENTS, "viewers", new OwnerRegistration(desk, 1), desk, none);
        follower.receive(new Count(2, 20));
        follower.receive(new Count(1, 10));
        follower.receive(new Count(3, 20));
        follower.receive(new Count(4, 30));
        assertThat(events).containsExactly("viewers_count 20", "viewers_count 30");
        follower.close();
        follower.receive(new Count(5, 50));
        assertThat(events).hasSize(2);
    }

    @Test
    void aClosedPresenceSendsNothing() {
        Subscription _ = presence.follow(desk, AGENTS, "agents");
        awaitEvents(events, "agents_state {}");
        presence.close();
        presence.follow(desk, "ticket:1", "ticket").close();
        presence.followCount(desk, "ticket:1", "count").close();
        assertThat(presence.followedTopics()).isZero();
        assertThat(events).isEmpty();
    }
}
