/** The nodes of a cluster: messages, names, groups, calls, leaders, and a pub/sub that spans them. */
@org.jspecify.annotations.NullMarked
@SuppressWarnings({"module", "requires-automatic"
}) // io.heliodor.testkit is built after this one; JGroups has no module-info
module io.heliodor.cluster {
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;
    requires transitive io.heliodor.pubsub;
    requires org.slf4j;
    requires tools.jackson.databind;
    requires org.jgroups;

    exports io.heliodor.codec;
    exports io.heliodor.election;
    exports io.heliodor.link to
            io.heliodor.testkit;
    exports io.heliodor.link.memory to
            io.heliodor.testkit;
    exports io.heliodor.membership;
    exports io.heliodor.node;
    exports io.heliodor.node.wiring to
            io.heliodor.testkit;
    exports io.heliodor.process;
    exports io.heliodor.raft to
            io.heliodor.testkit;
    exports io.heliodor.rpc;
}
