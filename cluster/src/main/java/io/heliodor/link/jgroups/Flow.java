package io.heliodor.link.jgroups;

import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.UFC;

/**
 * Flow control that forgets its peers when the channel leaves.
 *
 * <p>That of JGroups keeps their used-up credits until the next view, and a sender that meets one turns in a loop that never
 * waits. Some such senders take all carriers of virtual threads, and without those there is no next view.
 */
final class Flow extends UFC {
    Flow() {
        setId(ClassConfigurator.getProtocolId(UFC.class));
    }

    @Override
    public void stop() {
        super.stop();
        sent.clear();
    }
}
