package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Reply;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Raw;
import io.heliodor.event.Reason;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.presence.Owner;
import io.heliodor.presence.Presence;
import io.heliodor.session.lane.StreamedMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Presence events to clients. Refs are written as R, since they are never the same. */
class PresenceWireTests {
    private static final Event<Empty> CRASH = Event.of("crash", Empty.class);
    private static final Event<Empty> AWAY = Event.of("away", Empty.class);
    private static final Call<Chat.Text, Chat.Text, Reason> SHOW = Call.of("show", Chat.Text.class, Chat.Text.class);
    private static final Call<Chat.Text, Chat.Text, Reason> HIDE = Call.of("hide", Chat.Text.class, Chat.Text.class);
    private static final Call<Empty, Empty, Reason> HIDE_ALL = Call.of("hide_all", Empty.class, Empty.class);

    @AutoClose
    private final TestServer server = new TestServer();

    private final Presence<Object> presence = Presence.over(server.pubsub, Object.class);

    record Enter(Optional<String> user) {}

    record Online(String device) {}

    private static Channel<Object, Enter> room(Presence<Object> presence) {
        return Channel.join(Enter.class, (enter, join) -> Join.ok(enter))
                .onJoined(room -> room.assigns()
                        .user()
                        .ifPresentOrElse(
                                user -> presence.track(room, user, new Online("web")), () -> presence.follow(room)))
                .on(CRASH, (nothing, room) -> {
                    throw new IllegalStateException("asked to crash");
                })
                .on(AWAY, (nothing, room) -> {
                    presence.update(room, room.assigns().user().orElseThrow(), online -> new Online("phone"));
                    return NoReply.none();
                })
                .build();
    }

    private Client joins(Client client, String user) {
        client.sends("['1','1','room:1','phx_join',{'user':'%s'}]".formatted(user));
        client.receives("['1','1','room:1','phx_reply',{'status':'ok','response':{}}]");
        return client;
    }

    private static String next(Client client) {
        return client.next()
                .replaceAll("\"(phx_ref(_prev)?)\":\"[0-9a-z.]+\"", "'$1':R")
                .replace('"', '\'');
    }

    private static void awaits(Client client, String... lines) {
        for (String line : lines) {
            assertThat(next(client)).isEqualTo(line);
        }
    }

    private static String diff(String joins, String leaves) {
        return "[null,null,'room:1','presence_diff',{'joins':{%s},'leaves':{%s}}]".formatted(joins, leaves);
    }

    private static String metas(String user) {
        return "'" + user + "':{'metas':[{'device':'web','phx_ref':R}]}";
    }

    @Test
    void aTrackedClientGetsTheStateAfterTheReplyAndThenDiffs() {
        server.serve("room:*", room(presence));
        Client ann = joins(server.connect(), "ann");
        awaits(ann, "['1',null,'room:1','presence_state',{" + metas("ann") + "}]", diff(metas("ann"), ""));
        Client bob = joins(server.connect(), "bob");
        awaits(
                bob,
                "['1',null,'room:1','presence_state',{" + metas("ann") + "," + metas("bob") + "}]",
                diff(metas("bob"), ""));
        awaits(ann, diff(metas("bob"), ""));
        bob.sends("['1','2','room:1','phx_leave',{}]");
        awaits(ann, diff("", metas("bob")));
        ann.isCareless();
        bob.isCareless();
    }

    @Test
    void anUpdateIsSentAsAJoinAndALeave() {
        server.serve("room:*", room(presence));
        Client ann = joins(server.connect(), "ann");
        awaits(ann, "['1',null,'room:1','presence_state',{" + metas("ann") + "}]", diff(metas("ann"), ""));
        ann.sends("['1','2','room:1','away',{}]");
        awaits(ann, diff("'ann':{'metas':[{'device':'phone','phx_ref':R,'phx_ref_prev':R}]}", metas("ann")));
    }

