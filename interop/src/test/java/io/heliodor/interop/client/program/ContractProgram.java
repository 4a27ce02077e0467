package io.heliodor.interop.client.program;

import io.heliodor.client.CallResult;
import io.heliodor.client.Client;
import io.heliodor.client.ClientChannel;
import io.heliodor.client.Presences;
import io.heliodor.client.RefreshResult;
import io.heliodor.client.status.ChannelStatus;
import io.heliodor.client.status.ConnectionStatus;
import io.heliodor.client.status.Recovery;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Raw;
import io.heliodor.event.Reason;
import io.heliodor.interop.client.program.Declarations.Broadcasting;
import io.heliodor.interop.client.program.Declarations.Config;
import io.heliodor.interop.client.program.Declarations.Enabled;
import io.heliodor.interop.client.program.Declarations.Enter;
import io.heliodor.interop.client.program.Declarations.Failure;
import io.heliodor.interop.client.program.Declarations.Nap;
import io.heliodor.interop.client.program.Declarations.Node;
import io.heliodor.interop.client.program.Declarations.Note;
import io.heliodor.interop.client.program.Declarations.Notice;
import io.heliodor.interop.client.program.Declarations.Notified;
import io.heliodor.interop.client.program.Declarations.Online;
import io.heliodor.interop.client.program.Declarations.Reached;
import io.heliodor.interop.client.program.Declarations.Ready;
import io.heliodor.interop.client.program.Declarations.Realtime;
import io.heliodor.interop.client.program.Declarations.State;
import io.heliodor.interop.client.program.Declarations.Token;
import io.heliodor.interop.client.program.Declarations.Track;
import io.heliodor.interop.client.program.Declarations.Typed;
import io.heliodor.interop.client.program.Declarations.User;
import io.heliodor.interop.client.program.Declarations.Users;
import io.heliodor.interop.client.program.Declarations.Value;
import io.heliodor.type.Type;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Each topic, event, call, error and presence of the playground, as a client sees it. Prints the name of each part that holds, and ends with
 * an exception at the first that does not. Arguments: the address of the socket, a token of {@code ann}, one that has expired.
 */
public final class ContractProgram {
    private static final ChannelStatus JOINED = new ChannelStatus.Joined();

    private final URI socket;
    private final String token;
    private final String expired;

    private ContractProgram(URI socket, String token, String expired) {
        this.socket = socket;
        this.token = token;
        this.expired = expired;
    }

    /**
     * Runs it.
     *
     * @param args see above
     */
    public static void main(String[] args) throws Exception {
        System.out.println("java " + Runtime.version().feature());
        ContractProgram program = new ContractProgram(URI.create(args[0]), args[1], args[2]);
        program.part("events and calls of a room", program::room);
        program.part("crashes, stops and refusals of a room", program::endsOfARoom);
        program.part("presences", program::presences);
        program.part("the user of a connection", program::user);
        program.part("a history", program::history);
        program.part("states", program::states);
        program.part("rights by a token in the join", program::rights);
        program.part("rights by a fresh token of the connection", program::refresh);
        program.part("limits", program::limits);
        program.part("copies for each member", program::notes);
        program.part("broadcasts and presences of supabase", program::realtime);
        program.part("refused connections", program::refused);
        System.out.println("done");
    }

    private interface Part {
        void run() throws Exception;
    }

    private void part(String name, Part part) throws Exception {
        part.run();
        System.out.println("holds: " + name);
    }

    private Client client(String user) {
        return Client.to(socket).param("user_id", user).build();
    }

    private static Inbox<ChannelStatus> statuses(ClientChannel channel) {
        Inbox<ChannelStatus> statuses = new Inbox<>();
        channel.onStatus(statuses);
        return statuses;
    }

    private static <T> Inbox<T> inbox(ClientChannel channel, Event<T> event) {
        Inbox<T> inbox = new Inbox<>();
        channel.on(event, inbox);
        return inbox;
    }

    private static ClientChannel joined(ClientChannel channel) throws InterruptedException {
        Inbox<ChannelStatus> statuses = statuses(channel);
        channel.join();
        statuses.await(JOINED::equals);
        return channel;
    }

    private static void equal(Object actual, Object expected) {
        if (!actual.equals(expected)) {
            throw new AssertionError("expected " + expected + ", got " + actual);
        }
    }

