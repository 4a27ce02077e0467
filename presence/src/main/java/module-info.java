/** Presence: the users of each topic with their metadata, on one node or replicated between nodes. */
@org.jspecify.annotations.NullMarked
@SuppressWarnings("module") // io.heliodor.channels and io.heliodor.testkit are built after this one
module io.heliodor.presence {
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;
    requires transitive io.heliodor.pubsub;
    requires org.slf4j;

    exports io.heliodor.presence;
    exports io.heliodor.presence.announce to
            io.heliodor.channels,
            io.heliodor.testkit;
}
