package io.heliodor.spring.guide;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Channels;
import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Reason;
import io.heliodor.spring.ChannelMapping;
import io.heliodor.spring.DashboardCustomizer;
import io.heliodor.spring.EndpointCustomizer;
import io.heliodor.spring.JwtAssigns;
import io.heliodor.spring.LimitsCustomizer;
import io.heliodor.spring.NodeCustomizer;
import io.heliodor.spring.SocketCustomizer;
import java.time.Duration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Component;
import org.springframework.stereotype.Service;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.annotation.Transactional;

/** The code of the guide's sections after the first. */
class TicketDesk {
    record Name(String name) {}

    record Ticket(long id, String agent) {}

    record Person(String id, String name) {}

    static final Event<Ticket> ASSIGNED = Event.of("assigned", Ticket.class);
    static final Call<Ticket, Empty, Reason> ASSIGN = Call.of("assign", Ticket.class, Empty.class);

    @Configuration(proxyBeanMethods = false)
    static class Secured {
        // @start region=authentication
        @Bean
        @ChannelMapping("desk")
        Channel<Authentication, Empty> desk(Tickets tickets) {
            return Channel.of(Authentication.class)
                    .join(join -> Join.ok(
                            Empty.EMPTY, new Name(join.socket().assigns().getName())))
                    .answer(ASSIGN, (ticket, desk) -> {
                        tickets.assign(ticket);
                        return Reply.ok();
                    })
                    .build();
        }
        // @end
    }

    // @start region=transaction
    @Service
    static class Tickets {
        private final JdbcClient database;
        private final Channels channels;

        Tickets(JdbcClient database, Channels channels) {
            this.database = database;
            this.channels = channels;
        }

        @Transactional
        @PreAuthorize("hasAuthority('SCOPE_agent')")
        void assign(Ticket ticket) {
            channels.broadcast("desk", ASSIGNED, ticket);
            database.sql("UPDATE ticket SET agent = ? WHERE id = ?")
                    .params(ticket.agent(), ticket.id())
                    .update();
        }
    }
    // @end

    // @start region=broken
    @Component
    static class Restart {
        private final ApplicationContext context;

        Restart(ApplicationContext context) {
            this.context = context;
        }

        @EventListener
        void changed(AvailabilityChangeEvent<LivenessState> event) {
            if (event.getState() == LivenessState.BROKEN) {
                System.exit(SpringApplication.exit(context, () -> 1));
            }
        }
    }
    // @end

    @Configuration(proxyBeanMethods = false)
    static class Settings {
        // @start region=assigns
        @Bean
        JwtAssigns<Person> persons() {
            return (jwt, user) ->
                    Connect.ok(new Person(user.getName(), jwt.getClaimAsString("name")), "users:" + user.getName());
        }
        // @end

        // @start region=customizers
        @Bean
        LimitsCustomizer limits() {
            return limits -> limits.connections(connections -> connections.max(50_000));
        }

        @Bean
        EndpointCustomizer hosts() {
            return endpoint -> endpoint.hosts("app.example.com");
        }

        @Bean
        SocketCustomizer exceptions() {
            return socket -> socket.onException(DuplicateKeyException.class, _ -> Reply.error("exists"));
        }

        @Bean
        NodeCustomizer heartbeats() {
            return node -> node.heartbeat(Duration.ofSeconds(1), Duration.ofSeconds(6));
        }
        // @end

        // @start region=away
        @Bean
        SocketCustomizer databaseAway() {
            return socket -> socket.onConnectException(DataAccessException.class, e -> later())
                    .onConnectException(TransactionException.class, e -> later())
                    .onException(DataAccessResourceFailureException.class, e -> Reply.error("try_later"))
                    .onException(TransientDataAccessException.class, e -> Reply.error("try_later"))
                    .onException(CannotCreateTransactionException.class, e -> Reply.error("try_later"));
        }

        private static ConnectOutcome.Refused<?> later() {
            return Connect.refuse(503).retryAfter(Duration.ofSeconds(5));
        }
        // @end

        // @start region=dashboard
        @Bean
        DashboardCustomizer shownPayloads() {
            return dashboard -> dashboard.showsPayloads("desk", "assigned");
        }
        // @end
    }
}
