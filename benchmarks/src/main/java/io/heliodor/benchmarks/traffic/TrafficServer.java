package io.heliodor.benchmarks.traffic;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Context;
import io.heliodor.channel.DeferredReply;
import io.heliodor.channel.History;
import io.heliodor.channel.InfoMessage;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Out;
import io.heliodor.channel.Reply;
import io.heliodor.channel.SlowPolicy;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Raw;
import io.heliodor.event.Reason;
import io.heliodor.limit.Limits;
import io.heliodor.presence.Owner;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A server with one definition of a channel for each kind of traffic. Each event carries its payload unchanged.
 *
 * <p>The members of {@code seen:*} that come through {@code /intercepting} intercept {@code shout}; those that come through
 * {@code /socket} do not.
 */
public final class TrafficServer {
    private static final Event<Raw> SHOUT = Event.of("shout", Raw.class);
    private static final Event<Raw> WHISPER = Event.of("whisper", Raw.class);
    private static final Event<Raw> TYPING = Event.of("typing", Raw.class);
    private static final Event<Raw> CURSOR = Event.of("cursor", Raw.class);
    private static final Event<Raw> NOTE = Event.of("note", Raw.class);
    private static final Event<Raw> PUBLISH = Event.of("publish", Raw.class);
    private static final Call<Raw, Raw, Reason> ECHO = Call.of("echo", Raw.class, Raw.class);
    private static final Call<Raw, Raw, Reason> CHANGE = Call.of("change", Raw.class, Raw.class);
    private static final Call<Raw, Raw, Reason> TELL = Call.of("tell", Raw.class, Raw.class);
    private static final Call<Raw, Raw, Reason> TELL_NEXT = Call.of("tell_next", Raw.class, Raw.class);
    private static final Topic<Raw> FEED = Topic.of("feed", Raw.class);

    /** The presences that change, so that diffs have as many whatever the number of presences. */
    private static final int CHANGING = 10;

    /** For a client of many topics. */
    private static final int MAX_CHANNELS = 1_000;

    /** The numbers of broadcasts that the topics {@code history:10} and so on keep; all others keep 100. */
    public static final List<Integer> KEPT = List.of(10, 100, 1_000, 10_000);

    record Online(long online_at) {}

    /** @param user the key under which the member is present; one without is not */
    record Enter(Optional<String> user) {}

    /** A request on its way to the channel that answers it. */
    record Request(Raw payload, DeferredReply<Raw, Reason> answer) {}

    private static final InfoMessage<Request> REQUEST = InfoMessage.of("request", Request.class);

    private final PubSub pubsub = PubSub.local();
    private final Presence<Online> presence = Presence.over(pubsub, Online.class);

    /** The presences without clients, by topic. */
    private final Map<String, List<Owner>> crowds = new ConcurrentHashMap<>();

    private final AtomicInteger changes = new AtomicInteger();

    /** The channels of {@code room:*} by the number that each has as its assigns. */
    private final Map<Integer, Context<?, Integer>> rooms = new ConcurrentHashMap<>();

    private final AtomicInteger joined = new AtomicInteger();

    /** The members of {@code feed:*} that are not subscribed yet. */
    private final AtomicInteger subscribing = new AtomicInteger();

    /** A server that is not started. */
    public TrafficServer() {}

    /** Runs the server until the process is ended. Prints its port. */
    public static void main(String[] arguments) throws Exception {
        Endpoint endpoint = new TrafficServer().start();
        System.out.println("listening on http://127.0.0.1:" + endpoint.port());
        Thread.currentThread().join();
    }

    /** Starts it on a free port. */
    public Endpoint start() {
        UserSocket.Builder<Object> socket = UserSocket.connect(connect -> Connect.ok((Object) Empty.EMPTY));
        KEPT.forEach(kept -> socket.channel("history:" + kept, kept(kept)));
        return Endpoint.builder()
                .port(0)
                .pubsub(pubsub)
                .limits(Limits.openInternet().sessions(sessions -> sessions.maxChannels(MAX_CHANNELS)))
                .socket(
                        "/socket",
                        socket.channel("room:*", room())
                                .channel("desk:*", desk())
                                .channel("noted:*", noted())
                                .channel("seen:*", plain().build())
                                .channel("feed:*", feed())
                                .channel("history:*", kept(100))
                                .channel("lounge:*", lounge())
                                .channel("present:*", present())
                                .build())
                .socket(
                        "/intercepting",
                        UserSocket.connect(connect -> Connect.ok((Object) Empty.EMPTY))
                                .channel(
                                        "seen:*",
                                        plain().intercept(SHOUT, (payload, room) -> Out.pass())
                                                .build())
                                .build())
                .build()
                .start();
    }

