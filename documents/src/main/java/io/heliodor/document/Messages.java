package io.heliodor.document;

import io.heliodor.document.DocumentMember.Page;
import io.heliodor.document.DocumentStore.Stored;
import io.heliodor.document.DocumentStore.Update;
import io.heliodor.event.Call;
import io.heliodor.event.Event;
import io.heliodor.event.InvalidPayload;
import io.heliodor.event.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/** The messages of documents on the wire. Numbers in binary messages are big-endian. */
final class Messages {
    /** Requests a part of the log: the reply is {@link #encode}. */
    static final Call<Read, ByteBuffer, Reason> READ = Call.of("read", Read.class, ByteBuffer.class);

    /** A position, and an update; 0, or the last position that the update contains. */
    static final Call<ByteBuffer, Written, Reason> WRITE =
            Call.of("write", ByteBuffer.class, Written.class).refusing("read_only", "too_large", "full");

    /** An update that was stored, as a part of the log. */
    static final Event<ByteBuffer> UPDATED = Event.of("updated", ByteBuffer.class);

    /** An awareness update of y-protocols; to clients after the id of the client whose it is, and before its owner. */
    static final Event<ByteBuffer> AWARENESS = Event.of("awareness", ByteBuffer.class);

    /** The largest whole number of JavaScript. */
    private static final long MAX_CLIENT = (1L << 53) - 1;

    private Messages() {}

    /**
     * The payload of a join.
     *
     * @param client the id by which Yjs names the client; without a secret it is ignored
     * @param secret of the page: only members with the same one share the id
     */
    record Enter(Optional<Long> client, Optional<String> secret) {
        private static final int MAX_SECRET = 64;

        Enter {
            client.ifPresent(id -> {
                if (id < 0 || id > MAX_CLIENT) {
                    throw new InvalidPayload("client", "must be 0 to 2^53 - 1");
                }
            });
            secret.ifPresent(text -> {
                if (text.length() > MAX_SECRET) {
                    throw new InvalidPayload("secret", "must have " + MAX_SECRET + " characters or fewer");
                }
            });
        }

        /** The page, with what all members may know of its secret: the first half of its hash, with the topic. */
        Optional<Page> page(String topic) {
            return client.flatMap(id -> secret.map(text -> {
                byte[] hash = sha256().digest((topic + '\n' + text).getBytes(StandardCharsets.UTF_8));
                return new Page(id, HexFormat.of().formatHex(hash, 0, hash.length / 2));
            }));
        }

        private static MessageDigest sha256() {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every JDK has SHA-256", e);
            }
        }
    }

    /**
     * The reply to a join.
     *
     * @param owner that of the presence of this client; empty if it has no id or no secret
     */
    record Entered(boolean write, int max_bytes, Optional<String> owner) {}

    record Read(long after) {
        Read {
            if (after < 0) {
                throw new InvalidPayload("after", "must not be negative");
            }
        }
    }

    record Written(long position) {}

    /**
     * The meta of a client's presence.
     *
     * @param owner what all metas of the id have if the same page has it
     */
    record Present(boolean write, String owner) {}

    /**
     * The last position of the log, then position, length and content of each update: of those that fit, and of the first one in any case. A
     * store may count less.
     */
    static ByteBuffer encode(Stored part, int maxBytes) {
        int bytes = 0;
        int count = 0;
        for (Update update : part.updates()) {
            if (count > 0 && bytes + update.size() > maxBytes) {
                break;
            }
            bytes += update.size();
            count++;
        }
        ByteBuffer message = ByteBuffer.allocate(Long.BYTES + bytes).putLong(part.last());
        for (Update update : part.updates().subList(0, count)) {
            message.putLong(update.position()).putInt(update.content().length).put(update.content());
        }
        return message.flip();
    }

    /** The owner is last, where y-protocols ignores it. */
    static ByteBuffer encode(Page page, ByteBuffer awareness) {
        byte[] last = HexFormat.of().parseHex(page.owner());
        return ByteBuffer.allocate(Long.BYTES + awareness.remaining() + last.length)
                .putLong(page.client())
                .put(awareness.duplicate())
                .put(last)
                .flip();
    }

    static byte[] remaining(ByteBuffer message) {
        byte[] bytes = new byte[message.remaining()];
        message.get(bytes);
        return bytes;
    }
}
