package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.heliodor.channel.AroundHook;
import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Context;
import io.heliodor.channel.HandlerName;
import io.heliodor.channel.HandlerName.Kind;
import io.heliodor.channel.Invocation;
import io.heliodor.channel.Join;
import io.heliodor.channel.LeaveReason;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Out;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.channel.definition.ChannelDefinition;
import io.heliodor.channel.definition.TopicPattern;
import io.heliodor.pubsub.Topic;
import io.heliodor.session.channel.AroundHooks;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Hooks around the handlers of a socket's channels. */
class AroundTests {
    private static final Topic<Chat.Amount> FEED = Topic.of("feed", Chat.Amount.class);

    @AutoClose
    private final TestServer server = new TestServer();

    private final Queue<String> log = new ConcurrentLinkedQueue<>();
    private final Queue<LeaveReason> left = new ConcurrentLinkedQueue<>();
    private final AtomicReference<Context<?, String>> context = new AtomicReference<>();
    private Client client;

    private Channel<Object, String> room() {
        return Channel.join(join -> join.payload(Chat.Text.class).text().equals("out")
                        ? Join.<String>refuse("no")
                        : Join.ok(join.topic()))
                .onJoined(room -> {
                    context.set(room);
                    room.subscribe(FEED);
                })
                .onJoined(room -> log.add("joined"))
                .on(Chat.SAY, (text, room) -> {
                    log.add("said " + text.text());
                    if (text.text().equals("crash")) {
                        throw new IllegalStateException("crash");
                    }
                    room.update(own -> own + "!");
                    return room.broadcast(Chat.SHOUT, text);
                })
                .answer(Chat.ADD, (input, room) -> Reply.ok(input))
                .answerLater(Chat.ASK, (input, room, answer) -> answer.send(Reply.ok(input)))
                .onInfo(Chat.WORD, (word, room) -> room.push(Chat.SAY, new Chat.Text(word)))
                .onPublished(FEED, (number, room) -> NoReply.none())
                .intercept(Chat.SHOUT, (text, room) -> Out.pass())
                .onLeave((why, room) -> left.add(why))
                .build();
    }

    @SafeVarargs
    private void serve(AroundHook<Object>... hooks) {
        UserSocket.Builder<Object> socket = UserSocket.connect(connect -> Connect.ok("ada"));
        for (AroundHook<Object> hook : hooks) {
            socket.around(hook);
        }
        client = server.connectTo(socket.channel("room:*", room()).build());
    }

    private void join() {
        client.sends("['3','3','room:42','phx_join',{'text':'in'}]", "['3','4','room:42','add',{'number':4}]");
        client.receives(
                "['3','3','room:42','phx_reply',{'status':'ok','response':{}}]",
                "['3','4','room:42','phx_reply',{'status':'ok','response':{'number':4}}]");
    }

    private AroundHook<Object> logging(String name) {
        return invocation -> {
            log.add(name + " before " + invocation.handler().kind());
            try {
                invocation.proceed();
            } finally {
                log.add(name + " after " + invocation.handler().kind());
            }
        };
    }

    @Test
    void theCheckOfARightRunsWithinTheHookAround() {
        Queue<String> invoked = new ConcurrentLinkedQueue<>();
        Channel<Object, Integer> room = Channel.of(Object.class)
                .join(join -> Join.ok(0))
                .authorize((socket, name) -> invoked.add("checked " + name))
                .build();
        client = server.connectTo(UserSocket.connect(connect -> Connect.<Object>ok("ada"))
                .around(invocation -> {
                    invoked.add(invocation.handler().kind() + " "
                            + invocation.handler().name() + " " + invocation.topic());
                    invocation.proceed();
                })
                .channel("room:*", room)
                .build());
        client.joins("3", "room:42");
        assertThat(invoked).containsExactly("JOIN authorize room:42", "checked 42", "JOIN join room:42");
    }

