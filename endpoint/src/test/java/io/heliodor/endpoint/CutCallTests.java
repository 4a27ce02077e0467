package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Reason;
import io.heliodor.transport.frame.ClientFrames;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** A call that is executed once, over a connection that is cut at each byte of its request and of its reply. */
class CutCallTests extends LiveTest {
    record Pay(String key, int cents) {}

    record Paid(int times) {}

    private static final Call<Pay, Paid, Reason> PAY =
            Call.of("pay", Pay.class, Paid.class).once(Pay::key);

    private final Map<String, Integer> executions = new ConcurrentHashMap<>();

    private Live bank() {
        return start(builder -> builder.socket(
                "/bank",
                UserSocket.connect((Connect connect) -> Connect.ok(Empty.EMPTY, "users:ann"))
                        .channel(
                                "bank",
                                Channel.join(join -> Join.ok(Empty.EMPTY))
                                        .answer(
                                                PAY,
                                                (pay, bank) -> Reply.ok(
                                                        new Paid(executions.merge(pay.key(), 1, Integer::sum))))
                                        .build())
                        .build()));
    }

    private RawClient join(Live live) {
        RawClient client = connect(live);
        client.send(RawClient.upgradeRequest("").replace("/socket/", "/bank/"));
        return client.upgraded().joins("bank");
    }

    private static byte[] call(String key) {
        return ClientFrames.text("[\"1\",\"2\",\"bank\",\"pay\",{\"key\":\"" + key + "\",\"cents\":500}]");
    }

    /** Cuts a connection in one of two ways: with an end of its output, or with a reset. */
    private static void cut(RawClient client, int at) {
        if (at % 2 == 0) {
            client.close();
        } else {
            client.resets();
        }
    }

    private void repeat(Live live, String key) {
        RawClient again = join(live);
        again.send(call(key)).receives(RawClient.ok("2", "bank", "{\"times\":1}"));
        again.close();
    }

    @Test
    void cutAtEachByteOfTheRequest() {
        Live live = bank();
        int length = call("r000").length;
        for (int i = 0; i <= length; i++) {
            String key = "r%03d".formatted(i);
            RawClient client = join(live);
            client.send(Arrays.copyOf(call(key), i));
            cut(client, i);
            repeat(live, key);
        }
        live.awaitCount("connections", 0);
        assertThat(executions).hasSize(length + 1);
        assertThat(executions.values()).containsOnly(1);
    }

    @Test
    void cutAtEachByteOfTheReply() {
        Live live = bank();
        int length = RawClient.ok("2", "bank", "{\"times\":1}").length() + 2;
        for (int i = 0; i <= length; i++) {
            String key = "a%03d".formatted(i);
            RawClient client = join(live);
            client.send(call(key)).reads(i);
            cut(client, i);
            repeat(live, key);
        }
        live.awaitCount("connections", 0);
        assertThat(executions).hasSize(length + 1);
        assertThat(executions.values()).containsOnly(1);
    }
}
