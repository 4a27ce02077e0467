package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Out;
import io.heliodor.channel.Reply;
import io.heliodor.pubsub.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Handlers that block or fail to end, and the channels that wait for them. */
class BlockedHandlerTests {
    private static final Topic<Chat.Amount> FEED = Topic.of("feed", Chat.Amount.class);

    @AutoClose
    private final TestServer server = new TestServer();

    /** The threads on which handlers ran. */
    private final List<Thread> threads = new CopyOnWriteArrayList<>();

    private Gate gate;

    @BeforeEach
    void serve() {
        gate = server.gate();
        server.serve(
                "room:*",
                Channel.join(join -> {
                            if (join.subtopic().startsWith("slow")) {
                                gate.pass();
                            }
                            threads.add(Thread.currentThread());
                            return Join.ok(join.topic());
                        })
                        .on(Chat.SAY, (text, room) -> {
                            room.push(Chat.SAY, new Chat.Text("before"));
                            room.broadcast(Chat.SAY, new Chat.Text("before"));
                            gate.pass();
                            return room.push(Chat.SAY, new Chat.Text("behind"));
                        })
                        .answer(Chat.PING, (nothing, room) -> Reply.ok())
                        .build());
    }

    private static String pong(String joinRef, String ref, String topic) {
        return "['%s','%s','%s','phx_reply',{'status':'ok','response':{}}]".formatted(joinRef, ref, topic);
    }

    /** Waits until no channel runs: a turn of the loop begins the next work. */
    private void allIdle() {
        server.await(() -> threads.stream().noneMatch(Thread::isAlive), threads::toString);
        server.settle();
        threads.clear();
    }

    @Test
    void theHandlersOfOneChannelNeverRunAtTheSameTime() throws Exception {
        var inside = new AtomicInteger();
        var most = new AtomicInteger();
        var handled = new AtomicInteger();
        Runnable work = () -> {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            LockSupport.parkNanos(1_000);
            inside.decrementAndGet();
            handled.incrementAndGet();
        };
        var context = new AtomicReference<Context<?, String>>();
        server.serve(
                "busy:*",
                Channel.join(join -> Join.ok("a"))
                        .onJoined(room -> {
                            room.subscribe(FEED);
                            context.set(room);
                        })
                        .on(Chat.GO, (nothing, room) -> {
                            work.run();
                            return NoReply.none();
                        })
                        .intercept(Chat.SHOUT, (text, room) -> {
                            work.run();
                            return Out.drop();
                        })
                        .onInfo(Chat.WORD, (word, room) -> {
                            work.run();
                            return NoReply.none();
                        })
                        .onPublished(FEED, (number, room) -> {
                            work.run();
                            return NoReply.none();
                        })
                        .build());
        Client client = server.connect();
        client.joins("3", "busy:1");
        server.await(() -> context.get() != null, () -> "a joined channel");
        int each = 200;
        try (ExecutorService others = Executors.newCachedThreadPool()) {
            List<Future<?>> writers = new ArrayList<>();
            writers.add(others.submit(() -> {
                for (int i = 0; i < each; i++) {
                    assertThat(context.get().send(Chat.WORD, "x")).isTrue();
                }
            }));
            writers.add(others.submit(() -> {
                for (int i = 0; i < each; i++) {
                    server.pubsub.broadcast(FEED, new Chat.Amount(i));
                }
            }));
            writers.add(others.submit(() -> {
                for (int i = 0; i < each; i++) {
                    server.hub.channels().broadcast("busy:1", Chat.SHOUT, new Chat.Text("x"));
                }
            }));
            for (int i = 0; i < each; i++) {
                client.sends("['3',null,'busy:1','go',{}]");
                server.loop().turn();
            }
            for (Future<?> writer : writers) {
                server.await(writer::isDone, () -> "a writer");
                writer.get();
            }
        }
        server.await(() -> handled.get() == 4 * each, () -> handled + " handled");
        assertThat(most).hasValue(1);
    }

