package io.heliodor.spring.boot;

import io.heliodor.node.Ending;
import io.heliodor.node.Node;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;

/**
 * Reports a node that closes itself as {@link LivenessState#BROKEN}: only another process can join the cluster again. It begins when
 * the application is ready, because Boot reports the state {@code CORRECT} before.
 */
final class BrokenNode implements ApplicationListener<ApplicationReadyEvent> {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.spring");

    private final Node node;
    private final ApplicationContext context;

    BrokenNode(Node node, ApplicationContext context) {
        this.node = node;
        this.context = context;
    }

    @Override
    public void onApplicationEvent(ApplicationReadyEvent event) {
        if (event.getApplicationContext().equals(context)) {
            CompletableFuture<Void> _ = node.ended().thenAccept(this::ended);
        }
    }

    /** Listeners may close the context, which waits for the thread that ends the node. */
    private void ended(Ending how) {
        if (!(how instanceof Ending.Closed)) {
            Thread.ofVirtual().name("heliodor-broken").start(() -> report(how));
        }
    }

    private void report(Ending how) {
        LOG.error(
                "The node {} has closed itself ({}), so the application is reported as broken: end its process and start it again.",
                node.name(),
                how);
        AvailabilityChangeEvent.publish(context, LivenessState.BROKEN);
    }
}
