package io.heliodor.interop.cluster;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Starts nodes. Such classes run at the same time, except those with an exclusive {@link #LOCK}. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Timeout(value = 10, unit = TimeUnit.MINUTES)
@ResourceLock(value = WithNodes.LOCK, mode = ResourceAccessMode.READ)
@interface WithNodes {
    /** For classes that measure how long nodes take: no other nodes start meanwhile. */
    String LOCK = "nodes";

    /** The place of those in the order of classes: first, so that classes without nodes run meanwhile. */
    int EXCLUSIVE = 1;
}
