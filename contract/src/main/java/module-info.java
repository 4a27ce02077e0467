/**
 * The declarations that a server and its typed clients share: events and calls, errors, close codes. Compiled for Java 17, and
 * without dependencies.
 */
@org.jspecify.annotations.NullMarked
module io.heliodor.contract {
    requires static transitive org.jspecify;

    exports io.heliodor.event;
    exports io.heliodor.type;
}
