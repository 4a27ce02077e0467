/** A page for operators: the nodes, connections, topics and users of a cluster, live. */
@org.jspecify.annotations.NullMarked
module io.heliodor.dashboard {
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;
    requires transitive io.heliodor.endpoint;
    requires static transitive io.heliodor.cluster;
    requires org.slf4j;

    exports io.heliodor.dashboard;

    opens io.heliodor.dashboard to
            tools.jackson.databind;
}