    private Channel.Builder<Object, Integer> plain() {
        return Channel.join(join -> Join.ok(joined.getAndIncrement()))
                .on(SHOUT, (payload, room) -> room.broadcast(SHOUT, payload));
    }

    private Channel<Object, Integer> room() {
        return plain().onJoined(room -> rooms.put(room.assigns(), room))
                .on(WHISPER, (payload, room) -> room.broadcastFrom(WHISPER, payload))
                .answer(ECHO, (payload, room) -> Reply.ok(payload))
                .answerLater(TELL, (payload, room, answer) -> room.send(REQUEST, new Request(payload, answer)))
                .answerLater(
                        TELL_NEXT, (payload, room, answer) -> next(room).send(REQUEST, new Request(payload, answer)))
                .onInfo(REQUEST, (request, room) -> {
                    request.answer().send(Reply.ok(request.payload()));
                    return NoReply.none();
                })
                .build();
    }

    private Context<?, Integer> next(Context<?, Integer> room) {
        return rooms.getOrDefault((room.assigns() + 1) % joined.get(), room);
    }

    /** Its events are worth less when they are late. */
    private Channel<Object, Integer> desk() {
        return plain().on(TYPING, (payload, desk) -> desk.broadcast(TYPING, payload))
                .on(CURSOR, (payload, desk) -> desk.broadcast(CURSOR, payload))
                .whenSlow(TYPING, SlowPolicy.drop())
                .whenSlow(CURSOR, SlowPolicy.latest(Raw::length))
                .build();
    }

    /** Each member intercepts an event that is never sent. */
    private Channel<Object, Integer> noted() {
        return plain().intercept(NOTE, (payload, room) -> Out.pass()).build();
    }

    /** Its shouts are kept as those of the playground. */
    private Channel<Object, Integer> kept(int broadcasts) {
        return plain().history(History.of(broadcasts, Duration.ofMinutes(5), SHOUT))
                .build();
    }

    /** Its shouts are kept, and its members see who is present. */
    private Channel<Object, Enter> lounge() {
        return Channel.join(Enter.class, (enter, join) -> Join.ok(enter))
                .onJoined(this::track)
                .on(SHOUT, (payload, lounge) -> lounge.broadcast(SHOUT, payload))
                .history(History.of(100, Duration.ofMinutes(5), SHOUT))
                .build();
    }

    /** As many are present as the topic's subtopic names, in addition to its members. */
    private Channel<Object, Enter> present() {
        return Channel.join(Enter.class, (enter, join) -> {
                    List<Owner> _ = crowds.computeIfAbsent(join.topic(), this::crowd);
                    return Join.ok(enter);
                })
                .onJoined(this::track)
                .answer(CHANGE, (payload, room) -> {
                    List<Owner> crowd = crowds.getOrDefault(room.topic(), List.of());
                    if (!crowd.isEmpty()) {
                        int changed = Math.floorMod(changes.getAndIncrement(), Math.min(CHANGING, crowd.size()));
                        boolean _ = presence.update(crowd.get(changed), "present-" + changed, _ -> now());
                    }
                    return Reply.ok(payload);
                })
                .build();
    }

    private void track(Context<?, Enter> member) {
        member.assigns().user().ifPresent(user -> presence.track(member, user, now()));
    }

    private List<Owner> crowd(String topic) {
        int present = Integer.parseInt(topic.substring(topic.indexOf(':') + 1));
        List<Owner> owners = new ArrayList<>(present);
        for (int i = 0; i < present; i++) {
            Owner owner = Owner.of(topic);
            presence.track(owner, "present-" + i, now());
            owners.add(owner);
        }
        return owners;
    }

    private static Online now() {
        return new Online(System.currentTimeMillis());
    }

    /** Each channel is subscribed to one topic of the pub/sub, a moment after its client got the reply to its join. */
    private Channel<Object, Integer> feed() {
        return Channel.join(join -> {
                    subscribing.incrementAndGet();
                    return Join.ok(joined.getAndIncrement());
                })
                .onJoined(feed -> {
                    feed.subscribe(FEED);
                    subscribing.decrementAndGet();
                })
                .on(PUBLISH, (payload, feed) -> {
                    // A message must miss no member whose client counts as joined.
                    while (subscribing.get() > 0) {
                        LockSupport.parkNanos(10_000);
                    }
                    pubsub.broadcast(FEED, payload);
                    return NoReply.none();
                })
                .onPublished(FEED, (payload, feed) -> feed.push(PUBLISH, payload))
                .build();
    }
}
