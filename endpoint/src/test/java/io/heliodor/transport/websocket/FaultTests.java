package io.heliodor.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.heliodor.session.Session;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.transport.FaultySessions;
import io.heliodor.transport.frame.ClientFrames;
import io.heliodor.transport.frame.FrameLayout;
import io.heliodor.transport.http.ConnectionPermits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Faults of the server in a WebSocket: each closes the connection with 1011, and is counted and logged once. */
class FaultTests extends FaultySessions {
    private static final byte[] MESSAGE = ClientFrames.text("[null,\"1\",\"phoenix\",\"heartbeat\",{}]");

    /** More memory than a client may hold and be read. */
    private static final long PAUSES = 8 << 20;

    private WebSocketConnection webSocket() {
        var socket =
                new WebSocketConnection(
                        channel, 1 << 20, Optional.empty(), ConnectionPermits.Unlimited.UNLIMITED, this::session) {
                    @Override
                    void shutdownOutput() {}
                };
        channel.pipeline().addLast(socket);
        return socket;
    }

    private void isClosedWith1011() {
        channel.runPendingTasks();
        ByteBuf close = channel.readOutbound();
        assertThat(close.getUnsignedByte(0)).isEqualTo((short) (0x80 | FrameLayout.CLOSE));
        assertThat(close.getShort(2)).isEqualTo((short) 1011);
        close.release();
        isCountedAndLoggedOnce();
    }

    @Test
    void aFaultWhileMessagesAreReadClosesTheConnection() {
        webSocket().open(null);
        channel.writeInbound(Unpooled.wrappedBuffer(MESSAGE));
        isClosedWith1011();
    }

    @Test
    void aFaultWhileWaitingBytesAreReadClosesTheConnection() {
        webSocket().open(null);
        Session<?> session = sessions.getFirst();
        session.flow().hold(PAUSES);
        assertThat(channel.config().isAutoRead()).isFalse();
        channel.writeInbound(Unpooled.wrappedBuffer(MESSAGE));
        assertThat(hub.counters().get(Counter.CLOSED_FAULT)).isZero();

        session.flow().release(PAUSES);
        isClosedWith1011();
        // Bytes of the client that are not read would be answered with a reset, which takes the close frame away.
        assertThat(channel.config().isAutoRead()).isTrue();
    }

    @Test
    void aFaultInFramesAfterTheHandshakeClosesTheConnection() {
        ByteBuf eager = Unpooled.copiedBuffer(MESSAGE);
        assertThatCode(() -> webSocket().open(eager)).doesNotThrowAnyException();
        isClosedWith1011();
        assertThat(eager.refCnt()).isZero();
    }
}
