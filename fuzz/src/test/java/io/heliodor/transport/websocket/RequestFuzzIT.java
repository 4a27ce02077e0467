package io.heliodor.transport.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.Socket;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.limit.Limits;
import io.heliodor.log.BoundedLog;
import io.heliodor.pubsub.PubSub;
import io.heliodor.session.Hub;
import io.heliodor.session.LaneSessions;
import io.heliodor.session.LoadShedder;
import io.heliodor.transport.handshake.Admission;
import io.heliodor.transport.handshake.ConnectRequest;
import io.heliodor.transport.handshake.Mount;
import io.heliodor.transport.handshake.Origins;
import io.heliodor.transport.handshake.ProtocolVersion;
import io.heliodor.transport.http.ConnectionPermits;
import io.heliodor.transport.http.DiscardedTrailers;
import io.heliodor.transport.http.HttpConnection;
import io.heliodor.transport.http.HttpContext;
import io.heliodor.transport.http.RequestBody;
import io.heliodor.transport.http.RequestGate;
import io.heliodor.transport.http.ServedHosts;
import io.heliodor.transport.http.TrustedProxies;
import io.heliodor.transport.io.NettyLoop;
import io.heliodor.wire.PayloadCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Requests on one connection, with all that is read of a request to connect. However they are cut into reads, the server
 * finds the same requests, sends the same responses, logs no fault, and then holds neither memory nor a permit for them.
 * The first byte has the size of a read.
 */
@SuppressWarnings("FutureReturnValueIgnored")
class RequestFuzzIT {
    private static final InetAddress PEER = InetAddress.getLoopbackAddress();
    private static final int MAX_BODY = 1_000;

    private static final Hub HUB = new Hub(
            PubSub.local(),
            PayloadCodec.strict(),
            Limits.openInternet().connections(c -> c.maxHandshakesOfLoopback(10)),
            System::nanoTime);
    private static final ConnectionPermits PERMITS =
            new ConnectionPermits(HUB.limits().connections());
    private static final Admission ADMISSION = new Admission(HUB, Origins.of(List.of()));
    private static final Mount<?> MOUNT = Mount.of(
            "/socket",
            UserSocket.open()
                    .channel(
                            "room:*", Channel.join(join -> Join.ok(Empty.EMPTY)).build())
                    .build());
    private static final TrustedProxies PROXIES = TrustedProxies.of(List.of("127.0.0.0/8"));

    @FuzzTest
    void isReadAlikeHoweverItIsCut(byte[] input) {
        if (input.length == 0) {
            return;
        }
        String whole = new Exchange().of(input, input.length);
        assertThat(new Exchange().of(input, 1 + (input[0] & 0xff))).isEqualTo(whole);
        // The gate finds the ends of heads by itself, and the decoder alone finds the same.
        if (decodes(input)) {
            assertThat(whole).isNotEmpty();
        } else {
            assertThat(whole).matches("(?s)(refused.*)?");
        }
        assertThat(RecordedLog.lines(Level.ERROR, "")).isEmpty();
        assertThat(HUB.memory().used()).isZero();
        assertThat(PERMITS.addressCount()).isZero();
        RecordedLog.clear();
    }

    private static HttpServerCodec codec() {
        return new HttpServerCodec(new HttpDecoderConfig()
                .setMaxInitialLineLength(8 << 10)
                .setMaxHeaderSize(16 << 10)
                .setMaxChunkSize(8 << 10)
                .setTrailersFactory(DiscardedTrailers.FACTORY));
    }

    /** Whether the decoder finds a request, without the gate before it. */
    private static boolean decodes(byte[] input) {
        EmbeddedChannel channel = new EmbeddedChannel(codec());
        channel.writeInbound(Unpooled.copiedBuffer(input, 1, input.length - 1));
        boolean found = !channel.inboundMessages().isEmpty();
        channel.finishAndReleaseAll();
        return found;
    }

    /** A connection, and all that was found and answered. */
    private static final class Exchange implements HttpConnection.RequestHandler {
        private final EmbeddedChannel channel = new EmbeddedChannel();
        private final StringBuilder found = new StringBuilder();

        String of(byte[] input, int atOnce) {
            channel.freezeTime();
            LaneSessions lane = new LaneSessions(
                    new NettyLoop(channel.eventLoop(), UnpooledByteBufAllocator.DEFAULT, Optional.empty()),
                    HUB.counters(),
                    new LoadShedder(HUB.memory(), () -> 0));
            HttpContext context = new HttpContext(
                    HUB,
                    PERMITS,
                    PROXIES,
                    ServedHosts.all(),
                    false,
                    new BoundedLog(LoggerFactory.getLogger("io.heliodor.transport"), "faults", System::nanoTime),
                    this);
            RequestGate gate = new RequestGate(HUB.memory());
            channel.pipeline().addLast(gate, codec(), new HttpConnection(context, lane, channel, gate, PEER));
            for (int at = 1; at < input.length; at += atOnce) {
                channel.writeInbound(Unpooled.copiedBuffer(input, at, Math.min(atOnce, input.length - at)));
                // The event loop would not read a connection for which this is off.
                channel.runPendingTasks();
            }
            for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
                found.append(out.toString(ISO_8859_1));
                out.release();
            }
            channel.finishAndReleaseAll();
            // Of a request that breaks several rules, the one that is found first refuses it.
            return found.toString().replaceAll("HTTP/1.1 4\\d\\d [^\r]*", "refused");
        }

        @Override
        public void handle(HttpConnection http, HttpRequest request, String path, Map<String, List<String>> params) {
            HttpHeaders headers = request.headers();
            Subprotocols offered = Subprotocols.parse(headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL));
            ConnectRequest connect = new ConnectRequest(
                    path, params, headers, offered.token(), http.client(), http.tls(), Socket.Transport.WEBSOCKET);
            found.append(request.method())
                    .append(path)
                    .append(params)
                    .append(connect.headers())
                    .append(connect.cookies())
                    .append(offered)
                    .append(http.client())
                    .append(ADMISSION.originAllowed(MOUNT, http.client(), headers))
                    .append(ProtocolVersion.serializer(params, true).isPresent())
                    .append(Handshake.check(request))
                    .append(DeflateNegotiation.accept(headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS)))
                    .append('\n');
            // As for a post of a client that polls: the end of chunks is not detected, so no request may follow them.
            boolean keepAlive = HttpUtil.isKeepAlive(request) && !HttpUtil.isTransferEncodingChunked(request);
            RequestBody body = new RequestBody(MAX_BODY, HUB.memory(), () -> {}, whole -> {
                found.append(new String(whole.take(), ISO_8859_1)).append('\n');
                whole.release();
                http.respond(
                        new DefaultFullHttpResponse(
                                HttpVersion.HTTP_1_1, HttpResponseStatus.NO_CONTENT, Unpooled.EMPTY_BUFFER),
                        keepAlive);
            });
            http.read(request, body, Duration.ofSeconds(20));
        }
    }
}
