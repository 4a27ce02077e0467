package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.Wire;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Records the notifications of a wire. */
final class Witness implements Wire.Listener {
    final List<View> views = new CopyOnWriteArrayList<>();
    /** Such as {@code suspect a@host} and {@code alive a@host}. */
    final List<String> opinions = new CopyOnWriteArrayList<>();
    /** Such as {@code a@host: hello}. */
    final List<String> packets = new CopyOnWriteArrayList<>();

    @Override
    public void view(View view) {
        views.add(view);
    }

    @Override
    public void suspected(Peer peer, boolean suspect) {
        opinions.add((suspect ? "suspect " : "alive ") + peer.node());
    }

    @Override
    public void wayEnded(Peer to) {}

    @Override
    public void received(Peer from, byte[] bytes, int offset, int length) {
        packets.add(from.node() + ": "
                + new String(Arrays.copyOfRange(bytes, offset, offset + length), StandardCharsets.UTF_8));
    }

    List<String> members() {
        return views.isEmpty()
                ? List.of()
                : views.getLast().members().stream().map(Peer::node).sorted().toList();
    }

    @Override
    public String toString() {
        return "views " + views + ", opinions " + opinions + ", packets " + packets;
    }
}