    @Test
    void aChannelThatEndsInAnyWayIsNotPresent() {
        server.serve("room:*", room(presence));
        Client watcher = server.connect();
        watcher.sends("['1','1','room:1','phx_join',{}]");
        watcher.receives("['1','1','room:1','phx_reply',{'status':'ok','response':{}}]");
        awaits(watcher, "['1',null,'room:1','presence_state',{}]");

        Client leaves = joins(server.connect(), "leaves");
        awaits(watcher, diff(metas("leaves"), ""));
        leaves.sends("['1','2','room:1','phx_leave',{}]");
        awaits(watcher, diff("", metas("leaves")));

        Client drops = joins(server.connect(), "drops");
        awaits(watcher, diff(metas("drops"), ""));
        drops.drops();
        awaits(watcher, diff("", metas("drops")));

        Client crashes = joins(server.connect(), "crashes");
        awaits(watcher, diff(metas("crashes"), ""));
        crashes.sends("['1','2','room:1','crash',{}]");
        awaits(watcher, diff("", metas("crashes")));
        List.of(leaves, drops, crashes).forEach(Client::isCareless);
        assertThat(presence.count("room:1")).isZero();
    }

    @Test
    void aChannelMayHideAndStay() {
        server.serve(
                "room:*",
                Channel.join(Enter.class, (enter, join) -> Join.ok(enter))
                        .onJoined(presence::follow)
                        .answer(SHOW, (key, room) -> {
                            presence.track(room, key.text(), new Online("web"));
                            return Reply.ok(new Chat.Text("shown"));
                        })
                        .answer(
                                HIDE,
                                (key, room) -> Reply.ok(
                                        new Chat.Text(presence.untrack(room, key.text()) ? "hidden" : "was not there")))
                        .answer(HIDE_ALL, (nothing, room) -> {
                            presence.untrackAll(room);
                            return Reply.ok();
                        })
                        .build());
        Client watcher = joins(server.connect(), "watcher");
        awaits(watcher, "['1',null,'room:1','presence_state',{}]");
        Client ann = joins(server.connect(), "ann");
        assertThat(call(ann, "'show',{'text':'ann'}")).contains("'shown'");
        awaits(watcher, diff(metas("ann"), ""));
        assertThat(call(ann, "'show',{'text':'anna'}")).contains("'shown'");
        awaits(watcher, diff(metas("anna"), ""));

        assertThat(call(ann, "'hide',{'text':'ann'}")).contains("'hidden'");
        awaits(watcher, diff("", metas("ann")));
        assertThat(call(ann, "'hide',{'text':'ann'}")).contains("'was not there'");

        assertThat(call(ann, "'show',{'text':'ann'}")).contains("'shown'");
        awaits(watcher, diff(metas("ann"), ""));
        assertThat(call(ann, "'hide_all',{}")).contains("'ok'");
        assertThat(next(watcher))
                .isIn(diff("", metas("ann") + "," + metas("anna")), diff("", metas("anna") + "," + metas("ann")));
        assertThat(call(ann, "'hide',{'text':'anna'}")).contains("'was not there'");
        assertThat(presence.count("room:1")).isZero();
        ann.isCareless();
    }

    /** Returns the reply and ignores presence events before it. */
    private static String call(Client client, String request) {
        client.sends("['1','9','room:1'," + request + "]");
        String line = next(client);
        while (!line.contains("'phx_reply'")) {
            line = next(client);
        }
        return line;
    }

