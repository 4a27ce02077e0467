package io.heliodor.protocol;

import io.heliodor.link.ByteReader;
import io.heliodor.link.ByteWriter;
import io.heliodor.link.DecodeException;
import io.heliodor.link.Peer;

/** How a command to the voters ended. */
public sealed interface VoterAnswer {
    /** It was done, or was so already. */
    record Done() implements VoterAnswer {}

    /**
     * A process has the name: of another node, or asked for.
     *
     * @param owner which
     */
    record Owned(Owner owner) implements VoterAnswer {}

    /** Nobody has the name. */
    record Nobody() implements VoterAnswer {}

    /** There is as much as there may be. */
    record Full() implements VoterAnswer {}

    /** Its number is so old that it is not known any more whether it was done. Nothing was done now. */
    record Stale() implements VoterAnswer {}

    /** A node cannot vote yet: it is not a member, has no directory, or does not have all entries. */
    record NotReady() implements VoterAnswer {}

    /** The voters that would be left are no majority of the new list. */
    record TooFew() implements VoterAnswer {}

    /**
     * Who has a name.
     *
     * @param peer which life of which node
     * @param process its number there
     * @param since the index of the command that gave it
     */
    record Owner(Peer peer, long process, long since) {
        void write(ByteWriter out) {
            out.peer(peer).number(process).number(since);
        }

        static Owner read(ByteReader in) throws DecodeException {
            return new Owner(in.peer(), in.number(), in.number());
        }
    }

    /**
     * As bytes, which are the result of the command.
     *
     * @return the bytes
     */
    default byte[] toBytes() {
        ByteWriter out = new ByteWriter(16);
        switch (this) {
            case Done _ -> out.put(1);
            case Owned(Owner owner) -> {
                out.put(2);
                owner.write(out);
            }
            case Nobody _ -> out.put(3);
            case Full _ -> out.put(4);
            case Stale _ -> out.put(5);
            case NotReady _ -> out.put(6);
            case TooFew _ -> out.put(7);
        }
        return out.toBytes();
    }

    /**
     * From bytes.
     *
     * @param bytes as {@link #toBytes} made them
     * @return the answer
     * @throws DecodeException when they are none
     */
    static VoterAnswer of(byte[] bytes) throws DecodeException {
        ByteReader in = new ByteReader(bytes);
        int kind = in.get();
        return switch (kind) {
            case 1 -> new Done();
            case 2 -> new Owned(Owner.read(in));
            case 3 -> new Nobody();
            case 4 -> new Full();
            case 5 -> new Stale();
            case 6 -> new NotReady();
            case 7 -> new TooFew();
            default -> throw new DecodeException("an answer of kind " + kind);
        };
    }
}
