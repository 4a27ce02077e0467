package io.heliodor.examples.desk;

import static io.heliodor.examples.desk.DeskMessages.*;

import io.heliodor.channel.Channels;
import java.util.*;
import java.util.stream.Stream;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** The tickets in the database. Changes of one wait for each other, on all nodes, and pages get them after their commit. */
@Service
@Transactional
class Tickets {
    /** A person in a ticket. */
    record Member(long ticket, Person person) {}

    private final JdbcClient database;
    private final Channels channels;

    Tickets(JdbcClient database, Channels channels) {
        this.database = database;
        this.channels = channels;
    }

    Optional<Ticket> find(long id) {
        return tickets("id = ?", id).stream().findFirst();
    }

    Conversation conversation(Ticket ticket) {
        var seen = database.sql("SELECT * FROM seen WHERE ticket = ?").param(ticket.id());
        var newest = messages("ticket = ?", ticket.id()).reversed();
        return new Conversation(ticket, newest, seen.query(Seen.class).list());
    }

    Home home(Person person) {
        return new Home(tickets("customer = ?", person.id()), unread(person.id(), ""));
    }

    @PreAuthorize("hasRole('AGENT')")
    OpenTickets open() {
        return new OpenTickets(tickets("NOT closed"));
    }

    Ticket open(Person customer, String subject) {
        var key = new GeneratedKeyHolder();
        database.sql("INSERT INTO ticket (customer, name, subject) VALUES (?, ?, ?)")
                .params(customer.id(), customer.name(), subject)
                .update(key, "id");
        return changed(key.getKeyAs(Long.class));
    }

    /** Empty if the ticket does not exist. */
    @PreAuthorize("hasRole('AGENT')")
    Optional<Ticket> assign(long id, String agent, Person by) {
        if (change(id, "agent = ?", agent) == 0) {
            return Optional.empty();
        }
        Ticket ticket = changed(id);
        if (!agent.equals(by.id())) {
            String text = by.name() + " gave you “" + ticket.subject() + "”";
            channels.broadcast("user:" + agent, NOTICE, new Notice(text, id));
        }
        return Optional.of(ticket);
    }

    @PreAuthorize("hasRole('AGENT')")
    Ticket close(Member me) {
        change(me.ticket(), "closed = TRUE");
        return changed(me.ticket());
    }

    /** Opens a closed ticket. A message that is sent again, because its reply was lost, is the one of before. */
    Message say(Member me, Say say) {
        change(me.ticket(), "closed = FALSE");
        Message message = sent(me, say).orElseGet(() -> {
            Object[] row = {me.ticket(), me.person().id(), me.person().name(), say.clientId(), say.body()};
            update("INSERT INTO message (ticket, author, name, client_id, body) VALUES (?, ?, ?, ?, ?)", row);
            return sent(me, say).orElseThrow();
        });
        channels.broadcast("ticket:" + me.ticket(), MESSAGE, message);
        changed(me.ticket());
        return message;
    }

    Seen read(Member me, long upto) {
        Seen seen = new Seen(me.person().id(), upto);
        change(me.ticket(), "closed = closed");
        Object[] row = {upto, me.ticket(), seen.reader()};
        if (update("UPDATE seen SET upto = greatest(upto, ?) WHERE ticket = ? AND reader = ?", row) == 0) {
            update("INSERT INTO seen (upto, ticket, reader) VALUES (?, ?, ?)", row);
        }
        channels.broadcast("ticket:" + me.ticket(), SEEN, seen);
        countUnread(seen.reader(), me.ticket());
        return seen;
    }

    private Ticket changed(long id) {
        Ticket ticket = find(id).orElseThrow();
        channels.broadcast(List.of("ticket:" + id, "user:" + ticket.customer(), "agents"), CHANGED, ticket);
        Stream.of(ticket.customer(), ticket.agent())
                .filter(reader -> !reader.isEmpty())
                .forEach(reader -> countUnread(reader, id));
        return ticket;
    }

    private void countUnread(String reader, long ticket) {
        unread(reader, "AND t.id = " + ticket).forEach(unread -> channels.broadcast("user:" + reader, UNREAD, unread));
    }

    /** Locks the ticket until the end of the transaction. */
    private int change(long id, String assignment, Object... values) {
        return update("UPDATE ticket SET version = version + 1, " + assignment + " WHERE id = " + id, values);
    }

    private int update(String sql, Object... values) {
        return database.sql(sql).params(values).update();
    }

    private List<Ticket> tickets(String condition, Object... values) {
        String sql = "SELECT * FROM ticket WHERE " + condition + " ORDER BY id DESC LIMIT 200";
        return database.sql(sql).params(values).query(Ticket.class).list();
    }

    private List<Message> messages(String condition, Object... values) {
        String sql = "SELECT * FROM message WHERE " + condition + " ORDER BY id DESC LIMIT 200";
        return database.sql(sql).params(values).query(Message.class).list();
    }

    private Optional<Message> sent(Member me, Say say) {
        Object[] key = {me.ticket(), me.person().id(), say.clientId()};
        return messages("ticket = ? AND author = ? AND client_id = ?", key).stream()
                .findFirst();
    }

    private List<Unread> unread(String reader, String condition) {
        String sql = """
                SELECT t.id AS ticket, t.version, count(m.id) AS messages FROM ticket t
                LEFT JOIN seen s ON s.ticket = t.id AND s.reader = :reader
                LEFT JOIN message m ON m.ticket = t.id AND m.author <> :reader AND m.id > coalesce(s.upto, 0)
                WHERE (t.customer = :reader OR t.agent = :reader) %s GROUP BY t.id, t.version""";
        return database.sql(sql.formatted(condition))
                .param("reader", reader)
                .query(Unread.class)
                .list();
    }
}
