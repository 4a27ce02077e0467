package io.heliodor.link.jgroups;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Peer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HexFormat;
import org.jgroups.Address;
import org.jgroups.util.ByteArrayDataInputStream;
import org.jgroups.util.ByteArrayDataOutputStream;
import org.jgroups.util.Util;
import org.junit.jupiter.api.Test;

class PeerAddressesTests {
    private static final Peer PEER = new Peer("chat@größe", Long.MAX_VALUE);
    private static final InetSocketAddress AT = new InetSocketAddress(InetAddress.ofLiteral("10.0.0.1"), 65_535);

    /** The random bytes of the address come after its flags and its type. */
    private static final int RANDOM = 3;

    private static final int AFTER_RANDOM = 19;
    private static final String BYTES = """
            00000c000000000000000000000000000000000003016e0c63686174406772c3b6c39f65016c0d3179327030696a3332\
            6538653701610e31302e302e302e31203635353335
            """;

    private static byte[] written(Address address) throws IOException {
        ByteArrayDataOutputStream out = new ByteArrayDataOutputStream();
        Util.writeAddress(address, out);
        return Arrays.copyOf(out.buffer(), out.position());
    }

    /** A change of these bytes is a change of the wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() throws Exception {
        byte[] written = written(PeerAddresses.of(PEER, AT));
        Arrays.fill(written, RANDOM, AFTER_RANDOM, (byte) 0);
        assertThat(HexFormat.of().formatHex(written)).isEqualTo(BYTES.strip());
        Address read = Util.readAddress(new ByteArrayDataInputStream(written));
        assertThat(PeerAddresses.peer(read)).isEqualTo(PEER);
        assertThat(PeerAddresses.reachedAt(read)).isEqualTo(AT);
    }
}
