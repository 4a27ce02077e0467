package io.heliodor.link.jgroups;

import io.heliodor.link.Input;
import io.heliodor.link.Malformed;
import io.heliodor.link.Output;
import io.heliodor.link.Peer;
import org.jspecify.annotations.Nullable;

/**
 * What members say to each other of one that cannot be heard: who doubts asks the others, these ask the doubtful one, and
 * pass its answer on. Who gets no answer says nothing.
 */
sealed interface Word {
    /** From who doubts to the others: can you reach it? */
    record Question(Peer doubtful) implements Word {}

    /** From them to the doubtful one. */
    record Probe(Peer asker) implements Word {}

    /** Its answer to them. */
    record Alive(Peer asker) implements Word {}

    /** From them to who doubts: it has answered. */
    record Heard(Peer doubtful) implements Word {}

    default byte[] toBytes() {
        return switch (this) {
            case Question(Peer doubtful) -> bytes(1, doubtful);
            case Probe(Peer asker) -> bytes(2, asker);
            case Alive(Peer asker) -> bytes(3, asker);
            case Heard(Peer doubtful) -> bytes(4, doubtful);
        };
    }

    private static byte[] bytes(int kind, Peer peer) {
        return new Output(64).put(kind).peer(peer).toBytes();
    }

    /** Null for what is none, or one that later versions know. */
    static @Nullable Word of(byte[] bytes, int offset, int length) {
        Input in = new Input(bytes, offset, offset + length);
        try {
            return switch (in.get()) {
                case 1 -> new Question(in.peer());
                case 2 -> new Probe(in.peer());
                case 3 -> new Alive(in.peer());
                case 4 -> new Heard(in.peer());
                default -> null;
            };
        } catch (Malformed e) {
            return null;
        }
    }
}
