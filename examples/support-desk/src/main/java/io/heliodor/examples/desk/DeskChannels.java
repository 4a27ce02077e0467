package io.heliodor.examples.desk;

import static io.heliodor.examples.desk.DeskMessages.*;

import io.heliodor.channel.*;
import io.heliodor.examples.desk.Tickets.Member;
import io.heliodor.limit.Rate;
import io.heliodor.presence.Presence;
import io.heliodor.spring.ChannelMapping;
import java.time.Duration;
import org.springframework.context.annotation.*;
import org.springframework.dao.DataAccessException;

/** The topics that pages join. */
@Configuration(proxyBeanMethods = false)
class DeskChannels {
    /** The conversation of a ticket, for its customer and all agents. */
    @Bean
    @ChannelMapping("ticket:*")
    Channel<Person, Member> conversation(Tickets tickets) {
        return Channel.of(Person.class)
                .join(join -> enter(join, tickets))
                .answer(SAY, (say, room) -> Reply.ok(tickets.say(room.assigns(), say)))
                .answer(READ, (read, room) -> Reply.ok(tickets.read(room.assigns(), read.upto())))
                .answer(CLOSE, (nothing, room) -> Reply.ok(tickets.close(room.assigns())))
                .on(
                        TYPING,
                        (typing, room) -> room.broadcastFrom(
                                IS_TYPING, new IsTyping(room.assigns().person(), typing.active())))
                .whenSlow(IS_TYPING, SlowPolicy.latest(IsTyping::by))
                .history(History.of(500, Duration.ofMinutes(10), MESSAGE, SEEN, CHANGED))
                .messageRate(Rate.perSecond(10).burst(30))
                .handlerTimeout(Duration.ofSeconds(30))
                .onException(DataAccessException.class, e -> Reply.error("unavailable"))
                .joinReply(Conversation.class)
                .sends(MESSAGE, SEEN, CHANGED)
                .build();
    }

    /** The position is read before the state, so that each message is in the state or follows it, or both. */
    private static JoinOutcome<Member> enter(Join<Person> join, Tickets tickets) {
        Person me = join.socket().assigns();
        String position = join.position();
        var ticket = tickets.find(join.subtopic(Long::valueOf));
        if (ticket.isEmpty() || !me.agent() && !ticket.get().customer().equals(me.id())) {
            return Join.refuse("not_found");
        }
        return Join.ok(new Member(ticket.get().id(), me), tickets.conversation(ticket.get()))
                .since(position);
    }

    /** One person, on all devices: own tickets, unread messages, notices, the number of agents. */
    @Bean
    @ChannelMapping("user:*")
    Channel<Person, Person> user(Tickets tickets, Presence<Online> online) {
        return Channel.of(Person.class)
                .join(join -> Join.ok(
                        join.socket().assigns(), tickets.home(join.socket().assigns())))
                .authorize((socket, id) -> id.equals(socket.assigns().id()))
                .onJoined(user -> {
                    Person me = user.assigns();
                    if (me.agent()) {
                        online.track(user, "agents", me.id(), new Online(me.name()));
                    }
                    online.followCount(user, "agents", "agents");
                })
                .joinReply(Home.class)
                .sends(CHANGED, UNREAD, NOTICE)
                .followsCount("agents")
                .build();
    }

    /** All open tickets, and the agents who are online. */
    @Bean
    @ChannelMapping("agents")
    Channel<Person, Person> agents(Tickets tickets, Presence<Online> online) {
        return Channel.of(Person.class)
                .join(join -> Join.ok(join.socket().assigns(), tickets.open()))
                .authorize((socket, topic) -> socket.assigns().agent())
                .onJoined(online::follow)
                .joinReply(OpenTickets.class)
                .sends(CHANGED)
                .presence(Online.class)
                .build();
    }
}
