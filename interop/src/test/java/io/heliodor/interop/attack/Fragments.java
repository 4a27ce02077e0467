package io.heliodor.interop.attack;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.interop.attack.Client.Trait;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Clients send a message of one byte less than the limit in fragments and never finish it.
 *
 * @param connections that do so
 */
record Fragments(int connections) implements AttackVector {
    private static final int LIMIT = 1 << 20;
    private static final int FRAGMENT = 16 << 10;

    @Override
    public void begin(Swarm swarm) {
        List<ByteBuffer> fragments = new ArrayList<>();
        String text = "[\"1\",\"2\",\"" + swarm.room(0) + "\",\"echo\",{\"x\":\"";
        fragments.add(Frames.frame(Frames.TEXT_BEGINS, text.getBytes(UTF_8)));
        for (int left = LIMIT - 1 - text.length(); left > 0; left -= FRAGMENT) {
            byte[] fragment = new byte[Math.min(left, FRAGMENT)];
            Arrays.fill(fragment, (byte) 'x');
            fragments.add(Frames.frame(Frames.CONTINUES, fragment));
        }
        ByteBuffer message = Frames.together(fragments);
        for (int i = 0; i < connections; i++) {
            // The probe of a client that does not read also keeps it from being idle.
            swarm.keep(Set.of(Trait.DEAF), client -> client.send(message));
        }
    }
}
