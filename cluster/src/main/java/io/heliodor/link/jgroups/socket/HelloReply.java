package io.heliodor.link.jgroups.socket;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.link.Peer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The reply to a {@link Hello}.
 *
 * @param verdict whether the connection may go on
 * @param version the version of the protocol that follows, one of those in the hello
 * @param from the node that replies
 * @param members the addresses of the members of its view; empty unless the purpose of the hello is {@code PROBE}
 */
public record HelloReply(Verdict verdict, int version, Peer from, Map<Peer, InetSocketAddress> members) {
    private static final long MAGIC = 0x484c4441; // HLDA
    private static final int MAX_BYTES = 0xffff;

    /** With names of the maximum length a reply stays below {@link #MAX_BYTES}. */
    private static final int MAX_MEMBERS = 200;

    /** Whether a connection may go on. */
    public enum Verdict {
        /** It may. */
        ACCEPTED(1),
        /** The hello is of another cluster. */
        OTHER_CLUSTER(2),
        /** The two nodes have no version in common. */
        OTHER_VERSION(3),
        /** Another node is expected at this address. */
        OTHER_PEER(4),
        /** The hello is of the node itself. */
        SELF(5),
        /** The node has left the cluster, or is about to. */
        ALONE(6);

        private final int number;

        Verdict(int number) {
            this.number = number;
        }

        private static Verdict read(BinaryReader in) throws DecodeException {
            return in.constant(values(), verdict -> verdict.number, "verdict ");
        }

        /** Whether another attempt with the same settings would fail as well. */
        boolean isRefusal() {
            return this == OTHER_CLUSTER || this == OTHER_VERSION;
        }
    }

    /** A reply; the map is copied. */
    public HelloReply {
        members = Map.copyOf(members);
    }

    void write(OutputStream out) throws IOException {
        BinaryWriter fields = new BinaryWriter(256)
                .number(MAGIC)
                .put(verdict.number)
                .put(version)
                .object(from, Peer::write);
        int count = Math.min(MAX_MEMBERS, members.size());
        fields.number(count);
        members.entrySet().stream().limit(count).forEach(member -> {
            fields.object(member.getKey(), Peer::write);
            Hello.writeAddress(fields, member.getValue());
        });
        Hello.writeFrame(out, fields);
    }

    /** Reads a reply. Blocks. */
    public static HelloReply read(InputStream in) throws IOException, DecodeException {
        BinaryReader fields = Hello.readFrame(in, MAX_BYTES);
        if (fields.number() != MAGIC) {
            throw new DecodeException("no answer to a hello");
        }
        Verdict verdict = Verdict.read(fields);
        int version = fields.get();
        Peer from = Peer.read(fields);
        Map<Peer, InetSocketAddress> members = new LinkedHashMap<>();
        for (int left = fields.count(6); left > 0; left--) {
            members.put(Peer.read(fields), Hello.readAddress(fields));
        }
        return new HelloReply(verdict, version, from, members);
    }
}
