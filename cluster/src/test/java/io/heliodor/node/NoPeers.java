package io.heliodor.node;

import io.heliodor.link.Peer;
import io.heliodor.protocol.OwnedSets;
import io.heliodor.protocol.SetMessage;

/** The effects of the sets of a node that is alone. */
class NoPeers implements OwnedSets.Effects {
    @Override
    public void send(Peer to, SetMessage message) {}

    @Override
    public void added(int kind, Peer owner, String key, String value) {}

    @Override
    public void changed(int kind, Peer owner, String key, String before, String value) {}

    @Override
    public void removed(int kind, Peer owner, String key, String before) {}

    @Override
    public void known(long ticket, boolean all) {}
}