    @Test
    void aBlockedHandlerLetsItsEarlierWritesOut() {
        Client client = server.connect();
        client.joins("3", "room:1");
        client.sends("['3','8','room:1','say',{'text':'x'}]");
        client.receives("['3',null,'room:1','say',{'text':'before'}]", "[null,null,'room:1','say',{'text':'before'}]");
        gate.open();
        client.receives("['3',null,'room:1','say',{'text':'behind'}]");
    }

    @Test
    void aBlockedHandlerLetsItsEarlierWritesOutThoughOthersBecameReadyInTheSameTurn() {
        Client client = server.connect();
        client.joins("1", "room:1");
        client.joins("2", "room:2");
        client.sends("['1','8','room:1','say',{'text':'x'}]", "['2','9','room:2','say',{'text':'x'}]");
        client.receivesInAnyOrder(
                "['1',null,'room:1','say',{'text':'before'}]",
                "[null,null,'room:1','say',{'text':'before'}]",
                "['2',null,'room:2','say',{'text':'before'}]",
                "[null,null,'room:2','say',{'text':'before'}]");
        gate.open();
        client.receivesInAnyOrder(
                "['1',null,'room:1','say',{'text':'behind'}]", "['2',null,'room:2','say',{'text':'behind'}]");
    }

    /** Checks of the watch, by hand: a handler writes between the first and the second, and again after the last. */
    @Test
    void messagesThatAHandlerWritesShortlyBeforeItIsFoundToBlockAreSent() {
        var gates = List.of(server.gate(), server.gate(), server.gate());
        server.serve(
                "step:*",
                Channel.join(join -> Join.ok(threads.add(Thread.currentThread())))
                        .on(Chat.GO, (nothing, room) -> {
                            for (int i = 0; i < gates.size(); i++) {
                                gates.get(i).pass();
                                room.push(Chat.COUNT, new Chat.Amount(i));
                            }
                            return NoReply.none();
                        })
                        .build());
        Client client = server.connect();
        client.joins("1", "step:1");
        client.joins("2", "room:2");
        allIdle();
        server.loop().timers();
        client.sends("['1',null,'step:1','go',{}]", "['2',null,'room:2','unhandled',{}]");
        server.loop().turn();
        Awaitility.await().atMost(TestServer.DEADLINE).until(gates.get(0)::reached);
        server.loop().timers();
        server.loop().turn();

        gates.get(0).open();
        Awaitility.await().atMost(TestServer.DEADLINE).until(gates.get(1)::reached);
        assertThat(server.loop().idle())
                .as("idle while a batch keeps its writes")
                .isTrue();
        server.loop().timers();
        client.receives("['1',null,'step:1','count',{'number':0}]");

        gates.get(1).open();
        client.receives("['1',null,'step:1','count',{'number':1}]");
        gates.get(2).open();
        client.receives("['1',null,'step:1','count',{'number':2}]");
    }

    @Test
    void aHandlerThatRunsAloneWakesTheLoopWithEachWrite() {
        Client client = server.connect();
        client.joins("1", "room:1");
        allIdle();
        client.sends("['1','8','room:1','say',{'text':'x'}]");
        server.loop().turn();
        Awaitility.await().atMost(TestServer.DEADLINE).until(gate::reached);
        assertThat(server.loop().idle())
                .as("idle though a handler wrote and blocks")
                .isFalse();
        client.receives("['1',null,'room:1','say',{'text':'before'}]", "[null,null,'room:1','say',{'text':'before'}]");
        gate.open();
        client.receives("['1',null,'room:1','say',{'text':'behind'}]");
    }

    @Test
    void aBlockedHandlerDelaysNoOtherChannelOfItsSocket() {
        Client client = server.connect();
        client.joins("1", "room:1");
        client.joins("2", "room:2");
        client.sends("['1','8','room:1','say',{'text':'x'}]", "['2','9','room:2','ping',{}]");
        client.receivesInAnyOrder(
                "['1',null,'room:1','say',{'text':'before'}]",
                "[null,null,'room:1','say',{'text':'before'}]",
                pong("2", "9", "room:2"));
        client.sends("['2','10','room:2','ping',{}]");
        client.receives(pong("2", "10", "room:2"));
        gate.open();
        client.receives("['1',null,'room:1','say',{'text':'behind'}]");
    }

