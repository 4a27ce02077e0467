package io.heliodor.transport.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.session.budget.MemoryBudget;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("FutureReturnValueIgnored")
class RequestGateTests {
    private static final String HEAD = " HTTP/1.1\r\nHost: x\r\n\r\n";

    private final MemoryBudget memory = new MemoryBudget(1 << 20);
    private final RequestGate gate = new RequestGate(memory);
    private final List<String> requests = new ArrayList<>();
    private final StringBuilder bodies = new StringBuilder();
    private boolean answersAtOnce;
    private final EmbeddedChannel channel =
            new EmbeddedChannel(gate, new HttpServerCodec(), new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext ctx, Object message) {
                    if (message instanceof HttpRequest request) {
                        gate.close();
                        requests.add(request.decoderResult().isSuccess() ? request.uri() : "bad");
                        if (answersAtOnce) {
                            ctx.writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK))
                                    .addListener(written -> gate.open());
                        }
                    }
                    if (message instanceof HttpContent content) {
                        bodies.append(content.content().toString(ISO_8859_1));
                    }
                    ReferenceCountUtil.release(message);
                }
            });

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void oneRequestPassesAtATime() {
        sends("GET /1" + HEAD + "GET /2" + HEAD + "GET /3" + HEAD);
        assertThat(requests).containsExactly("/1");
        gate.open();
        assertThat(requests).containsExactly("/1", "/2");
        gate.open();
        assertThat(requests).containsExactly("/1", "/2", "/3");
        gate.open();
        assertThat(gate.rest()).isNull();
    }

    @Test
    void bytesAfterARequestAreKeptUnchanged() {
        sends("GET /1" + HEAD + "\u0081\u0085\n\r\n");
        sends("\r\n\u0000\n\nxyz");
        assertThat(requests).containsExactly("/1");
        assertThat(rest()).isEqualTo("\u0081\u0085\n\r\n\r\n\u0000\n\nxyz");
    }

    @Test
    void blankLinesBeforeARequestBelongToIt() {
        sends("\r\n\n\r\nGET /1" + HEAD + "rest");
        assertThat(requests).containsExactly("/1");
        assertThat(rest()).isEqualTo("rest");
    }

    @Test
    void aHeadMayHaveNoHeadersAndBareLineFeeds() {
        sends("GET /1 HTTP/1.0\r\n\r\nrest");
        assertThat(requests).containsExactly("/1");
        assertThat(rest()).isEqualTo("rest");
    }

    @Test
    void aBodyWaitsAtTheGate() {
        sends("POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody" + "GET /2" + HEAD);
        assertThat(requests).containsExactly("/1");
        assertThat(rest()).startsWith("body");
    }

    @Test
    void aBodyPassesOnDemandAndNothingAfterIt() {
        sends("POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nbo");
        gate.passBody(6);
        assertThat(bodies).hasToString("bo");
        sends("dy\r\nGET /2" + HEAD);
        assertThat(bodies).hasToString("body\r\n");
        assertThat(requests).containsExactly("/1");
        gate.open();
        assertThat(requests).containsExactly("/1", "/2");
    }

    @Test
    void inputWhileTheGateIsShutPausesReadingAtALimit() {
        sends("GET /1" + HEAD);
        sends("x".repeat(4 << 10));
        assertThat(channel.config().isAutoRead()).isTrue();
        sends("x");
        assertThat(channel.config().isAutoRead()).isFalse();
    }

    @Test
    void anInvalidRequestPassesUntilTheDecoderRefusesIt() {
        sends("nonsense\r\nGET /2" + HEAD);
        assertThat(requests).containsExactly("bad");
    }

    @Test
    void aLineOfASingleReturnEndsAHeadAndALongerOneDoesNot() {
        sends("GET /1 HTTP/1.1\r\nHost: x\r\n\r\r\nrest\r\n\r\n");
        // Two returns are a bad header, not the end of the head.
        assertThat(requests).containsExactly("bad");
    }

    @Test
    void thousandsOfRequestsInOneReadDoNotGrowTheStack() {
        answersAtOnce = true;
        sends(("GET /1" + HEAD).repeat(3_000));
        assertThat(requests).hasSize(3_000);
        assertThat(gate.rest()).isNull();
    }

    @Test
    void inputAfterADiscardIsDropped() {
        sends("GET /1" + HEAD + "GET /2" + HEAD);
        gate.discard();
        sends("GET /3" + HEAD);
        gate.open();
        assertThat(requests).containsExactly("/1");
        assertThat(gate.rest()).isNull();
    }

    @Test
    void aHeadHasAtMost128LinesHoweverItArrives() {
        String most = "GET /1 HTTP/1.1\r\n" + "a:\r\n".repeat(127);
        sends(most + "\r\nGET /2" + HEAD.replace("\r\n\r\n", "\r\n" + "b:\r\n".repeat(127) + "\r\n"));
        assertThat(requests).containsExactly("/1");
        gate.open();
        assertThat(requests).containsExactly("/1");
        assertThat(gate.rest()).isNull();
    }

    @Test
    void aHeadOf129LinesInOneReadDoesNotPass() {
        sends("GET /1 HTTP/1.1\r\n" + "a:\r\n".repeat(128) + "\r\n");
        assertThat(requests).isEmpty();
        assertThat(gate.rest()).isNull();
    }

    @Property
    void anySplitIntoReadsGivesTheSame(
            @ForAll @Size(max = 20) List<@IntRange(min = 1, max = 60) Integer> sizes, @ForAll boolean atOnce) {
        RequestGateTests test = new RequestGateTests();
        test.answersAtOnce = atOnce;
        String all = "GET /1" + HEAD + "\r\nGET /2 HTTP/1.1\r\nHost: x\r\nAccept: a\r\n\r\nGET /3 HTTP/1.1\r\n\r\n"
                + (atOnce ? "" : "\u0081");
        int at = 0;
        for (int i = 0; at < all.length(); i++) {
            int size = sizes.isEmpty() ? all.length() : sizes.get(i % sizes.size());
            test.sends(all.substring(at, Math.min(all.length(), at + size)));
            at += size;
        }
        if (!atOnce) {
            assertThat(test.requests).containsExactly("/1");
            test.gate.open();
            assertThat(test.requests).containsExactly("/1", "/2");
            test.gate.open();
        }
        assertThat(test.requests).containsExactly("/1", "/2", "/3");
        assertThat(test.rest()).isEqualTo(atOnce ? "" : "\u0081");
        test.close();
    }

    private void sends(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, ISO_8859_1));
    }

    private String rest() {
        ByteBuf rest = gate.rest();
        if (rest == null) {
            return "";
        }
        String text = rest.toString(ISO_8859_1);
        rest.release();
        return text;
    }
}
