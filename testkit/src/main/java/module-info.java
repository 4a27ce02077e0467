/**
 * Tests without a network: channels as their clients see them, and clusters whose nodes live in one JVM, by a clock that
 * is turned, with faults.
 */
@org.jspecify.annotations.NullMarked
module io.heliodor.testkit {
    requires static transitive org.jspecify;
    requires transitive io.heliodor.channels;
    requires transitive io.heliodor.cluster;
    requires java.management;
    requires jdk.management;

    exports io.heliodor.testkit;
}
