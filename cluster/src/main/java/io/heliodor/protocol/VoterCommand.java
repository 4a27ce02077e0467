package io.heliodor.protocol;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.link.Peer;

/** A command to the voters, or a query. */
public sealed interface VoterCommand {
    /**
     * Gives a name to a process of the requesting node.
     *
     * @param name the name; at most 1 KiB
     * @param process the number of the process
     */
    record Register(String name, long process) implements VoterCommand {}

    /**
     * Frees a name of the requesting node.
     *
     * @param name the name
     */
    record Release(String name) implements VoterCommand {}

    /**
     * Frees all names of a process of the requesting node, because it ended.
     *
     * @param process the number of the process
     */
    record ProcessEnded(long process) implements VoterCommand {}

    /**
     * Queries the owner of a name.
     *
     * @param name the name
     */
    record Lookup(String name) implements VoterCommand {}

    /**
     * Adds the requesting node to the candidates of an election.
     *
     * @param election the election; at most 1 KiB
     */
    record Campaign(String election) implements VoterCommand {}

    /**
     * Removes the requesting node from the candidates of an election, and ends its lead if it has it.
     *
     * @param election the election
     */
    record Resign(String election) implements VoterCommand {}

    /**
     * Frees everything that a peer owns, because it left the view of the leader of the log.
     *
     * @param peer the peer
     */
    record Evict(Peer peer) implements VoterCommand {}

    /**
     * A command and its sender.
     *
     * @param from the requesting node
     * @param number counted by that node from 1, so that a command that is sent again is executed once; 0 for idempotent ones
     * @param command the command
     */
    record Request(Peer from, long number, VoterCommand command) {
        private static final int VERSION = 1;

        /**
         * Encodes the request for the log.
         *
         * @return version, peer, number, command
         * @throws IllegalArgumentException if {@link #of} would not read them: all voters would end, and not start again
         */
        public byte[] toBytes() {
            BinaryWriter out =
                    new BinaryWriter(64).put(VERSION).object(from, Peer::write).number(number);
            switch (command) {
                case Register(String name, long process) ->
                    out.put(1).text(name).number(process);
                case Release(String name) -> out.put(2).text(name);
                case ProcessEnded(long process) -> out.put(3).number(process);
                case Lookup(String name) -> out.put(4).text(name);
                case Campaign(String election) -> out.put(5).text(election);
                case Resign(String election) -> out.put(6).text(election);
                case Evict(Peer peer) -> out.put(7).object(peer, Peer::write);
            }
            return readable(out.toBytes());
        }

        private byte[] readable(byte[] bytes) {
            try {
                if (of(bytes).equals(this)) {
                    return bytes;
                }
                throw new IllegalArgumentException(
                        "The voters cannot log this command, as it would be read as another one: " + command);
            } catch (DecodeException e) {
                throw new IllegalArgumentException("The voters cannot log this command: " + e.getMessage() + ".", e);
            }
        }

        /**
         * Decodes a request.
         *
         * @param bytes as {@link #toBytes} returned them
         * @return the request
         * @throws DecodeException when the bytes are not a request
         */
        public static Request of(byte[] bytes) throws DecodeException {
            BinaryReader in = new BinaryReader(bytes);
            int version = in.get();
            if (version != VERSION) {
                throw new DecodeException("a command of version " + version);
            }
            Peer from = Peer.read(in);
            long number = in.number();
            if (number < 0) {
                throw new DecodeException("a command of number " + number);
            }
            int kind = in.get();
            VoterCommand command = switch (kind) {
                case 1 -> new Register(name(in), in.number());
                case 2 -> new Release(name(in));
                case 3 -> new ProcessEnded(in.number());
                case 4 -> new Lookup(name(in));
                case 5 -> new Campaign(name(in));
                case 6 -> new Resign(name(in));
                case 7 -> new Evict(Peer.read(in));
                default -> throw new DecodeException("a command of kind " + kind);
            };
            return new Request(from, number, command);
        }

        private static String name(BinaryReader in) throws DecodeException {
            return Texts.read(in, Key.MAX_BYTES);
        }
    }
}
