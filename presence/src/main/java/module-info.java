/** Who is present on a topic: told to everyone who asks, and kept true when owners end, however they end. */
@org.jspecify.annotations.NullMarked
module io.heliodor.presence {
    requires static transitive org.jspecify;
    requires transitive io.heliodor.pubsub;
    requires org.slf4j;
}