    private static void refusedBecause(CallResult<?, ?> result, String reason) {
        if (!(result instanceof CallResult.Refused<?, ?> refused)
                || !refused.refusal().reason().equals(reason)) {
            throw new AssertionError("expected a refusal with " + reason + ", got " + result);
        }
    }

    private void room() throws Exception {
        try (Client ann = client("ann");
                Client bo = client("bo")) {
            ClientChannel first = ann.channel("room:java", new Enter("ann"));
            ClientChannel second = bo.channel("room:java", new Enter("bo"));
            Inbox<Raw> shouts = inbox(first, Declarations.SHOUT);
            Inbox<Raw> heard = inbox(second, Declarations.SHOUT);
            Inbox<Raw> whispered = inbox(first, Declarations.WHISPER);
            Inbox<Raw> whispers = inbox(second, Declarations.WHISPER);
            Inbox<ByteBuffer> bytes = inbox(second, Declarations.BYTES);
            Inbox<Raw> pushed = inbox(first, Declarations.PUSHED);
            joined(first);
            joined(second);

            Raw odd = Raw.of("{\"text\":\"é, \\\"ü\\\" \\\\ [🟡]\",\"list\":[1.50,true,{}]}");
            first.push(Declarations.SHOUT, odd);
            shouts.expect(odd);
            heard.expect(odd);
            first.push(Declarations.WHISPER, odd);
            whispers.expect(odd);
            equal(first.call(Declarations.ECHO, odd), new CallResult.Ok<>(odd));
            whispered.isEmpty();
            equal(
                    first.call(Declarations.FAIL, new Failure(Map.of("code", 7))),
                    new CallResult.Failed<>(new Failure(Map.of("code", 7))));
            equal(first.call(Declarations.PUSH_ME, odd), new CallResult.Ok<>(Empty.EMPTY));
            pushed.expect(odd);
            equal(first.call(Declarations.SLOW, new Nap(1)), new CallResult.Ok<>(Empty.EMPTY));
            equal(first.call(Declarations.SLOW, new Nap(5_000), Duration.ofMillis(10)), new CallResult.TimedOut<>());
            equal(first.callAsync(Declarations.SLOW, new Nap(1)).get(), new CallResult.Ok<>(Empty.EMPTY));
            equal(first.call(Declarations.TYPED, new Typed("t", 3)), new CallResult.Ok<>(new Typed("t", 3)));
            refusedBecause(first.call(Declarations.TYPED, new Typed("t", 0)), "invalid_payload");
            refusedBecause(first.call(Declarations.NOTHING, Empty.EMPTY), "unhandled_event");
            equal(
                    first.call(Declarations.BIN, ByteBuffer.wrap(new byte[] {0, -1, 10})),
                    new CallResult.Ok<>(Empty.EMPTY));
            bytes.expect(ByteBuffer.wrap(new byte[] {0, -1, 10}));
            equal(first.call(Declarations.WHO, Empty.EMPTY), new CallResult.Ok<>(new Users(List.of("ann", "bo"))));
            if (!(first.call(Declarations.NODE, Empty.EMPTY) instanceof CallResult.Ok<Node, Reason>)) {
                throw new AssertionError("no name of a node");
            }
        }
    }

    private void endsOfARoom() throws Exception {
        try (Client client = client("ann")) {
            ClientChannel channel = client.channel("room:ends");
            Inbox<ChannelStatus> statuses = statuses(channel);
            channel.join();
            statuses.await(JOINED::equals);
            channel.push(Declarations.CRASH, Empty.EMPTY);
            statuses.expect(new ChannelStatus.Joining());
            statuses.expect(JOINED);
            channel.push(Declarations.STOP, Empty.EMPTY);
            if (!(statuses.next() instanceof ChannelStatus.Closed)) {
                throw new AssertionError("a stop is no end");
            }
            equal(channel.call(Declarations.ECHO, Raw.of("{}")), new CallResult.NotSent<>());
            channel.join();
            statuses.await(JOINED::equals);
            equal(channel.call(Declarations.ECHO, Raw.of("{}")), new CallResult.Ok<>(Raw.of("{}")));

            ClientChannel unknown = client.channel("nothing:1");
            Inbox<ChannelStatus> refusals = statuses(unknown);
            unknown.join();
            refusals.await(status -> status instanceof ChannelStatus.Refused refused
                    && refused.isFinal()
                    && refused.refusal().reason().equals("unmatched topic"));
        }
    }

