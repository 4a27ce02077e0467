package io.heliodor.benchmarks.cluster;

import io.heliodor.codec.Codec;
import io.heliodor.node.Cookie;
import io.heliodor.node.Node;
import io.heliodor.process.Name;
import io.heliodor.process.Pid;
import io.heliodor.process.ProcessGroup;
import io.heliodor.process.ReplyTo;
import io.heliodor.pubsub.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A node of Heliodor, through its public interface. Messages go by the codec of bytes; a call goes as JSON. */
final class HeliodorMember implements Member {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration MEETING = Duration.ofSeconds(20);
    private static final Topic<Packet> TOPIC = Topic.of("bench", Packet.class);

    /** A message. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Packet(byte[] bytes) {}

    /** A call. */
    record Request(Packet packet, ReplyTo<Packet> answer) {}

    private final Node node;
    private final ProcessGroup<Packet> group;
    private final Pid<Packet> pid;

    /** By the number of the node. */
    private List<Pid<Packet>> pids = List.of();

    private @Nullable Pid<Request> callee;

    private HeliodorMember(Node node, NodeWorkload part, int self) {
        this.node = node;
        group = node.group(Name.of("bench", Packet.class));
        pid = node.spawn(Packet.class, inbox -> {
            while (true) {
                take(part, inbox.receive());
            }
        });
        Pid<Request> asked = node.spawn(Request.class, inbox -> {
            while (true) {
                Request request = inbox.receive();
                request.answer().reply(request.packet());
            }
        });
        group.join(pid);
        node.registry().register(packets(self), pid);
        node.registry().register(requests(self), asked);
        if (self > 0) {
            node.pubsub().subscribe(TOPIC, packet -> take(part, packet));
        }
    }

    private void take(NodeWorkload part, Packet packet) {
        try {
            part.received(this, packet.bytes(), 0, packet.bytes().length);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static Name<Packet> packets(int node) {
        return Name.of("packets/" + node, Packet.class);
    }

    private static Name<Request> requests(int node) {
        return Name.of("requests/" + node, Request.class);
    }

    private static String name(int node) {
        return "bench" + node + "@127.0.0.1";
    }

    static HeliodorMember start(NodeWorkload part, int self, int seed, @Nullable String secret) {
        Node.Builder builder = Node.builder(name(self))
                .bind("127.0.0.1", 0)
                .codec(Packet.class, Codec.bytes().map(Packet::new, Packet::bytes));
        if (seed > 0) {
            builder.seeds("127.0.0.1:" + seed);
        }
        if (secret != null) {
            builder.cookie(Cookie.of(secret));
        }
        return new HeliodorMember(builder.start(), part, self);
    }

    @Override
    public int port() {
        return node.port();
    }

    @Override
    public void meet(List<Integer> ports) throws InterruptedException, TimeoutException {
        int members = ports.size();
        List<Pid<Packet>> found = new ArrayList<>();
        for (int i = 0; i < members; i++) {
            found.add(awaited(packets(i)));
        }
        pids = List.copyOf(found);
        callee = awaited(requests(Math.min(1, members - 1)));
        long deadline = System.nanoTime() + MEETING.toNanos();
        while (group.members().size() < members) {
            if (System.nanoTime() - deadline > 0) {
                throw new TimeoutException("the group has " + group.members() + " only");
            }
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    private <M> Pid<M> awaited(Name<M> name) throws InterruptedException, TimeoutException {
        return node.registry()
                .await(name, MEETING)
                .orElseThrow(() -> new TimeoutException("no process has the name " + name.value()));
    }

    @Override
    public void send(int to, byte[] message) {
        pids.get(to).send(new Packet(message));
    }

    @Override
    public void sendToAll(Operation how, byte[] message) {
        if (how == Operation.PUBLISH) {
            node.pubsub().broadcast(TOPIC, new Packet(message));
        } else if (how == Operation.BROADCAST) {
            group.broadcastFrom(pid, new Packet(message));
        } else {
            throw new IllegalArgumentException("no way of a node to send to all: " + how);
        }
    }

    @Override
    public void ask(Operation how, byte[] message) throws TimeoutException {
        if (how == Operation.PING) {
            Optional<Duration> answer = node.ping(name(1), PATIENCE);
            if (answer.isEmpty()) {
                throw new TimeoutException("no answer to a ping");
            }
        } else if (how == Operation.CALL && callee != null) {
            callee.<Packet>call(answer -> new Request(new Packet(message), answer), PATIENCE)
                    .orThrow();
        } else {
            throw new IllegalArgumentException("no way of a node to ask: " + how);
        }
    }

    @Override
    public void close() {
        node.close();
    }
}
