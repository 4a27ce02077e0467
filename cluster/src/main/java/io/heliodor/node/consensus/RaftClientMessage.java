package io.heliodor.node.consensus;

import io.heliodor.link.ByteReader;
import io.heliodor.link.ByteWriter;
import io.heliodor.link.ConsensusLog;
import io.heliodor.link.DecodeException;
import io.heliodor.link.Message;

/** The messages between a {@link RaftClient} and the leader of the log: types 75 and 76. */
public sealed interface RaftClientMessage extends Message {
    /** The kind of a request to the leader. */
    enum Kind {
        /** To append a command. */
        COMMAND(0),
        /** To answer a question. */
        QUESTION(1),
        /** To add a voter. */
        ADD_VOTER(2),
        /** To remove a voter. */
        REMOVE_VOTER(3);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        static Kind of(int code) throws DecodeException {
            for (Kind kind : values()) {
                if (kind.code == code) {
                    return kind;
                }
            }
            throw new DecodeException("a request of kind " + code);
        }
    }

    /**
     * A request to the leader.
     *
     * @param id the number of the request at its sender
     * @param kind its kind
     * @param content the command, the question, or the name of the voter in UTF-8
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Request(long id, Kind kind, byte[] content) implements RaftClientMessage {
        public static final int TYPE = 75;

        public static Request read(ByteReader in) throws DecodeException {
            return new Request(in.number(), Kind.of(in.get()), in.bytes());
        }

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void write(ByteWriter out) {
            out.number(id).put(kind.code).bytes(content);
        }
    }

    /**
     * The reply to a request.
     *
     * @param id the number of the request
     * @param outcome the outcome
     */
    record Reply(long id, ConsensusLog.Outcome outcome) implements RaftClientMessage {
        public static final int TYPE = 76;

        public static Reply read(ByteReader in) throws DecodeException {
            long id = in.number();
            int kind = in.get();
            return new Reply(
                    id,
                    switch (kind) {
                        case 1 -> new ConsensusLog.Outcome.Committed(in.number(), in.bytes());
                        case 2 -> new ConsensusLog.Outcome.Refused();
                        case 3 -> new ConsensusLog.Outcome.Unknown();
                        default -> throw new DecodeException("an outcome of kind " + kind);
                    });
        }

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void write(ByteWriter out) {
            out.number(id);
            switch (outcome) {
                case ConsensusLog.Outcome.Committed(long index, byte[] result) ->
                    out.put(1).number(index).bytes(result);
                case ConsensusLog.Outcome.Refused _ -> out.put(2);
                case ConsensusLog.Outcome.Unknown _ -> out.put(3);
            }
        }
    }
}
