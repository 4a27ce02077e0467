package io.heliodor.session.once;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.gossip.BinaryWriter;
import io.heliodor.once.CallKey;
import io.heliodor.once.Finding;
import io.heliodor.once.Fingerprint;
import io.heliodor.once.KeptAnswer;
import io.heliodor.once.KeptCall;
import io.heliodor.once.KeyOwner;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Optional;

/**
 * The requests between nodes about calls that are executed once, and the responses. A request: version, kind (a byte each), sender, id,
 * key, fingerprint (two longs), owner, answer. A response: type, owner of the node that responds, owner or answer. A text and a payload have their length in bytes (int) before them.
 */
final class OnceFormat {
    private static final int VERSION = 1;

    /** The subject of a request. */
    enum Kind {
        /** The sender claims the key. */
        CLAIM(0),
        /** The sender waits for the answer. */
        AWAIT(1),
        /** The receiver keeps a copy. */
        KEEP(2);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        private static Kind of(int code) throws IOException {
            return switch (code) {
                case 0 -> CLAIM;
                case 1 -> AWAIT;
                case 2 -> KEEP;
                default -> throw new IOException("a request of kind " + code);
            };
        }
    }

    /** The types of findings. */
    private static final int NOTHING = 0;

    private static final int RUNNING = 1;
    private static final int ANSWERED = 2;
    private static final int UNKNOWN = 3;
    private static final int REUSED = 4;

    /** The flags of an answer. */
    private static final int NONE = 0;

    private static final int PRESENT = 1;
    private static final int OK = 2;
    private static final int BINARY = 4;

    private OnceFormat() {}

    /**
     * A request.
     *
     * @param from the name of the node that sends it
     * @param call the call; its owner and answer count for {@link Kind#KEEP} only
     */
    record Request(Kind kind, String from, KeptCall call) {
        byte[] write() {
            return BinaryWriter.bytes(out -> {
                out.write(VERSION);
                out.write(kind.code);
                write(from, out);
                write(call.key().id(), out);
                write(call.key().key(), out);
                out.writeLong(call.fingerprint().high());
                out.writeLong(call.fingerprint().low());
                writeOwner(call.owner(), out);
                writeAnswer(call.answer(), out);
            });
        }

        private static void write(String text, DataOutputStream out) throws IOException {
            writeBytes(text.getBytes(UTF_8), out);
        }

        static Request read(byte[] bytes) throws IOException {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
            int version = in.readUnsignedByte();
            if (version != VERSION) {
                throw new IOException("a request of version " + version);
            }
            Kind kind = Kind.of(in.readUnsignedByte());
            String from = readText(in);
            CallKey key = new CallKey(readText(in), readText(in));
            Fingerprint fingerprint = new Fingerprint(in.readLong(), in.readLong());
            KeyOwner owner = readOwner(in);
            return new Request(kind, from, new KeptCall(key, fingerprint, owner, readAnswer(in)));
        }
    }

    /**
     * The response to a claim, and to a request that waits.
     *
     * @param from the owner of the calls of the node that responds
     * @param finding what it has of the key
     */
    record Response(KeyOwner from, Finding finding) {
        byte[] write() {
            return BinaryWriter.bytes(out -> {
                out.write(type(finding));
                writeOwner(from, out);
                switch (finding) {
                    case Finding.Running(var owner) -> writeOwner(owner, out);
                    case Finding.Answered(var answer) -> writeAnswer(Optional.of(answer), out);
                    default -> {}
                }
            });
        }

        static Response read(byte[] bytes) throws IOException {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
            int type = in.readUnsignedByte();
            return new Response(readOwner(in), readFinding(type, in));
        }
    }

    private static int type(Finding finding) {
        return switch (finding) {
            case Finding.Nothing _, Finding.Claimed _, Finding.Full _, Finding.Unsure _ -> NOTHING;
            case Finding.Running _ -> RUNNING;
            case Finding.Answered _ -> ANSWERED;
            case Finding.Unknown _ -> UNKNOWN;
            case Finding.Reused _ -> REUSED;
        };
    }

    private static Finding readFinding(int type, DataInputStream in) throws IOException {
        return switch (type) {
            case NOTHING -> new Finding.Nothing();
            case RUNNING -> new Finding.Running(readOwner(in));
            case ANSWERED ->
                new Finding.Answered(readAnswer(in).orElseThrow(() -> new IOException("an answer that is empty")));
            case UNKNOWN -> new Finding.Unknown();
            case REUSED -> new Finding.Reused();
            default -> throw new IOException("a finding of type " + type);
        };
    }

    private static void writeOwner(KeyOwner owner, DataOutputStream out) throws IOException {
        writeBytes(owner.node().getBytes(UTF_8), out);
        out.writeInt(owner.generation());
    }

    private static KeyOwner readOwner(DataInputStream in) throws IOException {
        return new KeyOwner(readText(in), in.readInt());
    }

    private static void writeAnswer(Optional<KeptAnswer> answer, DataOutputStream out) throws IOException {
        if (answer.isEmpty()) {
            out.write(NONE);
            return;
        }
        KeptAnswer kept = answer.get();
        out.write(PRESENT | (kept.ok() ? OK : 0) | (kept.binary() ? BINARY : 0));
        writeBytes(kept.payload(), out);
    }

    private static Optional<KeptAnswer> readAnswer(DataInputStream in) throws IOException {
        int flags = in.readUnsignedByte();
        return flags == NONE
                ? Optional.empty()
                : Optional.of(new KeptAnswer((flags & OK) != 0, (flags & BINARY) != 0, readBytes(in)));
    }

    private static void writeBytes(byte[] bytes, DataOutputStream out) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String readText(DataInputStream in) throws IOException {
        return new String(readBytes(in), UTF_8);
    }

    private static byte[] readBytes(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new IOException("a length of " + length);
        }
        return in.readNBytes(length);
    }
}
