/**
 * Tests without a network: channels as their clients see them, and clusters whose nodes live in one JVM, with a clock
 * that tests advance, and faults.
 */
@org.jspecify.annotations.NullMarked
module io.heliodor.testkit {
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;
    requires transitive io.heliodor.channels;
    requires transitive io.heliodor.cluster;
    requires java.management;
    requires jdk.management;

    exports io.heliodor.testkit;
}
