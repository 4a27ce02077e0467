package io.heliodor.endpoint;

import static io.heliodor.transport.frame.ClientFrames.FIN;
import static io.heliodor.transport.frame.ClientFrames.bytes;
import static io.heliodor.transport.frame.ClientFrames.concat;
import static io.heliodor.transport.frame.ClientFrames.frame;
import static io.heliodor.transport.frame.ClientFrames.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.limit.Limits;
import io.heliodor.transport.frame.ClientDeflate;
import io.heliodor.transport.frame.ClientFrames;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Clients with and without compression. */
class CompressionTests extends LiveTest {
    private static final String WORDS = "the same words again, ".repeat(40);

    @Test
    void compressionIsOffByDefault() {
        Live live = start();
        RawClient client = connect(live).send(offer("permessage-deflate; client_max_window_bits"));
        client.upgraded().joins("room:a");
    }

    @Test
    void aClientThatOffersCompressionGetsIt() {
        RawClient client = connect(compressing()).send(offer("permessage-deflate; client_max_window_bits"));
        assertThat(client.response().header("sec-websocket-extensions"))
                .isEqualTo("permessage-deflate; server_no_context_takeover; client_no_context_takeover");
    }

    @Test
    void aClientWithAnUnsupportedOfferIsServedWithoutCompression() {
        Live live = compressing();
        RawClient client = connect(live).send(offer("permessage-deflate; server_max_window_bits=9"));
        client.upgraded().joins("room:a");
        live.broadcasts("room:a", WORDS);
        client.receives(Live.told("room:a", WORDS));
        client.send(ClientDeflate.text("[]")).isClosedWith(1002);
    }

    @Test
    void messagesAreCompressedBothWays() {
        RawClient client = compressed(compressing()).joins("room:a").echoes("room:a", "2");
        String payload = "{\"text\":\"" + WORDS + "\"}";
        for (int ref = 3; ref < 10; ref++) {
            client.send(ClientDeflate.text("[\"1\",\"" + ref + "\",\"room:a\",\"echo\"," + payload + "]"));
            RawClient.Frame reply = client.next();
            assertThat(reply).hasToString(RawClient.ok("" + ref, "room:a", payload));
            assertThat(reply.sent()).isLessThan(WORDS.length() / 5);
        }
    }

    @Test
    void smallMessagesAndPongsAreNotCompressed() {
        RawClient client = compressed(compressing()).joins("room:a");
        client.sends("[\"1\",\"2\",\"room:a\",\"echo\",{}]");
        assertThat(client.next().compressed()).isFalse();
        client.send(ClientFrames.ping("x".repeat(125)));
        assertThat(client.next()).hasToString("pong " + "x".repeat(125));
    }

    @Test
    void fragmentsOfACompressedMessageAreJoined() {
        RawClient client = compressed(compressing()).joins("room:a");
        byte[] payload = ClientDeflate.deflate(utf8("[\"1\",\"2\",\"room:a\",\"echo\",{\"n\":2}]"));
        client.send(frame(ClientDeflate.RSV1 | 1, bytes()));
        for (byte each : payload) {
            client.send(frame(0, bytes(each)));
        }
        client.send(concat(ClientFrames.ping("between"), frame(FIN, bytes())));
        client.receives("pong between", RawClient.ok("2", "room:a", "{\"n\":2}"));
    }

    @Test
    void broadcastsReachClientsWithAndWithoutCompressionInOrder() {
        Live live = compressing();
        List<RawClient> plain =
                Stream.generate(() -> open(live).joins("room:a")).limit(3).toList();
        List<RawClient> compressed =
                Stream.generate(() -> compressed(live).joins("room:a")).limit(3).toList();
        for (int i = 0; i < 200; i++) {
            live.broadcasts("room:a", i % 3 == 0 ? "small " + i : WORDS + i);
        }
        for (int i = 0; i < 200; i++) {
            String expected = Live.told("room:a", i % 3 == 0 ? "small " + i : WORDS + i);
            for (RawClient client : plain) {
                client.receives(expected);
            }
            for (RawClient client : compressed) {
                RawClient.Frame frame = client.next();
                assertThat(frame).hasToString(expected);
                assertThat(frame.compressed()).isEqualTo(i % 3 != 0);
            }
        }
    }

    @Test
    void anInvalidFrameIsIgnoredAsWithoutCompression() {
        Live live = compressing();
        RawClient client = compressed(live).joins("room:a");
        client.send(ClientDeflate.text("")).send(ClientDeflate.text("nonsense"));
        client.echoes("room:a", "2");
        assertThat(live.count("frames_malformed")).isEqualTo(2);
    }

    @Test
    void aClientThatDoesNotReadIsClosedAndItsBuffersAreReleased() {
        Live live = start(builder ->
                builder.compression(true).limits(Limits.openInternet().memory(m -> m.maxConnectionBytes(64 << 10))));
        RawClient reader = compressed(live).joins("room:a");
        RawClient deaf = compressed(live).joins("room:a");
        byte[] noise = new byte[64 << 10];
        new Random(5).nextBytes(noise);
        // It still shrinks by a fourth.
        String text = Base64.getEncoder().encodeToString(noise);
        for (int sent = 0; live.count("closed_slow") == 0; sent++) {
            assertThat(sent).as("broadcasts until it was closed").isLessThan(10_000);
            live.broadcasts("room:a", text);
            RawClient.Frame frame = reader.next();
            assertThat(frame).hasToString(Live.told("room:a", text));
            assertThat(frame.compressed()).isTrue();
        }
        reader.echoes("room:a", "2");
        deaf.resets();
    }

    private Live compressing() {
        return start(builder -> builder.compression(true));
    }

    private RawClient compressed(Live live) {
        return closing(RawClient.openCompressed(live.endpoint));
    }

    private static String offer(String extensions) {
        return RawClient.upgradeRequest("")
                .replace("\r\n\r\n", "\r\nSec-WebSocket-Extensions: " + extensions + "\r\n\r\n");
    }
}
