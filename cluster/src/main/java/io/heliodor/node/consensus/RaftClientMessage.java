package io.heliodor.node.consensus;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.link.Message;
import io.heliodor.link.MessageRoutes;
import io.heliodor.node.consensus.ConsensusLog.Outcome;

/** The messages between a {@link RaftClient} and the leader of the log: types 75 and 76. */
public sealed interface RaftClientMessage extends Message {
    /**
     * Registers the receiver of these messages.
     *
     * @param routes where
     * @param receiver the receiver
     */
    static void route(MessageRoutes routes, MessageRoutes.Receiver<? super RaftClientMessage> receiver) {
        routes.add(75, 76, RaftClientMessage::read, receiver);
    }

    private static RaftClientMessage read(int type, BinaryReader in) throws DecodeException {
        return type == 75 ? new Request(in.number(), Kind.read(in), in.bytes()) : new Reply(in.number(), outcome(in));
    }

    private static Outcome outcome(BinaryReader in) throws DecodeException {
        int kind = in.get();
        return switch (kind) {
            case 1 -> new Outcome.Committed(in.number(), in.bytes());
            case 2 -> new Outcome.Refused();
            case 3 -> new Outcome.Unknown();
            default -> throw new DecodeException("an outcome of kind " + kind);
        };
    }

    @Override
    default int type() {
        return switch (this) {
            case Request _ -> 75;
            case Reply _ -> 76;
        };
    }

    @Override
    default void write(BinaryWriter out) {
        switch (this) {
            case Request(long id, Kind kind, byte[] content) ->
                out.number(id).put(kind.code).bytes(content);
            case Reply(long id, Outcome.Committed(long index, byte[] result)) ->
                out.number(id).put(1).number(index).bytes(result);
            case Reply(long id, Outcome.Refused()) -> out.number(id).put(2);
            case Reply(long id, Outcome.Unknown()) -> out.number(id).put(3);
        }
    }

    /** The kind of a request to the leader. */
    enum Kind {
        /** To append a command. */
        COMMAND(0),
        /** To answer a query. */
        QUERY(1),
        /** To add a voter. */
        ADD_VOTER(2),
        /** To remove a voter. */
        REMOVE_VOTER(3);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        private static Kind read(BinaryReader in) throws DecodeException {
            return in.constant(values(), kind -> kind.code, "a request of kind ");
        }
    }

    /**
     * A request to the leader.
     *
     * @param id the number of the request at its sender
     * @param kind its kind
     * @param content the command, the query, or the name of the voter in UTF-8
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Request(long id, Kind kind, byte[] content) implements RaftClientMessage {}

    /**
     * The reply to a request.
     *
     * @param id the number of the request
     * @param outcome the outcome
     */
    record Reply(long id, Outcome outcome) implements RaftClientMessage {}
}
