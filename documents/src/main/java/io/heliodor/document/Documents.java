package io.heliodor.document;

import static io.heliodor.document.Messages.AWARENESS;
import static io.heliodor.document.Messages.READ;
import static io.heliodor.document.Messages.UPDATED;
import static io.heliodor.document.Messages.WRITE;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.Join;
import io.heliodor.channel.JoinHandler;
import io.heliodor.channel.JoinOutcome;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Outcome;
import io.heliodor.channel.Reply;
import io.heliodor.channel.SlowPolicy;
import io.heliodor.channel.Socket;
import io.heliodor.document.DocumentMember.Access;
import io.heliodor.document.DocumentStore.Stored;
import io.heliodor.document.DocumentStore.Update;
import io.heliodor.document.Messages.Enter;
import io.heliodor.document.Messages.Entered;
import io.heliodor.document.Messages.Present;
import io.heliodor.document.Messages.Read;
import io.heliodor.document.Messages.Written;
import io.heliodor.event.InvalidPayload;
import io.heliodor.event.Reason;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * Channels whose topics are shared documents of Yjs. Their clients are providers of the npm package {@code @heliodor/yjs}.
 *
 * {@snippet lang="java" :
 * var documents = Documents.of(pubsub, store);
 * var socket = UserSocket.connect(this::connect)
 *         .channel("doc:*", documents.channel(User.class, this::access).build())
 *         .build();
 * }
 *
 * <p>An update is acknowledged after the store has it, and broadcast to the other members. The server does not read the content of updates.
 * The awareness of clients is broadcast, not stored; of each client that a lagging member has not got yet, it gets the newest. A client's id
 * belongs to the page that was present with it first, as long as it is present: another page is refused with {@code client_taken}.
 *
 * <p><b>Threads:</b> any thread. <b>Blocking:</b> only the store blocks, in handlers.
 */
public final class Documents {
    /** The default of {@link #maxUpdateBytes}. A message of this size is below the limit of {@code Limits.openInternet()}. */
    public static final int MAX_UPDATE_BYTES = 1_000_000;

    /** The maximum size of an awareness update. */
    public static final int MAX_AWARENESS_BYTES = 16 << 10;

    /** A message between nodes may have 4 MiB. */
    private static final int MAX_SENT_BYTES = 4_000_000;

    /** The bytes around an update in a message: a topic of 255 bytes, a join_ref and a ref, the event, the position. */
    private static final int HEAD_BYTES = 512;

    /** The size of a part of a log, without its head. */
    private static final int MAX_PART_BYTES = 256 << 10;

    private final DocumentStore store;
    private final Presence<Present> presence;
    private final int maxUpdateBytes;
    private final LongAdder full;

    private Documents(DocumentStore store, Presence<Present> presence, int maxUpdateBytes, LongAdder full) {
        this.store = store;
        this.presence = presence;
        this.maxUpdateBytes = maxUpdateBytes;
        this.full = full;
    }

    /**
     * Returns the documents of a store. A pub/sub has them once on each node: several endpoints over it share them.
     *
     * @param pubsub the pub/sub of the endpoint
     * @param store the store, the same on all nodes
     * @return the documents
     * @throws IllegalStateException if the pub/sub has documents already
     */
    public static Documents of(PubSub pubsub, DocumentStore store) {
        Objects.requireNonNull(pubsub, "pubsub");
        Objects.requireNonNull(store, "store");
        Presence<Present> presence =
                Presence.builder(pubsub, Present.class).name("documents").build();
        return new Documents(store, presence, MAX_UPDATE_BYTES, new LongAdder());
    }

    /**
     * Sets the maximum size of an update or a snapshot. A document that is larger cannot be replaced by a snapshot, so its log grows until
     * the store refuses more. A page gets a smaller maximum if its endpoint takes no such messages: 512 bytes less than
     * {@code SessionLimits.maxMessageBytes}.
     *
     * @param bytes more than 0
     * @return documents with this limit
     * @throws IllegalArgumentException if it is 0 or less, or more than a message between nodes may have, 4 000 000
     */
    public Documents maxUpdateBytes(int bytes) {
        if (bytes <= 0 || bytes > MAX_SENT_BYTES) {
            throw new IllegalArgumentException(
                    "The maximum size of an update is 1 to " + MAX_SENT_BYTES + " bytes, not " + bytes + ".");
        }
        return new Documents(store, presence, bytes, full);
    }

