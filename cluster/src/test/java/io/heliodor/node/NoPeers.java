package io.heliodor.node;

import io.heliodor.link.Peer;
import io.heliodor.protocol.MapMessage;
import io.heliodor.protocol.MapsEffects;

/** The effects of the maps of a node that is alone. */
public class NoPeers implements MapsEffects {
    @Override
    public void send(Peer to, MapMessage message) {}

    @Override
    public void added(int kind, Peer owner, String key, String value) {}

    @Override
    public void changed(int kind, Peer owner, String key, String before, String value) {}

    @Override
    public void removed(int kind, Peer owner, String key, String before) {}

    @Override
    public void acked(long ticket, boolean all) {}
}
