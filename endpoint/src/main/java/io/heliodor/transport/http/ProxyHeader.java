package io.heliodor.transport.http;

import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.Counters;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyProtocolException;
import java.net.InetAddress;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The handler of a connection's PROXY header: it reports the address that the header names, and removes itself. */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the connection, which is noticed there
public final class ProxyHeader extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");

    private final Counters counters;

    /** Receives the address of the client; empty for a connection of the proxy itself. */
    private final Consumer<Optional<InetAddress>> named;

    private boolean refused;

    public ProxyHeader(Counters counters, Consumer<Optional<InetAddress>> named) {
        this.counters = counters;
        this.named = named;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        HAProxyMessage header = (HAProxyMessage) message;
        Optional<InetAddress> client;
        try {
            boolean itself = header.command() == HAProxyCommand.LOCAL || header.sourceAddress() == null;
            client = itself ? Optional.empty() : TrustedProxies.address(header.sourceAddress());
        } finally {
            header.release();
        }
        // Before the decoder removes itself and passes the bytes after the header.
        ctx.pipeline().remove(this);
        named.accept(client);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof HAProxyProtocolException) {
            // The decoder decodes the rest once more when the connection ends.
            if (!refused) {
                refused = true;
                counters.increment(Counter.REFUSED_PROXY_HEADER);
            }
            LOG.debug("A connection did not begin with a header of the PROXY protocol: {}", cause.getMessage());
            ctx.close();
        } else {
            ctx.fireExceptionCaught(cause);
        }
    }
}