    @Test
    void aDisconnectedClientIsNotPresentThoughItsHandlerBlocks() {
        Gate gate = server.gate();
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok(Empty.EMPTY))
                        .onJoined(room -> presence.track(room, "ann", new Online("web")))
                        .on(AWAY, (nothing, room) -> {
                            gate.pass();
                            presence.track(room, "too late", new Online("web"));
                            return NoReply.none();
                        })
                        .build());
        Client ann = server.connect();
        ann.sends("['1','1','room:1','phx_join',{}]", "['1','2','room:1','away',{}]");
        server.awaitReached(gate);
        assertThat(presence.count("room:1")).isEqualTo(1);
        ann.isCareless();
        ann.drops();
        assertThat(presence.count("room:1")).isZero();
        gate.open();
        server.await(() -> server.hub.topics() == 0, () -> "the end of the channel");
        assertThat(presence.list("room:1")).isEmpty();
    }

    @Test
    void keysAndMetasAreWrittenAsTheyAre() {
        AtomicReference<Object> meta = new AtomicReference<>(Map.of());
        presence.close();
        Presence<Object> enriched = Presence.over(
                server.pubsub,
                Object.class,
                (topic, present) -> present.containsKey("__proto__")
                        ? Map.of("__proto__", Map.of("name", "P. \"Roto\""))
                        : Map.of());
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok(Empty.EMPTY))
                        .onJoined(room -> enriched.track(room, "__proto__", meta.get()))
                        .build());
        Client one = server.connect();
        one.sends("['1','1','room:1','phx_join',{}]");
        one.receives("['1','1','room:1','phx_reply',{'status':'ok','response':{}}]");
        awaits(
                one,
                "['1',null,'room:1','presence_state',{'__proto__':{'metas':[{'phx_ref':R}],'name':'P. \\'Roto\\''}}]",
                diff("'__proto__':{'metas':[{'phx_ref':R}],'name':'P. \\'Roto\\''}", ""));

        meta.set(List.of(1));
        try (Owner strange = Owner.of("room:1")) {
            enriched.track(strange, "a \"b\" \u00e9", meta.get());
            awaits(one, diff("'a \\'b\\' \u00e9':{'metas':[{'phx_ref':R}]}", ""));
        }
        assertThat(RecordedLog.linesAbout("cannot be encoded for clients")).isNotEmpty();
        one.isCareless();
    }

    /** Metadata of a client that a handler forwards unchanged. */
    @Test
    void aClientCannotForgeARef() {
        AtomicReference<String> text = new AtomicReference<>("{ }");
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok(Empty.EMPTY))
                        .onJoined(room -> presence.track(room, "ann", Raw.of(text.get())))
                        .build());
        Client ann = server.connect();
        ann.sends("['1','1','room:1','phx_join',{}]");
        ann.receives("['1','1','room:1','phx_reply',{'status':'ok','response':{}}]");
        String one = "'ann':{'metas':[{'phx_ref':R}]}";
        awaits(ann, "['1',null,'room:1','presence_state',{" + one + "}]", diff(one, ""));
        text.set("{\"phx_ref\":\"mine\"}");
        Client bob = server.connect();
        bob.sends("['1','1','room:1','phx_join',{}]");
        awaits(ann, diff("'ann':{'metas':[{'phx_ref':R,'phx_ref':R}]}", ""));
        bob.isCareless();
        ann.isCareless();
    }

    @Test
    void aLargeStateArrivesWholeAndInOrder() {
        server.serve("room:*", room(presence));
        List<Owner> owners = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            owners.add(Owner.of("room:1"));
            presence.track(owners.getLast(), "user:" + i, new Online("web"));
        }
        Client ann = joins(server.connect(), "ann");
        ann.sends("['1','9','room:1','nothing',{}]");
        String first = next(ann);
        while (first.contains("presence_diff")) {
            first = next(ann);
        }
        List<String> lines = new ArrayList<>(List.of(first, next(ann), next(ann)));
        String state = lines.stream()
                .filter(line -> line.contains("presence_state"))
                .findFirst()
                .orElseThrow();
        assertThat(state)
                .hasSizeGreaterThan(2 * StreamedMessage.LARGE)
                .startsWith("['1',null,")
                .endsWith("}]");
        assertThat(state.split("'metas'")).hasSize(2_002);
        owners.forEach(Owner::close);
        ann.isCareless();
    }

    @Test
    void endpointsOverOnePubSubSendTheSameDiffs() {
        server.serve("room:*", room(presence));
        Client here = joins(server.connect(), "here");
        awaits(here, "['1',null,'room:1','presence_state',{" + metas("here") + "}]", diff(metas("here"), ""));
        try (TestServer other = new TestServer(server.pubsub)) {
            other.serve("room:*", room(presence));
            Client there = other.connect();
            there.sends("['1','1','room:1','phx_join',{'user':'there'}]");
            there.receives("['1','1','room:1','phx_reply',{'status':'ok','response':{}}]");
            server.await(() -> !here.received().isEmpty(), () -> "a diff for " + here);
            awaits(here, diff(metas("there"), ""));
            there.isCareless();
            here.isCareless();
        }
    }
}
