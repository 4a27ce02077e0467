package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Context;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Out;
import io.heliodor.channel.Outcome;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Raw;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Topic;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.event.Level;

/** A part that fails ends no other part: each row of docs/supervision.md. */
class SupervisionTests extends LiveTest {
    private static final Event<Raw> FAIL = Event.of("fail", Raw.class);
    private static final Event<Raw> OUT = Event.of("out", Raw.class);
    private static final Event<Raw> WELL = Event.of("well", Raw.class);
    private static final Topic<String> NEWS = Topic.of("news", String.class);

    /** The ways in which user code fails. */
    enum Way {
        EXCEPTION {
            @Override
            void fail() {
                throw new IllegalStateException("on purpose");
            }
        },
        CHECKED {
            @Override
            void fail() throws Exception {
                throw new Exception("on purpose");
            }
        },
        STACK_OVERFLOW {
            @Override
            void fail() {
                deeper(1);
            }

            private static int deeper(int depth) {
                return depth == 0 ? 0 : deeper(depth + 1) + 1;
            }
        },
        OUT_OF_MEMORY {
            @Override
            void fail() {
                throw new OutOfMemoryError("on purpose");
            }
        },
        MISSING_CLASS {
            @Override
            void fail() {
                throw new NoClassDefFoundError("on purpose");
            }
        };

        abstract void fail() throws Exception;
    }

    private static Channel.Builder<Object, String> room() {
        return Channel.join(join -> Join.ok(join.topic())).on(WELL, SupervisionTests::well);
    }

    private static Outcome<Void, ?> well(Raw payload, Context<?, String> room) {
        return room.broadcast(WELL, payload);
    }

    private Live serving(Channel<Object, String> failing) {
        return start(builder -> builder.socket(
                "/failing",
                UserSocket.open()
                        .channel("failing:*", failing)
                        .channel("room:*", room().build())
                        .build()));
    }

    /** A client in a room of a channel that works, on the socket of the one that fails. */
    private RawClient client(Live live) {
        return connect(live)
                .send(RawClient.upgradeRequest("").replace("/socket/", "/failing/"))
                .upgraded()
                .joins("room:a");
    }

    private static void isStillServed(RawClient client) {
        client.sends("[\"1\",null,\"room:a\",\"well\",{\"n\":1}]")
                .receives("[null,null,\"room:a\",\"well\",{\"n\":1}]");
    }

    private static final String PHX_ERROR = "[\"1\",\"1\",\"failing:a\",\"phx_error\",{\"reason\":\"channel_crash\"}]";

    @ParameterizedTest
    @EnumSource
    void aHandlerThatFailsEndsItsChannelAlone(Way way) {
        Live live = serving(room().on(FAIL, (payload, room) -> {
                    way.fail();
                    return NoReply.none();
                })
                .build());
        withHealthyClient(live);
        RawClient client = client(live).joins("failing:a");
        client.sends("[\"1\",\"2\",\"failing:a\",\"fail\",{}]").receives(PHX_ERROR);
        isStillServed(client);
        client.joins("failing:a");
    }

    @ParameterizedTest
    @EnumSource
    void aJoinThatFailsIsRefused(Way way) {
        Live live = serving(Channel.<String>join(join -> {
                    way.fail();
                    return Join.ok("");
                })
                .build());
        withHealthyClient(live);
        RawClient client = client(live);
        client.sends("[\"1\",\"1\",\"failing:a\",\"phx_join\",{}]")
                .receives(RawClient.refused("1", "failing:a", "join crashed"));
        isStillServed(client);
    }

    @ParameterizedTest
    @EnumSource
    void aLeaveHookThatFailsIsLogged(Way way) {
        Live live = serving(room().onLeave((why, room) -> way.fail()).build());
        withHealthyClient(live);
        RawClient client = client(live).joins("failing:a");
        client.sends("[\"1\",\"2\",\"failing:a\",\"phx_leave\",{}]")
                .receives(
                        "[\"1\",\"2\",\"failing:a\",\"phx_reply\",{\"status\":\"ok\",\"response\":{}}]",
                        "[\"1\",\"1\",\"failing:a\",\"phx_close\",{}]");
        isStillServed(client);
        assertThat(RecordedLog.lines(Level.ERROR, "failing:a")).isNotEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void anInterceptThatFailsEndsTheChannelOfItsMemberAlone(Way way) {
        Live live = serving(room().on(OUT, (payload, room) -> room.broadcast(OUT, payload))
                .intercept(OUT, (payload, room) -> {
                    way.fail();
                    return Out.pass();
                })
                .build());
        withHealthyClient(live);
        RawClient client = client(live).joins("failing:a");
        client.sends("[\"1\",null,\"failing:a\",\"out\",{}]").receives(PHX_ERROR);
        isStillServed(client);
    }

    @ParameterizedTest
    @EnumSource
    void aConnectHandlerThatFailsRefusesThatClient(Way way) {
        Live live = start(builder -> builder.socket(
                "/failing",
                UserSocket.<Object>connect(connect -> {
                            way.fail();
                            return Connect.ok(Empty.EMPTY);
                        })
                        .channel("room:*", room().build())
                        .build()));
        withHealthyClient(live);
        RawClient client = connect(live).send(RawClient.upgradeRequest("").replace("/socket/", "/failing/"));
        assertThat(client.response().status()).isEqualTo(500);
    }

    @ParameterizedTest
    @EnumSource
    void aSubscriberThatFailsGetsTheNextMessage(Way way) {
        Live live = start();
        withHealthyClient(live);
        List<String> got = new CopyOnWriteArrayList<>();
        closing(live.endpoint.pubsub().subscribe(NEWS, news -> {
            got.add(news);
            if (news.equals("bad")) {
                way.fail();
            }
        }));
        live.endpoint.pubsub().broadcast(NEWS, "bad");
        live.endpoint.pubsub().broadcast(NEWS, "good");
        Live.eventually().untilAsserted(() -> assertThat(got).containsExactly("bad", "good"));
    }

    record Here(int since) {}

    @ParameterizedTest
    @EnumSource
    void aMetaFetcherThatFailsLeavesPresenceAsItIs(Way way) {
        PubSub pubsub = closing(PubSub.local());
        Presence<Here> presence = closing(Presence.over(pubsub, Here.class, (topic, entries) -> {
            way.fail();
            return entries;
        }));
        Live live = start(builder -> builder.pubsub(pubsub)
                .socket(
                        "/failing",
                        UserSocket.open()
                                .channel(
                                        "room:*",
                                        room().onJoined(room -> presence.track(room, "ann", new Here(1)))
                                                .build())
                                .build()));
        withHealthyClient(live);
        RawClient client = client(live);
        Live.eventually()
                .untilAsserted(() -> assertThat(presence.list("room:a")).containsKey("ann"));
        client.close();
        Live.eventually()
                .untilAsserted(() -> assertThat(presence.list("room:a")).isEmpty());
    }

    @Test
    void anEndpointEndsWithoutItsPubSubAndAnotherTakesItsPlace() {
        PubSub pubsub = closing(PubSub.local());
        Live other = start(builder -> builder.pubsub(pubsub));
        withHealthyClient(other);
        Live first = start(builder -> builder.pubsub(pubsub));
        RawClient.open(first.endpoint).joins("room:a");
        int port = first.endpoint.port();
        first.endpoint.close();
        Live second = start(builder -> builder.pubsub(pubsub).port(port));
        RawClient client = open(second).joins("room:a");
        other.broadcasts("room:a", "hello");
        client.receives(Live.told("room:a", "hello"));
    }
}
