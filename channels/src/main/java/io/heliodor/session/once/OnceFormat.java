package io.heliodor.session.once;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.once.CallKey;
import io.heliodor.once.Finding;
import io.heliodor.once.Fingerprint;
import io.heliodor.once.KeptAnswer;
import io.heliodor.once.KeptCall;
import io.heliodor.once.KeyOwner;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

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
    }

    /** The types of findings. */
    private static final int NOTHING = 0;

    private static final int RUNNING = 1;
    private static final int ANSWERED = 2;
    private static final int UNKNOWN = 3;
    private static final int REUSED = 4;
    private static final int PROMISED = 5;
    private static final int UNSURE = 6;

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
            return new BinaryWriter(256)
                    .put(VERSION)
                    .put(kind.code)
                    .int32Text(from)
                    .int32Text(call.key().id())
                    .int32Text(call.key().key())
                    .int64(call.fingerprint().high())
                    .int64(call.fingerprint().low())
                    .object(call.owner(), OnceFormat::writeOwner)
                    .object(call.answer(), OnceFormat::writeAnswer)
                    .toBytes();
        }

        static Request read(byte[] bytes) throws DecodeException {
            BinaryReader in = new BinaryReader(bytes);
            in.version(VERSION);
            Kind kind = in.constant(Kind.values(), each -> each.code, "a request of kind ");
            String from = in.int32Text();
            CallKey key = new CallKey(in.int32Text(), in.int32Text());
            Fingerprint fingerprint = new Fingerprint(in.int64(), in.int64());
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
            BinaryWriter out = new BinaryWriter(128).put(type(finding)).object(from, OnceFormat::writeOwner);
            switch (finding) {
                case Finding.Running(var owner) -> writeOwner(owner, out);
                case Finding.Answered(var answer) -> writeAnswer(Optional.of(answer), out);
                case Finding.Promised(var claimants) -> {
                    out.int32(claimants.size());
                    claimants.forEach(out::int32Text);
                }
                default -> {}
            }
            return out.toBytes();
        }

        static Response read(byte[] bytes) throws DecodeException {
            BinaryReader in = new BinaryReader(bytes);
            int type = in.get();
            return new Response(readOwner(in), readFinding(type, in));
        }
    }

    /** The responses to a request to keep a call. After {@link #TAKEN} comes a {@link Response}. */
    private static final int REFUSED = 0;

    private static final int KEPT = 1;
    private static final int TAKEN = 2;

    /** The response to a request to keep a call: one byte, or what the node has of another owner. */
    static byte[] writeKept(KeyOwner from, Finding finding) {
        return switch (finding) {
            case Finding.Nothing _ -> new byte[] {KEPT};
            case Finding.Full _ -> new byte[] {REFUSED};
            default ->
                new BinaryWriter(128)
                        .put(TAKEN)
                        .append(new Response(from, finding).write())
                        .toBytes();
        };
    }

    /** The response to a request to keep a call of an owner: nothing if the node keeps it, or its own state of the key. */
    static Finding readKept(byte[] bytes) throws DecodeException {
        BinaryReader in = new BinaryReader(bytes);
        return switch (in.get()) {
            case KEPT -> new Finding.Nothing();
            case TAKEN -> Response.read(in.rest()).finding();
            default -> new Finding.Full();
        };
    }

    private static int type(Finding finding) {
        return switch (finding) {
            case Finding.Nothing _, Finding.Claimed _, Finding.Full _ -> NOTHING;
            case Finding.Promised _ -> PROMISED;
            case Finding.Unsure _ -> UNSURE;
            case Finding.Running _ -> RUNNING;
            case Finding.Answered _ -> ANSWERED;
            case Finding.Unknown _ -> UNKNOWN;
            case Finding.Reused _ -> REUSED;
        };
    }

    private static Finding readFinding(int type, BinaryReader in) throws DecodeException {
        return switch (type) {
            case NOTHING -> new Finding.Nothing();
            case RUNNING -> new Finding.Running(readOwner(in));
            case ANSWERED ->
                new Finding.Answered(readAnswer(in).orElseThrow(() -> new DecodeException("an answer that is empty")));
            case UNKNOWN -> new Finding.Unknown();
            case REUSED -> new Finding.Reused();
            case PROMISED -> new Finding.Promised(readNames(in));
            case UNSURE -> new Finding.Unsure();
            default -> throw new DecodeException("a finding of type " + type);
        };
    }

    private static Set<String> readNames(BinaryReader in) throws DecodeException {
        Set<String> names = new HashSet<>();
        for (int left = in.int32Count(Integer.BYTES); left > 0; left--) {
            names.add(in.int32Text());
        }
        return names;
    }

    private static void writeOwner(KeyOwner owner, BinaryWriter out) {
        out.int32Text(owner.node()).int32(owner.generation());
    }

    private static KeyOwner readOwner(BinaryReader in) throws DecodeException {
        return new KeyOwner(in.int32Text(), in.int32());
    }

    private static void writeAnswer(Optional<KeptAnswer> answer, BinaryWriter out) {
        if (answer.isEmpty()) {
            out.put(NONE);
            return;
        }
        KeptAnswer kept = answer.get();
        out.put(PRESENT | (kept.ok() ? OK : 0) | (kept.binary() ? BINARY : 0)).int32Bytes(kept.payload());
    }

    private static Optional<KeptAnswer> readAnswer(BinaryReader in) throws DecodeException {
        int flags = in.get();
        return flags == NONE
                ? Optional.empty()
                : Optional.of(new KeptAnswer((flags & OK) != 0, (flags & BINARY) != 0, in.int32Bytes()));
    }
}