    @Test
    void aBlockedHandlerDelaysNoHeartbeat() {
        Client client = server.connect();
        client.joins("1", "room:1");
        client.sends("['1','8','room:1','say',{'text':'x'}]");
        client.receives("['1',null,'room:1','say',{'text':'before'}]", "[null,null,'room:1','say',{'text':'before'}]");
        client.sends("[null,'9','phoenix','heartbeat',{}]");
        client.receives("[null,'9','phoenix','phx_reply',{'status':'ok','response':{}}]");
        gate.open();
        client.receives("['1',null,'room:1','say',{'text':'behind'}]");
    }

    @Test
    void aBlockedHandlerDelaysNoOtherSocket() {
        Client client = server.connect();
        Client other = server.connect();
        client.joins("1", "room:1");
        other.joins("1", "room:2");
        client.sends("['1','8','room:1','say',{'text':'x'}]");
        other.sends("['1','9','room:2','ping',{}]");
        other.receives(pong("1", "9", "room:2"));
        client.isCareless();
    }

    @Test
    void aBlockedJoinDelaysNoOtherJoin() {
        Client client = server.connect();
        client.sends(
                "['1','1','room:slow','phx_join',{}]",
                "['2','2','room:2','phx_join',{}]",
                "['2','9','room:2','ping',{}]",
                "['3','3','room:slower','phx_join',{}]",
                "['4','4','room:4','phx_join',{}]");
        client.receivesInAnyOrder(pong("2", "2", "room:2"), pong("2", "9", "room:2"), pong("4", "4", "room:4"));
        gate.open();
        client.receivesInAnyOrder(pong("1", "1", "room:slow"), pong("3", "3", "room:slower"));
    }

