package io.heliodor.protocol;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.link.Peer;

/** The answer of the voters to a command or a query. */
public sealed interface VoterAnswer {
    /** The command was executed, or had nothing to change. */
    record Done() implements VoterAnswer {}

    /**
     * A process owns the name: another one, or the one of a query.
     *
     * @param owner the process
     */
    record Owned(Owner owner) implements VoterAnswer {}

    /** The name has no owner. */
    record NoOwner() implements VoterAnswer {}

    /** The limit of names or candidacies is reached. */
    record Full() implements VoterAnswer {}

    /** The number of the request is too old to tell whether it was executed. It was not executed now. */
    record Stale() implements VoterAnswer {}

    /** The node cannot vote yet: it is not a member, has no directory, or does not have all entries. */
    record NotReady() implements VoterAnswer {}

    /** Too few of the remaining voters reply: they are not a majority of the new list. */
    record TooFew() implements VoterAnswer {}

    /**
     * The owner of a name.
     *
     * @param peer the node of the process
     * @param process the number of the process there
     * @param since the index of the command that gave the name
     */
    record Owner(Peer peer, long process, long since) {
        void write(BinaryWriter out) {
            out.object(peer, Peer::write).number(process).number(since);
        }

        static Owner read(BinaryReader in) throws DecodeException {
            return new Owner(Peer.read(in), in.number(), in.number());
        }
    }

    /**
     * Encodes the answer, as the result of its command.
     *
     * @return the bytes
     */
    default byte[] toBytes() {
        BinaryWriter out = new BinaryWriter(16);
        switch (this) {
            case Done _ -> out.put(1);
            case Owned(Owner owner) -> out.put(2).object(owner, Owner::write);
            case NoOwner _ -> out.put(3);
            case Full _ -> out.put(4);
            case Stale _ -> out.put(5);
            case NotReady _ -> out.put(6);
            case TooFew _ -> out.put(7);
        }
        return out.toBytes();
    }

    /**
     * Decodes an answer.
     *
     * @param bytes as {@link #toBytes} returned them
     * @return the answer
     * @throws DecodeException when the bytes are not an answer
     */
    static VoterAnswer of(byte[] bytes) throws DecodeException {
        BinaryReader in = new BinaryReader(bytes);
        int kind = in.get();
        return switch (kind) {
            case 1 -> new Done();
            case 2 -> new Owned(Owner.read(in));
            case 3 -> new NoOwner();
            case 4 -> new Full();
            case 5 -> new Stale();
            case 6 -> new NotReady();
            case 7 -> new TooFew();
            default -> throw new DecodeException("an answer of kind " + kind);
        };
    }
}