    private void presences() throws Exception {
        try (Client ann = client("ann")) {
            ClientChannel channel = ann.channel("room:present", new Enter("ann"));
            Presences<Online> present = channel.presences(Online.class);
            Inbox<Set<String>> users = new Inbox<>();
            present.onChange(all -> users.accept(Set.copyOf(all.keySet())));
            joined(channel);
            users.await(Set.of("ann")::equals);
            try (Client bo = client("bo")) {
                joined(bo.channel("room:present", new Enter("bo")));
                users.await(Set.of("ann", "bo")::equals);
                if (present.current().get("bo").get(0).online_at() <= 0) {
                    throw new AssertionError("a presence without its meta");
                }
            }
            users.await(Set.of("ann")::equals);
        }
    }

    private void user() throws Exception {
        try (Client ann = client("ann");
                Client bo = client("bo-" + System.nanoTime())) {
            Inbox<Notified> notified = new Inbox<>();
            ann.on(Declarations.NOTIFIED, notified);
            ClientChannel first = joined(ann.channel("room:user", new Enter("ann")));
            ClientChannel second = joined(bo.channel("room:user", new Enter("bo")));
            equal(second.call(Declarations.NOTIFY, new Notice("ann", "hello")), new CallResult.Ok<>(new Reached(1)));
            notified.expect(new Notified("hello"));
            Inbox<ChannelStatus> statuses = statuses(first);
            equal(second.call(Declarations.KICK, new User("ann")), new CallResult.Ok<>(Empty.EMPTY));
            statuses.expect(new ChannelStatus.Joining());
            statuses.expect(JOINED);
        }
    }

    private void history() throws Exception {
        try (Client ann = client("historian");
                Client bo = client("bo")) {
            ClientChannel reader = ann.channel("history:java", new Enter("ann"));
            Inbox<Note> notes = inbox(reader, Declarations.NOTE);
            Inbox<Boolean> recovered = new Inbox<>();
            reader.onRecovered(recovery -> recovered.accept(recovery.isRecovered()));
            joined(reader);
            recovered.expect(false);
            ClientChannel writer = joined(bo.channel("history:java", new Enter("bo")));
            for (int n = 0; n < 100; n++) {
                writer.push(Declarations.NOTE, new Note(n, "x"));
                if (n % 20 == 10) {
                    equal(writer.call(Declarations.KICK, new User("historian")), new CallResult.Ok<>(Empty.EMPTY));
                }
            }
            for (int n = 0; n < 100; n++) {
                notes.expect(new Note(n, "x"));
            }
            recovered.await(Boolean.TRUE::equals);
        }
    }

    private void states() throws Exception {
        try (Client ann = client("ann");
                Client bo = client("stateful")) {
            ClientChannel writer = joined(ann.channel("state:java"));
            equal(writer.call(Declarations.BUMP, Empty.EMPTY), new CallResult.Ok<>(new Value(1)));
            ClientChannel reader = bo.channel("state:java", Map.of("ms", 50));
            Inbox<Long> numbers = new Inbox<>();
            Inbox<Recovery> recoveries = new Inbox<>();
            reader.onState(State.class, state -> numbers.accept(state.v()));
            reader.on(Declarations.BUMPED, state -> numbers.accept(state.v()));
            reader.onRecovered(recoveries);
            reader.join();
            for (long v = 2; v <= 50; v++) {
                equal(writer.call(Declarations.BUMP, Empty.EMPTY), new CallResult.Ok<>(new Value(v)));
            }
            long last = numbers.next();
            while (last < 50) {
                long next = numbers.next();
                equal(next, last + 1);
                last = next;
            }
            recoveries.next();
        }
    }

    private void rights() throws Exception {
        try (Client client = client("ann")) {
            ClientChannel channel = joined(client.channel("private:java", new Token(token)));
            equal(channel.call(Declarations.ECHO, Raw.of("{\"a\":1}")), new CallResult.Ok<>(Raw.of("{\"a\":1}")));
            refusedFinally(client.channel("private:java-2", new Token(expired)), "expired");
            refusedFinally(client.channel("private:java-3", new Token("forged")), "unauthorized");
            refusedFinally(client.channel("private:java-4"), "unauthorized");
        }
    }

