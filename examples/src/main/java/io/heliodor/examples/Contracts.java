package io.heliodor.examples;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.Join;
import io.heliodor.channel.JoinOutcome;
import io.heliodor.channel.Outcome;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.describe.ContractFiles;
import io.heliodor.describe.SocketContract;
import io.heliodor.event.Call;
import io.heliodor.event.Event;
import io.heliodor.event.Reason;
import java.nio.file.Path;
import java.util.List;

/** A desk that declares its messages, for the types of its pages. */
final class Contracts {
    // @start region=messages
    record Enter(String agent) {}

    record Ticket(long id, String title, boolean open) {}

    record Assigned(String agent) {}

    record Online(String agent) {}

    static final Call<Assigned, Ticket, Reason> ASSIGN =
            Call.of("assign", Assigned.class, Ticket.class).refusing("closed", "unknown_agent");
    static final Event<Ticket> CHANGED = Event.of("changed", Ticket.class);
    static final Event<Assigned> ASSIGNED = Event.of("assigned", Assigned.class);
    // @end

    static UserSocket<Object> socket() {
        // @start region=declare
        Channel<Object, Enter> ticket = Channel.join(Enter.class, Contracts::join)
                .answer(ASSIGN, Contracts::assign)
                .joinReply(Ticket.class)
                .refuses("no_such_ticket")
                .sends(CHANGED, ASSIGNED)
                .presence(Online.class)
                .key("id")
                .build();
        return UserSocket.open().channel("ticket:*", ticket).build();
        // @end
    }

    private static JoinOutcome<Enter> join(Enter enter, Join<Object> join) {
        return join.subtopic().equals("0")
                ? Join.refuse("no_such_ticket")
                : Join.ok(enter, new Ticket(join.subtopic(Long::valueOf), "Printer", true));
    }

    private static Outcome<Ticket, Reason> assign(Assigned to, Context<?, Enter> ticket) {
        if (to.agent().isEmpty()) {
            return Reply.error("unknown_agent");
        }
        ticket.broadcast(ASSIGNED, to);
        return Reply.ok(new Ticket(Long.parseLong(ticket.subtopic()), "Printer", true));
    }

    // @start region=write
    static List<Path> write(Path web) {
        SocketContract contract = SocketContract.of("Desk", socket());
        return ContractFiles.of(contract).typeScript(web.resolve("desk.ts")).write();
    }
    // @end

    static void check(Path web) {
        // @start region=check
        ContractFiles.of(SocketContract.of("Desk", socket()))
                .typeScript(web.resolve("desk.ts"))
                .checkOrWrite();
        // @end
    }

    private Contracts() {}
}
