package io.heliodor.endpoint;

import io.heliodor.transport.frame.ClientFrames;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Connections that their clients reset. */
class ResetTests extends LiveTest {
    private static final int CLIENTS = 50;

    /** The kernel resets the connections of a process that dies with unread bytes. */
    @Test
    void aResetAfterAMessageEndsItsConnectionLongBeforeTheIdleTimeout() {
        Live live = start();
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(RawClient.open(live.endpoint).joins("room:a"));
        }
        clients.forEach(client -> {
            client.send(ClientFrames.frame(ClientFrames.FIN | 10, new byte[0]));
            client.resets();
        });
        Live.eventually().until(() -> live.count("connections") == 0);
    }
}
