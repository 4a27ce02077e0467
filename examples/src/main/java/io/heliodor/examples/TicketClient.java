package io.heliodor.examples;

import io.heliodor.client.CallResult;
import io.heliodor.client.Client;
import io.heliodor.client.ClientChannel;
import io.heliodor.client.Presences;
import io.heliodor.client.RefreshResult;
import io.heliodor.client.status.ChannelStatus;
import io.heliodor.client.status.ConnectionStatus;
import io.heliodor.event.Reason;
import io.heliodor.examples.Contracts.Assigned;
import io.heliodor.examples.Contracts.Enter;
import io.heliodor.examples.Contracts.Online;
import io.heliodor.examples.Contracts.Ticket;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A program that follows a ticket of the desk and assigns it. */
final class TicketClient {
    private TicketClient() {}

    // @start region=connect
    static Client connect(URI desk, Supplier<String> freshToken) {
        return Client.to(desk).token(freshToken).build();
    }
    // @end

    // @start region=follow
    static ClientChannel follow(Client client, Consumer<Ticket> show) {
        ClientChannel ticket = client.channel("ticket:42", new Enter("ann"));
        ticket.onState(Ticket.class, show);
        ticket.on(Contracts.CHANGED, show);
        return ticket.join();
    }
    // @end

    // @start region=call
    static String assign(ClientChannel ticket, String agent) {
        CallResult<Ticket, Reason> result = ticket.call(Contracts.ASSIGN, new Assigned(agent));
        return switch (result) {
            case CallResult.Ok(var now) -> now.title() + " is assigned to " + agent;
            case CallResult.Failed(Reason(var reason)) -> "It is not assigned: " + reason;
            case CallResult.Refused(var refusal) -> "The server refused: " + refusal.reason();
            case CallResult.NotSent() -> "Too much waits: try again later";
            case CallResult.TimedOut(), CallResult.Closed() -> "Look whether it is assigned: no reply came";
        };
    }
    // @end

    // @start region=future
    static CompletableFuture<Ticket> assignLater(ClientChannel ticket, String agent) {
        return ticket.callAsync(Contracts.ASSIGN, new Assigned(agent)).thenApply(CallResult::orElseThrow);
    }
    // @end

    // @start region=presence
    static Presences<Online> agents(ClientChannel ticket) {
        Presences<Online> agents = ticket.presences(Online.class);
        agents.onChange(present -> System.out.println("here: " + present.keySet()));
        return agents;
    }
    // @end

    // @start region=status
    static void watch(Client client, ClientChannel ticket) {
        client.onStatus(status -> {
            if (status instanceof ConnectionStatus.Refused refused) {
                System.out.println("Sign in again: " + refused.reason());
            }
        });
        ticket.onStatus(status -> {
            if (status instanceof ChannelStatus.Refused refused && refused.isFinal()) {
                System.out.println("No access: " + refused.refusal().reason());
            }
        });
        ticket.onRecovered(recovery -> {
            if (!recovery.isRecovered()) {
                System.out.println("Messages may be missing before this one");
            }
        });
    }
    // @end

    // @start region=refresh
    static boolean refresh(Client client) {
        return client.refresh().join() instanceof RefreshResult.Accepted;
    }
    // @end
}
