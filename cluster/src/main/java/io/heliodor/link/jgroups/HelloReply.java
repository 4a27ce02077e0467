package io.heliodor.link.jgroups;

import io.heliodor.link.ByteReader;
import io.heliodor.link.ByteWriter;
import io.heliodor.link.DecodeException;
import io.heliodor.link.Peer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a hello is answered with.
 *
 * @param verdict whether the connection may go on
 * @param version the version of what follows, of those that the hello offered
 * @param from who answers
 * @param members where the members of its view are reached; only to a probe
 */
record HelloReply(Verdict verdict, int version, Peer from, Map<Peer, InetSocketAddress> members) {
    private static final long MAGIC = 0x484c4441; // HLDA
    private static final int LIMIT = 0xffff;
    /** What fits into the limit, whatever their names are. */
    private static final int MOST_MEMBERS = 200;

    /** Whether a connection may go on. */
    enum Verdict {
        /** It may. */
        ACCEPTED(1),
        /** Another cluster. */
        OTHER_CLUSTER(2),
        /** No version that both speak. */
        OTHER_VERSION(3),
        /** Not the one that was expected here. */
        OTHER_PEER(4),
        /** It is the node itself. */
        SELF(5),
        /** The node does not want to be in a cluster now. */
        ALONE(6);

        final int number;

        Verdict(int number) {
            this.number = number;
        }

        static Verdict of(int number) throws DecodeException {
            for (Verdict verdict : values()) {
                if (verdict.number == number) {
                    return verdict;
                }
            }
            throw new DecodeException("verdict " + number);
        }

        /** Whether nobody with these settings will ever be accepted. */
        boolean refusal() {
            return this == OTHER_CLUSTER || this == OTHER_VERSION;
        }
    }

    HelloReply {
        members = Map.copyOf(members);
    }

    void write(OutputStream out) throws IOException {
        ByteWriter fields = new ByteWriter(256)
                .number(MAGIC)
                .put(verdict.number)
                .put(version)
                .peer(from);
        int count = Math.min(MOST_MEMBERS, members.size());
        fields.number(count);
        members.entrySet().stream().limit(count).forEach(member -> {
            fields.peer(member.getKey());
            Hello.address(fields, member.getValue());
        });
        Hello.frame(out, fields);
    }

    static HelloReply read(InputStream in) throws IOException, DecodeException {
        ByteReader fields = Hello.unframe(in, LIMIT);
        if (fields.number() != MAGIC) {
            throw new DecodeException("no answer to a hello");
        }
        Verdict verdict = Verdict.of(fields.get());
        int version = fields.get();
        Peer from = fields.peer();
        Map<Peer, InetSocketAddress> members = new LinkedHashMap<>();
        for (int left = fields.count(6); left > 0; left--) {
            members.put(fields.peer(), Hello.address(fields));
        }
        return new HelloReply(verdict, version, from, members);
    }
}