    /**
     * Returns the number of requests of this node that were refused with {@code full}, see {@link DocumentFullException}.
     *
     * @return 0 or more
     */
    public long refused() {
        return full.sum();
    }

    /**
     * Returns a channel whose documents each client may change.
     *
     * @return a channel without further handlers, to build
     */
    public Channel.Builder<Object, DocumentMember> channel() {
        return channel(Object.class, join -> Join.ok(Access.WRITE));
    }

    /**
     * Returns a channel of documents.
     *
     * @param assigns the class of the assigns that the socket's connect handler returns, or a supertype
     * @param access decides about each join: accepted with the rights of the client, or refused. A reply that it gives is not sent
     * @param <S> the type of the connection's assigns
     * @return a channel without further handlers, to build
     */
    public <S> Channel.Builder<S, DocumentMember> channel(Class<S> assigns, JoinHandler<S, Access> access) {
        Objects.requireNonNull(assigns, "assigns");
        Objects.requireNonNull(access, "access");
        return Channel.of(assigns)
                .join(Enter.class, (enter, join) -> switch (access.join(join)) {
                    case JoinOutcome.Joined<Access> joined ->
                        enter(join.topic(), join.socket(), joined.assigns(), enter);
                    case JoinOutcome.Refused<Access>(Object reason) -> Join.refuse(reason);
                })
                .onJoined(this::track)
                .answer(READ, this::read)
                .answer(WRITE, this::write)
                .on(AWARENESS, this::share)
                .whenSlow(AWARENESS, SlowPolicy.latest(awareness -> awareness.getLong(awareness.position())))
                .onException(DocumentFullException.class, _ -> {
                    full.increment();
                    return Reply.error("full");
                })
                .joinReply(Entered.class)
                .sends(UPDATED)
                .presence(Present.class);
    }

    private JoinOutcome<DocumentMember> enter(String topic, Socket<?> socket, Access access, Enter enter) {
        Optional<DocumentMember.Page> page = enter.page(topic);
        if (page.isPresent() && !has(page.get(), topic)) {
            return Join.refuse("client_taken");
        }
        int maxBytes = Math.min(maxUpdateBytes, socket.maxMessageBytes() - HEAD_BYTES);
        return Join.ok(
                new DocumentMember(access, page),
                new Entered(access == Access.WRITE, maxBytes, page.map(DocumentMember.Page::owner)));
    }

    /** Whether no other page is present under the id of this one. */
    private boolean has(DocumentMember.Page page, String topic) {
        return presence.get(topic, Long.toString(page.client())).stream()
                .allMatch(present -> present.owner().equals(page.owner()));
    }

    private void track(Context<?, DocumentMember> document) {
        DocumentMember member = document.assigns();
        member.page()
                .ifPresent(page -> presence.track(
                        document,
                        Long.toString(page.client()),
                        new Present(member.access() == Access.WRITE, page.owner())));
    }

    private Outcome<ByteBuffer, Reason> read(Read read, Context<?, DocumentMember> document) throws Exception {
        return Reply.ok(Messages.encode(store.read(document.topic(), read.after(), MAX_PART_BYTES), MAX_PART_BYTES));
    }

    private Outcome<Written, Reason> write(ByteBuffer message, Context<?, DocumentMember> document) throws Exception {
        if (document.assigns().access() != Access.WRITE) {
            return Reply.error("read_only");
        }
        if (message.remaining() <= Long.BYTES) {
            throw new InvalidPayload("", "must be a position and an update");
        }
        ByteBuffer update = message.duplicate();
        long replaced = update.getLong();
        if (update.remaining() > maxUpdateBytes) {
            return Reply.error("too_large");
        }
        byte[] content = Messages.remaining(update);
        long position = store.write(document.topic(), content, replaced);
        if (replaced == 0) {
            Stored part = new Stored(position, List.of(new Update(position, content)));
            document.broadcastFrom(UPDATED, Messages.encode(part, MAX_PART_BYTES));
        }
        return Reply.ok(new Written(position));
    }

    private Outcome<Void, ?> share(ByteBuffer awareness, Context<?, DocumentMember> document) {
        if (awareness.remaining() > MAX_AWARENESS_BYTES) {
            return Reply.error("too_large");
        }
        Optional<DocumentMember.Page> page = document.assigns().page();
        if (page.isEmpty()) {
            return NoReply.none();
        }
        // A member of another node may have joined at the same time.
        if (!has(page.get(), document.topic())) {
            return Reply.error("client_taken");
        }
        return document.broadcastFrom(AWARENESS, Messages.encode(page.get(), awareness));
    }
}
