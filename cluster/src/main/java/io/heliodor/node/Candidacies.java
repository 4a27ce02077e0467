package io.heliodor.node;

/** Where a node says that it stands in an election. None blocks. */
interface Candidacies {
    void campaign(String election);

    void resign(String election);
}
