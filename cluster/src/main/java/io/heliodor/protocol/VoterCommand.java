package io.heliodor.protocol;

import io.heliodor.link.ByteReader;
import io.heliodor.link.ByteWriter;
import io.heliodor.link.DecodeException;
import io.heliodor.link.Peer;

/** What the voters are asked to do. */
public sealed interface VoterCommand {
    /**
     * Give a name to a process of the asking node.
     *
     * @param name which; at most 1 KiB
     * @param process its number there
     */
    record Register(String name, long process) implements VoterCommand {}

    /**
     * Free a name of the asking node.
     *
     * @param name which
     */
    record Release(String name) implements VoterCommand {}

    /**
     * Free all names of a process of the asking node: it has ended.
     *
     * @param process its number there
     */
    record Ended(long process) implements VoterCommand {}

    /**
     * Say who has a name. Changes nothing.
     *
     * @param name which
     */
    record Lookup(String name) implements VoterCommand {}

    /**
     * Let the asking node stand in an election.
     *
     * @param election which; at most 1 KiB
     */
    record Campaign(String election) implements VoterCommand {}

    /**
     * Let the asking node stand no longer, and give the lead up if it has it.
     *
     * @param election which
     */
    record Resign(String election) implements VoterCommand {}

    /**
     * A peer is in the view of the log's leader no more: free what it has.
     *
     * @param peer which
     */
    record Gone(Peer peer) implements VoterCommand {}

    /**
     * A command and who gives it.
     *
     * @param from which life of which node
     * @param number counted by that life from 1; a number that was done is not done again. 0 for what may be done twice
     * @param command what to do
     */
    record Request(Peer from, long number, VoterCommand command) {
        private static final int VERSION = 1;

        /**
         * As bytes of the log.
         *
         * @return version, peer, number, command
         */
        public byte[] toBytes() {
            ByteWriter out = new ByteWriter(64).put(VERSION).peer(from).number(number);
            switch (command) {
                case Register(String name, long process) ->
                    out.put(1).text(name).number(process);
                case Release(String name) -> out.put(2).text(name);
                case Ended(long process) -> out.put(3).number(process);
                case Lookup(String name) -> out.put(4).text(name);
                case Campaign(String election) -> out.put(5).text(election);
                case Resign(String election) -> out.put(6).text(election);
                case Gone(Peer peer) -> out.put(7).peer(peer);
            }
            return out.toBytes();
        }

        /**
         * From bytes of the log.
         *
         * @param bytes as {@link #toBytes} made them
         * @return the request
         * @throws DecodeException when they are none
         */
        public static Request of(byte[] bytes) throws DecodeException {
            ByteReader in = new ByteReader(bytes);
            int version = in.get();
            if (version != VERSION) {
                throw new DecodeException("a command of version " + version);
            }
            Peer from = in.peer();
            long number = in.number();
            if (number < 0) {
                throw new DecodeException("a command of number " + number);
            }
            int kind = in.get();
            VoterCommand command = switch (kind) {
                case 1 -> new Register(name(in), in.number());
                case 2 -> new Release(name(in));
                case 3 -> new Ended(in.number());
                case 4 -> new Lookup(name(in));
                case 5 -> new Campaign(name(in));
                case 6 -> new Resign(name(in));
                case 7 -> new Gone(in.peer());
                default -> throw new DecodeException("a command of kind " + kind);
            };
            return new Request(from, number, command);
        }

        private static String name(ByteReader in) throws DecodeException {
            return Texts.read(in, Key.BYTES);
        }
    }
}
