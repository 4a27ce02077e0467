package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Context;
import io.heliodor.channel.InfoMessage;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Out;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.pubsub.Correlation;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Topic;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;
import org.slf4j.event.Level;

/** The trace of a client's request and of messages, as handlers get it. */
class TraceTests extends LiveTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00-" + TRACE + "-00f067aa0ba902b7-01";
    private static final String OTHER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
    private static final String HEADER = "traceparent: " + PARENT + "\r\n";

    private static final Event<Empty> ASK = Event.of("ask", Empty.class);
    private static final Event<Empty> CRASH = Event.of("crash", Empty.class);
    private static final Event<Empty> NEWS = Event.of("news", Empty.class);
    private static final InfoMessage<Empty> TICK = InfoMessage.of("tick", Empty.class);
    private static final InfoMessage<Empty> FAILING = InfoMessage.of("failing", Empty.class);
    private static final Topic<Empty> FEED = Topic.of("feed", Empty.class);

    private final LinkedBlockingQueue<String> seen = new LinkedBlockingQueue<>();
    /** The contexts of the channels that joined. The hook that adds one runs after the response to the join. */
    private final LinkedBlockingQueue<Context<Object, Empty>> joined = new LinkedBlockingQueue<>();

    private final PubSub pubsub = PubSub.local();

    private void see(String where) {
        seen.add(where + " "
                + Correlation.trace()
                        .map(trace -> trace.parent() + (trace.state().isEmpty() ? "" : " " + trace.state()))
                        .orElse("none"));
    }

    private String next() throws InterruptedException {
        return seen.poll(20, TimeUnit.SECONDS);
    }

    private Context<Object, Empty> joined() throws InterruptedException {
        return Objects.requireNonNull(joined.poll(20, TimeUnit.SECONDS), "no channel has joined");
    }

    private Live serving() {
        return serving("127.0.0.1");
    }

    private Live serving(String proxy) {
        Channel<Object, Empty> channel = Channel.join(join -> {
                    see("join");
                    return Join.ok(Empty.EMPTY);
                })
                .onJoined(context -> {
                    context.subscribe(FEED);
                    joined.add(context);
                })
                .authorize((socket, subtopic) -> {
                    see("authorize");
                    return true;
                })
                .on(ASK, (nothing, context) -> {
                    see("event");
                    return NoReply.none();
                })
                .onInfo(TICK, (nothing, context) -> {
                    see("info " + MDC.get("correlationId"));
                    return NoReply.none();
                })
                .on(CRASH, (nothing, context) -> {
                    throw new IllegalStateException("asked to crash");
                })
                .onInfo(FAILING, (nothing, context) -> {
                    throw new ArithmeticException("asked to crash");
                })
                .onPublished(FEED, (nothing, context) -> {
                    see("published");
                    return NoReply.none();
                })
                .intercept(NEWS, (nothing, context) -> {
                    see("intercept");
                    return Out.pass();
                })
                .onLeave((why, context) -> see("leave"))
                .build();
        return start(builder -> builder.trustedProxies(proxy)
                .pubsub(pubsub)
                .socket(
                        "/traced",
                        UserSocket.connect(connect -> {
                                    see("connect");
                                    if (connect.param("fail").isPresent()) {
                                        throw new IllegalStateException("asked to fail");
                                    }
                                    return Connect.ok(Empty.EMPTY, "users:1");
                                })
                                .onRefresh((token, socket) -> {
                                    see("refresh");
                                    if (token.equals("fail")) {
                                        throw new UnsupportedOperationException("asked to fail");
                                    }
                                    return Connect.ok(Empty.EMPTY);
                                })
                                .channel("room:*", channel)
                                .build()));
    }

    private RawClient open(Live live, String params, String headers) {
        return connect(live)
                .send(RawClient.upgradeRequest(params)
                        .replace("/socket/", "/traced/")
                        .replace("Host:", headers + "Host:"))
                .upgraded();
    }

    private List<String> seen(int count) throws InterruptedException {
        String[] all = new String[count];
        for (int i = 0; i < count; i++) {
            all[i] = next();
        }
        return List.of(all);
    }

    @Test
    void handlersHaveTheTraceOfTheRequest() throws Exception {
        RawClient client =
                open(serving(), "", HEADER + "tracestate: a=1,b=2\r\n").joins("room:a");
        client.sends("[\"1\",null,\"room:a\",\"ask\",{}]");
        client.sends("[null,\"3\",\"phoenix\",\"refresh\",{\"token\":\"t\"}]").next();
        String given = " " + PARENT + " a=1,b=2";
        assertThat(seen(6))
                .containsExactlyInAnyOrder(
                        "connect" + given,
                        "authorize" + given,
                        "join" + given,
                        "event" + given,
                        "refresh" + given,
                        "authorize" + given);
        client.sends("[\"1\",\"2\",\"room:a\",\"phx_leave\",{}]").next();
        assertThat(next()).isEqualTo("leave" + given);
    }

    @Test
    void aPageGivesItsTraceAsAParameterWhichAProxyDoesNotReplace() throws Exception {
        Live live = serving();
        open(live, "&traceparent=" + OTHER, HEADER + "tracestate: a=1\r\n");
        assertThat(next()).isEqualTo("connect " + OTHER);
        open(live, "&traceparent=00-1", HEADER);
        assertThat(next()).isEqualTo("connect " + PARENT);
    }

    @Test
    void aTraceOfAStrangerIsNotContinued() throws Exception {
        Live live = serving("192.0.2.1");
        open(live, "&traceparent=" + OTHER, HEADER + "X-Forwarded-For: 192.0.2.1\r\n");
        assertThat(next()).isEqualTo("connect none");
        connect(live)
                .send(RawClient.upgradeRequest("&fail=1")
                        .replace("/socket/", "/traced/")
                        .replace("Host:", HEADER + "Host:"))
                .response();
        assertThat(RecordedLog.lines(Level.ERROR, "The connect handler of /traced"))
                .singleElement()
                .satisfies(line -> assertThat(line.trace()).isNull());
    }

    /** The trace ids in the log about handlers that failed. */
    private static List<String> logged(String part) {
        return RecordedLog.lines(Level.ERROR, part).stream()
                .map(RecordedLog.Line::trace)
                .toList();
    }

    @Test
    void theLineAboutAFailedHandlerHasTheTraceOfItsMessage() throws Exception {
        Live live = serving();
        RawClient client = open(live, "", HEADER).joins("room:a");
        joined();
        client.sends("[\"1\",\"2\",\"room:a\",\"crash\",{}]").next();
        assertThat(logged("the handler of 'crash'")).containsExactly(TRACE);
        client.joins("room:b");
        try (var _ = Correlation.traced(new Correlation.Trace(OTHER, ""))) {
            joined().send(FAILING, Empty.EMPTY);
        }
        assertThat(client.next().text()).contains("phx_error");
        assertThat(logged("info message 'failing'")).containsExactly(OTHER.substring(3, 35));
        client.sends("[null,\"3\",\"phoenix\",\"refresh\",{\"token\":\"fail\"}]")
                .next();
        assertThat(logged("The onRefresh handler")).containsExactly(TRACE);
        connect(live)
                .send(RawClient.upgradeRequest("&fail=1")
                        .replace("/socket/", "/traced/")
                        .replace("Host:", HEADER + "Host:"))
                .response();
        assertThat(logged("The connect handler of /traced")).containsExactly(TRACE);
    }

    @Test
    void itHasTheTraceThatAHookHadOpened() throws Exception {
        Live live = start(builder -> builder.socket(
                "/traced",
                UserSocket.open()
                        .around(invocation -> {
                            try (var _ = Correlation.traced(new Correlation.Trace(OTHER, ""))) {
                                invocation.proceed();
                            }
                        })
                        .channel(
                                "room:*",
                                Channel.join(join -> Join.ok(Empty.EMPTY))
                                        .on(CRASH, (nothing, context) -> {
                                            throw new IllegalStateException("asked to crash");
                                        })
                                        .build())
                        .build()));
        RawClient client = open(live, "", "").joins("room:hook");
        client.sends("[\"1\",\"2\",\"room:hook\",\"crash\",{}]").next();
        assertThat(logged("Channel room:hook failed")).containsExactly(OTHER.substring(3, 35));
        assertThat(MDC.get("traceId")).isNull();
    }

    @Test
    void anInvalidTraceIsNone() throws Exception {
        Live live = serving();
        for (String invalid : new String[] {
            "00-" + TRACE + "-0000000000000000-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "ff-" + TRACE + "-00f067aa0ba902b7-01",
            PARENT + "-1",
            PARENT.toUpperCase(java.util.Locale.ROOT),
            ""
        }) {
            open(live, "", "traceparent: " + invalid + "\r\n");
            assertThat(next()).isEqualTo("connect none");
        }
        open(live, "", HEADER + "tracestate: " + "a".repeat(513) + "\r\n");
        assertThat(next()).isEqualTo("connect " + PARENT);
    }

    @Test
    void messagesHaveTheTraceOfTheirSender() throws Exception {
        Live live = serving();
        open(live, "", HEADER + "X-Request-Id: r-1\r\n").joins("room:a");
        assertThat(seen(3)).containsExactly("connect " + PARENT, "authorize " + PARENT, "join " + PARENT);
        Context<Object, Empty> room = joined();
        try (var _ = Correlation.traced(new Correlation.Trace(OTHER, ""))) {
            assertThat(room.send(TICK, Empty.EMPTY)).isTrue();
            assertThat(next()).isEqualTo("info r-1 " + OTHER);
            pubsub.broadcast(FEED, Empty.EMPTY);
            assertThat(next()).isEqualTo("published " + OTHER);
            live.endpoint.channels().broadcast("room:a", NEWS);
            assertThat(next()).isEqualTo("intercept " + OTHER);
        }
        assertThat(room.send(TICK, Empty.EMPTY)).isTrue();
        assertThat(next()).as("a sender without a trace").isEqualTo("info r-1 " + PARENT);
        pubsub.close();
    }

    @Test
    void withoutATraceThereIsNone() throws Exception {
        open(serving(), "", "").joins("room:a");
        assertThat(seen(3)).containsExactly("connect none", "authorize none", "join none");
    }
}
