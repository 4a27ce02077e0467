package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.PubSubEnd;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

/** An endpoint whose pub/sub ends before it, as that of a node that has closed itself. */
class PubSubEndTests extends LiveTest {
    private static final PubSubEnd NAME_TAKEN =
            new PubSubEnd("name_taken", "Node a@host has ended: another living node has its name.");

    private final PubSub pubsub = closing(PubSub.local());

    private void nodeEnds() {
        ClusterPubSub.of(pubsub).end(NAME_TAKEN);
        pubsub.close();
    }

    private RawClient.Response health(Live live) {
        return connect(live).send(RawClient.get("/health")).response();
    }

    @Test
    void itsClientsAreDisconnectedAndItsHealthHasTheReason() {
        Live live = start(builder -> builder.pubsub(pubsub));
        RawClient client = open(live).joins("room:a");
        PollClient poller = closing(PollClient.open(live)).joins("room:a");
        nodeEnds();
        client.isClosedWith(1001);
        assertThat(connect(live).send(RawClient.upgradeRequest("")).response().status())
                .isEqualTo(503);
        assertThat(connect(live)
                        .send(PollClient.get(poller.token(), ""))
                        .response()
                        .status())
                .isEqualTo(503);
        assertThat(connect(live).send(PollClient.get("", "")).response().status())
                .isEqualTo(503);
        RawClient.Response health = health(live);
        assertThat(health.status()).isEqualTo(503);
        assertThat(health.body()).contains("\"status\":\"ended\",\"reason\":\"name_taken\"");
        assertThat(RecordedLog.lines(Level.WARN, NAME_TAKEN.text()))
                .singleElement()
                .extracting(RecordedLog.Line::text)
                .asString()
                .contains("The endpoint on port " + live.endpoint.port(), "name_taken");
    }

    @Test
    void aPubSubThatIsClosedBeforeItsEndpointIsReportedAsClosed() {
        Live live = start(builder -> builder.pubsub(pubsub.scope("app")));
        RawClient client = open(live).joins("room:a");
        pubsub.close();
        client.isClosedWith(1001);
        RawClient.Response health = health(live);
        assertThat(health.status()).isEqualTo(503);
        assertThat(health.body()).contains("\"status\":\"ended\",\"reason\":\"closed\"");
    }

    @Test
    void anEndpointDoesNotStartOnAPubSubThatHasEnded() {
        Endpoint endpoint = closing(Endpoint.builder()
                .host("127.0.0.1")
                .port(0)
                .socket(
                        "/socket",
                        UserSocket.open()
                                .channel(
                                        "room:*",
                                        Channel.join(join -> Join.ok(Empty.EMPTY))
                                                .build())
                                .build())
                .pubsub(pubsub)
                .build());
        nodeEnds();
        assertThatThrownBy(endpoint::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(NAME_TAKEN.text() + " The endpoint cannot start without it.");
        assertThat(endpoint.isRunning()).isFalse();
    }

    @Test
    void anEndpointThatWasClosedBeforeIsNotNotified() {
        Live live = start(builder -> builder.pubsub(pubsub));
        live.close();
        nodeEnds();
        assertThat(RecordedLog.linesAbout(NAME_TAKEN.text())).isEmpty();
    }
}
