/**
 * The server: WebSocket in the Phoenix wire protocol, static files and health on one port. An application adds this module,
 * which includes channels and pub/sub.
 */
@org.jspecify.annotations.NullMarked
module io.heliodor.endpoint {
    requires jdk.management;
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;
    requires transitive io.heliodor.channels;
    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.codec.haproxy;
    requires io.netty.codec.http;
    requires io.netty.common;
    requires io.netty.handler;
    requires io.netty.transport;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.classes.io_uring;
    requires io.netty.transport.unix.common;
    requires org.slf4j;

    exports io.heliodor.endpoint;
}
