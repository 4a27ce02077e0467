package io.heliodor.transport.websocket;

import io.heliodor.channel.Connect;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.session.Hub;
import io.heliodor.session.LaneSessions;
import io.heliodor.transport.frame.Compression;
import io.heliodor.transport.http.ConnectionPermits;
import io.heliodor.wire.V2Serializer;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.Optional;

/** A WebSocket on a channel without a socket, for messages of 1 MiB at most. */
final class EmbeddedWebSocket extends WebSocketConnection {
    private EmbeddedWebSocket(
            EmbeddedChannel channel,
            Hub hub,
            LaneSessions lane,
            UserSocket<Object> socket,
            Optional<Compression> compression) {
        super(
                channel,
                1 << 20,
                compression,
                ConnectionPermits.Unlimited.UNLIMITED,
                connection -> hub.session(
                        lane,
                        connection,
                        Hub.routes(socket),
                        new V2Serializer(),
                        Connect.<Object>ok(Empty.EMPTY),
                        hub.accept(),
                        Optional.empty()));
    }

    static void open(
            EmbeddedChannel channel,
            Hub hub,
            LaneSessions lane,
            UserSocket<Object> socket,
            Optional<Compression> compression) {
        EmbeddedWebSocket connection = new EmbeddedWebSocket(channel, hub, lane, socket, compression);
        channel.pipeline().addLast(connection);
        connection.open(null);
    }

    @Override
    void shutdownOutput() {}
}
