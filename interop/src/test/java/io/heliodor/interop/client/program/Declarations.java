package io.heliodor.interop.client.program;

import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Raw;
import io.heliodor.event.Reason;
import io.heliodor.type.Type;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/** The messages of the playground, as a Java team without its sources declares them. */
final class Declarations {
    record Enter(String user) {}

    record Enabled(boolean enabled) {}

    record Broadcasting(boolean ack, boolean self) {}

    record Config(Broadcasting broadcast, Enabled presence) {}

    record Realtime(Config config) {}

    record Ready(List<Object> postgres_changes) {}

    record Track(String event, Map<String, Object> payload) {}

    record Token(String token) {}

    record Note(int n, String text) {}

    record Failure(Object reason) {}

    record Nap(long ms) {}

    record Typed(String text, int count) {}

    record User(String user_id) {}

    record Users(List<String> users) {}

    record Notice(String user_id, Object body) {}

    record Notified(Object body) {}

    record Reached(int count) {}

    record Node(String node) {}

    record Online(long online_at) {}

    record State(long v, String node) {}

    record Value(long v) {}

    static final Event<Note> NOTE = Event.of("note", Note.class);
    static final Event<Map<String, Object>> ADDRESSED = Event.of("note", new Type<Map<String, Object>>() {});
    static final Event<Raw> SHOUT = Event.of("shout", Raw.class);
    static final Event<Raw> WHISPER = Event.of("whisper", Raw.class);
    static final Event<Raw> PUSHED = Event.of("pushed", Raw.class);
    static final Event<Empty> CRASH = Event.of("crash", Empty.class);
    static final Event<Empty> STOP = Event.of("stop", Empty.class);
    static final Event<ByteBuffer> BYTES = Event.of("bin", ByteBuffer.class);
    static final Event<Notified> NOTIFIED = Event.of("notified", Notified.class);
    static final Event<State> BUMPED = Event.of("bumped", State.class);
    static final Event<Raw> BROADCAST = Event.of("broadcast", Raw.class);
    static final Event<Empty> ACCESS_TOKEN = Event.of("access_token", Empty.class);

    static final Call<Raw, Raw, Reason> ECHO = Call.of("echo", Raw.class, Raw.class);
    static final Call<Failure, Empty, Failure> FAIL =
            Call.of("fail", Failure.class, Empty.class).failingWith(Failure.class);
    static final Call<Raw, Empty, Reason> PUSH_ME = Call.of("push_me", Raw.class, Empty.class);
    static final Call<Nap, Empty, Reason> SLOW = Call.of("slow", Nap.class, Empty.class);
    static final Call<Typed, Typed, Reason> TYPED = Call.of("typed", Typed.class, Typed.class);
    static final Call<User, Empty, Reason> KICK = Call.of("kick", User.class, Empty.class);
    static final Call<Notice, Reached, Reason> NOTIFY = Call.of("notify", Notice.class, Reached.class);
    static final Call<Empty, Users, Reason> WHO = Call.of("who", Empty.class, Users.class);
    static final Call<ByteBuffer, Empty, Reason> BIN = Call.of("bin", ByteBuffer.class, Empty.class);
    static final Call<Empty, Node, Reason> NODE = Call.of("node", Empty.class, Node.class);
    static final Call<Empty, Value, Reason> BUMP = Call.of("bump", Empty.class, Value.class);
    static final Call<Raw, Empty, Reason> SAY = Call.of("broadcast", Raw.class, Empty.class);
    static final Call<Track, Empty, Reason> PRESENCE =
            Call.of("presence", Track.class, Empty.class).refusing("unknown_presence_event");
    static final Call<Empty, Empty, Reason> NOTHING = Call.of("nothing", Empty.class, Empty.class);

    private Declarations() {}
}
