package io.heliodor.endpoint;

import static io.heliodor.transport.frame.ClientFrames.concat;
import static io.heliodor.transport.frame.ClientFrames.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Raw;
import io.heliodor.event.Reason;
import io.heliodor.limit.Limits;
import io.heliodor.limit.Rate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Clients that send and join over their rates, while a healthy client is served. */
class RateLimitTests extends LiveTest {
    private static final String OVER = ".*\"phx_reply\",\\{\"status\":\"error\","
            + "\"response\":\\{\"reason\":\"rate_limited\",\"retry_after_ms\":[1-9][0-9]{0,5}}}]";

    private static byte[] all(int count, String frame) {
        return concat(IntStream.range(0, count)
                .mapToObj(i -> text(frame.formatted(i)))
                .toArray(byte[][]::new));
    }

    private static List<String> read(RawClient client, int count) {
        List<String> frames = new ArrayList<>();
        while (frames.size() < count) {
            frames.add(client.next().toString());
        }
        return frames;
    }

    @Test
    void joinsOverTheRateAreRefusedAndCounted() {
        Live live = start(builder -> builder.limits(
                Limits.openInternet().rates(r -> r.joins(Rate.perSecond(1).burst(5)))));
        withHealthyClient(live);
        RawClient client = open(live);
        client.send(all(500, "[\"%1$d\",\"%1$d\",\"room:%1$d\",\"phx_join\",{}]"));

        List<String> replies = read(client, 500);
        List<String> refused =
                replies.stream().filter(reply -> reply.matches(OVER)).toList();
        int joined = replies.size() - refused.size();
        assertThat(joined).as("joins within the rate").isGreaterThanOrEqualTo(5).isLessThan(100);
        assertThat(live.count("joins_over_rate")).isEqualTo(refused.size());
        assertThat(live.count("joins_refused")).isEqualTo(refused.size());
        assertThat(live.count("channels")).isEqualTo(joined + 1);
    }

    @Test
    void aClientThatKeepsSendingRefusedJoinsIsClosedWith4429() {
        Live live = start(builder -> builder.limits(
                Limits.openInternet().rates(r -> r.joins(Rate.perSecond(1).burst(5)))));
        withHealthyClient(live);
        RawClient client = open(live);
        client.trySend(all(10_000, "[\"%1$d\",\"%1$d\",\"nowhere\",\"phx_join\",{}]"));
        client.isClosedWith(4429);
        live.awaitCount("connections", 1);
        assertThat(live.count("closed_rate")).isEqualTo(1);
    }

    @Test
    void heartbeatsOverTheRateAreAnsweredWithAnErrorAndClosedWith4429WhenTheyDoNotEnd() {
        Live live = start(builder -> builder.limits(
                Limits.openInternet().rates(r -> r.messages(Rate.perSecond(1).burst(5)))));
        RawClient client = open(live);
        client.send(all(500, "[null,\"%d\",\"phoenix\",\"heartbeat\",{}]"));
        long refused =
                read(client, 500).stream().filter(reply -> reply.matches(OVER)).count();
        assertThat(refused).isGreaterThan(400).isLessThanOrEqualTo(495);
        assertThat(live.count("messages_over_rate")).isEqualTo(refused);
        client.trySend(all(10_000, "[null,\"%d\",\"phoenix\",\"heartbeat\",{}]"));
        client.isClosedWith(4429);
        live.awaitCount("connections", 0);
        assertThat(live.count("closed_rate")).isEqualTo(1);
    }

    @Test
    void messagesOverTheRateOfAChannelAreAnsweredWithTheTimeUntilARetry() {
        Live live = start();
        withHealthyClient(live);
        RawClient client = open(live).joins("limited:a").joins("room:a");
        client.send(all(100, "[\"1\",\"%d\",\"limited:a\",\"echo\",{}]"));
        long refused =
                read(client, 100).stream().filter(reply -> reply.matches(OVER)).count();
        assertThat(refused).isPositive().isLessThanOrEqualTo(90);
        assertThat(live.count("channel_messages_over_rate")).isEqualTo(refused);
        client.echoes("room:a", "101");
    }

    @Test
    void theRateOfAChannelHoldsAcrossLeavesAndJoinsOfItsTopic() {
        Call<Raw, Raw, Reason> echo = Call.of("echo", Raw.class, Raw.class);
        Live live = start(builder -> builder.socket(
                "/slow",
                UserSocket.<Object>connect(connect -> Connect.ok(Empty.EMPTY))
                        .channel(
                                "slow:*",
                                Channel.join(join -> Join.ok(Empty.EMPTY))
                                        .answer(echo, (payload, room) -> Reply.ok(payload))
                                        .messageRate(Rate.of(10, Duration.ofHours(1)))
                                        .build())
                        .build()));
        RawClient client = connect(live)
                .send(RawClient.upgradeRequest("").replace("/socket/", "/slow/"))
                .upgraded();
        int echoed = 0;
        for (int i = 0; i < 20; i++) {
            client.sends("[\"1\",\"1\",\"slow:a\",\"phx_join\",{}]");
            // Each second join closes the channel that is still joined.
            read(client, i > 0 && i % 2 == 0 ? 2 : 1);
            client.send(all(10, "[\"1\",\"%d\",\"slow:a\",\"echo\",{}]"));
            echoed += (int) read(client, 10).stream()
                    .filter(reply -> reply.contains("\"ok\""))
                    .count();
            if (i % 2 == 0) {
                client.sends("[\"1\",\"2\",\"slow:a\",\"phx_leave\",{}]");
                read(client, 2);
            }
        }
        assertThat(echoed).isEqualTo(10);
        assertThat(live.count("channel_messages_over_rate")).isEqualTo(190);
    }

    @Test
    void aClientThatKeepsSendingAfterRefusalsIsClosedWith4429() {
        Live live = start();
        withHealthyClient(live);
        RawClient client = open(live).joins("limited:a");
        client.trySend(all(10_000, "[\"1\",\"%d\",\"limited:a\",\"echo\",{}]"));
        client.isClosedWith(4429);
        live.awaitCount("connections", 1);
        assertThat(live.count("closed_rate")).isEqualTo(1);
        assertThat(live.count("channels")).isEqualTo(1);
    }
}
