package io.heliodor.playground.node;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The options of a node.
 *
 * @param name {@code app@host}, without the port and not checked
 * @param bind where it listens: at the host and port of its name, unless {@code --bind} has another address
 * @param advertised the address by which others reach it, if that is another one; port 0 for the one it listens at
 * @param cookie not checked
 * @param cluster the name of the cluster, if it is not the default one
 * @param seeds the addresses of nodes to connect to
 * @param voters names of nodes, not checked; none: no voters
 * @param data the directory of a voter's log
 */
record NodeOptions(
        String name,
        Address bind,
        Optional<Address> advertised,
        String cookie,
        Optional<String> cluster,
        List<Address> seeds,
        List<String> voters,
        Optional<Path> data) {
    static final int DEFAULT_PORT = 7100;

    /** Without the cookie: it is a secret. */
    @Override
    public String toString() {
        return name + " at " + bind + ", advertised " + advertised + ", cluster " + cluster + ", seeds " + seeds
                + ", voters " + voters + ", data " + data;
    }
}