    @Test
    void everyHandlerAndHookRunsWithinTheHookAround() {
        Queue<HandlerName> invoked = new ConcurrentLinkedQueue<>();
        serve(invocation -> {
            invoked.add(invocation.handler());
            invocation.proceed();
        });
        join();
        client.sends("['3','5','room:42','ask',{'text':'a'}]");
        client.receives("['3','5','room:42','phx_reply',{'status':'ok','response':{'text':'a'}}]");
        client.sends("['3','6','room:42','say',{'text':'b'}]");
        client.receives("[null,null,'room:42','shout',{'text':'b'}]");
        context.get().send(Chat.WORD, "c");
        client.receives("['3',null,'room:42','say',{'text':'c'}]");
        server.pubsub.broadcast(FEED, new Chat.Amount(1));
        client.sends("['3','7','room:42','phx_leave',{}]");
        client.receives(
                "['3','7','room:42','phx_reply',{'status':'ok','response':{}}]", "['3','3','room:42','phx_close',{}]");
        assertThat(invoked)
                .containsExactly(
                        new HandlerName("room:*", Kind.JOIN, "join"),
                        new HandlerName("room:*", Kind.JOINED, "joined"),
                        new HandlerName("room:*", Kind.JOINED, "joined"),
                        new HandlerName("room:*", Kind.CALL, "add"),
                        new HandlerName("room:*", Kind.CALL, "ask"),
                        new HandlerName("room:*", Kind.EVENT, "say"),
                        new HandlerName("room:*", Kind.INTERCEPT, "shout"),
                        new HandlerName("room:*", Kind.MESSAGE, "word"),
                        new HandlerName("room:*", Kind.MESSAGE, "feed"),
                        new HandlerName("room:*", Kind.LEAVE, "leave"));
    }

    @Test
    void anInvocationHasTheTopicTheSocketAndTheCorrelationOfItsConnection() {
        Queue<String> seen = new ConcurrentLinkedQueue<>();
        UserSocket<Object> socket = UserSocket.connect(connect -> Connect.<Object>ok("ada"))
                .around(invocation -> {
                    seen.add(invocation.topic() + " " + invocation.socket().assigns() + " "
                            + invocation.socket().id().isEmpty() + " " + invocation.correlation());
                    invocation.proceed();
                })
                .channel("room:*", room())
                .build();
        client = server.connectTo(socket);
        join();
        String correlation = client.session().correlationId();
        assertThat(seen).hasSize(4).containsOnly("room:42 " + client.session().assigns() + " true " + correlation);
    }

    @Test
    void hooksNestInTheOrderOfTheirDeclaration() {
        serve(logging("outer"), logging("inner"));
        join();
        log.clear();
        client.sends("['3','8','room:42','say',{'text':'hi'}]");
        client.receives("[null,null,'room:42','shout',{'text':'hi'}]");
        server.await(() -> log.size() == 9, log::toString);
        assertThat(log)
                .containsExactly(
                        "outer before EVENT",
                        "inner before EVENT",
                        "said hi",
                        "inner after EVENT",
                        "outer after EVENT",
                        "outer before INTERCEPT",
                        "inner before INTERCEPT",
                        "inner after INTERCEPT",
                        "outer after INTERCEPT");
    }

    @Test
    void aPayloadThatDoesNotFitReachesNoHook() {
        serve(logging("hook"));
        join();
        log.clear();
        client.sends("['3','8','room:42','say',{'text':7}]");
        assertThat(client.next()).contains("invalid_payload");
        assertThat(log).isEmpty();
    }

    @Test
    void anExceptionOfTheHookIsOneOfTheHandler() {
        serve(invocation -> {
            if (invocation.handler().name().equals("say")) {
                throw new SecurityException("not you");
            }
            invocation.proceed();
        });
        join();
        client.sends("['3','8','room:42','say',{'text':'hi'}]");
        client.receives("['3','3','room:42','phx_error',{'reason':'channel_crash'}]");
        assertThat(log).doesNotContain("said hi");
        assertThat(left)
                .singleElement()
                .satisfies(why -> assertThat(((LeaveReason.Failed) why).cause()).hasMessage("not you"));
    }

