package io.heliodor.node.election;

import io.heliodor.node.loop.NodeLoop;
import io.heliodor.protocol.Names;
import java.util.HashSet;
import java.util.Set;

/** Candidacies that the coordinator of the view grants. They are suspended in a minority if the policy stops duties there. */
public final class CoordinatorCandidacies implements Candidacies {
    /** The process number of the node itself; processes are counted from 1. */
    private static final long NODE = 0;

    private final NodeLoop loop;
    private final Names names;

    // On the loop.

    private final Set<String> elections = new HashSet<>();
    private boolean suspended;

    public CoordinatorCandidacies(NodeLoop loop, Names names) {
        this.loop = loop;
        this.names = names;
    }

    @Override
    public void campaign(String election) {
        loop.execute(() -> {
            elections.add(election);
            if (!suspended) {
                names.campaign(election, NODE);
            }
        });
    }

    @Override
    public void resign(String election) {
        loop.execute(() -> {
            elections.remove(election);
            names.resign(election, NODE);
        });
    }

    /** Resigns from all elections, or enters them again. On the loop. */
    public void suspend(boolean now) {
        suspended = now;
        elections.forEach(election -> {
            if (now) {
                names.resign(election, NODE);
            } else {
                names.campaign(election, NODE);
            }
        });
    }
}