    private static void refusedFinally(ClientChannel channel, String reason) throws InterruptedException {
        Inbox<ChannelStatus> statuses = statuses(channel);
        channel.join();
        ChannelStatus last = statuses.await(ChannelStatus::isOver);
        if (!(last instanceof ChannelStatus.Refused refused)
                || !refused.refusal().reason().equals(reason)) {
            throw new AssertionError("expected a refusal with " + reason + ", got " + last);
        }
        channel.leave();
    }

    private void refresh() throws Exception {
        try (Client client = Client.to(socket).token(() -> token).build()) {
            ClientChannel channel = client.channel("own:ann");
            Inbox<ChannelStatus> statuses = statuses(channel);
            channel.join();
            statuses.await(status -> status instanceof ChannelStatus.Refused refused
                    && refused.refusal().reason().equals("unauthorized"));
            equal(client.refresh().get(), new RefreshResult.Accepted());
            statuses.await(JOINED::equals);
        }
    }

    private void limits() throws Exception {
        try (Client client = client("ann")) {
            ClientChannel channel = joined(client.channel("limited:java"));
            for (int n = 0; n < 10_000; n++) {
                CallResult<Raw, Reason> result = channel.call(Declarations.ECHO, Raw.of("{}"));
                if (result instanceof CallResult.Refused<Raw, Reason> refused) {
                    refusedBecause(refused, "rate_limited");
                    if (refused.refusal().retryAfter().isEmpty()) {
                        throw new AssertionError("a limit without the time after which it passes");
                    }
                    return;
                }
            }
            throw new AssertionError("10 000 calls without a limit");
        }
    }

    private void notes() throws Exception {
        try (Client ann = client("ann");
                Client bo = client("bo")) {
            ClientChannel first = ann.channel("notes:java", new Enter("ann"));
            ClientChannel second = bo.channel("notes:java", new Enter("bo"));
            Inbox<Map<String, Object>> ofAnn = inbox(first, Declarations.ADDRESSED);
            Inbox<Map<String, Object>> ofBo = inbox(second, Declarations.ADDRESSED);
            joined(first);
            joined(second);
            first.push(Declarations.ADDRESSED, Map.of("n", 1));
            ofAnn.expect(Map.of("n", 1, "for", "ann"));
            ofBo.expect(Map.of("n", 1, "for", "bo"));
        }
    }

    private void realtime() throws Exception {
        try (Client ann = client("ann");
                Client bo = client("bo")) {
            Realtime options = new Realtime(new Config(new Broadcasting(true, false), new Enabled(true)));
            ClientChannel first = ann.channel("realtime:java", options);
            ClientChannel second = bo.channel("realtime:java", options);
            Inbox<Ready> ready = new Inbox<>();
            first.onState(Ready.class, ready);
            Inbox<Raw> messages = inbox(second, Declarations.BROADCAST);
            Presences<Map<String, Object>> present = second.presences("presence", new Type<Map<String, Object>>() {});
            Inbox<Integer> number = new Inbox<>();
            present.onChange(all -> number.accept(all.size()));
            joined(first);
            joined(second);
            ready.expect(new Ready(List.of()));
            Raw message = Raw.of("{\"type\":\"broadcast\",\"event\":\"e\",\"payload\":{\"n\":1}}");
            equal(first.call(Declarations.SAY, message), new CallResult.Ok<>(Empty.EMPTY));
            messages.expect(message);
            first.push(Declarations.ACCESS_TOKEN, Empty.EMPTY);
            equal(
                    first.call(Declarations.PRESENCE, new Track("track", Map.of("at", 1))),
                    new CallResult.Ok<>(Empty.EMPTY));
            number.await(size -> size == 1);
            equal(first.call(Declarations.PRESENCE, new Track("untrack", Map.of())), new CallResult.Ok<>(Empty.EMPTY));
            number.await(size -> size == 0);
            equal(
                    first.call(Declarations.PRESENCE, new Track("turn", Map.of())),
                    new CallResult.Failed<>(new Reason("unknown_presence_event")));
        }
    }

    private void refused() throws Exception {
        try (Client client = Client.to(socket).param("token", "deny").build()) {
            Inbox<ConnectionStatus> statuses = new Inbox<>();
            client.onStatus(statuses);
            client.connect();
            statuses.await(status -> status instanceof ConnectionStatus.Refused refused && refused.status() == 403);
        }
    }
}
