package io.heliodor.node.election;

/** Enters this node into elections, and withdraws it. No method blocks. */
public interface Candidacies {
    void campaign(String election);

    void resign(String election);
}
