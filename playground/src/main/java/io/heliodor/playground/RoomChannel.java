package io.heliodor.playground;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.DeferredReply;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.Outcome;
import io.heliodor.channel.Reply;
import io.heliodor.channel.Stop;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.InvalidPayload;
import io.heliodor.event.Raw;
import io.heliodor.event.Reason;
import io.heliodor.presence.Presence;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * {@code room:*} and {@code history:*} of the playground's contract, with a method for each event that needs more than one
 * action.
 *
 * @param node the name of this node
 * @param presence the presences by room
 */
record RoomChannel(String node, Presence<Online> presence) {
    private static final Duration LONGEST = Duration.ofSeconds(10);

    /** Of the 1 000 bytes of an id, {@code users:} takes six. */
    static final int LONGEST_USER_ID = 994;

    static final Event<Raw> SHOUT = Event.of("shout", Raw.class);
    static final Event<Raw> WHISPER = Event.of("whisper", Raw.class);
    static final Call<Raw, Raw, Reason> ECHO = Call.of("echo", Raw.class, Raw.class);
    static final Call<Failure, Empty, Failure> FAIL =
            Call.of("fail", Failure.class, Empty.class).failingWith(Failure.class);
    static final Call<Raw, Empty, Reason> PUSH_ME = Call.of("push_me", Raw.class, Empty.class);
    static final Event<Raw> PUSHED = Event.of("pushed", Raw.class);
    static final Event<Empty> CRASH = Event.of("crash", Empty.class);
    static final Event<Empty> STOP = Event.of("stop", Empty.class);
    static final Call<Nap, Empty, Reason> SLOW = Call.of("slow", Nap.class, Empty.class);
    static final Call<Typed, Typed, Reason> TYPED = Call.of("typed", Typed.class, Typed.class);
    static final Call<User, Empty, Reason> KICK = Call.of("kick", User.class, Empty.class);
    static final Call<Notice, Reached, Reason> NOTIFY = Call.of("notify", Notice.class, Reached.class);
    static final Event<Notified> NOTIFIED = Event.of("notified", Notified.class);
    static final Call<Empty, Users, Reason> WHO = Call.of("who", Empty.class, Users.class);
    static final Call<ByteBuffer, Empty, Reason> BIN = Call.of("bin", ByteBuffer.class, Empty.class);
    static final Event<ByteBuffer> BYTES = Event.of("bin", ByteBuffer.class);
    static final Event<Raw> NOTE = Event.of("note", Raw.class);
    static final Call<Empty, Node, Reason> NODE = Call.of("node", Empty.class, Node.class);

    record Enter(Optional<String> user) {
        Enter {
            user.ifPresent(RoomChannel::checkUser);
        }
    }

    /** The presence meta of a member. */
    record Online(long online_at) {}

    record Users(List<String> users) {}

    record Failure(Object reason) {}

    record User(String user_id) {
        User {
            checkUserId(user_id);
        }
    }

    record Notice(String user_id, Object body) {
        Notice {
            checkUserId(user_id);
        }
    }

    record Notified(Object body) {}

    /** The number of connections that were notified. */
    record Reached(int count) {}

    record Node(String node) {}

    record Nap(long ms) {
        Nap {
            if (ms < 0) {
                throw new InvalidPayload("ms", "must not be negative");
            }
        }
    }

    record Typed(String text, int count) {
        Typed {
            if (count < 1 || count > 100) {
                throw new InvalidPayload("count", "must be 1 to 100");
            }
        }
    }

    /** {@code room:*}. */
    Channel<Object, Enter> channel() {
        return room().build();
    }

    /** {@code history:*}: rooms with notes, whose messages are kept. */
    Channel<Object, Enter> channelThatKeeps(int broadcasts, Duration age) {
        return room().on(NOTE, (payload, room) -> room.broadcast(NOTE, payload))
                .sends(NOTE)
                .history(History.of(broadcasts, age, SHOUT, NOTE))
                .build();
    }

    private Channel.Builder<Object, Enter> room() {
        return Channel.join(Enter.class, (enter, join) -> Join.ok(enter))
                .onJoined(this::track)
                .on(SHOUT, (payload, room) -> room.broadcast(SHOUT, payload))
                .on(WHISPER, (payload, room) -> room.broadcastFrom(WHISPER, payload))
                .answer(ECHO, (payload, room) -> Reply.ok(payload))
                .answer(FAIL, (payload, room) -> Reply.error(payload))
                .answer(PUSH_ME, RoomChannel::pushMe)
                .on(CRASH, (nothing, room) -> {
                    throw new IllegalStateException("asked to crash by a client of " + room.topic());
                })
                .on(STOP, (nothing, room) -> Stop.because("asked by a client"))
                .answer(SLOW, RoomChannel::sleep)
                .answer(TYPED, (typed, room) -> Reply.ok(typed))
                .answer(BIN, RoomChannel::passBytes)
                .answerLater(KICK, this::kick)
                .answerLater(NOTIFY, this::notify)
                .answer(WHO, this::who)
                .answer(NODE, (nothing, room) -> Reply.ok(new Node(node)))
                .sends(SHOUT, WHISPER, PUSHED, BYTES)
                .presence(Online.class);
    }

    /** Refuses a join with a name that is too long for a presence key. */
    private static void checkUser(String user) {
        if (user.getBytes(StandardCharsets.UTF_8).length > 1_000) {
            throw new InvalidPayload("user", "must be at most 1000 bytes");
        }
    }

    /** Refuses the name of a user that no connection can have. */
    private static void checkUserId(String user) {
        if (user.getBytes(StandardCharsets.UTF_8).length > LONGEST_USER_ID) {
            throw new InvalidPayload("user_id", "must be at most " + LONGEST_USER_ID + " bytes");
        }
    }

    private void track(Context<?, Enter> room) {
        room.assigns().user().ifPresent(user -> presence.track(room, user, new Online(System.currentTimeMillis())));
    }

    private Outcome<Users, Reason> who(Empty nothing, Context<?, Enter> room) {
        return Reply.ok(
                new Users(presence.list(room.topic()).keySet().stream().sorted().toList()));
    }

    private static Outcome<Empty, Reason> pushMe(Raw payload, Context<?, Enter> room) {
        room.push(PUSHED, payload);
        return Reply.ok();
    }

    private static Outcome<Empty, Reason> sleep(Nap nap, Context<?, Enter> room) throws InterruptedException {
        Thread.sleep(Math.min(nap.ms(), LONGEST.toMillis()));
        return Reply.ok();
    }

    private static Outcome<Empty, Reason> passBytes(ByteBuffer bytes, Context<?, Enter> room) {
        room.broadcast(BYTES, bytes);
        return Reply.ok();
    }

    private void notify(Notice notice, Context<?, Enter> room, DeferredReply<Reached, Reason> answer) {
        answer.sendWhenComplete(room.channels()
                .push("users:" + notice.user_id(), NOTIFIED, new Notified(notice.body()))
                .thenApply(count -> Reply.ok(new Reached(count))));
    }

    /** Replies before the kick, so that a client that kicks itself gets the reply. */
    private void kick(User user, Context<?, Enter> room, DeferredReply<Empty, Reason> answer) {
        answer.send(Reply.ok());
        room.channels().disconnect("users:" + user.user_id());
    }
}
