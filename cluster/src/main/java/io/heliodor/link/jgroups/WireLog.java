package io.heliodor.link.jgroups;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The log of a wire over JGroups. */
final class WireLog {
    static final Logger LOG = LoggerFactory.getLogger("io.heliodor.link");

    private WireLog() {}
}
