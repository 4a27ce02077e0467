package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.event.Empty;
import io.heliodor.presence.Owner;
import io.heliodor.presence.Presence;
import io.heliodor.session.lane.StreamedMessage;
import io.heliodor.wire.V1Serializer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The frames of a channel that follows other topics. Refs are written as R. {@code interop/test/followed.test.mjs} has the same. */
@Timeout(60)
class FollowWireTests {
    private static final String AGENTS = "agents:all";
    private static final String JOIN = "['1','1','desk:1','phx_join',{}]";
    private static final String JOINED = "['1','1','desk:1','phx_reply',{'status':'ok','response':{}}]";

    @AutoClose
    private final TestServer server = new TestServer();

    private final Presence<Online> presence = Presence.over(server.pubsub, Online.class);

    record Online(String ticket) {}

    FollowWireTests() {
        server.serve(
                "desk:*",
                Channel.join(join -> Join.ok(Empty.EMPTY))
                        .onJoined(desk -> {
                            presence.followCount(desk, AGENTS, "online");
                            presence.follow(desk, AGENTS, "agents");
                        })
                        .build());
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

    private static String metas(String user, String fields) {
        return "'" + user + "':{'metas':[{" + fields + "'phx_ref':R}]}";
    }

    @Test
    void theMessagesAreOfTheChannelThatFollows() {
        Client ann = server.connect();
        ann.sends(JOIN);
        ann.receives(JOINED);
        awaits(ann, "['1',null,'desk:1','online_count',{'count':0}]", "['1',null,'desk:1','agents_state',{}]");
        Owner ben = Owner.of(AGENTS);
        presence.track(ben, "ben", new Online("7"));
        List<String> lines = List.of(next(ann), next(ann));
        assertThat(lines)
                .containsExactlyInAnyOrder(
                        "['1',null,'desk:1','online_count',{'count':1}]",
                        "['1',null,'desk:1','agents_diff',{'joins':{" + metas("ben", "'ticket':'7',")
                                + "},'leaves':{}}]");
        ben.close();
        // The count has its next window a second later.
        awaits(ann, "['1',null,'desk:1','agents_diff',{'joins':{},'leaves':{" + metas("ben", "'ticket':'7',") + "}}]");
        awaits(ann, "['1',null,'desk:1','online_count',{'count':0}]");
    }

    @Test
    void aClientOfVersion1GetsThemToo() {
        Client ann = server.connect(new V1Serializer());
        ann.sends("{'topic':'desk:1','event':'phx_join','payload':{},'ref':'1'}");
        ann.next();
        assertThat(List.of(next(ann), next(ann)))
                .containsExactly(
                        "{'topic':'desk:1','event':'online_count','payload':{'count':0},'ref':null}",
                        "{'topic':'desk:1','event':'agents_state','payload':{},'ref':null}");
    }

    @Test
    void aLargeDiffArrivesWhole() {
        Client ann = server.connect();
        ann.sends(JOIN);
        ann.receives(JOINED);
        awaits(ann, "['1',null,'desk:1','online_count',{'count':0}]", "['1',null,'desk:1','agents_state',{}]");
        String large = "x".repeat(2 * StreamedMessage.LARGE);
        presence.track(Owner.of(AGENTS), "ben", new Online(large));
        List<String> lines = new ArrayList<>(List.of(next(ann), next(ann)));
        assertThat(lines)
                .contains("['1',null,'desk:1','agents_diff',{'joins':{" + metas("ben", "'ticket':'" + large + "',")
                        + "},'leaves':{}}]");
    }

    @Test
    void aChannelThatHasEndedGetsNoMore() {
        Client ann = server.connect();
        ann.sends(JOIN);
        ann.receives(JOINED);
        awaits(ann, "['1',null,'desk:1','online_count',{'count':0}]", "['1',null,'desk:1','agents_state',{}]");
        ann.sends("['1','2','desk:1','phx_leave',{}]");
        ann.receives(
                "['1','2','desk:1','phx_reply',{'status':'ok','response':{}}]", "['1','1','desk:1','phx_close',{}]");
        presence.track(Owner.of(AGENTS), "ben", new Online("7"));
        Client other = server.connect();
        other.sends(JOIN);
        other.receives(JOINED);
        awaits(other, "['1',null,'desk:1','online_count',{'count':1}]");
        other.isCareless();
        assertThat(ann.received()).isEmpty();
    }
}
