package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.limit.Limits;
import io.heliodor.transport.frame.ClientFrames;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Messages that came before the end of a connection, over real sockets. */
class AcceptedMessagesTests extends LiveTest {
    private static final int SHOUTS = 50;

    /** A small mailbox: most messages are held by the connection when it ends. */
    private Live withSmallMailboxes() {
        return start(builder -> builder.limits(Limits.openInternet().sessions(s -> s.maxMailboxMessages(4))));
    }

    private static byte[] text(String frame) {
        return ClientFrames.frame(ClientFrames.FIN | 1, ClientFrames.utf8(frame));
    }

    private static byte[] shouts() {
        return ClientFrames.concat(IntStream.range(0, SHOUTS)
                .mapToObj(i -> text("[\"1\",null,\"room:a\",\"shout\",{\"i\":" + i + "}]"))
                .toArray(byte[][]::new));
    }

    private static void receivesAll(RawClient watcher) {
        for (int i = 0; i < SHOUTS; i++) {
            watcher.receives("[null,null,\"room:a\",\"shout\",{\"i\":" + i + "}]");
        }
    }

    @Test
    void messagesAndACloseFrameInOnePacketAreAllHandled() {
        Live live = withSmallMailboxes();
        RawClient watcher = open(live).joins("room:a");
        RawClient client = open(live).joins("room:a");
        client.send(ClientFrames.concat(
                shouts(), ClientFrames.frame(ClientFrames.FIN | 8, ClientFrames.bytes(0x03, 0xe9))));
        receivesAll(watcher);
        live.awaitCount("connections", 1);
    }

    @Test
    void messagesBeforeAFinAreAllHandled() {
        Live live = withSmallMailboxes();
        RawClient watcher = open(live).joins("room:a");
        RawClient client = open(live).joins("room:a");
        client.send(shouts());
        client.endsOutput(); // a close would send a reset, since shouts to the client itself are unread
        receivesAll(watcher);
        live.awaitCount("connections", 1);
    }

    @Test
    void messagesThatWereReadBeforeAResetAreHandled() {
        Live live = start();
        RawClient watcher = open(live).joins("room:a");
        RawClient client = open(live).joins("room:a");
        client.sends("[\"1\",\"2\",\"room:a\",\"wait\",{}]");
        Live.eventually().until(live.gate::hasQueuedThreads);
        client.send(shouts());
        // The reply to a heartbeat comes from the loop: the shouts before it were read.
        client.sends("[null,\"3\",\"phoenix\",\"heartbeat\",{}]");
        client.receives("[null,\"3\",\"phoenix\",\"phx_reply\",{\"status\":\"ok\",\"response\":{}}]");
        client.resets();
        live.gate.release();
        receivesAll(watcher);
        live.awaitCount("connections", 1);
    }

    @Test
    void aConnectionThatEndedCountsForItsAddressUntilItsMessagesAreHandled() {
        Live live = start(builder -> builder.limits(Limits.openInternet().connections(c -> c.maxPerAddress(1))));
        RawClient client = open(live).joins("room:a");
        client.sends("[\"1\",\"2\",\"room:a\",\"wait\",{}]");
        Live.eventually().until(live.gate::hasQueuedThreads);
        client.close();
        Live.eventually().until(() -> live.count("closed_client") == 1);
        assertThat(connect(live).send(RawClient.upgradeRequest("")).response().status())
                .isEqualTo(429);
        live.gate.release();
        live.awaitCount("connections", 0);
        Live.eventually()
                .until(() -> connect(live)
                                .send(RawClient.upgradeRequest(""))
                                .response(false)
                                .status()
                        == 101);
    }

    @Test
    void aDrainHandlesAndRepliesWhatWasReadAndThenCloses() {
        Live live = withSmallMailboxes();
        RawClient watcher = open(live).joins("room:a");
        RawClient client = open(live).joins("room:b");
        client.sends("[\"1\",\"2\",\"room:b\",\"wait\",{}]");
        Live.eventually().until(live.gate::hasQueuedThreads);
        client.send(text("[\"1\",\"3\",\"room:b\",\"echo\",{}]"));
        client.sends("[null,\"4\",\"phoenix\",\"heartbeat\",{}]");
        client.receives("[null,\"4\",\"phoenix\",\"phx_reply\",{\"status\":\"ok\",\"response\":{}}]");
        CompletableFuture<Void> drained =
                CompletableFuture.runAsync(() -> live.endpoint.drain(Duration.ZERO), Thread::startVirtualThread);
        watcher.isClosedWith(1001);
        client.send(text("[\"1\",\"5\",\"room:b\",\"echo\",{}]"));
        live.gate.release();
        client.receives(RawClient.ok("2", "room:b", "{}"), RawClient.ok("3", "room:b", "{}"));
        client.isClosedInOrderWith(1001);
        assertThat(drained).succeedsWithin(Duration.ofMillis(RawClient.DEADLINE_MILLIS));
    }
}