    @Test
    void manyBlockedChannelsOfOneTurnDelayNoOtherChannel() {
        Client client = server.connect();
        List<String> frames = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            client.joins("" + i, "room:" + i);
            frames.add("['%d','8','room:%d','%s',{'text':'x'}]".formatted(i, i, i % 2 == 0 ? "say" : "ping"));
        }
        client.isCareless();
        client.sends(frames.toArray(new String[0]));
        server.await(
                () -> client.received().stream()
                                .filter(message -> message.contains("phx_reply"))
                                .count()
                        == 25,
                client::toString);
        gate.open();
    }

    @Test
    void aHandlerThatNeverYieldsItsProcessorDelaysNoOtherChannelForEver() {
        var stop = new CountDownLatch(1);
        server.serve(
                "burn:*",
                Channel.join(join -> Join.ok("a"))
                        .on(Chat.GO, (nothing, room) -> {
                            while (stop.getCount() > 0) {
                                Thread.onSpinWait();
                            }
                            return NoReply.none();
                        })
                        .build());
        Client client = server.connect();
        client.joins("1", "burn:1");
        client.joins("2", "room:2");
        client.sends("['1','8','burn:1','go',{}]", "['2','9','room:2','ping',{}]");
        if (Runtime.getRuntime().availableProcessors() > 1) {
            client.receives(pong("2", "9", "room:2"));
            stop.countDown();
        } else {
            stop.countDown();
            client.receives(pong("2", "9", "room:2"));
        }
    }

    @Test
    void channelsOfOneTurnShareAThread() {
        server.serve(
                "thread:*",
                Channel.join(join -> Join.ok(threads.add(Thread.currentThread())))
                        .on(Chat.GO, (nothing, room) -> {
                            threads.add(Thread.currentThread());
                            return NoReply.none();
                        })
                        .build());
        Client client = server.connect();
        for (int i = 0; i < 3; i++) {
            client.joins("" + i, "thread:" + i);
        }
        allIdle();
        client.sends("['0',null,'thread:0','go',{}]", "['1',null,'thread:1','go',{}]", "['2',null,'thread:2','go',{}]");
        server.loop().turn();
        Awaitility.await().atMost(TestServer.DEADLINE).until(() -> threads.size() == 3);
        assertThat(threads).allMatch(Thread::isVirtual).containsOnly(threads.getFirst());
    }

    @Test
    void anInterruptThatAHandlerLeavesBehindReachesNoOtherChannel() {
        var interrupted = new AtomicReference<Boolean>();
        server.serve(
                "interrupt:*",
                Channel.join(join -> Join.ok(threads.add(Thread.currentThread())))
                        .on(Chat.GO, (nothing, room) -> {
                            Thread.currentThread().interrupt();
                            return NoReply.none();
                        })
                        .answer(Chat.PING, (nothing, room) -> {
                            interrupted.set(Thread.currentThread().isInterrupted());
                            return Reply.ok();
                        })
                        .build());
        Client client = server.connect();
        client.joins("1", "interrupt:1");
        client.joins("2", "interrupt:2");
        allIdle();
        client.sends("['1',null,'interrupt:1','go',{}]", "['2','9','interrupt:2','ping',{}]");
        client.receives(pong("2", "9", "interrupt:2"));
        assertThat(interrupted).hasValue(false);
    }

    /** An interrupted handler does not wait for a lane that is full. */
    @Test
    void anInterruptThatAHandlerLeavesBehindReachesNoLaterMessageOfItsChannel() {
        var interrupted = new AtomicReference<Boolean>();
        server.serve(
                "interrupt:*",
                Channel.join(join -> Join.ok(threads.add(Thread.currentThread())))
                        .on(Chat.GO, (nothing, room) -> {
                            Thread.currentThread().interrupt();
                            return NoReply.none();
                        })
                        .answer(Chat.PING, (nothing, room) -> {
                            interrupted.set(Thread.currentThread().isInterrupted());
                            return Reply.ok();
                        })
                        .build());
        Client client = server.connect();
        client.joins("1", "interrupt:1");
        allIdle();
        client.sends("['1',null,'interrupt:1','go',{}]", "['1','9','interrupt:1','ping',{}]");
        client.receives(pong("1", "9", "interrupt:1"));
        assertThat(interrupted).hasValue(false);
    }

    /**
     * A channel with many messages hands itself to another thread, and its former thread goes on with the next channel
     * of the batch. All carriers are kept busy, so that the other thread does not begin before the channel is replaced.
     */
    @Test
    void aJoinThatReplacesAChannelInterruptsNoOtherChannelOnTheFormerThreadOfItsHandler() {
        var busy = new CountDownLatch(1);
        var next = new Gate();
        var interrupted = new AtomicReference<Boolean>();
        server.serve(
                "long:*",
                Channel.join(join -> Join.ok(threads.add(Thread.currentThread())))
                        .on(Chat.GO, (nothing, room) -> NoReply.none())
                        .build());
        server.serve(
                "next:*",
                Channel.join(join -> Join.ok(threads.add(Thread.currentThread())))
                        .answer(Chat.PING, (nothing, room) -> {
                            next.open();
                            while (busy.getCount() > 0) {
                                Thread.onSpinWait();
                            }
                            interrupted.set(Thread.currentThread().isInterrupted());
                            return Reply.ok();
                        })
                        .build());
        Client client = server.connect();
        client.joins("1", "long:1");
        client.joins("2", "next:2");
        allIdle();
        for (int i = 1; i < Runtime.getRuntime().availableProcessors(); i++) {
            Thread.startVirtualThread(() -> {
                while (busy.getCount() > 0) {
                    Thread.onSpinWait();
                }
            });
        }
        List<String> frames = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            frames.add("['1',null,'long:1','go',{}]");
        }
        frames.add("['2','9','next:2','ping',{}]");
        client.sends(frames.toArray(new String[0]));
        server.loop().turn();
        Awaitility.await().atMost(TestServer.DEADLINE).until(next::isOpen);
        client.sends("['3','3','long:1','phx_join',{}]");
        busy.countDown();
        client.receivesInAnyOrder(
                "['1','1','long:1','phx_close',{}]", pong("3", "3", "long:1"), pong("2", "9", "next:2"));
        assertThat(interrupted).hasValue(false);
    }
}
