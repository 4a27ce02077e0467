package io.heliodor.link.jgroups;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.Event;
import org.jgroups.Message;
import org.jgroups.stack.Protocol;
import org.jgroups.util.ExtendedUUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PacedUnicastTests {
    private static final Address HERE = address(1);
    private static final Address PEER = address(2);
    private static final int LARGE = 32 << 10;

    /** The protocol below. */
    private static final class Network extends Protocol {
        private final List<Message> messages = new ArrayList<>();

        @Override
        public Object down(Message message) {
            messages.add(message);
            return message;
        }

        @Override
        public Object down(Event event) {
            return event;
        }
    }

    private final Network network = new Network();
    private boolean idle = true;
    private final PacedUnicast unicast = new PacedUnicast(_ -> idle);

    private static Address address(int number) {
        return new ExtendedUUID(0, number)
                .put(new byte[] {'n'}, ("n" + number).getBytes(UTF_8))
                .put(new byte[] {'l'}, new byte[] {'7'});
    }

    @BeforeEach
    void start() {
        unicast.setAddress(HERE);
        unicast.setDownProtocol(network);
    }

    private void resend(int bytes) {
        unicast.retransmit(new BytesMessage(PEER, new byte[bytes]));
    }

    @Test
    void theLastPacketIsSentAgainWithinTheBudget() {
        resend(LARGE);
        resend(LARGE / 2);
        assertThat(network.messages).hasSize(2);
        resend(LARGE);
        assertThat(network.messages).as("the budget is used up").hasSize(2);
    }

    @Test
    void nothingIsSentAgainWhileBytesWait() {
        idle = false;
        resend(10);
        assertThat(network.messages).isEmpty();
        idle = true;
        resend(10);
        assertThat(network.messages).hasSize(1);
    }
}
