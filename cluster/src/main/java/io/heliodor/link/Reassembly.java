package io.heliodor.link;

import io.heliodor.link.Packet.Part;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Joins the parts of an envelope, which arrive in order. One thread at a time uses it. */
final class Reassembly {
    private final int maxBytes;
    private @Nullable Part last;
    private byte[] envelope = {};
    private int filled;

    /** Envelopes have at most {@code maxBytes}. */
    Reassembly(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Whether a part with this number of bytes continues the envelope, or begins one of a permitted size. */
    boolean fits(Part part, int bytes) {
        if (bytes < 1 || part.left() < 0) {
            return false;
        }
        return continues(part) ? part.left() + bytes == missing() : part.left() <= maxBytes - bytes;
    }

    /** Adds the bytes of a part that {@link #fits}. Returns the envelope when it is complete. */
    Optional<byte[]> add(Part part, byte[] bytes) {
        if (!continues(part)) {
            envelope = new byte[Math.toIntExact(bytes.length + part.left())];
            filled = 0;
        }
        System.arraycopy(bytes, 0, envelope, filled, bytes.length);
        filled += bytes.length;
        last = part;
        if (part.left() > 0) {
            return Optional.empty();
        }
        byte[] whole = envelope;
        clear();
        return Optional.of(whole);
    }

    /** Forgets the parts of an incomplete envelope. */
    void clear() {
        last = null;
        envelope = new byte[0];
        filled = 0;
    }

    private int missing() {
        return envelope.length - filled;
    }

    /** A session that ended between two parts leaves an incomplete envelope, which no part of another one continues. */
    private boolean continues(Part part) {
        Part before = last;
        return before != null && part.session() == before.session() && part.acceptance() == before.acceptance();
    }
}
