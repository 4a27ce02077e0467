package io.heliodor.examples.desk;

import io.heliodor.event.*;
import jakarta.validation.constraints.*;
import java.time.OffsetDateTime;
import java.util.List;

/** The messages between pages and server. */
interface DeskMessages {
    /** The agent is empty until the ticket is assigned. Of two states the one with the greater version holds. */
    record Ticket(long id, String customer, String name, String subject, String agent, boolean closed, long version) {}

    record Message(long id, String author, String name, String body, String clientId, OffsetDateTime sent) {}

    /** How far a person has read a ticket. */
    record Seen(String reader, long upto) {}

    /** The number of messages of a ticket that a person has not read. */
    record Unread(long ticket, int messages, long version) {}

    record Conversation(Ticket ticket, List<Message> messages, List<Seen> seen) {}

    record Home(List<Ticket> tickets, List<Unread> unread) {}

    record OpenTickets(List<Ticket> tickets) {}

    record Online(String name) {}

    record Notice(String text, long ticket) {}

    record Say(
            @NotBlank @Size(max = 4_000) String body,
            @NotBlank @Size(max = 50) String clientId) {}

    record Read(long upto) {}

    record Typing(boolean active) {}

    record IsTyping(Person by, boolean active) {}

    Call<Say, Message, Reason> SAY = Call.of("say", Say.class, Message.class);
    Call<Read, Seen, Reason> READ = Call.of("read", Read.class, Seen.class);
    Call<Empty, Ticket, Reason> CLOSE = Call.of("close", Empty.class, Ticket.class);
    Event<Typing> TYPING = Event.of("typing", Typing.class);
    Event<IsTyping> IS_TYPING = Event.of("is_typing", IsTyping.class);
    Event<Message> MESSAGE = Event.of("message", Message.class);
    Event<Seen> SEEN = Event.of("seen", Seen.class);
    Event<Ticket> CHANGED = Event.of("changed", Ticket.class);
    Event<Unread> UNREAD = Event.of("unread", Unread.class);
    Event<Notice> NOTICE = Event.of("notice", Notice.class);
}
