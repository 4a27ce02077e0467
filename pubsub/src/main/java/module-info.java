/**
 * Typed publish and subscribe by topic: in one JVM with {@link io.heliodor.pubsub.PubSub#local()}, without a broker and
 * without a server.
 */
@org.jspecify.annotations.NullMarked
module io.heliodor.pubsub {
    requires static transitive org.jspecify;
    requires transitive io.heliodor.contract;
    requires org.slf4j;

    exports io.heliodor.pubsub;
}
