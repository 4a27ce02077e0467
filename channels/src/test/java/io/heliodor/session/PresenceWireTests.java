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

/** What clients are told of presence. Refs are written as R, since they are never the same. */
class PresenceWireTests {
    private static final Event<Empty> CRASH = Event.of("crash", Empty.class);
    private static final Event<Empty> AWAY = Event.of("away", Empty.class);
    private static final Call<Said.Text, Said.Text, Reason> SHOW = Call.of("show", Said.Text.class, Said.Text.class);
    private static final Call<Said.Text, Said.Text, Reason> HIDE = Call.of("hide", Said.Text.class, Said.Text.class);
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
        client.says("['1','1','room:1','phx_join',{'user':'%s'}]".formatted(user));
        client.receives("['1','1','room:1','phx_reply',{'status':'ok','response':{}}]");
        return client;
    }

    private static String next(Client client) {
        return client.next()
                .replaceAll("\"(phx_ref(_prev)?)\":\"[0-9a-z.]+\"", "'$1':R")
                .replace('"', '\'');
    }

    private static void isTold(Client client, String... lines) {
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
    void whoIsTrackedGetsTheStateBehindTheReplyAndThenDiffs() {
        server.serve("room:*", room(presence));
        Client ann = joins(server.connect(), "ann");
        isTold(ann, "['1',null,'room:1','presence_state',{" + metas("ann") + "}]", diff(metas("ann"), ""));
        Client bob = joins(server.connect(), "bob");
        isTold(
                bob,
                "['1',null,'room:1','presence_state',{" + metas("ann") + "," + metas("bob") + "}]",
                diff(metas("bob"), ""));
        isTold(ann, diff(metas("bob"), ""));
        bob.says("['1','2','room:1','phx_leave',{}]");
        isTold(ann, diff("", metas("bob")));
        ann.isCareless();
        bob.isCareless();
    }

    @Test
    void anUpdateIsToldAsBoth() {
        server.serve("room:*", room(presence));
        Client ann = joins(server.connect(), "ann");
        isTold(ann, "['1',null,'room:1','presence_state',{" + metas("ann") + "}]", diff(metas("ann"), ""));
        ann.says("['1','2','room:1','away',{}]");
        isTold(ann, diff("'ann':{'metas':[{'device':'phone','phx_ref':R,'phx_ref_prev':R}]}", metas("ann")));
    }

    @Test
    void whoEndsInWhateverWayIsGone() {
        server.serve("room:*", room(presence));
        Client watcher = server.connect();
        watcher.says("['1','1','room:1','phx_join',{}]");
        watcher.receives("['1','1','room:1','phx_reply',{'status':'ok','response':{}}]");
        isTold(watcher, "['1',null,'room:1','presence_state',{}]");

        Client leaves = joins(server.connect(), "leaves");
        isTold(watcher, diff(metas("leaves"), ""));
        leaves.says("['1','2','room:1','phx_leave',{}]");
        isTold(watcher, diff("", metas("leaves")));

        Client drops = joins(server.connect(), "drops");
        isTold(watcher, diff(metas("drops"), ""));
        drops.drops();
        isTold(watcher, diff("", metas("drops")));

        Client crashes = joins(server.connect(), "crashes");
        isTold(watcher, diff(metas("crashes"), ""));
        crashes.says("['1','2','room:1','crash',{}]");
        isTold(watcher, diff("", metas("crashes")));
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
                            return Reply.ok(new Said.Text("shown"));
                        })
                        .answer(
                                HIDE,
                                (key, room) -> Reply.ok(
                                        new Said.Text(presence.untrack(room, key.text()) ? "hidden" : "was not there")))
                        .answer(HIDE_ALL, (nothing, room) -> {
                            presence.untrackAll(room);
                            return Reply.ok();
                        })
                        .build());
        Client watcher = joins(server.connect(), "watcher");
        isTold(watcher, "['1',null,'room:1','presence_state',{}]");
        Client ann = joins(server.connect(), "ann");
        assertThat(asks(ann, "'show',{'text':'ann'}")).contains("'shown'");
        isTold(watcher, diff(metas("ann"), ""));
        assertThat(asks(ann, "'show',{'text':'anna'}")).contains("'shown'");
        isTold(watcher, diff(metas("anna"), ""));

        assertThat(asks(ann, "'hide',{'text':'ann'}")).contains("'hidden'");
        isTold(watcher, diff("", metas("ann")));
        assertThat(asks(ann, "'hide',{'text':'ann'}")).contains("'was not there'");

        assertThat(asks(ann, "'show',{'text':'ann'}")).contains("'shown'");
        isTold(watcher, diff(metas("ann"), ""));
        assertThat(asks(ann, "'hide_all',{}")).contains("'ok'");
        assertThat(next(watcher))
                .isIn(diff("", metas("ann") + "," + metas("anna")), diff("", metas("anna") + "," + metas("ann")));
        assertThat(asks(ann, "'hide',{'text':'anna'}")).contains("'was not there'");
        assertThat(presence.count("room:1")).isZero();
        ann.isCareless();
    }

    /** The reply; what is told of presence before it is not looked at. */
    private static String asks(Client client, String question) {
        client.says("['1','9','room:1'," + question + "]");
        String line = next(client);
        while (!line.contains("'phx_reply'")) {
            line = next(client);
        }
        return line;
    }

    @Test
    void whoIsGoneIsNotPresentThoughItsHandlerBlocks() {
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
        ann.says("['1','1','room:1','phx_join',{}]", "['1','2','room:1','away',{}]");
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
        one.says("['1','1','room:1','phx_join',{}]");
        one.receives("['1','1','room:1','phx_reply',{'status':'ok','response':{}}]");
        isTold(
                one,
                "['1',null,'room:1','presence_state',{'__proto__':{'metas':[{'phx_ref':R}],'name':'P. \\'Roto\\''}}]",
                diff("'__proto__':{'metas':[{'phx_ref':R}],'name':'P. \\'Roto\\''}", ""));

        meta.set(List.of(1));
        try (Owner strange = Owner.of("room:1")) {
            enriched.track(strange, "a \"b\" \u00e9", meta.get());
            isTold(one, diff("'a \\'b\\' \u00e9':{'metas':[{'phx_ref':R}]}", ""));
        }
        assertThat(RecordedLog.linesAbout("cannot be encoded for clients")).isNotEmpty();
        one.isCareless();
    }

    /** What a client says about itself may be passed on as it came. */
    @Test
    void nobodyCanForgeARef() {
        AtomicReference<String> said = new AtomicReference<>("{ }");
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok(Empty.EMPTY))
                        .onJoined(room -> presence.track(room, "ann", raw(said.get())))
                        .build());
        Client ann = server.connect();
        ann.says("['1','1','room:1','phx_join',{}]");
        ann.receives("['1','1','room:1','phx_reply',{'status':'ok','response':{}}]");
        String one = "'ann':{'metas':[{'phx_ref':R}]}";
        isTold(ann, "['1',null,'room:1','presence_state',{" + one + "}]", diff(one, ""));
        said.set("{\"phx_ref\":\"mine\"}");
        Client bob = server.connect();
        bob.says("['1','1','room:1','phx_join',{}]");
        isTold(ann, diff("'ann':{'metas':[{'phx_ref':R,'phx_ref':R}]}", ""));
        bob.isCareless();
        ann.isCareless();
    }

    private static Raw raw(String json) {
        return new Raw() {
            @Override
            public byte[] json() {
                return json.getBytes(java.nio.charset.StandardCharsets.UTF_8);
            }

            @Override
            public int length() {
                return json.length();
            }
        };
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
        ann.says("['1','9','room:1','nothing',{}]");
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
    void endpointsOverOnePubSubTellTheirMembersAlike() {
        server.serve("room:*", room(presence));
        Client here = joins(server.connect(), "here");
        isTold(here, "['1',null,'room:1','presence_state',{" + metas("here") + "}]", diff(metas("here"), ""));
        try (TestServer other = new TestServer(server.pubsub)) {
            other.serve("room:*", room(presence));
            Client there = other.connect();
            there.says("['1','1','room:1','phx_join',{'user':'there'}]");
            there.receives("['1','1','room:1','phx_reply',{'status':'ok','response':{}}]");
            server.await(() -> !here.received().isEmpty(), () -> "a diff for " + here);
            isTold(here, diff(metas("there"), ""));
            there.isCareless();
            here.isCareless();
        }
    }
}
