/**
 * Typed publish and subscribe by topic: in one JVM with {@link io.heliodor.pubsub.PubSub#local()}, without a broker and
 * without a server.
 */
@org.jspecify.annotations.NullMarked
@SuppressWarnings("module") // the other modules are built after this one
module io.heliodor.pubsub {
    requires static transitive org.jspecify;
    requires transitive io.heliodor.contract;
    requires org.slf4j;

    exports io.heliodor.pubsub;
    exports io.heliodor.pubsub.engine to
            io.heliodor.channels,
            io.heliodor.cluster,
            io.heliodor.endpoint,
            io.heliodor.presence,
            io.heliodor.testkit;
}
