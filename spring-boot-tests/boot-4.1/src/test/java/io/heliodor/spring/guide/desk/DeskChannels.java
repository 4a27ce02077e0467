package io.heliodor.spring.guide.desk;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Reason;
import io.heliodor.spring.ChannelMapping;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.core.Authentication;

/** The channel of the desk. */
@Configuration(proxyBeanMethods = false)
class DeskChannels {
    record Ticket(long ticketId, String agent) {}

    static final Event<Ticket> ASSIGNED = Event.of("assigned", Ticket.class);
    static final Call<Ticket, Empty, Reason> ASSIGN = Call.of("assign", Ticket.class, Empty.class);

    @Bean
    @ChannelMapping("desk")
    Channel<Authentication, Empty> desk(Assignments assignments) {
        return Channel.of(Authentication.class)
                .join(join -> Join.ok(Empty.EMPTY))
                .answer(ASSIGN, (ticket, desk) -> {
                    assignments.assign(ticket);
                    desk.broadcast(ASSIGNED, ticket);
                    return Reply.ok();
                })
                .onLeave((reason, desk) ->
                        assignments.left(desk.socket().assigns().getName()))
                .build();
    }
}
