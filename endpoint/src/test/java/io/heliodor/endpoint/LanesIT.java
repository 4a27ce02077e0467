package io.heliodor.endpoint;

import static io.heliodor.transport.frame.ClientFrames.concat;
import static io.heliodor.transport.frame.ClientFrames.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Members of one topic on several lanes: connections are given to the loops in turn. */
class LanesIT extends LiveTest {
    private static final int LOOPS = 3;
    private static final int MEMBERS = 9;
    private static final int PUBLISHERS = 4;
    private static final int EACH = 300;
    private static final Pattern SENT = Pattern.compile(".*\"(?:text\":\"|by\":)(\\d+)(?:,\"n\":| )(\\d+).*");

    private Live live;

    @BeforeEach
    void startWithLanes() {
        live = start(builder -> builder.loops(LOOPS));
    }

    @Test
    void broadcastsOfTheServerReachAllInTheOrderOfEachPublisher() {
        List<RawClient> members = members();
        List<CompletableFuture<Void>> reading = members.stream()
                .map(member -> async(() -> readsEachInOrder(member)))
                .toList();
        List<CompletableFuture<Void>> publishing = each(PUBLISHERS, by -> async(() -> publish(by)));
        all(publishing);
        all(reading);
    }

    @Test
    void messagesOfMembersReachAllInTheOrderOfEachMember() {
        List<RawClient> members = members();
        List<CompletableFuture<Void>> reading = members.stream()
                .map(member -> async(() -> readsEachInOrder(member)))
                .toList();
        List<CompletableFuture<Void>> saying = each(
                PUBLISHERS,
                by -> async(() -> IntStream.range(0, EACH)
                        .forEach(n -> members.get(by)
                                .sends("[\"1\",null,\"room:a\",\"shout\",{\"by\":" + by + ",\"n\":" + n + "}]"))));
        all(saying);
        all(reading);
    }

    @Test
    void theJoinReplyComesFirstAndNothingIsMissedAfterIt() {
        List<RawClient> clients = Stream.generate(() -> open(live)).limit(60).toList();
        CompletableFuture<Void> publishing = async(() -> {
            for (int n = 0; n < 3_000; n++) {
                live.broadcasts("room:a", "0 " + n);
            }
        });
        List<CompletableFuture<Void>> joining = clients.stream()
                .map(client -> async(() -> {
                    // The reply must be the first frame.
                    client.joins("room:a");
                    client.sends("[\"1\",\"2\",\"room:a\",\"echo\",{}]");
                    String echo = RawClient.ok("2", "room:a", "{}");
                    int last = -1;
                    for (String frame = frame(client); !frame.equals(echo); frame = frame(client)) {
                        int n = number(frame, 2);
                        assertThat(last == -1 || n == last + 1)
                                .as("%d after %d", n, last)
                                .isTrue();
                        last = n;
                    }
                }))
                .toList();
        all(joining);
        all(List.of(publishing));
    }

    @Test
    void aMemberGetsItsBroadcastBeforeTheReplyToItsNextMessage() {
        RawClient member = members().getLast();
        for (int i = 0; i < 200; i++) {
            member.send(
                    concat(text("[\"1\",null,\"room:a\",\"shout\",{}]"), text("[\"1\",\"9\",\"room:a\",\"echo\",{}]")));
            member.receives("[null,null,\"room:a\",\"shout\",{}]", RawClient.ok("9", "room:a", "{}"));
        }
    }

    @Test
    void joinsAndLeavesOnAllLanesLeaveNoTopic() {
        CompletableFuture<Void> publishing =
                async(() -> IntStream.range(0, 2_000).forEach(n -> live.broadcasts("room:churn", "0 " + n)));
        List<CompletableFuture<Void>> churning = each(
                MEMBERS,
                by -> async(() -> {
                    for (int i = 0; i < 30; i++) {
                        try (RawClient client = RawClient.open(live.endpoint).joins("room:churn")) {
                            if (i % 2 == 0) {
                                client.sends("[\"1\",\"2\",\"room:churn\",\"phx_leave\",{}]");
                                String left = RawClient.ok("2", "room:churn", "{}");
                                Stream.generate(() -> frame(client))
                                        .takeWhile(frame -> !frame.equals(left))
                                        .forEach(frame -> {});
                                client.receives("[\"1\",\"1\",\"room:churn\",\"phx_close\",{}]");
                            }
                        }
                    }
                }));
        all(churning);
        all(List.of(publishing));
        live.awaitCount("channels", 0);
        live.awaitCount("connections", 0);
        assertThat(connect(live).send(RawClient.get("/health")).response().body())
                .contains("\"topics\":0");
    }

    private List<RawClient> members() {
        return Stream.generate(() -> open(live).joins("room:a")).limit(MEMBERS).toList();
    }

    private void publish(int by) {
        for (int n = 0; n < EACH; n++) {
            live.broadcasts("room:a", by + " " + n);
        }
    }

    private static void readsEachInOrder(RawClient member) {
        Map<Integer, Integer> next = new HashMap<>();
        for (int i = 0; i < PUBLISHERS * EACH; i++) {
            String frame = frame(member);
            int by = number(frame, 1);
            assertThat(number(frame, 2)).as("the next of %d", by).isEqualTo(next.getOrDefault(by, 0));
            next.merge(by, 1, Integer::sum);
        }
    }

    private static String frame(RawClient client) {
        return client.next().toString();
    }

    private static int number(String frame, int group) {
        Matcher match = SENT.matcher(frame);
        assertThat(match.matches()).as(frame).isTrue();
        return Integer.parseInt(match.group(group));
    }

    private static CompletableFuture<Void> async(Runnable task) {
        return CompletableFuture.runAsync(task, Thread::startVirtualThread);
    }

    private static <T> List<T> each(int count, IntFunction<T> make) {
        List<T> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(make.apply(i));
        }
        return all;
    }

    private static void all(List<CompletableFuture<Void>> futures) {
        assertThat(CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new)))
                .succeedsWithin(Duration.ofMillis(2 * RawClient.DEADLINE_MILLIS));
    }
}
