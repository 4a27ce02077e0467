package io.heliodor.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliodor.client.Client;
import io.heliodor.client.ClientChannel;
import io.heliodor.client.Presences;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.examples.Contracts.Online;
import io.heliodor.examples.Contracts.Ticket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The fragments of the page of Java programs, against the desk that the page is about. */
class TicketClientTests {
    private static final Ticket PRINTER = new Ticket(42, "Printer", true);

    @Test
    void aTicketIsFollowedAndAssigned() {
        List<Ticket> shown = new CopyOnWriteArrayList<>();
        try (Endpoint endpoint = Servers.serve(Contracts.socket());
                Client client = TicketClient.connect(
                        URI.create("ws://127.0.0.1:" + endpoint.port() + "/socket"), () -> "token of ann")) {
            ClientChannel ticket = TicketClient.follow(client, shown::add);
            TicketClient.watch(client, ticket);
            Presences<Online> agents = TicketClient.agents(ticket);

            assertThat(TicketClient.assign(ticket, "bo")).isEqualTo("Printer is assigned to bo");
            assertThat(TicketClient.assign(ticket, "")).isEqualTo("It is not assigned: unknown_agent");
            assertThat(TicketClient.assignLater(ticket, "cy").join()).isEqualTo(PRINTER);
            await().atMost(30, TimeUnit.SECONDS)
                    .untilAsserted(() -> assertThat(shown).contains(PRINTER));
            endpoint.channels().broadcast("ticket:42", Contracts.CHANGED, new Ticket(42, "Scanner", false));
            await().atMost(30, TimeUnit.SECONDS)
                    .untilAsserted(() -> assertThat(shown).endsWith(new Ticket(42, "Scanner", false)));
            assertThat(agents.current()).isEmpty();
            assertThat(TicketClient.refresh(client)).as("without onRefresh").isFalse();
        }
    }
}