    @Test
    void anExceptionOfTheHookAtAJoinRefusesTheClient() {
        serve(invocation -> {
            throw new SecurityException("not you");
        });
        client.sends("['3','3','room:42','phx_join',{'text':'in'}]");
        client.receives("['3','3','room:42','phx_reply',{'status':'error','response':{'reason':'join crashed'}}]");
    }

    @Test
    void aRefusedJoinPassesTheHook() {
        serve(logging("hook"));
        client.sends("['3','3','room:42','phx_join',{'text':'out'}]");
        client.receives("['3','3','room:42','phx_reply',{'status':'error','response':{'reason':'no'}}]");
        assertThat(log).containsExactly("hook before JOIN", "hook after JOIN");
    }

    @Test
    void anExceptionThatAHookCatchesEndsTheChannelAllTheSame() {
        Queue<String> outer = new ConcurrentLinkedQueue<>();
        serve(
                invocation -> {
                    try {
                        invocation.proceed();
                    } catch (IllegalStateException e) {
                        outer.add(e.getMessage());
                        throw e;
                    }
                },
                invocation -> {
                    try {
                        invocation.proceed();
                    } catch (IllegalStateException ignored) {
                        // Like a hook that logs and swallows the exception.
                    }
                });
        join();
        client.sends("['3','8','room:42','say',{'text':'crash'}]");
        client.receives("['3','3','room:42','phx_error',{'reason':'channel_crash'}]");
        assertThat(outer).containsExactly("crash");
    }

    @Test
    void aHookThatDoesNotProceedFailsItsHandler() {
        serve(invocation -> {
            if (!invocation.handler().name().equals("say")) {
                invocation.proceed();
            }
        });
        join();
        client.sends("['3','8','room:42','say',{'text':'hi'}]");
        client.receives("['3','3','room:42','phx_error',{'reason':'channel_crash'}]");
        assertThat(left)
                .singleElement()
                .satisfies(why -> assertThat(((LeaveReason.Failed) why).cause())
                        .hasMessage(
                                "Hook 1 around HandlerName[channel=room:*, kind=EVENT, name=say] on 'room:42' returned"
                                        + " without Invocation.proceed(); call it once, or throw an exception."));
    }

    @Test
    void aHookProceedsOnceAndOnItsOwnThread() throws InterruptedException {
        var kept = new AtomicReference<Invocation<Object>>();
        var second = new AtomicReference<Throwable>();
        serve(invocation -> {
            kept.set(invocation);
            invocation.proceed();
            try {
                invocation.proceed();
            } catch (IllegalStateException e) {
                second.set(e);
            }
        });
        client.sends("['3','3','room:42','phx_join',{'text':'out'}]");
        client.receives("['3','3','room:42','phx_reply',{'status':'error','response':{'reason':'no'}}]");
        assertThat(second.get())
                .hasMessage("Invocation.proceed was called twice for HandlerName[channel=room:*, kind=JOIN, name=join]"
                        + " on 'room:42'; a handler is called once.");
        assertThatIllegalStateException()
                .isThrownBy(() -> kept.get().proceed())
                .withMessageContaining("call it on the thread that called the hook");
    }

    @Test
    void withoutHooksTheDefinitionIsServedAsItIs() {
        ChannelDefinition<Object, String> room = ChannelDefinition.of(room());
        assertThat(AroundHooks.add(List.of(), TopicPattern.parse("room:*"), room))
                .isSameAs(room);
    }

    @Test
    void hooksLeaveThePushTopicsOfADefinition() {
        ChannelDefinition<Object, String> room = ChannelDefinition.of(
                Channel.join(join -> Join.ok(join.topic())).pushTopics("doc:*").build());
        assertThat(AroundHooks.add(List.of(logging("hook")), TopicPattern.parse("room:*"), room)
                        .pushTopics())
                .containsExactly(TopicPattern.parse("doc:*"));
    }
}
