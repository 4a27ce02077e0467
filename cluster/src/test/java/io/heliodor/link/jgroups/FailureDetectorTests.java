package io.heliodor.link.jgroups;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
import io.heliodor.link.Wire;
import java.util.ArrayList;
import java.util.List;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.Event;
import org.jgroups.protocols.FailureDetection.HeartbeatHeader;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.stack.Protocol;
import org.jgroups.util.ExtendedUUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Suspicion and exclusion of a member, by intervals that the test lets pass. */
class FailureDetectorTests {
    private static final int EXCLUSION = 10;
    private static final Peer SELF = new Peer("n1", 7);
    private static final Peer PEER = new Peer("n2", 7);
    private static final Address MEMBER = address(2);

    private static final class Listener implements Wire.Listener {
        final List<String> suspicions = new ArrayList<>();

        @Override
        public void view(View view) {}

        @Override
        public void suspected(Peer peer, boolean suspect) {
            suspicions.add((suspect ? "suspect " : "alive ") + peer.node());
        }

        @Override
        public void wayEnded(Peer to) {}

        @Override
        public void received(Peer from, byte[] bytes, int offset, int length) {}
    }

    /** The protocol above or below. */
    private static final class Neighbour extends Protocol {
        final List<org.jgroups.Message> sent = new ArrayList<>();
        final List<Object> suspects = new ArrayList<>();

        @Override
        public Object up(org.jgroups.Message message) {
            return message;
        }

        @Override
        public Object up(Event event) {
            if (event.getType() == Event.SUSPECT) {
                suspects.add(event.arg());
            }
            return event;
        }

        @Override
        public Object down(Event event) {
            return event;
        }

        @Override
        public Object down(org.jgroups.Message message) {
            sent.add(message);
            return message;
        }
    }

    private final Listener listener = new Listener();
    private final List<Peer> silent = new ArrayList<>();
    private final Neighbour below = new Neighbour();
    private final Neighbour above = new Neighbour();
    private boolean receiving;
    private final EventDispatcher events = new EventDispatcher(listener);
    private final Detour detour = new Detour(60_000, _ -> true, _ -> {});
    private final FailureDetector detector =
            new FailureDetector(events, detour, silent::add, _ -> receiving, new VERIFY_SUSPECT2());

    private static Address address(int number) {
        return new ExtendedUUID(0, number)
                .put(new byte[] {'n'}, ("n" + number).getBytes(UTF_8))
                .put(new byte[] {'l'}, new byte[] {'7'});
    }

    @BeforeEach
    void start() {
        detector.setAddress(address(1));
        detector.setUpProtocol(above);
        detector.setInterval(1_000);
        detector.setTimeout(EXCLUSION * 1_000L);
        events.view(new View(new ViewId(1, SELF), List.of(SELF, PEER), false));
        detector.update(MEMBER, false, true);
    }

    /** Lets an interval pass. Returns whether the member must be excluded. */
    private boolean interval() {
        return detector.needsToBeSuspected(MEMBER, detector.getTimestamps().get(MEMBER));
    }

    /** Installs a view of three. */
    private void view() {
        detour.setAddress(address(1));
        detour.setUpProtocol(detector);
        detour.setDownProtocol(below);
        detour.down(
                new Event(Event.VIEW_CHANGE, org.jgroups.View.create(address(1), 1, address(1), MEMBER, address(3))));
    }

    private void intervals(int count) {
        for (int i = 0; i < count; i++) {
            assertThat(interval()).isFalse();
        }
    }

    @Test
    void aSilentMemberIsSuspectedFirstAndExcludedLater() {
        intervals(Timing.SUSPICION);
        assertThat(listener.suspicions).isEmpty();
        intervals(1);
        assertThat(listener.suspicions).containsExactly("suspect n2");
        intervals(EXCLUSION - Timing.SUSPICION - 1);
        assertThat(interval()).isTrue();
        assertThat(listener.suspicions).as("one suspicion").hasSize(1);
    }

    @Test
    void aMemberFromWhichNothingComesDirectlyIsReportedInEachInterval() {
        view();
        intervals(1);
        assertThat(silent).isEmpty();
        detour.ended(PEER);
        intervals(2);
        assertThat(silent).containsExactly(PEER, PEER);
        detour.up(new BytesMessage(null, "hi").setSrc(MEMBER));
        intervals(1);
        assertThat(silent).hasSize(2);
    }

    @Test
    void aMemberWhoseConnectionEndedIsSuspectedAndVerifiedOnlyWithASign() {
        view();
        detector.ended(PEER);
        assertThat(listener.suspicions).containsExactly("suspect n2");
        assertThat(above.suspects).isEmpty();
        intervals(EXCLUSION - EXCLUSION / 2);
        assertThat(interval()).as("after half of the time").isTrue();
        detector.verify(PEER);
        assertThat(above.suspects).containsExactly(List.of(MEMBER));
    }

    @Test
    void aHandshakeDelaysTheExclusionOnceUntilAMessageComes() {
        intervals(EXCLUSION);
        detector.answered(MEMBER);
        intervals(EXCLUSION);
        detector.answered(MEMBER);
        assertThat(interval()).as("nothing came since").isTrue();
        detector.up(new BytesMessage(null, "hi").setSrc(MEMBER));
        intervals(EXCLUSION);
        detector.answered(MEMBER);
        intervals(EXCLUSION);
    }

    @Test
    void aPingIsAnsweredToItsSender() {
        view();
        byte[] ping = new SwimMessage.Ping(PEER).toBytes();
        detector.up(new BytesMessage(null, ping).setSrc(MEMBER).putHeader(detector.getId(), new HeartbeatHeader()));
        detector.ping(MEMBER);
        assertThat(below.sent)
                .extracting(sent -> SwimMessage.of(sent.getArray(), 0, sent.getLength()))
                .containsExactly(new SwimMessage.Ack(PEER), new SwimMessage.Ping(SELF));
        assertThat(below.sent).extracting(org.jgroups.Message::getDest).containsOnly(MEMBER);
    }

    @Test
    void anyMessageEndsTheSilence() {
        intervals(Timing.SUSPICION);
        detector.up(new BytesMessage(null, "hi").setSrc(MEMBER));
        intervals(Timing.SUSPICION);
        assertThat(listener.suspicions).isEmpty();
    }

    @Test
    void aHeartbeatIsAMessage() {
        intervals(Timing.SUSPICION);
        detector.up(new BytesMessage().setSrc(MEMBER).putHeader(detector.getId(), new HeartbeatHeader()));
        intervals(Timing.SUSPICION);
        assertThat(listener.suspicions).isEmpty();
    }

    @Test
    void bytesOfAnIncompleteMessageEndTheSilence() {
        receiving = true;
        intervals(3 * EXCLUSION);
        assertThat(listener.suspicions).isEmpty();
        receiving = false;
        intervals(EXCLUSION);
        assertThat(interval()).isTrue();
    }

    @Test
    void theAnswerToAnIndirectProbeEndsTheSilence() {
        view();
        intervals(Timing.SUSPICION);
        byte[] answer = new SwimMessage.IndirectAck(PEER).toBytes();
        detector.up(
                new BytesMessage(null, answer).setSrc(address(3)).putHeader(detector.getId(), new HeartbeatHeader()));
        intervals(Timing.SUSPICION);
        assertThat(listener.suspicions).isEmpty();
    }
}
