package io.heliodor.transport.io;

import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.Counters;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops accepting for a second when an accept fails, usually because the process has no file descriptor left. Open
 * connections are still served; new ones wait in the backlog.
 */
public final class AcceptPause extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");
    private static final long PAUSE_MILLIS = 1_000;

    private final Counters counters;
    private boolean paused;

    public AcceptPause(Counters counters) {
        this.counters = counters;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // it ends with the loop
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        counters.increment(Counter.ACCEPTS_FAILED);
        if (paused) {
            return;
        }
        paused = true;
        LOG.warn("No connection can be accepted ({}); trying again in a second.", cause.getMessage());
        ctx.channel().config().setAutoRead(false);
        ctx.channel()
                .eventLoop()
                .schedule(
                        () -> {
                            paused = false;
                            ctx.channel().config().setAutoRead(true);
                        },
                        PAUSE_MILLIS,
                        TimeUnit.MILLISECONDS);
    }
}
