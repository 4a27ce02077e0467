package io.heliodor.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.TestCertificate;
import io.heliodor.event.Empty;
import io.heliodor.limit.Limits;
import io.heliodor.pubsub.PubSub;
import io.heliodor.session.Hub;
import io.heliodor.session.LaneSessions;
import io.heliodor.session.LoadShedder;
import io.heliodor.session.Session;
import io.heliodor.session.lane.Connection;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.transport.frame.ClientFrames;
import io.heliodor.transport.http.ConnectionPermits;
import io.heliodor.transport.io.NettyLoop;
import io.heliodor.transport.tls.PemFiles;
import io.heliodor.transport.tls.ServerTls;
import io.heliodor.transport.tls.TlsHandler;
import io.heliodor.transport.tls.TlsLibrary;
import io.heliodor.transport.tls.TlsRecords;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.V2Serializer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** As {@link SlowMessagesTests}, over TLS: the bytes of a record that is not complete count as well. */
@ParameterizedClass
@EnumSource
class SlowTlsMessagesTests {
    private static final Duration IDLE = Duration.ofSeconds(5);

    private static final UserSocket<Object> SOCKET = UserSocket.open()
            .channel("room:*", Channel.join(join -> Join.ok("")).build())
            .build();

    @Parameter
    TlsLibrary library;

    private final AtomicLong clock = new AtomicLong(1);
    private final PubSub pubsub = PubSub.local();
    private final Hub hub = new Hub(
            pubsub, PayloadCodec.strict(), Limits.openInternet().sessions(s -> s.idleTimeout(IDLE)), clock::get);
    private final EmbeddedChannel loop = new EmbeddedChannel();
    private final LaneSessions lane = new LaneSessions(
            new NettyLoop(loop.eventLoop(), UnpooledByteBufAllocator.DEFAULT, Optional.empty()),
            hub.counters(),
            new LoadShedder(hub.memory(), () -> 0));
    private final EmbeddedChannel server = new EmbeddedChannel();
    private final SSLEngine client =
            TestCertificate.trusting(TestCertificate.FIRST).createSSLEngine("localhost", 1);
    private ByteBuffer received = ByteBuffer.allocate(0);

    /** On a channel without a socket. */
    private static final class Embedded extends TlsWebSocketConnection {
        Embedded(EmbeddedChannel channel, Function<Connection, Session<?>> session) {
            super(channel, 1 << 20, Optional.empty(), ConnectionPermits.Unlimited.UNLIMITED, session);
        }

        @Override
        void shutdownOutput() {}
    }

    @BeforeEach
    void connect(@TempDir Path folder) throws IOException {
        TestCertificate.FIRST.write(folder);
        TlsRecords records = new TlsRecords();
        ServerTls tls = new ServerTls(
                PemFiles.read(folder.resolve("chain.pem"), folder.resolve("key.pem"), Duration.ofDays(1), library),
                false);
        server.pipeline().addLast(records, new TlsHandler(tls, records, server.alloc()));
        client.setUseClientMode(true);
        client.beginHandshake();
        while (client.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING) {
            switch (client.getHandshakeStatus()) {
                case NEED_WRAP -> arrives(encrypted(new byte[0]));
                case NEED_TASK -> client.getDelegatedTask().run();
                default -> receives();
            }
        }
        Awaitility.await().until(() -> {
            server.runPendingTasks();
            return server.pipeline().get(TlsHandler.class).handshakeFuture().isSuccess();
        });
        Embedded connection = new Embedded(
                server,
                own -> hub.session(
                        lane,
                        own,
                        Hub.routes(SOCKET),
                        new V2Serializer(),
                        Connect.<Object>ok(Empty.EMPTY),
                        hub.accept(),
                        Optional.empty()));
        server.pipeline().addLast(connection);
        connection.open(null);
    }

    @AfterEach
    void nothingIsLeft() {
        server.finishAndReleaseAll();
        assertThat(hub.memory().used()).isZero();
        loop.finishAndReleaseAll();
        hub.close();
        pubsub.close();
    }

    /** The records of some bytes. */
    private byte[] encrypted(byte[] plain) throws SSLException {
        ByteBuffer from = ByteBuffer.wrap(plain);
        ByteBuffer all =
                ByteBuffer.allocate(2 * plain.length + client.getSession().getPacketBufferSize());
        do {
            client.wrap(from, all);
        } while (from.hasRemaining());
        return Arrays.copyOf(all.array(), all.position());
    }

    private void arrives(byte[] bytes) {
        server.writeInbound(Unpooled.copiedBuffer(bytes));
        server.runPendingTasks();
    }

    /** Takes what the server sends; its tasks run on other threads. */
    private void receives() throws SSLException {
        if (!received.hasRemaining()) {
            Awaitility.await().until(() -> {
                server.runPendingTasks();
                return !server.outboundMessages().isEmpty();
            });
        }
        ByteBuf all = Unpooled.buffer().writeBytes(received);
        for (ByteBuf next = server.readOutbound(); next != null; next = server.readOutbound()) {
            all.writeBytes(next);
            next.release();
        }
        received = ByteBuffer.wrap(Arrays.copyOf(all.array(), all.readableBytes()));
        client.unwrap(received, ByteBuffer.allocate(client.getSession().getApplicationBufferSize()));
    }

    private static byte[] heartbeat(int bytes) {
        String head = "[null,\"1\",\"phoenix\",\"heartbeat\",\"";
        return ClientFrames.text(head + "x".repeat(bytes - head.length() - 2) + "\"]");
    }

    /** Sends bytes evenly, at most to the first failure, in steps of a second. */
    private void sendsSlowly(byte[] bytes, int bytesPerSecond) {
        for (int from = 0; from < bytes.length && isOpen(); from += bytesPerSecond) {
            arrives(Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + bytesPerSecond)));
            passes(Duration.ofSeconds(1));
        }
    }

    private void passes(Duration time) {
        clock.addAndGet(time.toNanos());
        lane.sweep(clock.get());
        loop.runPendingTasks();
    }

    private boolean isOpen() {
        return hub.counters().get(Counter.CLOSED_IDLE) == 0;
    }

    @ParameterizedTest
    @ValueSource(ints = {1_100, 2_000, 11_000})
    void aLargeMessageOverASlowLinkArrives(int bytesPerSecond) throws SSLException {
        sendsSlowly(encrypted(heartbeat(100_000)), bytesPerSecond);
        assertThat(isOpen()).isTrue();
        assertThat(hub.counters().get(Counter.FRAMES_IN)).isEqualTo(1);
        passes(IDLE);
        passes(IDLE);
        assertThat(isOpen()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 500})
    void aRecordThatTricklesIsClosed(int bytesPerSecond) throws SSLException {
        sendsSlowly(encrypted(heartbeat(100_000)), bytesPerSecond);
        assertThat(isOpen()).isFalse();
        // 5 s, and a second more for each KiB that has arrived by then
        assertThat(Duration.ofNanos(clock.get())).isLessThan(Duration.ofSeconds(15));
        assertThat(hub.counters().get(Counter.FRAMES_IN)).isZero();
    }

    @Test
    void aPartOfARecordThatStopsIsIdle() throws SSLException {
        arrives(Arrays.copyOf(encrypted(heartbeat(10_000)), 5_000));
        for (int i = 0; i < 12 && isOpen(); i++) {
            passes(Duration.ofSeconds(1));
        }
        assertThat(isOpen()).isFalse();
    }
}
