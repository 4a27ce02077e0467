package io.heliodor.spring.guide.desk;

import io.heliodor.channel.Channels;
import io.heliodor.spring.guide.desk.DeskChannels.Ticket;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** The tickets in the database. */
@Service
class Assignments {
    private final JdbcClient database;
    private final Channels channels;

    Assignments(JdbcClient database, Channels channels) {
        this.database = database;
        this.channels = channels;
        database.sql("CREATE TABLE IF NOT EXISTS ticket (id BIGINT PRIMARY KEY, agent VARCHAR(100))")
                .update();
    }

    @Transactional
    @PreAuthorize("hasAuthority('SCOPE_agent')")
    public void assign(Ticket ticket) {
        channels.broadcast("lobby", DeskChannels.ASSIGNED, ticket);
        database.sql("INSERT INTO ticket VALUES (?, ?)")
                .params(ticket.ticketId(), ticket.agent())
                .update();
    }

    public void left(String agent) {}

    public int count() {
        return database.sql("SELECT COUNT(*) FROM ticket").query(Integer.class).single();
    }
}
